"""How wide a range must be so that what comes lies in it as often as promised, from past errors alone.

Split conformal prediction (Vovk and others, 2005) walked forward: the range of an origin is a quantile of the
errors that the same method had made and that were known by then, recent ones weighing more (Barber and
others, 2023). Errors of overlapping forecasts are not independent: n of them count as their effective number
(Kish) divided by how far they overlap, and a quantile from few is widened as Student's is over the normal.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from niva.numbers.forecast.models import Grid

HALF_LIFE: Final = 60.0
"""Origins after which an error of a single step weighs half."""
HALF_LIFE_OF_SUMS: Final = 180.0
REMEMBERED: Final = 400
FEWEST: Final = 10
"""Known errors below which nothing is promised."""
BESIDE: Final = 2.0
"""Of so many sums' worth is what the sums of one cycle tell about those of the horizon."""
OVERLAP: Final = 0.5
"""Errors h steps ahead count as their number divided by h to this power: neighbours share a level's error,
but not each step's own chance. Errors of sums of h share nearly all: they are divided by h."""


def of_steps(errors: Grid, origins: np.ndarray[Any, Any], odds: float) -> tuple[Grid, Grid]:
    """How far down and up ranges reach (origins, horizon) from errors (all origins, horizon), each from what
    was known by then. Days that fall far below say nothing of how far they rise: the sides are told apart,
    each drawn half towards both together, because a tenth of the errors on one side is few."""
    horizon = errors.shape[1]
    down, up = (np.full((len(origins), horizon), np.nan) for _side in range(2))
    for column in range(horizon):
        past = _past(errors[:, column], origins, column + 1)
        weights = _weights(past, HALF_LIFE)
        wider = student(_effective(weights) / (column + 1) ** OVERLAP, odds)
        wider = np.where((~np.isnan(past)).sum(1) >= FEWEST, wider, np.nan)
        both = _quantile(np.abs(past), weights, odds)
        above = np.maximum(_quantile(past, weights, 0.5 + odds / 2), 0.0)
        below = np.maximum(-_quantile(past, weights, 0.5 - odds / 2), 0.0)
        down[:, column], up[:, column] = (wider * (one + both) / 2 for one in (below, above))
    return down, up


def of_sums(
    errors: Grid,
    by_cycle: Grid,
    origins: np.ndarray[Any, Any],
    *,
    horizon: int,
    cycle: int,
    odds: float,
    growth: float,
) -> tuple[Grid, Grid]:
    """Middle and half-width for each origin, from errors of sums over the horizon and over one cycle.

    The middle is the median past error of a cycle's sum, drawn towards none where there are few: sums of
    medians fall short of the median of sums. Sums of the whole horizon overlap so much that a few months hold
    hardly two of them apart; the half-width of a cycle's sum, of which there are many, stands beside theirs
    as BESIDE more of them, grown by the `growth`-th power of how many cycles the horizon has.
    """
    short = _past(by_cycle, origins, cycle)
    light = _weights(short, HALF_LIFE_OF_SUMS)
    many = _effective(light) / cycle
    middle = np.nan_to_num(_quantile(short, light, 0.5)) * many / (many + 2)
    past = _past(errors, origins, horizon)
    weights = _weights(past, HALF_LIFE_OF_SUMS)
    few = _effective(weights) / horizon
    prior = np.minimum(many, BESIDE) * (1 - cycle / horizon)
    long = _quantile(np.abs(past - middle[:, None]), weights, odds)
    near = _quantile(np.abs(short - middle[:, None]), light, odds) * (horizon / cycle) ** growth
    mixed = (np.nan_to_num(long) * few + near * prior) / np.maximum(few + prior, 1e-12)
    enough = ((~np.isnan(past)).sum(1) >= FEWEST) & (~np.isnan(short)).any(1)
    # The middle itself is known from as few: a new sum is further from it than the old ones were.
    wider = student(few + prior, odds) * np.sqrt(1 + 1 / np.maximum(few + prior, 0.5))
    return middle, np.where(enough, mixed * wider, np.nan)


def student(effective: Grid, odds: float) -> Grid:
    """How much wider Student's range is than the normal one (Cornish and Fisher's expansion), at most 3."""
    z = NormalDist().inv_cdf(0.5 + odds / 2)
    freedom = np.maximum(effective, 1.0)
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return np.minimum((z + first + second) / z, 3.0)


def normal(odds: float) -> float:
    """Standard deviations on each side within which a normal value lies so often."""
    return NormalDist().inv_cdf(0.5 + odds / 2)


def _past(errors: Grid, origins: np.ndarray[Any, Any], late: int) -> Grid:
    """The newest REMEMBERED errors known at each origin, oldest first, NaN where there were none."""
    width = min(REMEMBERED, len(errors))
    places = origins[:, None] - late - np.arange(width)[::-1][None, :]
    return np.where(places >= 0, errors[np.maximum(places, 0)], np.nan)


def _weights(past: Grid, half_life: float) -> Grid:
    age = np.arange(past.shape[1])[::-1]
    return np.where(np.isnan(past), 0.0, 0.5 ** (age / half_life))


def _effective(weights: Grid) -> Grid:
    found: Grid = weights.sum(1) ** 2 / np.maximum((weights**2).sum(1), 1e-12)
    return found


def _quantile(values: Grid, weights: Grid, share: float) -> Grid:
    """The weighted quantile of what is known in each row; NaN where nothing is."""
    order = np.argsort(np.where(np.isnan(values), math.inf, values), axis=1)
    summed = np.cumsum(np.take_along_axis(weights, order, 1), axis=1)
    place = np.argmax(summed >= share * summed[:, -1:] - 1e-12, axis=1)
    found: Grid = np.take_along_axis(values, np.take_along_axis(order, place[:, None], 1), 1)[:, 0]
    return found
