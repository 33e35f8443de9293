"""What is out of the ordinary in one series, by its own past only: scores, and at a threshold few episodes.

At each moment only earlier values are used (nothing that comes later changes a score), after a warm-up in
which nothing is said. The score is the mean over a few short horizons and two lengths of the past of how rare
the value is; see `anomaly_tail`. A rise is judged at once. A fall of a dense series is judged by the mean of
a whole day: minutes without a mention and hours without an auction are in the nature of such series, a day is
not. Daily series are judged both ways, by the day and by the week.

The manner (horizons, what is seasonal) follows from the step between points, the scale from the warm-up:
counts, measures that are positive, or values of both signs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from niva.numbers.anomaly_tail import (
    Floats,
    tail_scores,
    trailing_mean,
    trailing_median,
    usual_at_phase,
)

Direction = Literal["up", "down"]
Kind = Literal["counts", "measure", "signed"]

HOUR: Final = 3600.0
DAY: Final = 86400.0
WEEK: Final = 7 * DAY
OF_THE_STEP: Final = 50
"""Points at the beginning by which the step is told."""
DENSE: Final = 20 * 60.0
"""Seconds: below this step a day has too many points for each time of day to have its own usual."""
DAILY: Final = 0.75 * DAY
MINUTES_THRESHOLD: Final = 8.4
"""For series by the minute; chosen on labelled series, see docs/explanation/evidence.md."""
HOURS_THRESHOLD: Final = 6.9
"""For series by the hour; chosen likewise."""
LEAST_FALL: Final = 3.0
"""A day of a dense series is a fall only so many times below its usual: holidays are lower, too."""
DAYS_BUDGET: Final = 2.0
"""False alarms in 1,000 days of one series, from which the threshold of daily series is made."""


class TooShort(ValueError):
    """Fewer points than the warm-up and one. `least`: how many it takes."""

    def __init__(self, least: int) -> None:
        super().__init__(f"fewer than {least} points")
        self.least = least


@dataclass(frozen=True, slots=True)
class Manner:
    """How a series of some step is judged. Horizons, windows and `fall` in seconds, `warm_up` and `every` in
    points. `season`: "hour" or "weekday", what a value is first compared by. `power`: how much of the past is
    its tail (the number of past values to this power). `quiet`: seconds after an alarm in which it is not
    raised again. `keep`: how many seasons are looked back to."""

    horizons: tuple[float, ...]
    windows: tuple[float, ...] = (WEEK, 8 * WEEK)
    season: Literal["", "hour", "weekday"] = ""
    fall: float = DAY
    warm_up: int = 120
    every: int = 1
    quiet: float = DAY
    keep: int = 14
    power: float = 0.5
    threshold: float = MINUTES_THRESHOLD


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of rises and of falls by point, NaN in the warm-up. `expected`: the usual value then, in the
    series' own units."""

    times: Floats
    values: Floats
    up: Floats
    down: Floats
    expected: Floats
    kind: Kind
    step: float
    manner: Manner

    @property
    def scores(self) -> Floats:
        return np.asarray(np.fmax(self.up, self.down))


@dataclass(frozen=True, slots=True)
class Episode:
    """From the alarm to the last point over the threshold before the silence ends. Places are of `Scored`."""

    start: int
    end: int
    peak: int
    value: float
    expected: float
    score: float
    direction: Direction

    @property
    def once_in(self) -> int:
        """In how many points such a one comes by this series' own past (rounded, at most a million)."""
        return int(min(np.exp(self.score), 1e6))


@dataclass(frozen=True, slots=True)
class Shape:
    """How values become logarithms and back. `unit`: what is added, or where a sign begins to matter."""

    kind: Kind
    unit: float = field(default=1.0)

    def forth(self, values: Floats) -> Floats:
        if self.kind == "signed":
            return np.asarray(np.sign(values) * np.log1p(np.abs(values) / self.unit))
        return np.asarray(np.log(np.maximum(values, 0.0) + self.unit))

    def back(self, logs: Floats) -> Floats:
        if self.kind == "signed":
            return np.asarray(np.sign(logs) * np.expm1(np.abs(logs)) * self.unit)
        return np.asarray(np.exp(logs) - self.unit)


