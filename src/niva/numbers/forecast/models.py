"""Nine simple forecasts from every past moment at once, each made of what was known by then and no more.

Row t of every answer is the forecast made when the values before t were known; column h is for step t + h.
Below, level is a value free of the cycle, and the cycle is a profile: the mean distance of a weekday (or an
hour) from its own week's middle, drawn towards none by as many cycles as CALM.

* last cycle: the same weekday a week ago; where it is missing, a week before that
* four cycles: the mean of the same weekday over four weeks
* slow and fast level: simple exponential smoothing (Brown, 1956) of the level, plus the profile
* short and long median: the median level of two and of eight weeks, which outliers do not move, plus profile
* slow and quick level without a profile, for series that know no cycle
* damped drift: the fast level and half of the window's least-squares slope, fading (the theta method of
  Assimakopoulos and Nikolopoulos, 2000, with the damping of Gardner and McKenzie, 1985)

That averages of such simple methods beat most clever ones is the oldest result of the forecasting
competitions (Makridakis and others, 1982 to 2020).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from niva.numbers.forecast.grid import Step, Values

Grid = np.ndarray[Any, np.dtype[np.float64]]

CALM: Final = 3.0
FURTHEST: Final = 8.0
"""Median absolute deviations from the window's median beyond which a value is drawn in before it is used."""
SLOW: Final = 2
"""The place of the slow level, which is known wherever anything is."""
QUICK: Final = 0.6
"""The weight of the newest value in the quick level: close to saying that tomorrow is as today."""
KNOWN: Final = 0.6
"""The share of the last two cycles, or of as many values, that must be known."""
LEAST: Final = 8


