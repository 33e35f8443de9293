"""Two ways compared by lot: who goes where, how many posts it takes, and when one may stop looking.

Posts go out in blocks; inside a block the lot gives each way as many posts (permuted blocks). The block's
difference of mean logarithms is as likely plus as minus when the ways do not differ: the lot alone sees to
that, whatever the spread and however wild single posts are. For such numbers d1, d2, ... and any fixed rho

    M = sqrt(rho / (rho + V)) * exp(S^2 / (2 (rho + V))),   S = sum(d), V = sum(d^2)

is a non-negative supermartingale that begins at 1 (V. H. de la Pena, "A general class of exponential
inequalities for martingales and ratios", Annals of Probability 27 (1999) 537-564, mixed over a normal
distribution as by H. Robbins (1970); S. R. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform,
nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49 (2021) 1055-1080). By Ville's
inequality it ever reaches 1/alpha in at most alpha of all worlds, so that one may look after every post.
The range are those effects that the same test does not refuse.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from niva.numbers.chance import Array

ALPHA: Final = 0.05
"""How often a difference is found where there is none, however often one looks."""
POWER: Final = 0.8
_SURE: Final = 0.8416  # the normal quantile of POWER
BLOCK: Final = 2
"""Pairs: a test that leans on signs alone needs some ten blocks whatever the effect, so they are small."""
HALF: Final = 0.5
MOST: Final = 4000
"""Posts of each way beyond which nobody waits: the plan says that it cannot be told."""


class Arm(StrEnum):
    FIRST = "first"
    SECOND = "second"


class Stand(StrEnum):
    """going: go on; first, second: that way is better; none: all posts are out and nothing could be told."""

    GOING = "going"
    FIRST = "first"
    SECOND = "second"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Result:
    """`ratio`: how many times the first way brings what the second does; the truth lies from `low` to `high`
    in 95 worlds of 100 whenever one looks. None: nothing to say yet. `blocks`: that are whole; `posts`: of
    each way in them."""

    stand: Stand
    ratio: float | None
    low: float | None
    high: float | None
    blocks: int
    posts: tuple[int, int]


def assign(posts_of_each: int, seed: int) -> list[tuple[int, Arm]]:
    """Block and way of each coming post in their order, by lot: in each block as many of either way. The same
    seed gives the same plan."""
    lot = random.Random(seed)  # noqa: S311 - a plan that can be made again, not a secret
    found: list[tuple[int, Arm]] = []
    left, block = posts_of_each, 0
    while left:
        each = min(BLOCK // 2, left)
        arms = [Arm.FIRST] * each + [Arm.SECOND] * each
        lot.shuffle(arms)
        found += [(block, arm) for arm in arms]
        left, block = left - each, block + 1
    return found


def needed(sigma: float, effect: float) -> int | None:
    """Posts of each way until a true effect (0.2: a fifth more) is found in 8 cases of 10. `sigma`: the
    spread of logarithms of the account's own posts. None: more than anybody waits for."""
    if not sigma > 0 or not effect > 0:
        raise ValueError("a spread and an effect above zero are needed")
    drift = math.log1p(effect)
    square = sigma**2 * 2 / (BLOCK / 2)  # variance of a block's difference of means
    scale = rho(sigma)
    for blocks in range(1, MOST * 2 // BLOCK + 1):
        seen = blocks * drift - _SURE * math.sqrt(blocks * square)
        varied = blocks * (square + drift**2)
        if seen > 0 and _log_m(seen, varied, scale) >= math.log(1 / ALPHA):
            return blocks * BLOCK // 2
    return None


def rho(sigma: float) -> float:
    """The fixed number of the test, from the account's own spread before the experiment began: it is best for
    decisions after some twenty to a hundred blocks. Any other is valid, too."""
    return 3.0 * sigma**2 * 2 / (BLOCK / 2)


def judge(
    blocks: Sequence[tuple[Sequence[float] | Array, Sequence[float] | Array]],
    scale: float,
    *,
    over: bool = False,
) -> Result:
    """How it stands. `blocks`: counts of the first and the second way in each block, in order; those with a
    way that has no number (NaN, negative) are left out. `scale`: `rho` of the plan. `over`: no more posts."""
    differences, posts = [], [0, 0]
    for pair in blocks:
        sides = [_logs(side) for side in pair]
        if all(len(side) for side in sides):
            differences.append(float(sides[0].mean() - sides[1].mean()))
            posts = [posts[0] + len(sides[0]), posts[1] + len(sides[1])]
    d = np.array(differences)
    counted = (posts[0], posts[1])
    if not len(d):
        return Result(Stand.NONE if over else Stand.GOING, None, None, None, 0, counted)
    low, high = limits(d, scale)
    middle = float(d.mean())
    stand = Stand.NONE if over else Stand.GOING
    if low > 0:
        stand = Stand.FIRST
    elif high < 0:
        stand = Stand.SECOND
    return Result(stand, math.exp(middle), _exp(low), _exp(high), len(d), counted)


def limits(d: Array, scale: float) -> tuple[float, float]:
    """The effects (logarithms) that the test does not refuse: about their mean, found by halving."""
    middle = float(d.mean())
    return _edge(d, scale, middle, -1.0), _edge(d, scale, middle, 1.0)


def _edge(d: Array, scale: float, middle: float, way: float) -> float:
    """The test's number rises with the distance from the mean up to a bound that few blocks do not reach:
    then every effect is possible."""
    bound = math.log(1 / ALPHA)
    inside, outside = 0.0, math.sqrt(scale) + float(np.abs(d - middle).max()) + 1e-9
    for _doubling in range(60):
        if _at(d, middle + way * outside, scale) >= bound:
            break
        inside, outside = outside, outside * 2
        if outside > 1e6:
            return way * math.inf
    for _halving in range(60):
        half = (inside + outside) / 2
        if _at(d, middle + way * half, scale) >= bound:
            outside = half
        else:
            inside = half
    return middle + way * outside


def _at(d: Array, effect: float, scale: float) -> float:
    rest = d - effect
    return _log_m(float(rest.sum()), float((rest**2).sum()), scale)


def _log_m(total: float, square: float, scale: float) -> float:
    return total**2 / (2 * (scale + square)) - 0.5 * math.log1p(square / scale)


def _logs(values: Sequence[float] | Array) -> Array:
    array = np.asarray(values, dtype=float)
    return np.asarray(np.log(array[np.isfinite(array) & (array >= 0)] + HALF), dtype=float)


def _exp(value: float) -> float | None:
    return None if math.isinf(value) else math.exp(min(value, 700.0))


def peeked(d: np.ndarray[tuple[int, int], np.dtype[np.float64]], scale: float) -> Array:
    """For many worlds at once (rows): after which block a difference was first called, infinity if never."""
    total, square = np.cumsum(d, axis=1), np.cumsum(d**2, axis=1)
    log_m = total**2 / (2 * (scale + square)) - 0.5 * np.log1p(square / scale)
    called = log_m >= math.log(1 / ALPHA)
    return np.asarray(np.where(called.any(axis=1), called.argmax(axis=1) + 1.0, np.inf), dtype=float)
