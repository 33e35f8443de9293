"""The rows a goal is counted from, wherever they come from: people's rows, posts that are out, a number
that the networks count, or leads. Clients cannot know of posts and readings, so the composing is done here.

Bounded: a fixed number of queries for any number of goals. Goals must have come through the one door.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Count, DateField, F, Func, Q, Sum
from django.db.models.functions import Cast

from niva.domains.clients.models import Counting, Goal
from niva.domains.clients.progress import Progress, Row, Trend, progress, trend
from niva.domains.clients.queries import rows_of_goals, target_of, today_of
from niva.domains.leads.queries import of_goals, with_a_list
from niva.domains.metrics.models import Absence, Daily, Subject
from niva.domains.publishing.models import Publication
from niva.networks.base.metrics import POST_METRICS

BEFORE: Final = timedelta(days=120)
"""How far before its beginning a goal's metric is looked at, to foresee its end."""
LEAST_BEFORE: Final = 42
"""Read days before the goal under which its own days say as much: see decision 22."""
FURTHEST: Final = 62
"""Days to the deadline beyond which simple models of the recent past have nothing to say."""


@dataclass(frozen=True, slots=True)
class GoalFacts:
    """`counts_zero`: the source knows that none means none. `silent`: communities that give no number.
    `before`: the days before the goal began, where the networks count it."""

    rows: tuple[Row, ...]
    counts_zero: bool = False
    silent: tuple[str, ...] = ()
    before: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal with everything counted for it, on the client's own today."""

    goal: Goal
    facts: GoalFacts
    today: date
    progress: Progress
    trend: Trend | None


def standings(goals: Iterable[Goal]) -> dict[int, Standing]:
    """How several goals stand, by goal id."""
    several = list(goals)
    found = facts_of(several)
    return {goal.pk: _standing(goal, found[goal.pk]) for goal in several}


def standing(goal: Goal) -> Standing:
    return standings([goal])[goal.pk]


def _standing(goal: Goal, facts: GoalFacts) -> Standing:
    today, target = today_of(goal.client), target_of(goal)
    ahead = _foreseen(goal, facts, today) if goal.starts_on <= today <= goal.deadline else None
    return Standing(
        goal=goal,
        facts=facts,
        today=today,
        progress=progress(facts.rows, target, today, counts_zero=facts.counts_zero, ahead=ahead),
        trend=trend(facts.rows, target, today),
    )


def _foreseen(goal: Goal, facts: GoalFacts, today: date) -> tuple[float, float] | None:
    """What the days from today to the deadline will bring, by the engine of forecasts; None where it may not
    say: too few days before the goal, too many unread, too far a deadline. numpy is loaded only here."""
    horizon = (goal.deadline - today).days + 1
    if len(facts.before) < LEAST_BEFORE or horizon > FURTHEST:
        return None
    import numpy as np

    from niva.numbers.forecast import DAY, Refused, Series, foresee

    read = {row.day: float(row.amount) for row in (*facts.before, *facts.rows) if row.day < today}
    first = min(read)
    days = [read.get(first + timedelta(days=n), np.nan) for n in range((today - first).days)]
    series = Series(datetime.combine(first, time()), DAY, np.array(days))
    try:
        total = foresee(series, horizon=horizon, tried=1).total
    except Refused:
        return None
    return (total.low, total.high) if total else None


def facts_of(goals: Sequence[Goal]) -> dict[int, GoalFacts]:
    """The rows of each goal, by goal id: at most seven queries."""
    by_way = {way: [goal for goal in goals if goal.counting == way] for way in Counting}
    found: dict[int, GoalFacts] = {}
    if by_hand := by_way[Counting.ROWS]:
        rows = rows_of_goals(goal.pk for goal in by_hand)
        found |= {goal.pk: GoalFacts(tuple(rows.get(goal.pk, ()))) for goal in by_hand}
    if posts := by_way[Counting.PUBLICATIONS]:
        found |= _from_publications(posts)
    if counted := by_way[Counting.METRIC]:
        found |= _from_readings(counted)
    if came := by_way[Counting.LEADS]:
        found |= _from_leads(came)
    return found


