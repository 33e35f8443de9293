"""A regular grid of values: one for each hour, day or week, NaN where nothing was read (never zero)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

import numpy as np

Values = np.ndarray[tuple[int], np.dtype[np.float64]]
Gather = Literal["sum", "mean"]

FULL: Final = 0.8
"""The share of a step's usual readings below which a step counts as not read."""
REGULAR: Final = 0.8
"""The share of gaps that must be alike for rows to be a machine's readings and not events."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the grid. `cycle`: steps after which the pattern returns; `outer`: cycles of a longer one
    (hours know days and, over them, weekdays), 1 where there is none; `window`: steps that a forecast looks
    back on; `slow`, `fast`: weights of the newest value in the two smoothed levels."""

    name: Literal["hour", "day", "week"]
    length: timedelta
    cycle: int
    outer: int
    window: int
    slow: float
    fast: float
    damping: float


HOUR: Final = Step("hour", timedelta(hours=1), 24, 7, 28 * 24, 0.03, 0.15, 0.99)
DAY: Final = Step("day", timedelta(days=1), 7, 1, 8 * 7, 0.1, 0.3, 0.95)
WEEK: Final = Step("week", timedelta(days=7), 1, 1, 26, 0.2, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Series:
    """Values of consecutive steps; `starts` is the beginning of the first one."""

    starts: datetime
    step: Step
    values: Values

    def at(self, place: int) -> datetime:
        return self.starts + place * self.step.length

    @property
    def gaps(self) -> int:
        """Steps without a reading."""
        return int(np.isnan(self.values).sum())


def regular(moments: Sequence[datetime], values: Values, *, gather: Gather | None = None) -> Series:
    """Rows on the grid that suits them, oldest first. Several rows of a step are summed or averaged.

    `gather`: None sums whole numbers (events, views) and averages the others (prices). Machine readings more
    often than hourly become hours; events become days. A step that got less than FULL of the usual count of
    machine readings is missing, not small. Raises ValueError when there is no row with a value.
    """
    known = sorted((at, float(value)) for at, value in zip(moments, values, strict=True) if value == value)
    if not known:
        raise ValueError("no rows")
    step, rate = _step_of([at for at, _value in known])
    whole = all(value == int(value) for _at, value in known)
    first = _floor(known[0][0], step)
    length = int((known[-1][0] - first) / step.length) + 1
    sums, counts = np.zeros(length), np.zeros(length)
    for at, value in known:
        place = int((at - first) / step.length)
        sums[place] += value
        counts[place] += 1
    found = np.where(counts > 0, sums, np.nan)
    if (gather or ("sum" if whole else "mean")) == "mean":
        found = found / np.maximum(counts, 1)
    if rate > 1:
        found[counts < FULL * rate] = np.nan
    while len(found) > 1 and np.isnan(found[0]):
        found, first = found[1:], first + step.length
    while len(found) > 1 and np.isnan(found[-1]):
        found = found[:-1]
    return Series(first, step, found)


def _step_of(moments: Sequence[datetime]) -> tuple[Step, float]:
    """The step, and how many readings a full one has (1 for events and for readings rarer than the step)."""
    days = len({at.date() for at in moments})
    gaps = np.array([(b - a).total_seconds() for a, b in pairwise(moments)])
    gaps = gaps[gaps > 0]
    if not len(gaps):
        return DAY, 1.0
    usual = float(np.median(gaps))
    alike = float(np.mean(np.abs(gaps - usual) <= 0.1 * usual))
    if usual <= 3660 and alike >= REGULAR:
        return HOUR, max(1.0, 3600 / usual)
    if usual >= 5 * 86400 and alike >= REGULAR and days == len(moments):
        return WEEK, 1.0
    if usual < 86400 * 0.9 and alike >= REGULAR:
        return DAY, 86400 / usual
    return DAY, 1.0


def _floor(at: datetime, step: Step) -> datetime:
    if step is HOUR:
        return at.replace(minute=0, second=0, microsecond=0)
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
