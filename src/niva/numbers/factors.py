"""What works: which kinds of posts get more, when everything else is the same.

All factors (form, rubric, length, day, hours...) are weighed together, each against neighbours in time of the
same channel (`levels`), so that a form is not praised for the hour it is posted at. Numbers must be of posts
of the same age; paid posts are a world of their own (`levels.usable`).

Many questions are asked at once. So an effect is called real only among those of which no more than one in
ten is wrong on average (Benjamini and Hochberg, `chance.discoveries`), and its size is shrunk (`shrink`):
what looked best of many is usually less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from niva.numbers.chance import Array, discoveries, two_sided
from niva.numbers.levels import FEWEST_IN_LEVEL, Compared, Posts, above_level, compared
from niva.numbers.shrink import shrunk
from niva.numbers.spread import Verdict

WRONG: Final = 0.10
"""Of the effects called real, how many are not, on average."""
_ASKED: Final = 0.065
"""What is asked of the procedure for that: with tails as heavy as posts have, small chances come half as
often again as Student's distribution says (measured in `worlds`)."""
FEWEST_POSTS: Final = 40
OTHERS: Final = -2
"""The level under which rare levels of a factor stand together."""
_LEANING: Final = 0.2
_EIGHT_OF_TEN: Final = 1.2816


@dataclass(frozen=True, slots=True)
class Effect:
    """Posts with `level` of `factor` against the account's other posts: `ratio` times as much, in 8 cases of
    10 from `low` to `high`. `chance`: how often as much comes of itself. `posts` with it, `others` without.
    With the verdict "unknown" (there was nothing to compare it with) the four figures are None."""

    factor: str
    level: int
    verdict: Verdict
    ratio: float | None
    low: float | None
    high: float | None
    chance: float | None
    posts: int
    others: int


@dataclass(frozen=True, slots=True)
class Works:
    """`effects`: the surest first; empty when fewer than FEWEST_POSTS could be compared (`rests_on`)."""

    effects: tuple[Effect, ...]
    rests_on: int


@dataclass(frozen=True, slots=True)
class _Level:
    factor: str
    code: int
    column: int
    posts: int


def weigh(posts: Posts, *, asked: tuple[str, ...] | None = None) -> Works:
    """The effects of `posts.content` (as `usable` gives the posts). `asked`: the factors to be judged; the
    others are only taken into account. -1 (unknown) is a level that is taken into account and not judged."""
    factors = posts.content
    bare = Posts(posts.day, posts.weekday, posts.hour, posts.value, posts.channel, posts.paid)
    above = above_level(posts)
    ready = compared(bare, above)
    if ready is None or len(ready.posts) < FEWEST_POSTS or not factors:
        return Works((), 0 if ready is None else len(ready.posts))
    kept = ~np.isnan(above) & np.isin(posts.channel, np.unique(ready.posts.channel))
    levels, columns = _levels(posts.take(kept))
    if not levels:
        return Works((), len(ready.posts))
    judged = [one for one in _once(levels) if one.code != -1 and (asked is None or one.factor in asked)]
    contrasts = np.array([_against_others(one, levels) for one in judged]).reshape(len(judged), len(levels))
    return Works(_effects(ready, ready.same(columns), levels, judged, contrasts), len(ready.posts))


def _levels(posts: Posts) -> tuple[list[_Level], Array]:
    """Every level that has enough posts, and nought and one for it; rare ones together, if enough."""
    found: list[_Level] = []
    columns: list[Array] = []
    for name, codes in sorted(posts.content.items()):
        values, counts = np.unique(codes, return_counts=True)
        merged = np.where(np.isin(codes, values[counts >= FEWEST_IN_LEVEL]), codes, OTHERS)
        values, counts = np.unique(merged, return_counts=True)
        if len(values) < 2:
            continue
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            found.append(_Level(name, value, len(found), count))
            columns.append((merged == value).astype(float))
    return found, np.array(columns).reshape(len(found), len(posts)).T


def _once(levels: list[_Level]) -> list[_Level]:
    """Levels that are questions: of two levels the rarer one, and never the rare ones together."""
    asked: list[_Level] = []
    for name in sorted({one.factor for one in levels}):
        mine = [one for one in levels if one.factor == name]
        named = [one for one in mine if one.code != OTHERS]
        asked += [min(named, key=lambda one: one.posts)] if len(mine) == 2 and len(named) == 2 else named
    return asked


def _against_others(level: _Level, levels: list[_Level]) -> Array:
    """The level less the mean of the factor's other levels, by their posts."""
    row = np.zeros(len(levels))
    others = [one for one in levels if one.factor == level.factor and one is not level]
    total = sum(one.posts for one in others)
    for one in others:
        row[one.column] = -one.posts / total
    row[level.column] = 1.0
    return row


def _effects(
    ready: Compared, columns: Array, levels: list[_Level], judged: list[_Level], contrasts: Array
) -> tuple[Effect, ...]:
    gram, sums = columns.T @ columns, columns.T @ ready.rest
    inverse = np.linalg.pinv(gram, rcond=1e-9)
    freedom = max(ready.freedom - int(np.linalg.matrix_rank(gram)), 1)
    plain = inverse @ sums
    left = max(float((ready.rest**2).sum() - plain @ sums), 1e-12) / freedom
    # A contrast that lies outside what the posts span (a form that only ever went out in one rubric).
    told = np.abs(contrasts @ inverse @ gram - contrasts).max(axis=1, initial=0.0) < 1e-6
    errors = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", contrasts, inverse, contrasts), 0.0) * left)
    told &= errors > 0
    chances = np.full(len(judged), np.nan)
    chances[told] = two_sided((contrasts @ plain)[told] / errors[told], float(freedom))
    real = discoveries(chances, _ASKED)
    means, spreads = _believed(gram, sums, levels, contrasts, left)
    total = len(ready.posts)
    found = []
    for place, one in enumerate(judged):
        if not told[place]:
            nothing = (Verdict.UNKNOWN, None, None, None, None)
            found.append(Effect(one.factor, one.code, *nothing, one.posts, total - one.posts))
            continue
        chance = float(chances[place])
        verdict = Verdict.REAL if real[place] else Verdict.LEANING if chance < _LEANING else Verdict.NOISE
        reach = _EIGHT_OF_TEN * float(spreads[place])
        low, ratio, high = (math.exp(float(means[place]) + step) for step in (-reach, 0.0, reach))
        found.append(
            Effect(one.factor, one.code, verdict, ratio, low, high, chance, one.posts, total - one.posts)
        )
    return tuple(sorted(found, key=lambda one: math.inf if one.chance is None else one.chance))


def _believed(
    gram: Array, sums: Array, levels: list[_Level], contrasts: Array, left: float
) -> tuple[Array, Array]:
    """Shrunk contrasts and their spread: each factor by its own size of effects, the others taken out."""
    means, spreads = np.zeros(len(contrasts)), np.zeros(len(contrasts))
    for name in sorted({one.factor for one in levels}):
        mine = np.array([one.factor == name for one in levels])
        cross = gram[np.ix_(mine, ~mine)] @ np.linalg.pinv(gram[np.ix_(~mine, ~mine)], rcond=1e-9)
        own = gram[np.ix_(mine, mine)] - cross @ gram[np.ix_(~mine, mine)]
        believed = shrunk(own, sums[mine] - cross @ sums[~mine], {name: np.eye(int(mine.sum()))}, left)
        rows = contrasts[:, mine].any(axis=1)
        means[rows], spreads[rows] = believed.of(contrasts[np.ix_(rows, mine)])
    return means, spreads
