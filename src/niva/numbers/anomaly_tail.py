"""How rare a value is by its own past: an exponential tail of logarithms, recounted as time goes on.

Values above a high level of the past are taken to fall off exponentially on the scale of logarithms (a
Pareto tail of the values themselves; its slope is the mean excess, the estimator of B. M. Hill, "A simple
general approach to inference about the tail of a distribution", Annals of Statistics 3, 1975). The number of
past values that make up the tail is the square root of their number, the usual compromise between too few to
measure and too many to be a tail. The score is minus the natural logarithm of the part of the points that
would lie so far out: 7 is one point in e**7, some 1,100.
"""

from __future__ import annotations

from typing import Final

import numpy as np

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Places = np.ndarray[tuple[int], np.dtype[np.intp]]

LEAST_IN_TAIL: Final = 4
LEAST_OF_THE_PAST: Final = 14
"""So many values before one are its past even when a gap makes them old."""
STEADIEST: Final = 0.05
"""The smallest mean excess that is believed, on the scale of logarithms: 5 %."""
ALIKE: Final = 1e-9


def tail_scores(
    values: Floats,
    began: Places,
    ended: Places,
    *,
    warm_up: int,
    every: int,
    usual: Floats | None = None,
    unit: float | None = None,
    power: float = 0.5,
) -> Floats:
    """The score of each value by the values before it; NaN in the warm-up, 0 where it is nothing rare.

    `values` are on the scale of logarithms, high is rare. `began[i]` and `ended[i]`: the first past value
    that counts for the i-th, and the one after the last. The tail is recounted for each `every` values, by
    what came before the first of them. `unit` is given for counts: the part of one that one stands for (a
    mean of four: a quarter), `usual` what was taken off the logarithms before. A count cannot be steadier
    than chance makes it: at a level of n its logarithm scatters by 1/sqrt(n), and a mean excess is about half
    a scatter.
    """
    scores = np.full(len(values), np.nan)
    for start in range(warm_up, len(values), every):
        until = max(ended[start], LEAST_OF_THE_PAST)
        past = values[max(0, min(began[start], until - LEAST_OF_THE_PAST)) : until]
        tail = min(max(LEAST_IN_TAIL, int(len(past) ** power)), len(past) - 1)
        highest = np.partition(past, len(past) - tail - 1)[len(past) - tail - 1 :]
        level = float(highest[0])
        beyond = values[start : start + every] - level
        slope = np.full(len(beyond), max(float(highest[1:].mean()) - level, STEADIEST))
        if unit is not None:
            base = usual[start : start + every] if usual is not None else np.zeros(len(beyond))
            slope = np.maximum(slope, 0.5 * np.sqrt(unit * np.exp(-np.abs(base + level))))
        # The slope is itself measured by few values: on average over what it may be, the tail is this long.
        rarity = np.log(len(past) / tail) + tail * np.log1p(np.maximum(beyond, 0.0) / (tail * slope))
        scores[start : start + every] = np.where(beyond > ALIKE, rarity, 0.0)
    return scores


def trailing_mean(times: Floats, values: Floats, seconds: float) -> Floats:
    """The mean of each value and of those before it within `seconds`; a gap is not filled."""
    began = np.searchsorted(times, times - seconds, side="right")
    sums = np.concatenate([[0.0], np.cumsum(values)])
    upto = np.arange(1, len(values) + 1)
    return np.asarray((sums[upto] - sums[began]) / (upto - began))


def usual_at_phase(phases: Places, values: Floats, *, keep: int, least: int) -> Floats:
    """For each value the median of the last `keep` values before it of the same phase (an hour of the day);
    NaN where there were fewer than `least`."""
    usual = np.full(len(values), np.nan)
    for phase in np.unique(phases):
        places = np.flatnonzero(phases == phase)
        own = values[places]
        for place in range(least, len(own)):
            usual[places[place]] = np.median(own[max(0, place - keep) : place])
    return usual


def trailing_median(values: Floats, began: Places, every: int = 1) -> Floats:
    """The median of what came before each value from `began` on, recounted for each `every` of them; the
    first has nothing before it and stands for itself."""
    usual = np.array(values, dtype=float)
    for start in range(1, len(values), every):
        usual[start : start + every] = np.median(values[began[start] : start])
    return usual
