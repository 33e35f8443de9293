"""The daily series of a client that are watched for what is out of the ordinary.

Of every community: its followers (net change of the day), the reach of its posts (views where the network
gives no reach), the reactions, and the share of reactions; of every open goal its facts. The figures are
those of the pages: from `metrics.figures` and `goal_fact`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from niva.domains.clients.models import Client, Goal
from niva.domains.communities.models import Community
from niva.domains.metrics.figures import Figure, Scope, figures
from niva.domains.metrics.periods import Period, last_days
from niva.domains.people.actor import machine
from niva.flows.goal_fact import standings

if TYPE_CHECKING:
    from niva.numbers.anomalies import Kind, Scored

LOOKED_BACK: Final = 400
"""Days: a year, so that a season is part of a series' own past."""
LONGEST_GAP: Final = 7
"""Days without a reading after which the sum of them is spread over them; after more it is left out."""
FEW_SHOWN: Final = 50
"""A share of reactions to fewer showings says nothing of a day."""
WATCHED: Final = ("followers", "reach", "views", "engagement", "er_reach", "er_views")
_MONDAY: Final = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Series:
    """One series by days, oldest first. `word`: of the dictionary of measures, or "goal:12"; `goal`: then it.
    Days that nobody read are not in it."""

    word: str
    days: tuple[date, ...]
    values: tuple[float, ...]
    kind: Kind
    community: Community | None = None
    goal: Goal | None = None

    def scored(self) -> Scored | None:
        """None: too few days to know what is usual."""
        import numpy as np  # the engines are not loaded with the pages

        from niva.numbers import anomalies

        times = np.array([float((day - _MONDAY).days) for day in self.days]) * anomalies.DAY
        try:
            return anomalies.score(
                times, np.array(self.values), anomalies.manner_for(anomalies.DAY), kind=self.kind
            )
        except anomalies.TooShort:
            return None


def series_of(client: Client, until: date, communities: Sequence[Community]) -> list[Series]:
    """All series of the client that end with `until` or earlier."""
    period = last_days(until + timedelta(days=1), LOOKED_BACK)
    found = [one for community in communities for one in _of_community(community, period)]
    goals = Goal.objects.filter(client=client, closed_at__isnull=True).select_related("client")
    return found + list(_of_goals(goals, until))


def series_of_community(community: Community, word: str, period: Period) -> Series | None:
    """One of its series; None where nothing was read."""
    return next((one for one in _of_community(community, period, (word,)) if one.word == word), None)


def _of_community(community: Community, period: Period, words: Sequence[str] = WATCHED) -> Iterator[Series]:
    told = figures(
        machine(community.workspace), words, Scope(community_ids=(community.pk,)), period,
        by="day", basis="gained",
    )  # fmt: skip
    by_word: dict[str, list[Figure]] = {word: [] for word in words}
    for one in told:
        by_word[one.measure].append(one)
    made = {word: _series(community, word, rows) for word, rows in by_word.items()}
    # Reach where the network gives it, else views: both would tell the same thing twice.
    lacking = "views" if len(words) > 1 and made["reach"].days else "reach"
    for word, series in made.items():
        if series.days and (len(words) == 1 or word not in (lacking, f"er_{lacking}")):
            yield series


def _series(community: Community, word: str, rows: Sequence[Figure]) -> Series:
    """By days. What came after days without a reading came in all of them."""
    share = word.startswith("er_")
    points = []
    for one in rows:
        value = one.value if share else one.top
        if value is None or not isinstance(one.key, date) or (share and (one.bottom or 0) < FEW_SHOWN):
            continue
        points.append((one.key, float(value)))
    if not share:
        points = _spread(points)
    kind: Kind = "measure" if share else "signed" if word == "followers" else "counts"
    return Series(word, tuple(day for day, _ in points), tuple(value for _, value in points), kind, community)


def _spread(points: Sequence[tuple[date, float]]) -> list[tuple[date, float]]:
    found = list(points[:1])
    for (before, _), (day, value) in pairwise(points):
        silent = (day - before).days
        if silent <= LONGEST_GAP:
            found.append((day, value / silent))
    return found


def _of_goals(goals: Iterable[Goal], until: date) -> Iterator[Series]:
    """Facts by day, with the days of none: a list knows that nobody came."""
    rows = list(goals)
    for goal_id, found in standings(rows).items() if rows else ():
        goal = next(one for one in rows if one.pk == goal_id)
        by_day: dict[date, float] = {}
        for row in found.facts.rows:
            if row.known != "unknown" and not row.corrects:
                by_day[row.day] = by_day.get(row.day, 0.0) + float(row.amount)
        length = (min(until, goal.deadline) - goal.starts_on).days + 1
        if not by_day or length < 1:
            continue
        days = tuple(goal.starts_on + timedelta(days=place) for place in range(length))
        if not found.facts.counts_zero and goal.counting != "rows":
            days = tuple(day for day in days if day in by_day)
        yield Series(
            f"goal:{goal_id}", days, tuple(by_day.get(day, 0.0) for day in days), "counts", goal=goal
        )
