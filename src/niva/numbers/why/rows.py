"""The tree from rows of posts: sums them, asks of every line whether chance alone would do it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from niva.numbers import spread
from niva.numbers.chance import Array
from niva.numbers.spread import Verdict
from niva.numbers.why.chain import MIX, OTHERS, Explained, Key, Mask, Whole, explain, merged, segments_of
from niva.numbers.why.lmdi import log_mean
from niva.numbers.why.tree import Part, scaled, total

POSTS = "posts"
"""The first level of a chain: how many rows there are."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Posts: `keys`: the segment of each; `days`: whole days from any fixed one; `values`: a column for each
    level of `levels` (first posts, which has no column), NaN where not given."""

    levels: tuple[str, ...]
    keys: Sequence[Key]
    days: Array
    values: Array


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `since` to `until`, both included, in the counting of `Rows.days`."""

    since: int
    until: int

    @property
    def days(self) -> int:
        return self.until - self.since + 1


@dataclass(frozen=True, slots=True)
class Daily:
    """A number of the whole account by day (leads): the first day's number, then one for each day; NaN: a day
    without a number."""

    name: str
    first: int
    values: Array

    def cut(self, span: Span) -> Array:
        return self.values[max(span.since - self.first, 0) : max(span.until - self.first + 1, 0)]


def why(rows: Rows, before: Span, after: Span, *, goal: Daily | None = None) -> Explained:
    """Why the last level (or `goal`) came to another total in `after` than in `before`.

    Rows outside both are the account's history, by which is judged what is ordinary: only those earlier than
    both are used. The periods may differ in length: totals are compared as they are, the number of days is
    part of what changed.
    """
    asked = _within(rows.days, before) | _within(rows.days, after)
    late = _within(rows.days, after)[asked]
    keys = [rows.keys[int(place)] for place in np.flatnonzero(asked)]
    segments = merged(segments_of(keys, late, rows.values[asked]))
    if goal is None:
        verdict = _of_total(rows, before, after)
        return explain(rows.levels, segments, _Judge(rows, before, after, None), verdict=verdict)
    whole = Whole(goal.name, _total(goal.cut(before)), _total(goal.cut(after)))
    verdict = spread.between_periods(goal.cut(after), goal.cut(before), _history(goal, before, after)).verdict
    return explain(rows.levels, segments, _Judge(rows, before, after, goal), whole=whole, verdict=verdict)


class _Judge:
    """Asks `spread` of each line of the tree: posts a day against the days before, a step against how posts
    differ, what the goal got from each click against how its days differ."""

    def __init__(self, rows: Rows, before: Span, after: Span, goal: Daily | None) -> None:
        self.rows, self.before, self.after, self.goal = rows, before, after, goal
        self.early, self.late = _within(rows.days, before), _within(rows.days, after)
        self.past = rows.days < min(before.since, after.since)
        self._begins: dict[Key, Mask] = {(): np.ones(len(rows.days), dtype=bool)}

    def __call__(self, step: str, begin: Key) -> Verdict:
        if step not in (*self.rows.levels, MIX):
            return self._of_goal()
        if OTHERS in begin:
            return Verdict.UNKNOWN
        if step == MIX and not begin:
            return self._of_mix()
        mine = self._of(begin)
        place = 0 if step == MIX else self.rows.levels.index(step)
        if place == 0:
            return self._of_posts(mine)
        top = self.rows.values[:, place - 1]
        bottom = self.rows.values[:, place - 2] if place > 1 else np.ones(len(top))
        late, early = mine & self.late, mine & self.early
        return spread.between_ratios(top[late], bottom[late], top[early], bottom[early]).verdict

    def _of(self, begin: Key) -> Mask:
        if begin not in self._begins:
            above = self._of(begin[:-1])
            place = len(begin) - 1
            mask = np.zeros(len(above), dtype=bool)
            for row in np.flatnonzero(above):
                mask[row] = self.rows.keys[int(row)][place] == begin[place]
            self._begins[begin] = mask
        return self._begins[begin]

    def _of_posts(self, mine: Mask) -> Verdict:
        days = self.rows.days
        counts = [
            _per_day(days[mine & when], span)
            for when, span in ((self.late, self.after), (self.early, self.before))
        ]
        if sum(float(side.sum()) for side in counts) < spread.FEWEST:
            return Verdict.UNKNOWN
        past = days[mine & self.past]
        first = min(self.before.since, self.after.since)
        history = _per_day(past, Span(int(past.min()), first - 1)) if len(past) else np.empty(0)
        return spread.between_periods(counts[0], counts[1], history).verdict

    def _of_mix(self) -> Verdict:
        """Whether the posts part among the segments otherwise than by lot: the likelihood ratio of a table
        of counts, its chance by E. B. Wilson and M. M. Hilferty (1931)."""
        counts: dict[Key, list[int]] = {}
        for row in np.flatnonzero(self.early | self.late):
            pair = counts.setdefault(self.rows.keys[int(row)][:1], [0, 0])
            pair[int(self.late[row])] += 1
        table = np.array(list(counts.values()), dtype=float)
        if len(table) < 2 or table.sum(axis=0).min() < spread.FEWEST:
            return Verdict.UNKNOWN
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = np.where(table > 0, table * np.log(table / expected), 0.0)
        free = len(table) - 1
        square = 2 / (9 * free)
        deviate = ((2 * float(parts.sum()) / free) ** (1 / 3) - (1 - square)) / math.sqrt(square)
        chance = math.erfc(deviate / math.sqrt(2)) / 2
        return Verdict.NOISE if chance > 0.2 else Verdict.LEANING if chance > 0.02 else Verdict.REAL

    def _of_goal(self) -> Verdict:
        """Leads a day, brought to as many clicks a day as there were before."""
        if self.goal is None:
            return Verdict.UNKNOWN
        last = self.rows.values[:, -1] if self.rows.values.shape[1] else np.ones(len(self.rows.days))
        now, then = float(np.nansum(last[self.late])), float(np.nansum(last[self.early]))
        if now <= 0 or then <= 0:
            return Verdict.UNKNOWN
        even = (then / self.before.days) / (now / self.after.days)
        history = _history(self.goal, self.before, self.after)
        return spread.between_periods(
            self.goal.cut(self.after) * even, self.goal.cut(self.before), history
        ).verdict