def walk(z: Values, step: Step, horizon: int, *, robust: bool = True) -> Grid:
    """The nine forecasts: (9, len(z) + 1, horizon), NaN where too little was known.

    `robust` False puts means in the place of medians: the median of rare events is none at all.
    """
    seen = _windows(z, step.window)
    usable = _usable(seen, z, step)
    seen = _drawn_in(seen) if robust else seen
    rows, width, cycle = len(seen), step.window, step.cycle
    cycles = seen.reshape(rows, width // cycle, cycle)
    centre = _median if robust else _mean
    season, level = _season_and_level(seen, step, horizon, centre)
    age = np.arange(width)[::-1]
    fast = _mean(level, 1, (1 - step.fast) ** age)
    two = 2 * cycle if cycle > 1 else LEAST
    fading = np.cumsum(step.damping ** np.arange(1, horizon + 1))
    plain = [_mean(seen, 1, (1 - weight) ** age) for weight in (step.slow, QUICK)]
    found = np.stack(
        [
            _tiled(_last_known(cycles), horizon),
            _tiled(_mean(cycles[:, -4:], 1), horizon),
            season + _mean(level, 1, (1 - step.slow) ** age)[:, None],
            season + fast[:, None],
            season + centre(level[:, -two:], 1)[:, None],
            season + centre(level[:, -4 * two :], 1)[:, None],
            season + fast[:, None] + 0.5 * _slope(level[:, -8 * two :])[:, None] * fading,
            *(np.repeat(one[:, None], horizon, axis=1) for one in plain),
        ]
    )
    found = np.where(np.isnan(found), found[SLOW], found)  # a weekday that was not read for weeks
    found[:, ~usable] = np.nan
    return found


def truth(z: Values, horizon: int) -> Grid:
    """What came: row t, column h is z[t + h]; NaN beyond the end."""
    return sliding_window_view(np.concatenate([z, np.full(horizon, np.nan)]), horizon).copy()


def last_value(z: Values, horizon: int) -> Grid:
    """The naive rival: the newest known value, for every step ahead."""
    place = np.maximum.accumulate(np.where(np.isnan(z), -1, np.arange(len(z))))
    held = np.concatenate([[np.nan], np.where(place >= 0, z[np.maximum(place, 0)], np.nan)])
    return np.repeat(held[:, None], horizon, axis=1)


def four_weeks(z: Values, step: Step, horizon: int) -> Grid:
    """The rival that everybody reckons by hand: the plain mean of the last four cycles, for every step."""
    seen = _windows(z, max(4 * step.cycle, 4))
    return np.repeat(_mean(seen, 1)[:, None], horizon, axis=1)


def last_cycle(z: Values, step: Step, horizon: int) -> Grid:
    """The seasonal rival: the same weekday (or hour) of the last cycle in which it is known."""
    seen = _windows(z, step.window)
    return _tiled(_last_known(seen.reshape(len(seen), -1, step.cycle)), horizon)


def _windows(z: Values, width: int) -> Grid:
    return sliding_window_view(np.concatenate([np.full(width, np.nan), z]), width)


def _usable(seen: Grid, z: Values, step: Step) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Where two whole cycles have gone by and enough of them, and of the last four, is known."""
    known = ~np.isnan(seen)
    first = int(np.argmax(~np.isnan(z)))
    since = np.arange(len(seen)) - first
    enough = max(KNOWN * 2 * step.cycle, LEAST)
    recent = known[:, -max(4 * step.cycle, LEAST) :].sum(1)
    found: np.ndarray[Any, np.dtype[np.bool_]] = (since >= max(2 * step.cycle, LEAST)) & (recent >= enough)
    return found


def _drawn_in(seen: Grid) -> Grid:
    middle = _median(seen, 1)[:, None]
    reach = FURTHEST * _median(np.abs(seen - middle), 1)[:, None]
    inside = np.clip(seen, middle - reach, middle + reach)
    return np.where(reach > 0, inside, seen)


def _season_and_level(
    seen: Grid, step: Step, horizon: int, centre: Callable[[Grid, int], Grid]
) -> tuple[Grid, Grid]:
    """The pattern for the coming steps (rows, horizon), and the window freed of it (rows, window)."""
    rows, cycle = len(seen), step.cycle
    if cycle == 1:
        return np.zeros((rows, horizon)), seen
    inner, level = _profile(seen, cycle, centre)
    if step.outer == 1:
        return _tiled(inner, horizon), level
    by_cycle = _mean(level.reshape(rows, -1, cycle), 2)
    outer, _free = _profile(by_cycle, step.outer, centre)
    longer = np.repeat(outer, cycle, axis=1)
    level = level - np.tile(longer, (1, seen.shape[1] // longer.shape[1]))
    return _tiled(np.tile(inner, (1, step.outer)) + longer, horizon), level


def _profile(seen: Grid, cycle: int, centre: Callable[[Grid, int], Grid]) -> tuple[Grid, Grid]:
    rows = len(seen)
    cycles = seen.reshape(rows, -1, cycle)
    distance = cycles - centre(cycles, 2)[:, :, None]
    times = np.sum(~np.isnan(distance), axis=1)
    profile = np.where(times > 0, _mean(distance, 1), 0.0) * times / (times + CALM)
    profile -= profile.mean(1, keepdims=True)
    return profile, (cycles - profile[:, None, :]).reshape(rows, -1)


def _last_known(cycles: Grid) -> Grid:
    found = cycles[:, -1].copy()
    for back in range(2, cycles.shape[1] + 1):
        found = np.where(np.isnan(found), cycles[:, -back], found)
    return found


def _tiled(pattern: Grid, horizon: int) -> Grid:
    return np.tile(pattern, (1, horizon // pattern.shape[1] + 1))[:, :horizon]


def _slope(level: Grid) -> Grid:
    """The least-squares slope of each row a step, over what is known."""
    x = np.arange(level.shape[1], dtype=float)
    known = ~np.isnan(level)
    times = np.maximum(known.sum(1), 1)
    centred = known * (x - (known * x).sum(1, keepdims=True) / times[:, None])
    rise = np.where(known, level - _mean(level, 1)[:, None], 0.0)
    found: Grid = (centred * rise).sum(1) / np.maximum((centred**2).sum(1), 1e-9)
    return found


def _mean(values: Grid, axis: int, weights: np.ndarray[Any, Any] | None = None) -> Grid:
    """The mean of what is known; NaN where nothing is. `weights` go along the last axis."""
    known = ~np.isnan(values)
    heavy = known if weights is None else known * weights
    total = heavy.sum(axis)
    summed = (np.where(known, values, 0.0) * heavy).sum(axis)
    return np.where(known.any(axis), summed / np.maximum(total, 1e-300), np.nan)


def _median(values: Grid, axis: int) -> Grid:
    """The median of what is known (numpy's own walks row by row as soon as one value is missing)."""
    ordered = np.sort(values, axis=axis)  # NaN goes last
    times = np.sum(~np.isnan(values), axis=axis, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum((times - 1) // 2, 0), axis)
    high = np.take_along_axis(ordered, np.minimum(times // 2, values.shape[axis] - 1), axis)
    return np.squeeze(np.where(times > 0, (low + high) / 2, np.nan), axis)