def _from_leads(goals: Sequence[Goal]) -> dict[int, GoalFacts]:
    """Everybody counted once, on the day he came. A client with a list of leads, or a door that leads to it,
    knows that nobody came; without either nothing is known."""
    days = of_goals(goals)
    listed = with_a_list({goal.client_id for goal in goals})
    return {
        goal.pk: GoalFacts(
            tuple(Row(day, Decimal(1)) for day in days[goal.pk]), counts_zero=goal.client_id in listed
        )
        for goal in goals
    }


def publications_of(goals: Sequence[Goal]) -> Q:
    """The publications that count for these goals: of the client, and still there. Days are checked later."""
    since = datetime.combine(min(goal.starts_on for goal in goals), time.min, UTC)
    return Q(
        client_id__in=[goal.client_id for goal in goals],
        removed_at__isnull=True,
        published_at__gte=since - timedelta(days=1),  # a client's midnight may be a day off ours
    )


def _from_publications(goals: Sequence[Goal]) -> dict[int, GoalFacts]:
    """Every post is counted once, on the day (by the client's clock) when it first came out anywhere."""
    local = Func(F("client__time_zone"), F("published_at"), function="timezone")
    rows = (
        Publication.objects.filter(publications_of(goals))
        .annotate(day=Cast(local, DateField()))
        .order_by("day")
        .values_list("client_id", "post_id", "day")
    )
    first: dict[tuple[int, int], date] = {}
    for client_id, post_id, day in rows:
        first.setdefault((client_id, post_id), day)
    days: dict[int, list[Row]] = {}
    for (client_id, _post), day in first.items():
        days.setdefault(client_id, []).append(Row(day, Decimal(1)))
    return {goal.pk: GoalFacts(tuple(days.get(goal.client_id, ())), counts_zero=True) for goal in goals}


def subject_of(metric: str) -> str:
    """Whether a metric is counted of posts or of the community itself."""
    return Subject.PUBLICATION if metric in POST_METRICS else Subject.COMMUNITY


def _from_readings(goals: Sequence[Goal]) -> dict[int, GoalFacts]:
    """Daily sums of the metric over the client's communities; a day without a row was not read at all."""
    wanted = Q()
    for goal in goals:
        wanted |= Q(community__client_id=goal.client_id, metric=goal.metric, subject=subject_of(goal.metric))
    since = min(goal.starts_on for goal in goals)
    sums = (
        Daily.objects.filter(wanted, day__gte=since - BEFORE)
        .values("community__client_id", "metric", "day")
        .annotate(gained=Sum("gained"), communities=Count("community"))
    )
    rows: dict[tuple[int, str], list[Row]] = {}
    for row in sums:
        key = (row["community__client_id"], row["metric"])
        rows.setdefault(key, []).append(Row(row["day"], Decimal(str(round(row["gained"], 2)))))
    silent: dict[tuple[int, str], list[str]] = {}
    for client_id, metric, name in Absence.objects.filter(wanted).values_list(
        "community__client_id", "metric", "community__name"
    ):
        silent.setdefault((client_id, metric), []).append(name)
    return {goal.pk: _of_days(goal, rows.get((goal.client_id, goal.metric), []), silent) for goal in goals}


def _of_days(goal: Goal, rows: list[Row], silent: dict[tuple[int, str], list[str]]) -> GoalFacts:
    return GoalFacts(
        tuple(row for row in rows if row.day >= goal.starts_on),
        silent=tuple(silent.get((goal.client_id, goal.metric), ())),
        before=tuple(row for row in rows if goal.starts_on - BEFORE <= row.day < goal.starts_on),
    )
