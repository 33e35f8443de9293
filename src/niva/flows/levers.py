"""What a tenth more of each step would bring a client: by his own weeks, at what posts and reach cost.

The engine is niva.numbers.levers. The steps are those of the tree of reasons; the last 28 days are what a
tenth more is of, the last half year is the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from niva.domains.clients import queries
from niva.domains.clients.models import Client, CostKind, Counting, Goal
from niva.domains.clients.queries import today_of
from niva.domains.metrics.periods import Period, last_days
from niva.domains.metrics.segments import PostRow, rows_at_age
from niva.domains.people.actor import Actor
from niva.flows.goal_fact import facts_of
from niva.flows.why import base_of

if TYPE_CHECKING:
    from niva.numbers.levers import Lever

NOW: Final = 28
WEEKS: Final = 26
AGE: Final = 24
"""Hours: posts of yesterday stand beside those of half a year ago."""


@dataclass(frozen=True, slots=True)
class Levers:
    """`units` of the goal in the last 28 days; `levers`: the cheapest first; `code` says why there are none:
    no_goal, no_units, no_posts. `base`: "reach" or "views"; `clicks`: whether visits are a step."""

    goal: Goal | None
    period: Period
    units: float
    levers: tuple[Lever, ...]
    base: str
    clicks: bool
    code: str


def levers_of(actor: Actor, client: Client) -> Levers:
    """A query for posts, one or two for the goal, one for money."""
    today = today_of(client)
    period = last_days(today, NOW)
    whole = Period(today - timedelta(days=WEEKS * 7), today - timedelta(days=1))
    goal = queries.main_goals(actor, [client.pk]).get(client.pk)
    if goal is None or goal.counting == Counting.PUBLICATIONS:
        return Levers(None, period, 0.0, (), "reach", False, "no_goal")
    posts = rows_at_age(actor, client_id=client.pk, period=whole, age=AGE)
    base = base_of(posts)
    kept = [row for row in posts if getattr(row, base) is not None]
    recent = [row for row in kept if row.day >= period.since]
    clicks = bool(recent) and all(row.clicks is not None for row in recent)
    units = _units(goal, whole)
    got = sum(amount for day, amount in units.items() if day >= period.since)
    if not recent or got <= 0:
        return Levers(goal, period, got, (), base, clicks, "no_posts" if not recent else "no_units")
    return Levers(
        goal, period, got, _found(actor, client, kept, units, period, base, clicks, whole), base, clicks, ""
    )


def _units(goal: Goal, whole: Period) -> dict[date, float]:
    found: dict[date, float] = {}
    for row in facts_of([goal])[goal.pk].rows:
        if whole.since <= row.day <= whole.until and row.known != "unknown":
            found[row.day] = found.get(row.day, 0.0) + float(row.amount)
    return found


def _found(
    actor: Actor, client: Client, posts: list[PostRow], units: dict[date, float], period: Period, base: str,
    clicks: bool, whole: Period,
) -> tuple[Lever, ...]:  # fmt: skip
    import numpy as np

    from niva.numbers.levers import Step, levers

    sums = np.zeros((WEEKS, 4))
    for row in posts:
        week = (row.day - whole.since).days // 7
        sums[week] += (1, getattr(row, base) or 0.0, row.clicks or 0.0, 0)
    for day, amount in units.items():
        sums[(day - whole.since).days // 7, 3] += amount
    begun = min(units)
    outcome = sums[:, 3].copy()
    outcome[: (begun - whole.since).days // 7] = np.nan  # before the goal was counted: no number, not zero
    count, reach, visits = sums[:, 0], sums[:, 1], sums[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = [
            Step(
                "posts", np.where(count > 0, count, np.nan), outcome, _tenth_of_posts(actor, client, period)
            ),
            Step(base, reach / count, outcome, _tenth_of_reach(actor, client, posts, period, base)),
        ]
        if clicks:
            steps.append(Step("clicks", visits / reach, outcome))
    # How much came of a visit cannot be held against what came: it is made of it. The rule is all there is.
    steps.append(Step("goal", np.full(WEEKS, np.nan), outcome))
    got = sum(amount for day, amount in units.items() if day >= period.since)
    return tuple(levers(got, steps))


def _spent(actor: Actor, client: Client, period: Period, *kinds: CostKind) -> float:
    rows = queries.borne_by_client(actor, client.pk, period.since, period.until).filter(kind__in=kinds)
    return sum(float(row.amount) for row in rows if row.known != "unknown")


def _tenth_of_posts(actor: Actor, client: Client, period: Period) -> float | None:
    """A tenth of what the client pays for the making: a fee or the people. None: nobody wrote it down."""
    return _spent(actor, client, period, CostKind.FEE, CostKind.PEOPLE) / 10 or None


def _tenth_of_reach(
    actor: Actor, client: Client, posts: list[PostRow], period: Period, base: str
) -> float | None:
    """A tenth of the whole reach at the price that paid posts had; None without advertising."""
    recent = [row for row in posts if row.day >= period.since]
    paid = sum(getattr(row, base) or 0.0 for row in recent if row.paid)
    everything = sum(getattr(row, base) or 0.0 for row in recent)
    spent = _spent(actor, client, period, CostKind.ADS, CostKind.PLACEMENTS)
    return spent / paid * everything / 10 if paid and spent else None
