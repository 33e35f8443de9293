"""What the account's own history says of a figure: the usual range, and whether the figure is noise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from niva.domains.metrics.dictionary import measure
from niva.domains.metrics.figures import Figure
from niva.domains.metrics.periods import Period
from niva.numbers import ranges, spread
from niva.numbers.spread import Verdict

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Usual:
    """The account's own usual for a period of this length: 8 of 10 lie from `low` to `high`."""

    typical: float
    low: float
    high: float


Judged = tuple[Usual | None, Verdict]


def line(series: Mapping[date, float], period: Period) -> Array:
    """The days of a period one after another, NaN for a day without a number."""
    days = (period.since + timedelta(days=n) for n in range(period.days))
    return np.array([series.get(day, np.nan) for day in days], dtype=float)


def of_days(one: Figure, series: Mapping[date, float], period: Period, usual_days: Period) -> Judged:
    history, now = line(series, usual_days), line(series, period)
    if measure(one.measure).kind == "level":
        return _judged(one.value, ranges.of_change(history, period.days))
    told = spread.between_periods(now, history, history)
    known = history[np.isfinite(history) & (history >= 0)]
    if told.ordinary is None or len(known) < ranges.FEWEST_DAYS or not known.sum():
        return None, Verdict.UNKNOWN
    typical = float(known.mean()) * int(np.isfinite(now).sum())
    return Usual(typical, typical / told.ordinary, typical * told.ordinary), told.verdict


def day_usual(series: Mapping[date, float], usual_days: Period) -> Usual | None:
    """What a single day usually brought: its tenths, since days without a post and days with one are no one
    kind. None of fewer than fourteen days."""
    history = line(series, usual_days)
    known = history[np.isfinite(history)]
    if len(known) < ranges.FEWEST_DAYS:
        return None
    low, typical, high = (float(value) for value in np.quantile(known, (0.1, 0.5, 0.9)))
    return Usual(typical, low, high)


def _judged(value: float | None, around: ranges.Around | None) -> Judged:
    if value is None or around is None:
        return None, Verdict.UNKNOWN
    usual = Usual(around.typical, around.low, around.high)
    if around.low <= value <= around.high:
        return usual, Verdict.NOISE
    return usual, Verdict.LEANING if around.least <= value <= around.most else Verdict.REAL


def sums(rows: Iterable[Figure]) -> tuple[Array, Array]:
    """Tops and bottoms of posts as two arrays."""
    several = list(rows)
    tops = np.array([row.top for row in several], dtype=float)
    return tops, np.array([row.bottom if row.bottom is not None else 1.0 for row in several], dtype=float)


def of_ratios(one: Figure, posts: Mapping[int, Figure], out: Mapping[int, date], period: Period) -> Judged:
    mine = sums(row for pk, row in posts.items() if out[pk] >= period.since)
    theirs = sums(row for pk, row in posts.items() if out[pk] < period.since)
    told = spread.between_ratios(*mine, *theirs)
    if told.ordinary is None or one.value is None or not theirs[1].sum():
        return None, Verdict.UNKNOWN
    typical = float(theirs[0].sum() / theirs[1].sum()) * measure(one.measure).per
    return Usual(typical, typical / told.ordinary, typical * told.ordinary), told.verdict


def of_counts(one: Figure, posts: Mapping[int, Figure], out: Mapping[int, date], period: Period) -> Judged:
    """A sum over posts: by what went out or was collected day by day, a day without a post being a zero."""
    first = min(out.values(), default=None)
    if first is None or first >= period.since or one.value is None:
        return None, Verdict.UNKNOWN
    days: dict[date, float] = {first + timedelta(days=n): 0.0 for n in range((period.until - first).days + 1)}
    for pk, row in posts.items():
        days[out[pk]] = days.get(out[pk], 0.0) + (row.top or 0.0)
    return of_days(one, days, period, Period(first, period.since - timedelta(days=1)))
