"""Edits of many at once: only what was chosen, only what nobody else has changed, and back again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.factories import make_piece
from niva.domains.editorial.models import Piece
from niva.domains.editorial.saved import BulkEdit
from niva.domains.editorial.services import bulk, pieces
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.services import schedule
from niva.domains.strategy.factories import make_rubric

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_workspace())


def do(actor: Actor, ids: list[int], action: str, portion: int = 100, **value: Any) -> BulkEdit:
    return finish(actor, bulk.prepare(actor, ids=ids, action=action, value=value), portion)


def finish(actor: Actor, edit: BulkEdit, portion: int = 100) -> BulkEdit:
    while edit.finished_at is None:
        edit = bulk.run(actor, edit_id=edit.pk, portion=portion)
    return edit


def state() -> dict[int, tuple[Any, ...]]:
    rows = Piece.objects.select_related("post").order_by("pk")
    return {
        one.pk: (one.author_id, one.designer_id, one.unit, one.urgent, one.state, one.stage_id,
                 one.post.rubric_id, one.post.planned_at)
        for one in rows
    }  # fmt: skip


@pytest.mark.parametrize("what", ["author", "unit", "urgent", "rubric", "shift", "hour", "park"])
def test_nothing_outside_the_choice_changes(actor: Actor, what: str) -> None:
    chosen = {0, 2, 3, 4}  # two portions, the second not full
    client = make_client(actor.workspace)
    make_rubric(client, "Рецепты")
    tomorrow = timezone.now() + timedelta(days=1)
    rows = [make_piece(client, f"№ {n}") for n in range(6)]
    Post.objects.filter(client=client).update(planned_at=tomorrow)
    value: dict[str, Any] = {
        "author": {"user": actor.user.pk}, "unit": {"unit": "video"}, "urgent": {"on": True},
        "rubric": {"name": "рецепты"}, "shift": {"days": 2}, "hour": {"time": "23:59"},
        "park": {"reason": "season"},
    }[what]  # fmt: skip
    before = state()
    edit = do(actor, [rows[n].pk for n in chosen], what, portion=3, **value)
    after = state()
    assert {pk for pk in after if after[pk] != before[pk]} == {rows[n].pk for n in chosen}
    assert len(edit.before) == len(chosen)
    if what != "park":
        finish(actor, bulk.undo(actor, edit_id=edit.pk))
        assert state() == before


def test_a_newer_change_of_somebody_else_stays_and_is_told(actor: Actor) -> None:
    client = make_client(actor.workspace)
    one, two = make_piece(client), make_piece(client)
    edit = bulk.prepare(actor, ids=[one.pk, two.pk], action="unit", value={"unit": "video"})
    pieces.write(actor, piece_id=one.pk, unit="article")
    pieces.write(actor, piece_id=two.pk, hook="Другое поле не мешает")
    edit = finish(actor, edit)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.unit, two.unit, two.hook) == ("article", "video", "Другое поле не мешает")
    assert [pk for pk, _said in edit.refused] == [one.pk]


def test_undo_leaves_what_came_later(actor: Actor) -> None:
    client = make_client(actor.workspace)
    one, two = make_piece(client), make_piece(client)
    edit = do(actor, [one.pk, two.pk], "unit", unit="video")
    pieces.write(actor, piece_id=one.pk, unit="article")
    back = finish(actor, bulk.undo(actor, edit_id=edit.pk))
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.unit, two.unit) == ("article", "post")
    assert [pk for pk, _said in back.refused] == [one.pk]
    with pytest.raises(Invalid):
        bulk.undo(actor, edit_id=edit.pk)


def test_undo_is_for_ten_minutes_and_for_the_last_only(actor: Actor) -> None:
    client = make_client(actor.workspace)
    piece = make_piece(client)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = do(actor, [piece.pk], "unit", unit="video")
        second = do(actor, [piece.pk], "urgent", on=True)
        assert not bulk.may_undo(actor, first)
        assert bulk.may_undo(actor, second)
        clock.shift(timedelta(minutes=11))
        assert not bulk.may_undo(actor, second)
    with pytest.raises(NotFound):
        bulk.undo(make_actor(actor.workspace), edit_id=second.pk)


def test_refusals_are_told_before_with_their_reasons(actor: Actor) -> None:
    here, there = make_client(actor.workspace, name="А"), make_client(actor.workspace, name="Б")
    author = make_person(actor.workspace, "member", name="Автор")
    give_role(here, author)
    one, two = make_piece(here), make_piece(there)
    edit = bulk.prepare(actor, ids=[one.pk, two.pk], action="author", value={"user": author.pk})
    assert edit.order == [one.pk]
    assert [pk for pk, _said in edit.refused] == [two.pk]
    undated = bulk.prepare(actor, ids=[one.pk], action="shift", value={"days": 1})
    assert (undated.order, len(undated.refused)) == ([], 1)
    exits = bulk.prepare(actor, ids=[one.pk], action="stage", value={"kind": "editing"})
    assert (exits.order, len(exits.refused)) == ([], 1)  # the draft has no text yet


def test_what_is_scheduled_moves_by_the_rules_of_publishing(actor: Actor) -> None:
    client = make_client(actor.workspace, time_zone="Europe/Moscow")
    community = connect(make_community(client))
    rows = []
    due = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    for n in range(3):
        piece = make_piece(client, f"№ {n}")
        Post.objects.filter(pk=piece.post_id).update(text="Рёбрышки")
        Variant.objects.create(post=piece.post, community=community)
        rows.append((piece, schedule.schedule(actor, post_id=piece.post_id, at=due).deliveries[0]))
    Delivery.objects.filter(pk=rows[0][1].pk).update(state="published", wake_at=None)
    edit = do(actor, [piece.pk for piece, _one in rows], "shift", days=1)
    dues = [Delivery.objects.get(pk=one.pk).due_at for _piece, one in rows]
    assert dues == [due, due + timedelta(days=1), due + timedelta(days=1)]
    assert [pk for pk, _said in edit.refused] == [rows[0][0].pk]
    finish(actor, bulk.undo(actor, edit_id=edit.pk))
    assert Delivery.objects.get(pk=rows[1][1].pk).due_at == due


def test_days_are_shifted_by_the_clients_clock(actor: Actor) -> None:
    """On 29 March 2026 the clocks of Berlin go forward: ten in the morning stays ten."""
    client = make_client(actor.workspace, time_zone="Europe/Berlin")
    piece = make_piece(client)
    with time_machine.travel(datetime(2026, 3, 20, tzinfo=UTC), tick=False):
        Post.objects.filter(pk=piece.post_id).update(planned_at=datetime(2026, 3, 28, 9, tzinfo=UTC))
        do(actor, [piece.pk], "shift", days=2)
    assert Post.objects.get(pk=piece.post_id).planned_at == datetime(2026, 3, 30, 8, tzinfo=UTC)


def test_communities_are_added_only_to_their_own_clients_pieces(actor: Actor) -> None:
    here, there = make_client(actor.workspace, name="А"), make_client(actor.workspace, name="Б")
    community = make_community(here)
    one, two = make_piece(here), make_piece(there)
    edit = do(actor, [one.pk, two.pk], "community", community=community.pk)
    assert list(Variant.objects.values_list("post_id", flat=True)) == [one.post_id]
    assert [pk for pk, _said in edit.refused] == [two.pk]


def test_an_author_moves_only_what_he_has(actor: Actor) -> None:
    client = make_client(actor.workspace)
    person = make_person(actor.workspace, "member")
    give_role(client, person, "author")
    who = actor_for(person, actor.workspace.pk)
    assert who is not None
    mine, other = make_piece(client, responsible=person), make_piece(client, responsible=actor.user)
    edit = do(who, [mine.pk, other.pk], "park", reason="season")
    assert set(edit.before) == {str(mine.pk)}
    strange = make_piece(make_client(make_workspace("Чужие")))
    assert bulk.prepare(who, ids=[strange.pk], action="park", value={"reason": "season"}).total == 0


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("nonsense", {}),
        ("author", {}),
        ("shift", {"days": 0}),
        ("shift", {"days": 999}),
        ("unit", {"unit": "x"}),
    ],
)
def test_nonsense_is_refused(actor: Actor, action: str, value: dict[str, Any]) -> None:
    piece = make_piece(make_client(actor.workspace))
    with pytest.raises(Invalid):
        bulk.prepare(actor, ids=[piece.pk], action=action, value=value)


def test_a_cell_knows_what_was_seen(actor: Actor) -> None:
    piece = make_piece(make_client(actor.workspace))
    bulk.change_one(actor, piece_id=piece.pk, action="unit", value={"unit": "video"}, seen="post")
    with pytest.raises(Conflict):
        bulk.change_one(actor, piece_id=piece.pk, action="unit", value={"unit": "card"}, seen="post")
