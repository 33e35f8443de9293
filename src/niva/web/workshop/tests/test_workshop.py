"""The workshop through its pages: upload, frame, remarks, ZIP, putting up, strangers."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import Any

import pytest
import qrcode
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from PIL import Image, ImageDraw, ImageFont

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.communities.factories import make_community
from niva.domains.people.errors import Invalid
from niva.domains.people.models import AuditEvent, WorkspaceRole
from niva.domains.publishing.artwork import Artwork, ArtworkUse
from niva.domains.publishing.services import artworks
from niva.flows import artwork as flow
from niva.kit import images
from niva.kit.framing import Framing
from niva.networks.base.errors import Rejected
from niva.networks.registry import all_networks
from niva.web.workshop.contexts import remarks

pytestmark = pytest.mark.django_db


def letter(ground: str = "#114422") -> Image.Image:
    image = Image.new("RGB", (900, 900), ground)
    ImageDraw.Draw(image).text((450, 450), "N", fill="white", anchor="mm", font=ImageFont.load_default(600))
    return image


def as_file(image: Image.Image, name: str = "a.png") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue())


class Studio:
    def __init__(self) -> None:
        self.actor = make_actor(make_workspace(), language="en")
        self.client = make_client(self.actor.workspace)
        self.community = make_community(self.client, "practice")
        self.url = f"/clients/{self.client.pk}/workshop/"

    def browser(self, user: Any = None) -> Browser:
        browser = Browser()
        browser.force_login(user or self.actor.user)
        return browser

    def work(self, image: Image.Image | None = None, kind: str = "avatar") -> Artwork:
        return artworks.add(self.actor, client_id=self.client.pk, kind=kind, file=as_file(image or letter()))

    def said(self, image: Image.Image, **framing: Any) -> str:
        work = self.work(image)
        return " ".join(one.text for one in remarks(work, Framing(**framing)))


@pytest.fixture
def studio(settings: Any, tmp_path: Any) -> Studio:
    settings.MEDIA_ROOT = tmp_path
    return Studio()


def test_upload_frame_and_rights_are_kept_and_written_down(studio: Studio) -> None:
    browser = studio.browser()
    assert browser.get(studio.url).status_code == 200
    answer = browser.post(studio.url, {"kind": "avatar", "file": as_file(letter())})
    work = Artwork.objects.get()
    assert answer["Location"] == f"{studio.url}{work.pk}/"
    form = {"focus": "0.25,0.75", "zoom": "1.5", "rights": "own", "rights_note": "No. 7", "faces_agree": "1"}
    assert browser.post(answer["Location"], form).status_code == 302
    work.refresh_from_db()
    assert work.framing == {"focus": [0.25, 0.75], "zoom": 1.5, "whole": False}
    assert (work.rights, work.rights_note, work.faces_agree) == ("own", "No. 7", True)
    page = browser.get(answer["Location"]).content.decode()
    assert 'value="0.25,0.75"' in page
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"artwork.added", "artwork.changed"} <= verbs


@pytest.mark.parametrize(
    "data", [{}, {"kind": "avatar"}, {"kind": "x", "file": b"x"}, {"kind": "avatar", "file": b"words"}]
)
def test_what_is_no_picture_is_told(studio: Studio, data: dict[str, Any]) -> None:
    sent = {
        name: SimpleUploadedFile("a", one) if isinstance(one, bytes) else one for name, one in data.items()
    }
    assert studio.browser().post(studio.url, sent).status_code == 422
    assert not Artwork.objects.exists()


def test_measuring_speaks_of_what_is_wrong_and_only_of_that(studio: Studio) -> None:
    fine = studio.said(letter())
    assert "stain" not in fine
    assert "made out" not in fine
    assert "QR" not in fine
    assert "stain" in studio.said(letter("#f4f4d0"))
    page = Image.new("RGB", (900, 900), "white")
    for y in range(60, 860, 44):
        ImageDraw.Draw(page).text(
            (60, y), "An open house of clay", fill="black", font=ImageFont.load_default(34)
        )
    assert "made out" in studio.said(page)
    code = qrcode.make("https://example.org/some/where").get_image().convert("RGB").resize((900, 900))
    assert "QR code" in studio.said(code)
    assert "too small" in studio.said(Image.new("RGB", (20, 20), "red"))
    assert "whose picture" in fine


def test_the_zip_has_every_network_that_names_a_size(studio: Studio) -> None:
    work = studio.work()
    answer = studio.browser().post(f"{studio.url}{work.pk}/sizes.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        names = [name for name in pack.namelist() if name != "sizes.txt"]
        assert {name.partition("-")[0] for name in names} == set(all_networks())
        for name in names:
            picture = Image.open(io.BytesIO(pack.read(name)))
            assert picture.width == picture.height
            assert f"-{picture.width}x{picture.height}." in name


@pytest.mark.parametrize("size", [(1, 1), (3000, 40), (40, 3000)])
def test_any_shape_is_rendered(studio: Studio, size: tuple[int, int]) -> None:
    work = studio.work(Image.new("RGB", size, "teal"))
    for one in artworks.sizes("avatar"):
        assert artworks.rendered(work, one).width == artworks.rendered(work, one).height


def test_nothing_is_put_up_before_rights_are_said(studio: Studio) -> None:
    work = studio.work()
    with pytest.raises(Invalid) as refused:
        flow.put_on(studio.actor, artwork_id=work.pk, community_id=studio.community.pk)
    assert "rights" in refused.value.errors


def test_what_the_network_answers_is_history(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    work = studio.work()
    Artwork.objects.update(rights="own")
    sent: list[dict[str, Any]] = []

    class Stand:
        async def write_profile(self, call: Any, changes: dict[str, Any]) -> None:
            sent.append(changes)
            if len(sent) == 2:
                raise Rejected("media_too_small")

    def at_once(community: Any, ask: Any) -> Any:
        return asyncio.run(ask(Stand(), None))

    monkeypatch.setattr(flow, "at_once", at_once)
    monkeypatch.setattr(flow, "may_be_set", lambda *_args: True)
    url, form = f"{studio.url}{work.pk}/set/", {"community": studio.community.pk}
    browser = studio.browser()
    browser.post(url, form)
    browser.post(url, form)
    assert sent[0]["avatar"].path.is_file()
    assert [one.code for one in ArtworkUse.objects.order_by("pk")] == ["", "media_too_small"]
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {"artwork.set", "artwork.refused"}
    page = browser.get(f"{studio.url}{work.pk}/").content.decode()
    assert "History" in page or "История" in page


def test_strangers_and_readers(studio: Studio) -> None:
    work = studio.work()
    stranger = make_actor(make_workspace())
    assert studio.browser(stranger.user).get(f"{studio.url}{work.pk}/").status_code == 404
    other = make_client(studio.actor.workspace)
    assert studio.browser().get(f"/clients/{other.pk}/workshop/{work.pk}/").status_code == 404
    reader = make_person(studio.actor.workspace, WorkspaceRole.MEMBER)
    give_role(studio.client, reader, Role.CLIENT)
    assert studio.browser(reader).get(f"{studio.url}{work.pk}/").status_code == 200
    assert studio.browser(reader).post(f"{studio.url}{work.pk}/", {"rights": "own"}).status_code == 403


def test_a_file_that_is_gone_breaks_no_page(studio: Studio, tmp_path: Any) -> None:
    work = studio.work()
    for path in [*tmp_path.rglob("originals/*"), *tmp_path.rglob("thumbs/*")]:
        path.unlink()
    with pytest.raises((images.Broken, OSError)):
        artworks.rendered(work, artworks.sizes("avatar")[0])
    assert studio.browser().get(f"{studio.url}{work.pk}/").status_code == 200


def test_what_strikes_the_eye_is_proposed_as_the_focus(studio: Studio) -> None:
    wide = Image.new("RGB", (1500, 600), "#8090a0")
    ImageDraw.Draw(wide).ellipse((1200, 200, 1400, 400), fill="#d01030")
    work = studio.work(wide)
    assert work.framing["focus"][0] > 0.75
    size = artworks.sizes("avatar")[0]
    shown = Image.open(artworks.rendered(work, size).path).convert("RGB")
    assert any(red > 180 and green < 60 for _n, (red, green, _b) in shown.getcolors(1 << 24) or [])
