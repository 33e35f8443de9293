"""Advice put to its own past: promised from what was known then, against what the posts after it did.

From the first month with enough posts behind it, month by month: the engine is asked with the posts before
the month only; the posts of the month that fell into the advised times are compared with the others of the
same channel and month, each against its channel's level before it. The same is done for the usual table of
means by hour, the way other tools advise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from niva.numbers.best_time import FEWEST_POSTS, SHAPES, Advice, Reason, Slot, advise, cell_of, inside_of
from niva.numbers.chance import Array, quantile
from niva.numbers.levels import Flags, Ints, Posts, above_level, content_columns

MONTH: Final = 30.0
SHORT: Final = 180.0
"""A history shorter than this is walked in sixths, of a week at least."""
FEWEST_IN_HOUR: Final = 3
"""The usual table advises no hour with fewer posts."""
_EXCHANGES: Final = 199
_WILD: Final = 1.5

Step = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Kept:
    """`promised`, `realised`: factors of posts inside the advised times against the others, over all
    `advised` steps of `asked`; realised lies from `low` to `high` in 8 cases of 10. None where no post told.
    `inside`, `outside`: posts that told."""

    promised: float | None
    realised: float | None
    low: float | None
    high: float | None
    asked: int
    advised: int
    inside: int
    outside: int

    @property
    def broken(self) -> bool:
        """Whether it clearly brought a loss, or clearly less than was promised and no clear gain."""
        if self.high is None or self.promised is None or self.proved:
            return False
        return self.high < max(self.promised, 1.0)

    @property
    def proved(self) -> bool:
        """Whether it clearly brought a gain."""
        return self.low is not None and self.low > 1


@dataclass(frozen=True, slots=True)
class Walk:
    """The engine's own record and that of the table of means by hour."""

    ours: Kept
    means: Kept


@dataclass(slots=True)
class _Tally:
    asked: int = 0
    advised: int = 0
    inside: int = 0
    outside: int = 0
    weight: float = 0.0
    promised: float = 0.0
    gap: float = 0.0
    error: float = 0.0


def walk(posts: Posts, *, shapes: tuple[str, ...] = tuple(SHAPES)) -> Walk:
    """Both records on these posts (as `levels.usable` gives them)."""
    above = above_level(posts)
    ours, means = _Tally(), _Tally()
    for since, until in steps(posts.day):
        known = posts.day < since
        next_ = (posts.day >= since) & (posts.day < until) & ~np.isnan(above)
        if int((known & ~np.isnan(above)).sum()) < FEWEST_POSTS or not next_.any():
            continue
        past, now = posts.take(known), posts.take(next_)
        advice = advise(past, exchanges=_EXCHANGES, above=above[known], shapes=shapes)
        came = above[next_] - _of_content(advice, now)
        _add(ours, bool(advice.slots), advice.holds(now.weekday, now.hour), _promise(advice, now), came, now)
        inside, factor = _by_means(past, now, "hours" in shapes)
        _add(
            means,
            factor is not None,
            inside,
            np.where(inside, math.log(factor or 1.0), 0.0),
            above[next_],
            now,
        )
    return Walk(_kept(ours), _kept(means))


def told(posts: Posts, record: Kept, *, shapes: tuple[str, ...] = tuple(SHAPES)) -> Advice:
    """The advice for the time to come; none when it did not come true on its own past."""
    advice = advise(posts, shapes=shapes)
    if advice.slots and record.broken:
        return Advice((), Reason.BROKEN, advice.cells, advice.chance, advice.believed, advice.rests_on)
    return advice


def steps(day: Array) -> list[Step]:
    """The spans of days that are walked, the newest ending with the last post."""
    first, last = math.floor(float(day.min())), math.floor(float(day.max())) + 1
    length = MONTH if last - first >= SHORT else max((last - first) / 6, 7.0)
    count = int((last - first) / length)
    return [(last - length * (left + 1), last - length * left) for left in reversed(range(count))]


def best_mean(codes: Ints, value: Array) -> tuple[int, float] | None:
    """The hour (or weekday) with the largest mean, and its promise: that mean over the mean of the others."""
    counts, sums = np.bincount(codes), np.bincount(codes, value)
    asked = (counts >= FEWEST_IN_HOUR) & (counts < len(codes))
    if not asked.any():
        return None
    means = np.where(asked, sums / np.maximum(counts, 1), -1.0)
    best = int(means.argmax())
    others = float(sums.sum() - sums[best]) / (len(codes) - int(counts[best]))
    return (best, float(means[best]) / others) if others > 0 and means[best] > 0 else None


def _by_means(past: Posts, now: Posts, hours: bool) -> tuple[Flags, float | None]:
    before, after = (past.hour, now.hour) if hours else (past.weekday, now.weekday)
    found = best_mean(before, past.value)
    if found is None:
        return np.zeros(len(now), dtype=bool), None
    return after == found[0], found[1]


def _promise(advice: Advice, now: Posts) -> Array:
    """What the advice expected of these very posts, as logarithms."""
    if advice.effects is None:
        return np.zeros(len(now))
    return np.asarray(advice.effects[cell_of(now.weekday, now.hour)])


def _of_content(advice: Advice, now: Posts) -> Array:
    """What the content of these posts brings, by what was known of it before them."""
    if advice.ready is None:
        return np.zeros(len(now))
    return np.asarray(content_columns(now, advice.ready.posts) @ advice.ready.effects)


def _add(tally: _Tally, advised: bool, inside: Flags, promised: Array, came: Array, now: Posts) -> None:
    tally.asked += 1
    tally.advised += int(advised)
    for channel in np.unique(now.channel):
        mine = now.channel == channel
        held, rest = mine & inside, mine & ~inside
        one, other = int(held.sum()), int(rest.sum())
        if not one or not other:
            continue
        bounded = np.clip(came, *(np.median(came[mine]) + np.array([-_WILD, _WILD])))
        weight = one * other / (one + other)
        tally.weight += weight
        tally.promised += weight * float(promised[held].mean() - promised[rest].mean())
        tally.gap += weight * float(bounded[held].mean() - bounded[rest].mean())
        tally.error += sum(float(((bounded[of] - bounded[of].mean()) ** 2).sum()) for of in (held, rest))
        tally.inside, tally.outside = tally.inside + one, tally.outside + other


def _kept(tally: _Tally) -> Kept:
    counts = (tally.asked, tally.advised, tally.inside, tally.outside)
    if not tally.weight:
        return Kept(None, None, None, None, *counts)
    promised, gap = tally.promised / tally.weight, tally.gap / tally.weight
    freedom = tally.inside + tally.outside - 2 * tally.advised
    if freedom < 2 or tally.error <= 0:
        return Kept(math.exp(promised), math.exp(gap), None, None, *counts)
    reach = float(quantile(0.9, freedom)) * math.sqrt(tally.error / freedom / tally.weight)
    return Kept(math.exp(promised), math.exp(gap), math.exp(gap - reach), math.exp(gap + reach), *counts)


def came(posts: Posts, slots: Sequence[Slot], since: float, until: float) -> Kept:
    """What posts in some slots did against the others from the day `since` until the day `until` (not in it),
    as `walk` compares them. What was promised of them is not told here: it was told when it was."""
    above = above_level(posts)
    during = (posts.day >= since) & (posts.day < until) & ~np.isnan(above)
    tally, now = _Tally(), posts.take(during)
    inside = inside_of(slots, now.weekday, now.hour)
    _add(tally, True, inside, np.zeros(len(now)), above[during], now)
    return _kept(tally)
