"""Drafts and media below the pages: versions, borders, what is kept of nothing and of everything."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_goal,
    make_person,
    make_workspace,
)
from niva.domains.clients.models import Role
from niva.domains.communities.factories import make_community
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.people.models import AuditEvent, WorkspaceRole
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Asset, Post, PostMedia
from niva.domains.publishing.services import drafts, fitting, media
from niva.domains.publishing.services.freeze import check
from niva.domains.strategy.factories import make_rubric
from niva.networks.base.limits import Limit, Limits

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def actor(workspace):
    return make_actor(workspace, language="en")


@pytest.fixture
def community(workspace):
    return make_community(make_client(workspace))


@pytest.fixture
def post(community) -> Post:
    return make_post(community)


def upload(
    actor, client_id: int, size: tuple[int, int] = (60, 40), name: str = "a.png", kind: str = "PNG"
) -> Asset:
    target = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(target, "PNG")
    return media.upload(actor, client_id=client_id, file=SimpleUploadedFile(name, target.getvalue()))


# Drafts


def test_a_save_grows_the_version_only_when_something_changed(actor, post):
    variant = post.variants.get()
    assert drafts.save(actor, post_id=post.pk, version=1, fields={"text": post.text}).version == 1
    same = {variant.pk: {"own_text": None, "options": {}}}
    assert drafts.save(actor, post_id=post.pk, version=1, fields={}, variants=same).version == 1
    own = {variant.pk: {"own_text": "Своё"}}
    assert drafts.save(actor, post_id=post.pk, version=1, fields={}, variants=own).version == 2


def test_everything_is_kept_or_nothing(actor, post):
    with pytest.raises(NotFound):
        drafts.save(actor, post_id=post.pk, version=1, fields={"text": "Новое"}, media=[{"asset": 999}])
    post.refresh_from_db()
    assert (post.text, post.version) == ("Рёбрышки к выходным", 1)


def test_a_stale_version_is_a_conflict_with_what_is_there(actor, post):
    drafts.save(actor, post_id=post.pk, version=1, fields={"text": "Первое"})
    with pytest.raises(Conflict) as conflict:
        drafts.save(actor, post_id=post.pk, version=1, fields={"text": "Второе"})
    assert conflict.value.current.text == "Первое"


def test_a_field_that_is_not_for_saving_is_left_alone(actor, post):
    drafts.save(actor, post_id=post.pk, version=1, fields={"workspace_id": 99, "deleted_at": "2020-01-01"})
    post.refresh_from_db()
    assert post.deleted_at is None
    assert post.workspace_id == actor.workspace.pk


def test_another_link_loses_the_old_card(actor, post):
    drafts.save(actor, post_id=post.pk, version=1, fields={"link_url": "https://a.example"})
    assert drafts.set_link_card(actor, post_id=post.pk, url="https://a.example", card={"title": "А"})
    assert not drafts.set_link_card(actor, post_id=post.pk, url="https://b.example", card={"title": "Б"})
    post.refresh_from_db()
    assert (post.link_card, post.version) == ({"title": "А"}, 2)
    drafts.save(actor, post_id=post.pk, version=2, fields={"link_url": "https://c.example"})
    post.refresh_from_db()
    assert post.link_card == {}


def test_a_goal_of_others_is_refused(actor, post, workspace):
    with pytest.raises(Invalid) as refused:
        drafts.save(
            actor, post_id=post.pk, version=1, fields={"goal_id": make_goal(make_client(workspace)).pk}
        )
    assert "goal" in refused.value.errors


def test_what_is_put_away_stays_and_stops_no_save(actor, post, community):
    archived = make_community(community.client, "vk", archived_at=post.created_at)
    post.variants.create(community=archived)
    drafts.save(actor, post_id=post.pk, version=1, fields={}, communities=[community.pk])
    assert post.variants.count() == 2


def test_a_copy_is_a_draft_of_its_own(actor, post, community):
    asset = upload(actor, community.client_id)
    PostMedia.objects.create(post=post, asset=asset, alt="Поле")
    post.variants.update(own_text="Своё")
    twin = drafts.copy(actor, post_id=post.pk)
    assert (twin.text, twin.planned_at, twin.version) == (post.text, None, 1)
    assert twin.variants.get().own_text == "Своё"
    assert twin.media.get().alt == "Поле"


def test_who_only_looks_writes_nothing(workspace, post):
    klava = make_person(workspace, WorkspaceRole.MEMBER)
    give_role(post.client, klava, Role.CLIENT)
    with pytest.raises(Forbidden):
        drafts.save(actor_for(klava), post_id=post.pk, version=1, fields={"text": "x"})


def test_strangers_find_nothing(post):
    stranger = make_actor(make_workspace("Чужие"))
    for call in (
        lambda: drafts.save(stranger, post_id=post.pk, version=1, fields={}),
        lambda: drafts.bin_post(stranger, post_id=post.pk),
        lambda: drafts.copy(stranger, post_id=post.pk),
        lambda: drafts.set_link_card(stranger, post_id=post.pk, url="", card={}),
        lambda: media.upload(stranger, client_id=post.client_id, file=SimpleUploadedFile("a", b"x")),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_rubric_is_the_clients_own(actor, community):
    post = make_post(community)
    mine = make_rubric(community.client)
    strange = make_rubric(make_client(actor.workspace, name="Другой"))
    saved = drafts.save(actor, post_id=post.pk, version=1, fields={"rubric_id": mine.pk})
    assert saved.post.rubric == mine
    with pytest.raises(Invalid) as refused:
        drafts.save(actor, post_id=post.pk, version=2, fields={"rubric_id": strange.pk})
    assert set(refused.value.errors) == {"rubric"}


# Media


def test_an_upload_is_written_anew_and_audited(actor, community):
    asset = upload(actor, community.client_id, name="поле.png")
    assert (asset.kind, asset.width, asset.height, asset.name) == ("image", 60, 40, "поле.png")
    assert AuditEvent.objects.filter(verb="media.uploaded").exists()


def test_a_refused_upload_leaves_nothing_behind(actor, community, tmp_path):
    with pytest.raises(Invalid) as refused:
        media.upload(actor, client_id=community.client_id, file=SimpleUploadedFile("a.jpg", b"words"))
    assert "file" in refused.value.errors
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_two_clients_may_have_the_same_file(actor, community, workspace):
    content = Path(__file__).read_bytes()  # no picture: the same bytes twice are refused twice
    for client in (community.client, make_client(workspace)):
        with pytest.raises(Invalid):
            media.upload(actor, client_id=client.pk, file=SimpleUploadedFile("a", content))
        image = io.BytesIO()
        Image.new("RGB", (9, 9), "red").save(image, "PNG")
        media.upload(actor, client_id=client.pk, file=SimpleUploadedFile("a.png", image.getvalue()))
    one, two = Asset.objects.order_by("pk")
    assert one.sha256 == two.sha256
    assert one.client_id != two.client_id


def test_a_file_is_fitted_once_and_found_again(actor, community, monkeypatch):
    asset = upload(actor, community.client_id, (1400, 1400))
    tight = Limits({"image_bytes_max": Limit(200_000, "https://x.example", dt.date(2026, 11, 23))})
    first = fitting.fitted(asset, tight).file
    assert first.size <= 200_000 < asset.size
    monkeypatch.setattr(fitting.images, "fit", lambda *_args: pytest.fail("made twice"))
    assert fitting.fitted(asset, tight).file == first


def test_the_picture_of_a_card_is_light(actor, community):
    card = media.card_image(upload(actor, community.client_id, (2400, 1600)))
    assert card["size"] <= 900_000
    assert max(card["width"], card["height"]) <= 1200
    assert not Path(card["path"]).is_absolute()


def test_the_common_comment_goes_where_the_network_has_it(community):
    telegram = make_community(community.client, "telegram")
    post = make_post(community, telegram, first_comment="Ссылка")
    found = {one.community.network: check(one) for one in post.variants.all()}
    assert found["practice"].out.first_comment == "Ссылка"
    assert found["telegram"].out.first_comment == ""
    assert not found["telegram"].errors
