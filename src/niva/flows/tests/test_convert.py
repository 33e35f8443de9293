"""Videos on their way into a network's bounds: ordered once, made once, told while they are made."""

from __future__ import annotations

import datetime as dt
import io
from datetime import timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.converting import Conversion, ConversionState
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Asset
from niva.domains.publishing.services import drafts, fitting, media
from niva.domains.publishing.services.freeze import check
from niva.flows import convert
from niva.flows.tests import working
from niva.kit.jobs.types import RetryLater
from niva.networks.base.limits import Limit, Limits

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 23)


def limits(**values: Any) -> Limits:
    return Limits({name: Limit(value, "https://x.example", DAY) for name, value in values.items()})


def film(tmp_path: Path, *, frames: int = 12) -> bytes:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=12)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        for n in range(frames):
            frame = av.VideoFrame.from_image(Image.linear_gradient("L").resize((160, 120)).convert("RGB"))
            frame.pts, frame.time_base = n, Fraction(1, 12)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path.read_bytes()


work = partial(working.work, convert.run)


class Scene:
    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.actor = make_actor(make_workspace(), language="en")
        self.community = make_community(make_client(self.actor.workspace), "telegram")
        self.post = make_post(self.community)

    def upload(self, content: bytes, name: str = "film.mkv") -> Asset:
        file = SimpleUploadedFile(name, content)
        return media.upload(self.actor, client_id=self.community.client_id, file=file)

    def picture(self, size: tuple[int, int] = (90, 60)) -> Asset:
        buffer = io.BytesIO()
        Image.new("RGB", size, "red").save(buffer, "PNG")
        return self.upload(buffer.getvalue(), "a.png")

    def put(self, asset: Asset, **framing: Any) -> None:
        drafts.set_media(
            self.actor, post_id=self.post.pk, items=[{"asset": asset.pk, "framing": framing or None}]
        )


@pytest.fixture
def scene(settings: Any, tmp_path: Path) -> Scene:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Scene(tmp_path)


@pytest.mark.django_db(transaction=True)
def test_a_film_that_telegram_does_not_take_is_written_anew_once(scene: Scene) -> None:
    asset = scene.upload(film(scene.tmp_path))
    assert asset.facts["codec"] == "mpeg4"
    scene.put(asset)
    (row,) = Conversion.objects.all()
    problems = check(scene.post.variants.get()).problems
    assert [(one.code, one.where) for one in problems] == [("video_converting", "media:0")]

    work(row.pk)
    row.refresh_from_db()
    assert (row.state, row.progress) == (ConversionState.DONE, 100)
    checked = check(scene.post.variants.get())
    assert not checked.errors
    file = checked.out.media[0]
    assert (file.mime, file.kind, file.path.suffix) == ("video/mp4", "video", ".mp4")
    assert file.path.is_file()
    assert file.cover is not None  # the still that the desk found

    written = file.path.stat().st_mtime_ns
    work(row.pk)  # a job that comes twice
    drafts.set_media(scene.actor, post_id=scene.post.pk, items=[{"asset": asset.pk, "alt": "Film"}])
    assert Conversion.objects.count() == 1
    assert file.path.stat().st_mtime_ns == written


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_of_another_client_are_not_coded_again(scene: Scene, monkeypatch: Any) -> None:
    content = film(scene.tmp_path)
    scene.put(scene.upload(content))
    work(Conversion.objects.get().pk)
    other = Scene(scene.tmp_path)
    other.put(other.upload(content))
    monkeypatch.setattr(convert, "convert", lambda *_args: pytest.fail("made twice"))
    mine = Conversion.objects.latest("pk")
    work(mine.pk)
    mine.refresh_from_db()
    assert mine.state == ConversionState.DONE


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_make_one_film_and_a_dead_one_is_followed(scene: Scene) -> None:
    scene.put(scene.upload(film(scene.tmp_path)))
    row = Conversion.objects.get()
    Conversion.objects.update(state=ConversionState.WORKING, touched_at=timezone.now())
    with pytest.raises(RetryLater):
        work(row.pk)
    Conversion.objects.update(touched_at=timezone.now() - 2 * convert.QUIET)
    work(row.pk)
    row.refresh_from_db()
    assert row.state == ConversionState.DONE


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_made_says_why(scene: Scene) -> None:
    asset = scene.upload(film(scene.tmp_path))
    bounds = fitting.bounds_of(asset, limits(video_bytes_max=300))
    assert bounds is not None
    scene.put(asset)
    row = Conversion.objects.get()
    Conversion.objects.filter(pk=row.pk).update(bounds=row.bounds | {"size": 3000})
    work(row.pk)
    row.refresh_from_db()
    assert (row.state, row.code) == (ConversionState.FAILED, "too_heavy")
    assert [one.code for one in check(scene.post.variants.get()).errors] == ["video_too_heavy"]