def per_unit(
    name: str, costs: Mapping[str, tuple[float, float]], units: Explained, *, money: str = "money"
) -> Part | None:
    """Why a unit costs another amount: money by kinds, against the units' own tree (more units make each
    cheaper). LMDI of the quotient C / U: the effect of C is L(p', p) * ln(C' / C), parted among the kinds as
    they changed C; that of U is -L(p', p) * ln(U' / U), parted as its tree is. None where an end has no money
    or no units: there is no price there, and nothing to compare.
    """
    start, end = (math.fsum(pair[side] for pair in costs.values()) for side in (0, 1))
    goal = units.root
    if goal.before is None or goal.after is None or min(start, end, goal.before, goal.after) <= 0:
        return None
    prices = (start / goal.before, end / goal.after)
    weight = log_mean(*prices)
    by_money, by_units = weight / log_mean(start, end), -weight / log_mean(goal.before, goal.after)
    kinds = tuple(
        Part(kind, (last - first) * by_money, first, last)
        for kind, (first, last) in costs.items()
        if first or last
    )
    spent = Part(money, (end - start) * by_money, start, end, True, Verdict.UNKNOWN, kinds)
    return total(name, *prices, Verdict.UNKNOWN, (spent, scaled(goal, by_units)))


def _within(days: Array, span: Span) -> Mask:
    return np.asarray((days >= span.since) & (days <= span.until))


def _per_day(days: Array, span: Span) -> Array:
    return np.bincount((days - span.since).astype(int), minlength=span.days).astype(float)


def _total(values: Array) -> float:
    return float(np.nansum(values))


def _history(goal: Daily, before: Span, after: Span) -> Array:
    return goal.values[: max(min(before.since, after.since) - goal.first, 0)]


def _of_total(rows: Rows, before: Span, after: Span) -> Verdict:
    """Whether the last level's sum of a day differs from what is ordinary."""
    values = rows.values[:, -1] if rows.values.shape[1] else np.ones(len(rows.days))
    known = ~np.isnan(values)
    sums = []
    first = int(rows.days.min()) if len(rows.days) else 0
    past = Span(first, min(before.since, after.since) - 1)
    for span in (after, before, past):
        inside = _within(rows.days, span) & known
        weights = values[inside]
        places = (rows.days[inside] - span.since).astype(int)
        sums.append(np.bincount(places, weights=weights, minlength=max(span.days, 0)).astype(float))
    return spread.between_periods(sums[0], sums[1], sums[2]).verdict
