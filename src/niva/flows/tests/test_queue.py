"""The queue: the next free slot of the rubric, never the same for two, in the order that people give it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connections

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, Invalid
from niva.domains.people.models import WorkspaceRole
from niva.domains.publishing.factories import make_post, planned
from niva.domains.publishing.models import Delivery, Variant
from niva.domains.publishing.services import drafts, schedule
from niva.domains.publishing.states import State
from niva.domains.strategy.factories import make_rubric
from niva.flows import queue

NOW = datetime(2027, 2, 1, 6, tzinfo=UTC)  # a Monday, 9:00 in Moscow
MOSCOW = ZoneInfo("Europe/Moscow")


class Stage:
    """Recipes on Mondays and Thursdays at noon, news on Tuesdays, one slot for anything on Fridays."""

    def __init__(self) -> None:
        self.actor = make_actor(make_workspace(), language="en")
        self.client = make_client(self.actor.workspace)
        self.community = connect(make_community(self.client))
        self.recipes, self.news = make_rubric(self.client, "Рецепты"), make_rubric(self.client, "Новости")
        for days, rubric in (((0, 3), self.recipes), ((1,), self.news), ((4,), None)):
            for slot in make_slots(self.community, days, time(12)):
                slot.rubric = rubric
                slot.save()

    def post(self, rubric=None, text: str = "Суп из тыквы", *communities):
        return make_post(*(communities or (self.community,)), text=text, rubric=rubric)

    def put(self, rubric=None, text: str = "Суп из тыквы") -> Delivery:
        return queue.put(self.actor, post_id=self.post(rubric, text).pk).deliveries[0]

    def line(self, rubric) -> list[tuple[str, int | None]]:
        found = queue.lane(queue.places(self.actor, [self.community.pk]), rubric)
        return [(when(one.hole.at), one.item and one.item.delivery_id) for one in found]


def when(at: datetime) -> str:
    return f"{at.astimezone(MOSCOW):%a %d %H:%M}"


@pytest.fixture
def stage(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield Stage()


def test_a_post_takes_the_next_free_slot_of_its_rubric(stage):
    taken = [when(stage.put(stage.recipes).due_at) for _ in range(3)]
    assert taken == ["Mon 01 12:00", "Thu 04 12:00", "Mon 08 12:00"]
    assert when(stage.put(stage.news).due_at) == "Tue 02 12:00"
    assert when(stage.put().due_at) == "Fri 05 12:00"


def test_a_draft_or_another_post_in_the_hour_of_a_slot_fills_it(stage):
    planned(stage.post(text="Черновик на это место"), NOW + timedelta(hours=3, minutes=20))
    near = datetime(2027, 2, 4, 9, 40, tzinfo=UTC)
    schedule.schedule(stage.actor, post_id=stage.post(text="Рядом").pk, at=near)
    assert when(stage.put(stage.recipes).due_at) == "Mon 08 12:00"


def test_the_moment_is_told_before_and_is_the_one_taken(stage):
    post = stage.post(stage.recipes)
    told = queue.foresee(stage.actor, post)[0].at
    assert queue.put(stage.actor, post_id=post.pk).deliveries[0].due_at == told
    assert queue.foresee(stage.actor, post) == []


def test_each_community_has_its_own_next_slot_and_one_without_is_named(stage):
    other, bare = make_community(stage.client), make_community(stage.client)
    make_slots(other, (2,), time(10))[0].__class__.objects.filter(community=other).update(
        rubric=stage.recipes
    )
    post = stage.post(stage.recipes, "Всем", stage.community, other, bare)
    result = queue.put(stage.actor, post_id=post.pk)
    assert sorted(when(one.due_at) for one in result.deliveries) == ["Mon 01 12:00", "Wed 03 10:00"]
    assert result.nowhere == [bare]


def test_without_a_free_slot_nothing_happens_and_it_is_said(stage):
    with pytest.raises(Invalid):
        queue.put(stage.actor, post_id=stage.post(make_rubric(stage.client, "Без часов")).pk)
    assert not Delivery.objects.exists()
    assert not Variant.objects.filter(in_queue=True).exists()


def test_to_the_front_swapped_and_closed_up(stage):
    a, b, c = (stage.put(stage.recipes, text) for text in ("А раз", "Б два", "В три"))
    queue.to_front(stage.actor, delivery_id=c.pk)
    assert stage.line(stage.recipes)[:3] == [
        ("Mon 01 12:00", c.pk),
        ("Thu 04 12:00", a.pk),
        ("Mon 08 12:00", b.pk),
    ]
    queue.swap(stage.actor, delivery_id=b.pk, by=-1)
    assert [one for _at, one in stage.line(stage.recipes)[:3]] == [c.pk, b.pk, a.pk]
    schedule.cancel(stage.actor, delivery_id=c.pk)
    found = queue.lane(queue.places(stage.actor, [stage.community.pk]), stage.recipes)
    assert queue.has_gap(found)
    moved = queue.close_up(stage.actor, community_id=stage.community.pk, rubric_id=stage.recipes.pk)
    assert moved == 2
    assert [one for _at, one in stage.line(stage.recipes)[:3]] == [b.pk, a.pk, None]
    assert not queue.has_gap(queue.lane(queue.places(stage.actor, [stage.community.pk]), stage.recipes))


def test_what_people_gave_an_hour_themselves_is_never_shifted(stage):
    fixed = schedule.schedule(
        stage.actor, post_id=stage.post(stage.recipes, "Сам").pk, at=datetime(2027, 2, 4, 9, tzinfo=UTC)
    ).deliveries[0]
    first, second = stage.put(stage.recipes, "Первый"), stage.put(stage.recipes, "Второй")
    schedule.cancel(stage.actor, delivery_id=first.pk)
    queue.close_up(stage.actor, community_id=stage.community.pk, rubric_id=stage.recipes.pk)
    fixed.refresh_from_db()
    second.refresh_from_db()
    assert (when(fixed.due_at), when(second.due_at)) == ("Thu 04 12:00", "Mon 01 12:00")
    with pytest.raises(Invalid):
        queue.to_front(stage.actor, delivery_id=fixed.pk)


def test_another_hour_keeps_when_the_schedule_is_updated(stage):
    one = stage.put(stage.recipes)
    later = NOW + timedelta(days=2)
    schedule.reschedule(stage.actor, delivery_id=one.pk, at=later)
    schedule.schedule(stage.actor, post_id=one.post_id, at=later)
    one.refresh_from_db()
    assert one.due_at == later


def test_an_hour_that_a_person_chooses_takes_it_out_of_the_queue(stage):
    one = stage.put(stage.recipes)
    at = NOW + timedelta(days=2, hours=5)
    saved = drafts.save(stage.actor, post_id=one.post_id, version=one.post.version, fields={"planned_at": at})
    schedule.schedule(stage.actor, post_id=saved.post.pk, at=at)
    one.refresh_from_db()
    assert one.due_at == at
    assert stage.line(stage.recipes)[0] == ("Mon 01 12:00", None)


def test_who_only_writes_cannot_queue(stage):
    author = make_person(stage.actor.workspace, WorkspaceRole.MEMBER)
    give_role(stage.client, author, Role.AUTHOR)
    actor = Actor(stage.actor.workspace, author, client_roles={stage.client.pk: Role.AUTHOR})
    with pytest.raises(Forbidden):
        queue.put(actor, post_id=stage.post(stage.recipes).pk)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_different_slots(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stage = Stage()
    posts = [stage.post(stage.recipes, f"Номер {n}").pk for n in range(6)]
    together = Barrier(3)

    def press(several: list[int]) -> list[datetime]:
        try:
            together.wait(10)
            return [queue.put(stage.actor, post_id=pk).deliveries[0].due_at for pk in several]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        taken = [at for found in pool.map(press, (posts[:2], posts[2:4], posts[4:])) for at in found]
    assert len(set(taken)) == 6
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.QUEUED}