def test_a_film_that_is_too_long_is_not_coded(scene: Scene) -> None:
    asset = scene.upload(film(scene.tmp_path, frames=36))
    assert fitting.bounds_of(asset, limits(video_seconds_max=2, video_mimes=["video/mp4"])) is None
    assert fitting.bounds_of(asset, limits(video_seconds_max=60, video_mimes=["video/mp4"])) is not None


def test_what_a_network_asks_for_becomes_bounds(scene: Scene) -> None:
    asset = scene.upload(film(scene.tmp_path))
    assert fitting.bounds_of(asset, limits()) is None
    assert fitting.bounds_of(asset, limits(video_codecs=["h264"])) is not None
    assert fitting.bounds_of(asset, limits(video_fps_max=10)) is not None
    reel = fitting.bounds_of(asset, limits(reel_ratio_from=0.56, reel_ratio_to=0.57), "reel")
    assert reel is not None
    assert (reel.low, reel.high) == (0.56, 0.57)
    assert fitting.bounds_of(asset, limits(reel_ratio_from=0.56, reel_ratio_to=0.57), "post") is None


def test_a_lost_order_is_given_again(scene: Scene) -> None:
    scene.put(scene.upload(film(scene.tmp_path)))
    Conversion.objects.update(touched_at=timezone.now() - timedelta(hours=1))
    fitting.order(scene.post)
    assert timezone.now() - Conversion.objects.get().touched_at < timedelta(minutes=1)


# Pictures and covers


def test_a_person_s_focus_decides_the_cut_and_is_kept(scene: Scene) -> None:
    asset = scene.picture((900, 300))
    room = limits(image_ratio_from=0.8, image_ratio_to=1.0)
    scene.put(asset, focus=[0.1, 0.5])
    item = scene.post.media.get()
    assert item.framing == {"focus": [0.1, 0.5]}
    cut = fitting.fitted(asset, room, framing=item.framing).file
    whole = fitting.fitted(asset, room, framing={"whole": True}).file
    assert (cut.width, cut.height) == (300, 300)
    assert (whole.width, whole.height) == (900, 900)
    assert cut.path != whole.path
    drafts.set_media(scene.actor, post_id=scene.post.pk, items=[{"asset": asset.pk, "alt": "x"}])
    assert scene.post.media.get().framing == {"focus": [0.1, 0.5]}  # a program that says nothing of it


def test_a_cover_is_a_moment_or_an_own_picture(scene: Scene) -> None:
    asset, picture = scene.upload(film(scene.tmp_path)), scene.picture()
    at = fitting.fitted(asset, limits(), framing={"cover_at": 0.5}).file.cover
    own = fitting.fitted(asset, limits(), framing={"cover": picture.pk}).file.cover
    assert at is not None and own is not None
    assert (at.width, at.height, at.mime) == (160, 120, "image/jpeg")
    assert (own.width, own.height, own.mime) == (90, 60, "image/jpeg")
    scene.put(asset, cover=picture.pk)
    content = check(scene.post.variants.get()).content
    assert content["media"][0]["cover"]["width"] == 90


def test_a_cover_of_somebody_else_is_refused(scene: Scene) -> None:
    asset = scene.upload(film(scene.tmp_path))
    stranger = Scene(scene.tmp_path).picture()
    with pytest.raises(NotFound):
        scene.put(asset, cover=stranger.pk)
    client = make_client(scene.actor.workspace)
    foreign = scene.picture()
    Asset.objects.filter(pk=foreign.pk).update(client=client)
    with pytest.raises(Invalid):
        scene.put(asset, cover=foreign.pk)


@pytest.mark.parametrize(
    "given",
    [
        {"focus": "x"},
        {"cover_at": "late"},
        {"cover_at": -1},
        {"cover": "x"},
        {"cover_at": 1e300},
        {"nonsense": 1},
    ],
)
def test_nonsense_is_no_decision(given: dict[str, Any]) -> None:
    assert fitting.clean_framing(given) == {}
