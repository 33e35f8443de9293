"""Forecasts are said once, never changed, and settled by the query of the pages, or void with a reason."""

import datetime as dt

import numpy as np
import pytest

from niva.domains.advice.models import Advice
from niva.domains.advice.queries import said, scores
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_facts,
    make_goal,
    make_person,
    make_workspace,
)
from niva.domains.clients.models import Role
from niva.domains.communities.factories import make_community
from niva.domains.metrics.figures import Scope, figure
from niva.domains.metrics.models import Daily
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor, machine
from niva.flows.foreseeing import months_ahead
from niva.flows.foretelling import round_of_all

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 9, 1)
NOVEMBER = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 30))


def _views(day: dt.date, chance: np.random.Generator) -> float:
    return float(round(200 * (0.5 if day.weekday() >= 5 else 1.0) * np.exp(0.2 * chance.standard_normal())))


def _read(community, since, until, skip=(), metric="views"):
    """Days as they were read; the same every time."""
    chance = np.random.default_rng(4)
    for place in range((until - FIRST).days + 1):
        day, value = FIRST + dt.timedelta(days=place), None
        value = _views(day, chance)
        if day >= since and day not in skip:
            Daily.objects.create(
                community=community, subject="publication", metric=metric, day=day, gained=value
            )


@pytest.fixture
def client():
    return make_client(make_workspace(), time_zone="UTC")


@pytest.fixture
def community(client):
    return make_community(client)


def test_a_month_is_foretold_once_and_settled_by_what_the_pages_show(client, community, time_machine):
    time_machine.move_to("2026-11-01 06:00+00:00")
    _read(community, FIRST, dt.date(2026, 10, 31))
    assert round_of_all() == (1, 0)
    row = Advice.objects.get()
    assert (row.key, row.odds, row.verdict) == ("forecast:views:2026-11", 0.8, "open")
    assert row.low < row.expected < row.high
    _read(community, NOVEMBER.since, NOVEMBER.until)
    time_machine.move_to("2026-11-02 06:00+00:00")
    assert round_of_all() == (0, 0)
    assert Advice.objects.get().expected == row.expected
    time_machine.move_to("2026-12-02 06:00+00:00")
    assert round_of_all()[1] == 1
    row.refresh_from_db()
    scope = Scope(client_id=client.pk)
    assert row.came == figure(machine(client.workspace), "views", scope, NOVEMBER, basis="gained").value
    assert row.verdict == ("hit" if row.low <= row.came <= row.high else "miss")
    assert round_of_all() == (0, 0)


def test_what_came_after_was_not_known_when_it_was_said(client, community, time_machine):
    time_machine.move_to("2026-11-10 06:00+00:00")
    _read(community, FIRST, dt.date(2026, 11, 9))
    seen = months_ahead(machine(client.workspace), client, ("views",), dt.date(2026, 11, 10))[0]
    _read_more = Daily.objects.create(
        community=community, subject="publication", metric="views", day=dt.date(2026, 11, 10), gained=99_999
    )
    again = months_ahead(machine(client.workspace), client, ("views",), dt.date(2026, 11, 10))[0]
    assert (seen.expected, seen.came, len(seen.ahead)) == (again.expected, again.came, 21)
    assert seen.low > seen.came
    assert _read_more.day not in dict(seen.days)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("nothing", "no_readings"),
        ("anew", "counts_anew"),
        ("half", "not_read"),
    ],
)
def test_what_cannot_be_told_is_void_with_its_reason(client, community, time_machine, spoil, why):
    time_machine.move_to("2026-11-01 06:00+00:00")
    _read(community, FIRST, dt.date(2026, 10, 31))
    round_of_all()
    if spoil != "nothing":
        half = [dt.date(2026, 11, day) for day in range(1, 31, 2)] if spoil == "half" else []
        _read(community, NOVEMBER.since, NOVEMBER.until, skip=half)
    if spoil == "anew":
        Daily.objects.filter(day=dt.date(2026, 11, 9)).update(anew=True)
    time_machine.move_to("2026-12-05 06:00+00:00")
    round_of_all()
    row = Advice.objects.get(key="forecast:views:2026-11")
    assert (row.verdict, row.why, row.came) == ("void", why, None)


