"""Posts side by side at the same age: the best and the poorest of a period, groups with their ranges."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from niva.domains.metrics.dictionary import measure
from niva.domains.metrics.figures import Figure, Scope, figures, posts_in
from niva.domains.metrics.models import PostNumbers
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor
from niva.flows.figures_judged import sums
from niva.flows.figures_seen import SAME_AGE, age_of, by_post
from niva.numbers import ranges, spread
from niva.numbers.spread import Verdict

GroupBy = Literal["rubric", "format", "community"]
FEW: Final = 12
"""Under so many posts a group's point is drawn hollow."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of posts. `low`, `high`: where its true value lies in 8 cases of 10; None of under five."""

    key: Hashable
    figure: Figure
    low: float | None
    high: float | None

    @property
    def few(self) -> bool:
        return self.figure.rests_on < FEW


def groups(
    actor: Actor, scope: Scope, period: Period, word: str, kinds: Sequence[GroupBy]
) -> dict[GroupBy, list[Group]]:
    """The groups of each kind that have the number, the highest first: two queries and one a kind."""
    age = age_of(word)
    fields = ("publication_id", "rubric_id", "format", "community_id")
    keys = {row[0]: dict(zip(fields, row, strict=True))
            for row in posts_in(actor, scope, period).values_list(*fields)}  # fmt: skip
    posts = by_post(actor, scope, period, [word], age)[word]
    found: dict[GroupBy, list[Group]] = {}
    for by in kinds:
        rows = figures(actor, [word], scope, period, by=by, age=age)
        inside: dict[Hashable, list[Figure]] = {}
        for pk, row in posts.items():
            inside.setdefault(keys[pk][_FIELD[by]], []).append(row)
        known = [_group(one, inside.get(one.key, [])) for one in rows if one.value is not None]
        found[by] = sorted(known, key=lambda group: -(group.figure.value or 0.0))
    return found


def _group(one: Figure, posts: Sequence[Figure]) -> Group:
    per, around = measure(one.measure).per, ranges.of_ratio(*sums(posts))
    return Group(one.key, one, around.low * per if around else None, around.high * per if around else None)


_FIELD = {"rubric": "rubric_id", "format": "format", "community": "community_id"}


def told_apart(found: Sequence[Group]) -> bool:
    """Whether the highest and the lowest group with ranges do not overlap."""
    ranged = [one for one in found if one.low is not None and one.high is not None]
    return len(ranged) > 1 and (ranged[0].low or 0.0) > (ranged[-1].high or 0.0)


@dataclass(frozen=True, slots=True)
class PostSeen:
    """One post against the other posts of the scope at the same age. `times`: how many times the typical."""

    row: PostNumbers
    value: float
    times: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Extremes:
    """`known` posts of the period have the number at that age, `waiting` do not have it (yet)."""

    word: str
    best: tuple[PostSeen, ...]
    poorest: tuple[PostSeen, ...]
    known: int
    waiting: int


COUNTERS: Final = ("reach", "views", "likes")


def extremes(
    actor: Actor,
    scope: Scope,
    period: Period,
    words: Sequence[str] = ("reach", "views", "likes"),
    most: int = 5,
) -> Extremes | None:
    """The best and the poorest posts by the first of these counters that most of them have."""
    whole = Period(period.benchmark().since, period.until)
    out = dict(posts_in(actor, scope, period).values_list("publication_id", "day"))
    if not out:
        return None
    known = by_post(actor, scope, whole, words, SAME_AGE)
    word = max(words, key=lambda one: (len(known[one].keys() & out.keys()), -words.index(one)))
    posts = known[word]
    mine = sorted((pk for pk in posts if pk in out), key=lambda pk: (-(posts[pk].value or 0.0), pk))
    several = min(most, len(mine) // 2)
    best, poorest = mine[:several], mine[len(mine) - several :][::-1]
    found = posts_in(actor, scope, period).select_related("publication__post", "community", "rubric")
    rows = found.in_bulk([*best, *poorest])

    def shown(pk: int) -> PostSeen:
        own = posts[pk].value or 0.0
        others = np.array([row.value for other, row in posts.items() if other != pk], dtype=float)
        told = spread.against(own, others)
        return PostSeen(rows[pk], own, told.ratio, told.verdict)

    return Extremes(
        word, tuple(map(shown, best)), tuple(map(shown, poorest)), len(mine), len(out) - len(mine)
    )
