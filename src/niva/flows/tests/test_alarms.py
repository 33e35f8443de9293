"""Alarms are said once, with what the desk knows of their day, and judged by people."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_cost,
    make_facts,
    make_goal,
    make_person,
    make_workspace,
)
from niva.domains.clients.models import CostKind, Role
from niva.domains.clients.queries import today_of
from niva.domains.communities.factories import make_community
from niva.domains.communities.models import Community, CommunityState
from niva.domains.metrics.factories import make_numbers
from niva.domains.metrics.models import Daily, Subject
from niva.domains.notices.models import Notice
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, NotFound
from niva.flows import alarms

pytestmark = pytest.mark.django_db


class Farm:
    def __init__(self) -> None:
        self.workspace = make_workspace()
        self.actor = make_actor(self.workspace)
        self.client = make_client(self.workspace, name="Ферма")
        self.place = make_community(self.client, name="Ферма ВК", network="vk")
        self.today = today_of(self.client)
        self.now = timezone.now()

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def days(self, metric: str, values: dict[int, float], *, place: Community | None = None) -> None:
        """`values` by how many days ago; the level of followers is 4,000 and what came since."""
        own = metric == "followers"
        level = 4000.0
        rows = []
        for ago in sorted(values, reverse=True):
            level += values[ago]
            rows.append(
                Daily(
                    community=place or self.place, metric=metric, day=self.ago(ago), gained=values[ago],
                    subject=Subject.COMMUNITY if own else Subject.PUBLICATION, level=level if own else None,
                )
            )  # fmt: skip
        Daily.objects.bulk_create(rows)

    def say(self) -> list[Advice]:
        return alarms.say_all(self.client, self.today, self.now)


@pytest.fixture
def farm() -> Farm:
    return Farm()


def wavering(usual: float, days: int = 90) -> dict[int, float]:
    return {ago: usual + (ago * 7) % 5 - 2 for ago in range(1, days + 1)}


def codes(one: Advice) -> list[str]:
    return [cause["code"] for cause in one.about["causes"]]


def test_an_ordinary_season_raises_nothing_and_says_so(farm: Farm) -> None:
    farm.days("followers", wavering(3))
    farm.days("reach", wavering(400))
    assert farm.say() == []
    assert not Notice.objects.exists()


def test_a_fall_of_followers_at_one_go_is_told_as_a_purge(farm: Farm) -> None:
    farm.days("followers", wavering(3) | {1: -180.0})
    worker = make_person(farm.workspace, "member")
    give_role(farm.client, worker, Role.EDITOR)
    client = make_person(farm.workspace, "member")
    give_role(farm.client, client, Role.CLIENT)
    (alarm,) = farm.say()
    assert (alarm.figure, alarm.about["direction"], alarm.community) == ("followers", "down", farm.place)
    assert codes(alarm)[0] == "purge"
    assert alarm.about["causes"][0]["lost"] == 180
    assert alarm.due_on == farm.ago(1) + alarms.ANSWERED_WITHIN
    assert [row.user for row in Notice.objects.filter(kind="alarm_raised")] == [worker]


def test_it_is_said_once_and_the_next_day_is_the_same_story(farm: Farm) -> None:
    farm.days("followers", wavering(3) | {1: -180.0, 2: -90.0})
    assert len(farm.say()) == 1
    assert farm.say() == []
    assert Advice.objects.filter(kind=AdviceKind.ALARM).count() == 1


def test_what_is_long_over_is_no_alarm(farm: Farm) -> None:
    farm.days("followers", wavering(3) | {20: -180.0})
    assert farm.say() == []


def test_a_rise_without_a_cause_is_told_as_that(farm: Farm) -> None:
    farm.days("followers", wavering(3) | {1: 500.0})
    (alarm,) = farm.say()
    assert alarm.about["unexplained"]
    assert alarm.about["value"] == 500


def test_a_rise_names_the_post_that_went_far_and_what_was_paid(farm: Farm) -> None:
    for ago in range(5, 40, 3):
        make_numbers(farm.place, farm.ago(ago), views=100.0)
    far = make_numbers(farm.place, farm.ago(2), views=900.0)
    make_cost(farm.client, 4000, kind=CostKind.ADS, spent_on=farm.ago(1))
    farm.days("followers", wavering(3) | {1: 500.0})
    (alarm,) = farm.say()
    assert codes(alarm)[:2] == ["far_post", "paid"]
    assert alarm.about["causes"][0]["post"] == far.publication.post_id
    assert alarm.about["causes"][0]["usual"] == 100
    assert alarm.about["causes"][1]["amount"] == 4000
    assert not alarm.about["unexplained"]


def test_days_without_a_reading_are_spread_and_their_sum_is_no_alarm(farm: Farm) -> None:
    usual = wavering(400)
    for ago in (2, 3, 4, 5):
        del usual[ago]
    farm.days("reach", usual | {1: 2000.0})
    assert farm.say() == []


def test_a_fall_names_the_key_that_died_and_the_pause(farm: Farm) -> None:
    farm.days("reach", wavering(400) | {1: 3.0})
    for ago in range(12, 40, 2):
        make_numbers(farm.place, farm.ago(ago), views=100.0)
    Community.objects.filter(pk=farm.place.pk).update(state=CommunityState.NEEDS_LOGIN)
    (alarm,) = farm.say()
    assert {"dead_key", "pause"} <= set(codes(alarm))


def test_facts_of_a_goal_are_watched_with_their_days_of_none(farm: Farm) -> None:
    goal = make_goal(farm.client, starts_on=farm.ago(60), deadline=farm.today + timedelta(days=30))
    make_facts(goal, {farm.ago(ago): 1 for ago in range(2, 60, 3)} | {farm.ago(1): 40})
    (alarm,) = farm.say()
    assert alarm.figure == f"goal:{goal.pk}"
    assert alarm.about["name"] == goal.figure


def test_more_series_make_a_higher_threshold_so_that_the_budget_is_kept() -> None:
    few, of_points = alarms.threshold_for(4)
    many, _ = alarms.threshold_for(40)
    assert many > few
    assert of_points * 4 * alarms.MONTH / 1000 == pytest.approx(alarms.BUDGET)


@pytest.mark.parametrize(
    ("word", "verdict"), [("mattered", Verdict.HIT), ("known", Verdict.HIT), ("false", Verdict.MISS)]
)
def test_a_person_says_what_it_was_worth_once(farm: Farm, word: str, verdict: Verdict) -> None:
    farm.days("followers", wavering(3) | {1: -180.0})
    (alarm,) = farm.say()
    said: dict[str, Any] = {"client_id": farm.client.pk, "alarm_id": alarm.pk}
    assert alarms.answer(farm.actor, word=word, **said)
    assert not alarms.answer(farm.actor, word="mattered", **said)
    alarm.refresh_from_db()
    assert (alarm.verdict, alarm.why, alarm.settled_by) == (verdict, word, farm.actor.name)


def test_the_client_does_not_judge_and_strangers_see_nothing(farm: Farm) -> None:
    farm.days("followers", wavering(3) | {1: -180.0})
    (alarm,) = farm.say()
    guest = make_person(farm.workspace, "member")
    give_role(farm.client, guest, Role.CLIENT)
    olga = Actor(farm.workspace, guest, "member", {farm.client.pk: Role.CLIENT})
    with pytest.raises(Forbidden):
        alarms.answer(olga, client_id=farm.client.pk, alarm_id=alarm.pk, word="false")
    with pytest.raises(NotFound):
        alarms.answer(
            make_actor(make_workspace("Чужие")), client_id=farm.client.pk, alarm_id=alarm.pk, word="false"
        )


def test_what_nobody_answers_is_void(farm: Farm) -> None:
    farm.days("followers", wavering(3) | {1: -180.0})
    (alarm,) = farm.say()
    later = datetime.combine(alarm.due_on, time(12), UTC)
    assert alarms.round_of_all(later)[1] == 1
    alarm.refresh_from_db()
    assert (alarm.verdict, alarm.why) == (Verdict.VOID, "nobody_said")
