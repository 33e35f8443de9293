"""Remarks: at the very place, among ourselves or for the client, and settled."""

from __future__ import annotations

import pytest

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.people.models import AuditEvent
from niva.domains.publishing import places
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Asset, Post, PostMedia
from niva.domains.publishing.services import remarks

pytestmark = pytest.mark.django_db
TEXT = "Рёбрышки к выходным. Цена прежняя, и доставка прежняя."


class Desk:
    """A client with a post in two communities, the second with words of its own, and a video of 12 s."""

    def __init__(self) -> None:
        self.actor = make_actor(make_workspace())
        self.client = make_client(self.actor.workspace)
        self.post = make_post(make_community(self.client), make_community(self.client), text=TEXT)
        self.own = self.post.variants.last()
        self.own.own_text = "Другие слова"
        self.own.save()
        self.video = Asset.objects.create(
            workspace=self.actor.workspace, client=self.client, kind="video", mime="video/mp4", name="клип",
            path="originals/x.mp4", size=1, width=1080, height=1920, duration=12.0, sha256="0" * 64,
        )  # fmt: skip
        PostMedia.objects.create(post=self.post, asset=self.video)

    def role(self, role: str):
        person = make_person(self.actor.workspace, "member", name=role)
        give_role(self.client, person, role)
        return actor_for(person)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def quoted(post: Post, words: str, **more) -> dict:
    start = post.text.index(words)
    return {"kind": "text", "start": start, "end": start + len(words), "quote": words, **more}


def test_a_remark_stays_with_its_words_through_an_edit_and_says_when_they_are_gone(desk):
    remark = remarks.add(
        desk.actor, post=desk.post, text="Она выросла", place=quoted(desk.post, "Цена прежняя")
    )
    desk.post.text = "Коротко. " + TEXT
    assert places.stands(remark) == (30, 42)
    desk.post.text = TEXT.replace("Цена прежняя", "Цена новая")
    assert places.stands(remark) is None
    remark.refresh_from_db()
    assert remark.place["quote"] == "Цена прежняя"


def test_a_place_marked_while_the_text_was_changed_is_found_by_its_words(desk):
    place = quoted(desk.post, "Цена прежняя")
    desk.post.text = "Коротко. " + TEXT
    remark = remarks.add(desk.actor, post=desk.post, text="Она выросла", place=place)
    assert (remark.place["start"], remark.place["end"]) == (30, 42)


def test_words_of_a_variant_are_looked_for_in_its_own_text(desk):
    place = {"kind": "text", "variant": desk.own.pk, "start": 0, "end": 6}
    assert remarks.add(desk.actor, post=desk.post, text="Какие?", place=place).place["quote"] == "Другие"


@pytest.mark.parametrize(
    "place",
    [
        {"kind": "text", "start": 0, "end": 900},
        {"kind": "text", "start": -1, "end": 3},
        {"kind": "text", "start": "0", "end": "3"},
        {"kind": "text", "start": 4, "end": 4},
        {"kind": "text"},
        {"kind": "text", "quote": "прежняя"},  # stands twice
        {"kind": "text", "quote": "такого тут нет"},
        {"kind": "text", "quote": ["Цена"]},
        {"kind": "text", "variant": 0, "start": 0, "end": 3},
        {"kind": "media", "asset": 0, "x": 0.5, "y": 0.5},
        {"kind": "sound"},
    ],
)
def test_a_place_outside_of_the_post_is_refused(desk, place):
    with pytest.raises(Invalid) as refused:
        remarks.add(desk.actor, post=desk.post, text="Где это?", place=place)
    assert list(refused.value.errors) == ["place"]
    assert not desk.post.remarks.exists()


@pytest.mark.parametrize("point", [{"x": 1.01}, {"y": -0.1}, {"x": "nan"}, {"x": None}, {"at": 12.5}])
def test_a_point_outside_of_the_picture_is_refused(desk, point):
    place = {"kind": "media", "asset": desk.video.pk, "x": 0.25, "y": 1, "at": 3.04}
    kept = remarks.add(desk.actor, post=desk.post, text="Логотип срезан", place=place).place
    assert kept == {**place, "at": 3.0}
    with pytest.raises(Invalid):
        remarks.add(desk.actor, post=desk.post, text="И тут", place={**place, **point})


def test_the_client_is_heard_without_an_account_but_never_among_ourselves(desk):
    said = remarks.add(None, post=desk.post, text="Дороже", inside=False, author_name="Пётр Ильич")
    assert (said.author, said.author_name, said.inside) == (None, "Пётр Ильич", False)
    assert AuditEvent.objects.get(verb="remark.added").details["said_by"] == "Пётр Ильич"
    with pytest.raises(Forbidden):
        remarks.add(None, post=desk.post, text="Дороже", author_name="Пётр Ильич")


def test_the_clients_role_reads_and_writes_only_what_is_said_to_him(desk):
    theirs = desk.role("client")
    inside = remarks.add(desk.actor, post=desk.post, text="Он опять не понял")
    outside = remarks.add(theirs, post=desk.post, text="Дороже", inside=False)
    assert remarks.seen_by(theirs, outside.pk) == outside
    for refused in (
        lambda: remarks.add(theirs, post=desk.post, text="Между нами"),
        lambda: remarks.seen_by(theirs, inside.pk),
        lambda: remarks.answer(theirs, remark=inside, text="Понял"),
        lambda: remarks.resolve(theirs, remark_id=outside.pk),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_what_was_said_among_ourselves_is_answered_there(desk):
    inside = remarks.add(desk.actor, post=desk.post, text="Он опять не понял")
    assert remarks.answer(desk.actor, remark=inside, text="Позвоню", inside=False).inside is True
    outside = remarks.add(desk.actor, post=desk.post, text="Так лучше?", inside=False)
    first = remarks.answer(desk.actor, remark=outside, text="Он согласится", inside=True)
    assert remarks.answer(desk.actor, remark=first, text="Надеюсь").parent == outside


def test_settling_is_for_who_writes_or_made_the_remark(desk):
    advertiser, author = desk.role("advertiser"), desk.role("author")
    his = remarks.add(advertiser, post=desk.post, text="Ссылка без метки")
    ours = remarks.add(author, post=desk.post, text="Длинно")
    first = remarks.resolve(advertiser, remark_id=his.pk)
    assert remarks.resolve(author, remark_id=his.pk).resolved_by == first.resolved_by
    with pytest.raises(Forbidden):
        remarks.resolve(advertiser, remark_id=ours.pk)
    assert remarks.reopen(author, remark_id=his.pk).resolved_at is None
    reply = remarks.answer(author, remark=his, text="Поставлю")
    with pytest.raises(Invalid):
        remarks.resolve(author, remark_id=reply.pk)


def test_a_stranger_learns_nothing(desk):
    remark = remarks.add(desk.actor, post=desk.post, text="Длинно")
    with pytest.raises(NotFound):
        remarks.resolve(make_actor(make_workspace("Чужие")), remark_id=remark.pk)


@pytest.mark.parametrize("text", ["", "  \n ", "\x00", "а" * 4001])
def test_nothing_and_too_much_are_refused(desk, text):
    with pytest.raises(Invalid):
        remarks.add(desk.actor, post=desk.post, text=text)
