"""Where a goal ends: the desk's range against the one without weekdays, and against the engine of forecasts.

Thirty days with a plan, asked on the ninth, fifteenth and twenty-third morning, in simulated worlds of leads
and in pieces of real series.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np

from evidence.chapter import Chapter, table
from evidence.forecast import _all
from niva.domains.clients.progress import Row, Target, progress
from niva.numbers.forecast import DAY, Refused, Series, foresee

DAYS: Final = 30
MORNINGS: Final = (8, 14, 22)
BEFORE: Final = 120
WORLDS: Final = ("even", "weekdays", "few", "many", "bunched", "wandering", "growing", "rare")
FLAT, OFFICE = np.ones(7), np.array([1.35, 1.35, 1.3, 1.3, 1.3, 0.2, 0.2])
MONDAY: Final = date(2024, 1, 1)
Range = tuple[float, float]


def study(data: Path | None, *, quick: bool) -> Chapter:
    made, real = _scores(_simulated(4 if quick else 25)), _scores(_pieces(data, quick)) if data else {}
    figures = {"simulated": made, "real": real}
    because = [
        f"{name}: the range without weekdays is better"
        for name, one in figures.items()
        if one and one["desk"]["score"] >= one["even"]["score"]
    ]
    rows: list[list[object]] = [
        [f"{where}, {way}", one[way]["holds"], one[way]["score"], one[way]["asked"]]
        for where, one in figures.items()
        for way in one
    ]
    text = (
        "A goal of thirty days, asked where it ends after 8, 14 and 22 of them. *holds*: how often the 80 % "
        "range held it; *score*: Winkler's, the width and what lies outside it times ten, over the size of "
        "the rest; less is better. *even*: gamma without weekdays, as before; *desk*: with weekdays and a "
        "wandering pace; *engine*: the forecast of days with four months before the goal.\n\n"
        + table(["", "holds", "score", "asked"], rows)
    )
    return Chapter("goals", "Where a goal ends", text, figures, not because, because)


def _scores(worlds: Iterator[tuple[str, np.ndarray]]) -> dict[str, dict[str, float]]:
    """Means over kinds of worlds (or series), so that each weighs the same."""
    kinds: dict[str, dict[str, list[tuple[bool, float]]]] = {}
    for kind, values in worlds:
        ours = values[BEFORE:]
        for gone in MORNINGS:
            if (ours[:gone] > 0).sum() < 5:
                continue
            asked = {"even": _even(ours, gone), "desk": _desk(ours, gone), "engine": _engine(values, gone)}
            came = float(ours[gone:].sum())
            if None in asked.values():
                continue
            for way, found in asked.items():
                low, high = math.floor(found[0]), math.ceil(found[1])  # type: ignore[index]
                outside = max(low - came, 0) + max(came - high, 0)
                size = max(float(ours.mean()) * (DAYS - gone), 1.0)
                entry = (outside == 0, (high - low + 10 * outside) / size)
                kinds.setdefault(kind, {}).setdefault(way, []).append(entry)
    return {
        way: {
            "holds": round(
                float(np.mean([np.mean([ok for ok, _s in one[way]]) for one in kinds.values()])), 3
            ),
            "score": round(
                float(np.mean([np.mean([s for _ok, s in one[way]]) for one in kinds.values()])), 3
            ),
            "asked": sum(len(one[way]) for one in kinds.values()),
        }
        for way in ("even", "desk", "engine")
    }


def _even(ours: np.ndarray, gone: int) -> Range:
    """The method that the desk had: mean and variance of the days, no weekdays, a pace that stands still."""
    sums = ours[:gone][-28:]
    left, mean = DAYS - gone, float(sums.mean())
    variance = max(float(sums.var(ddof=1)), mean)
    spread = left * variance + left**2 * variance / len(sums)
    whole = mean * left
    shape = whole**2 / spread
    low, high = (max(0.0, 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))) ** 3 for z in (-1.2816, 1.2816))
    return whole * low, whole * high


def _desk(ours: np.ndarray, gone: int) -> Range:
    start = MONDAY + timedelta(days=BEFORE)
    rows = [
        Row(start + timedelta(days=n), Decimal(str(round(float(value), 4))))
        for n, value in enumerate(ours[:gone])
        if value
    ]
    target = Target(Decimal(10**15), start, start + timedelta(days=DAYS - 1))
    expected = progress(rows, target, start + timedelta(days=gone)).expected
    assert expected is not None
    done = sum(row.amount for row in rows)
    return float(expected.low - done), float(expected.high - done)


def _engine(values: np.ndarray, gone: int) -> Range | None:
    series = Series(datetime.combine(MONDAY, time()), DAY, values[: BEFORE + gone].astype(float))
    try:
        total = foresee(series, horizon=DAYS - gone, tried=1).total
    except Refused:
        return None
    return (total.low, total.high) if total else None


def _simulated(times: int) -> Iterator[tuple[str, np.ndarray]]:
    paces: dict[str, Callable[[np.random.Generator, np.ndarray], np.ndarray]] = {
        "even": lambda chance, t: chance.poisson(1.2 * FLAT[t % 7]),
        "weekdays": lambda chance, t: chance.poisson(3 * OFFICE[t % 7]),
        "few": lambda chance, t: chance.poisson(0.6 * OFFICE[t % 7]),
        "many": lambda chance, t: chance.poisson(15 * OFFICE[t % 7]),
        "bunched": lambda chance, t: chance.negative_binomial(1.5, 1.5 / (1.5 + 2 * OFFICE[t % 7])),
        "wandering": lambda chance, t: chance.poisson(
            2 * OFFICE[t % 7] * np.exp(np.cumsum(0.04 * chance.standard_normal(len(t))))
        ),
        "growing": lambda chance, t: chance.poisson(2 * OFFICE[t % 7] * np.exp(0.012 * t)),
        "rare": lambda chance, t: chance.poisson(0.4 * OFFICE[t % 7]),
    }
    for kind in WORLDS:
        for seed in range(times):
            yield kind, paces[kind](np.random.default_rng(seed), np.arange(BEFORE + DAYS))


def _pieces(data: Path, quick: bool) -> Iterator[tuple[str, np.ndarray]]:
    """Pieces of every real daily series that is long enough, overlapping by less than a half of a month."""
    for name, series in _all(data):
        if series.step is not DAY or series.gaps > 0.05 * len(series.values):
            continue
        values = np.nan_to_num(series.values)
        for start in range(0, len(values) - BEFORE - DAYS + 1, 60 if quick else 17):
            yield name, values[start : start + BEFORE + DAYS]