def manner_for(step: float) -> Manner:
    """The manner for points `step` seconds apart."""
    if step >= DAILY:
        weekdays = step < 1.5 * DAY
        return Manner(
            horizons=(step,), windows=(26 * WEEK,), season="weekday" if weekdays else "", fall=7 * step,
            warm_up=28, quiet=7 * step, keep=8, threshold=threshold_of(DAYS_BUDGET),
        )  # fmt: skip
    if step >= DENSE:
        # A week: three days until an hour has its usual, the others for what is left over of it.
        warm_up = max(120, round(WEEK / step))
        return Manner(horizons=(step,), season="hour", warm_up=warm_up, threshold=HOURS_THRESHOLD)
    horizons = tuple(step * times for times in (1, 2, 4, 6))
    warm_up = max(120, round(3 * DAY / step))
    return Manner(horizons=horizons, warm_up=warm_up, every=max(1, round(HOUR / step)))


def threshold_of(budget: float) -> float:
    """The threshold at which `budget` of 1,000 ordinary points would be called out of the ordinary.

    The score is minus the logarithm of that part, so it is its inverse. Raises ValueError unless 0 < budget
    <= 100.
    """
    if not 0 < budget <= 100:
        raise ValueError("a budget is above 0 and at most 100 of 1,000 points")
    return float(-np.log(budget / 1000))


def budget_of(threshold: float) -> float:
    """Ordinary points of 1,000 that lie over the threshold: the inverse of `threshold_of`."""
    return float(1000 * np.exp(-threshold))


def score(times: Floats, values: Floats, manner: Manner | None = None, *, kind: Kind | None = None) -> Scored:
    """Score a series. `times`: seconds, rising (days and hours are counted from their zero: a Monday's
    midnight); `values` without NaN (leave out what is missing). Raises TooShort; ValueError on times that do
    not rise and on values that are no numbers."""
    if len(times) != len(values) or not np.all(np.isfinite(values)):
        raise ValueError("values must be numbers, one for each time")
    if np.any(np.diff(times) <= 0):
        raise ValueError("times must rise")
    if len(times) < 2:
        raise TooShort(29)
    step = float(np.median(np.diff(times[:OF_THE_STEP])))
    manner = manner or manner_for(step)
    if len(values) <= manner.warm_up:
        raise TooShort(manner.warm_up + 1)
    shape = _shape(values[: manner.warm_up], kind)
    logs = [shape.forth(trailing_mean(times, values, one - step / 2)) for one in manner.horizons]
    logs.append(shape.forth(trailing_mean(times, values, manner.fall - step / 2)))
    usual = [_usual(times, one, manner, step) for one in logs]
    rests = [one - its for one, its in zip(logs, usual, strict=True)]
    whole = shape.kind == "counts" or (shape.kind == "signed" and shape.unit == 1.0)

    last = len(manner.horizons)

    def rarity(place: int, sign: int) -> Floats:
        horizon = (*manner.horizons, manner.fall)[place]
        unit = step / horizon if whole else None
        return _rarity(
            times,
            sign * rests[place],
            sign * usual[place],
            manner,
            unit,
            horizon - step if place == last else 0.0,
        )

    up = np.mean([rarity(place, 1) for place in range(last)], axis=0)
    down = rarity(last, -1)
    if step >= DAILY:
        # By the day and by the week, both ways: two questions instead of one, so each must be rarer.
        up, down = (
            np.maximum(np.maximum(*both) - np.log(2), 0.0)
            for both in ((up, rarity(last, 1)), (rarity(0, -1), down))
        )
    else:
        deep = logs[-1] < _level(times, logs[-1], manner) - np.log(LEAST_FALL)
        down = np.where(deep | np.isnan(down), down, 0.0)
    expected = shape.back(usual[0] if manner.season else _level(times, logs[0], manner))
    return Scored(times, values, up, down, expected, shape.kind, step, manner)