def test_a_young_client_is_told_nothing(client, community, time_machine):
    time_machine.move_to("2026-11-01 06:00+00:00")
    _read(community, dt.date(2026, 10, 15), dt.date(2026, 10, 31))
    assert round_of_all() == (0, 0)
    seen = months_ahead(machine(client.workspace), client, ("views",), dt.date(2026, 11, 1))[0]
    assert (seen.refused, seen.expected) == ("early", None)


def test_a_goal_is_foretold_on_its_seventh_day_and_settled_after_its_deadline(client, time_machine):
    time_machine.move_to("2026-11-07 06:00+00:00")
    goal = make_goal(client, starts_on=NOVEMBER.since, deadline=NOVEMBER.until)
    days = {NOVEMBER.since + dt.timedelta(days=place): 1 + place % 2 for place in range(7)}
    make_facts(goal, days)
    assert round_of_all() == (0, 0)
    time_machine.move_to("2026-11-08 06:00+00:00")
    assert round_of_all() == (1, 0)
    row = Advice.objects.get()
    assert (row.key, row.figure) == (f"forecast:goal:{goal.pk}:open", f"goal:{goal.pk}")
    assert row.low < 40 < row.high or row.low < 45
    make_facts(goal, {NOVEMBER.since + dt.timedelta(days=place): 2 for place in range(7, 30)})
    time_machine.move_to("2026-12-02 06:00+00:00")
    assert round_of_all()[1] == 1
    row.refresh_from_db()
    assert row.came == 10 + 46


@pytest.mark.parametrize("change", ["deadline", "closed"])
def test_a_goal_that_changed_or_was_closed_is_void(client, time_machine, change):
    time_machine.move_to("2026-11-08 06:00+00:00")
    goal = make_goal(client, starts_on=NOVEMBER.since, deadline=NOVEMBER.until)
    make_facts(goal, {NOVEMBER.since + dt.timedelta(days=place): 1 for place in range(7)})
    assert round_of_all() == (1, 0)
    if change == "deadline":
        goal.deadline = dt.date(2026, 12, 15)
    else:
        goal.closed_at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    goal.save()
    time_machine.move_to("2026-12-20 06:00+00:00")
    round_of_all()
    row = Advice.objects.get(key=f"forecast:goal:{goal.pk}:open")
    assert (row.verdict, row.why) == ("void", "changed" if change == "deadline" else "goal_closed")


def test_scores_count_what_was_promised_and_each_reads_only_his(client):
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    common = {"workspace": client.workspace, "client": client, "due_on": now.date(), "figure": "views"}
    for place in range(10):
        Advice.objects.create(
            kind="forecast", key=f"f{place}", odds=0.8, verdict="hit" if place < 7 else "miss",
            settled_at=now, said_at=now, **common,
        )  # fmt: skip
    Advice.objects.create(kind="forecast", key="void", odds=0.8, verdict="void", settled_at=now, **common)
    Advice.objects.create(kind="lever", key="lever", **common)
    owner = make_actor(client.workspace)
    forecast, lever = scores(owner, client.pk)
    assert (forecast.hits, forecast.told, round(forecast.promised, 6), forecast.void) == (7, 10, 8.0, 1)
    assert (lever.told, lever.open) == (0, 1)
    guest = make_person(client.workspace, "member")
    give_role(client, guest, Role.CLIENT)
    actor = Actor(client.workspace, guest, "member", {client.pk: Role.CLIENT})
    assert {row.kind for row in said(actor, client.pk)} == {"forecast"}
    stranger = Actor(client.workspace, make_person(client.workspace, "member"), "member", {})
    assert not said(stranger, client.pk).exists()
    assert len(said(owner, client.pk, verdicts=["void"])) == 1