def episodes(scored: Scored, threshold: float | None = None) -> list[Episode]:
    """What lies at the threshold or over it, told once: after an alarm the same series is silent for the
    manner's `quiet`, and what comes within it belongs to the same episode."""
    least = scored.manner.threshold if threshold is None else threshold
    scores = np.nan_to_num(scored.scores, nan=0.0)
    found: list[list[int]] = []
    for place in np.flatnonzero((scores >= least) & (scores > 0)):
        if found and scored.times[place] - scored.times[found[-1][0]] <= scored.manner.quiet:
            found[-1].append(int(place))
        else:
            found.append([int(place)])
    return [_episode(scored, scores, places) for places in found]


def _episode(scored: Scored, scores: Floats, places: list[int]) -> Episode:
    rarest = max(places, key=lambda place: (scores[place], -place))
    up = bool(np.nan_to_num(scored.up[rarest]) >= np.nan_to_num(scored.down[rarest]))
    # A mean of a week stays high when its highest day is over: shown is the day that made it.
    beyond = (scored.values - scored.expected) * (1 if up else -1)
    peak = max(range(places[0], places[-1] + 1), key=lambda place: (beyond[place], -place))
    return Episode(
        start=places[0],
        end=places[-1],
        peak=peak,
        value=float(scored.values[peak]),
        expected=float(scored.expected[peak]),
        score=float(scores[rarest]),
        direction="up" if up else "down",
    )


def _shape(early: Floats, kind: Kind | None) -> Shape:
    """The scale by the warm-up alone, so that what comes later changes nothing."""
    whole = bool(np.all(early == np.round(early)))
    if kind is None:
        kind = "signed" if np.any(early < 0) else "counts" if whole else "measure"
    if kind == "counts" or (kind == "signed" and whole):
        return Shape(kind, 1.0)
    middle = float(np.median(np.abs(early))) or float(np.mean(np.abs(early))) or 1.0
    # Of a measure, what is a thousand times below the usual is as good as nothing.
    return Shape(kind, middle if kind == "signed" else middle / 1000)


def _usual(times: Floats, logs: Floats, manner: Manner, step: float) -> Floats:
    """What is taken off before a value is judged; zeros without a season."""
    if manner.season == "hour":
        phases = np.round(times % DAY / max(step, HOUR)).astype(np.intp)
        return _known(usual_at_phase(phases, logs, keep=manner.keep, least=3), logs)
    if step >= DAILY:
        began = np.searchsorted(times, times - 28.5 * step)
        level = trailing_median(logs, began)
        if manner.season == "weekday":
            phases = (times // DAY % 7).astype(np.intp)
            swing = usual_at_phase(phases, logs - level, keep=manner.keep, least=3)
            return level + np.nan_to_num(swing, nan=0.0)
        return level
    return np.zeros(len(logs))


def _known(usual: Floats, logs: Floats) -> Floats:
    """Where nothing usual is known yet, a value is not compared with anything: it is its own usual."""
    return np.where(np.isnan(usual), logs, usual)


def _level(times: Floats, logs: Floats, manner: Manner) -> Floats:
    return trailing_median(logs, np.searchsorted(times, times - manner.windows[0]), manner.every)


def _rarity(
    times: Floats, rests: Floats, usual: Floats, manner: Manner, unit: float | None, blind: float
) -> Floats:
    """The mean over the manner's lengths of the past. `blind`: a horizon without its last point, in seconds.
    So long it is not full at the beginning, and a mean of half a day is no past of the means of days; and so
    long before a moment the means share values with it, and a slow fall would become its own past."""
    first = np.searchsorted(times, times[0] + blind)
    ended = np.searchsorted(times, times - blind)
    of_windows = [
        tail_scores(
            rests, np.maximum(np.searchsorted(times, times - window), first), ended, warm_up=manner.warm_up,
            every=manner.every, usual=usual, unit=unit, power=manner.power,
        )
        for window in manner.windows
    ]  # fmt: skip
    return np.asarray(np.mean(of_windows, axis=0))
