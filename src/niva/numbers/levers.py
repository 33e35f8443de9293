"""What a tenth more of each step of the chain would bring, what it would cost, and how that is known.

The rule of the chain: a product grows by a tenth when one of its factors does, the others standing still.
They seldom do: who posts a tenth more is seen by fewer people each time. So the rule is only where the desk
begins (elasticity 1, and that is doubted: PRIOR), and the account's own weeks draw away from it: the slope of
the weekly change of the outcome's logarithm against that of the step's. Differences of weeks, not weeks, so
that a common trend proves nothing. An experiment of one's own is stronger than both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from niva.numbers.chance import Array, quantile

RISE: Final = 0.1
PRIOR: Final = (1.0, 0.5)
"""The elasticity by the rule of the chain, and how far off it a real account usually is (our own judgement:
in 8 cases of 10 between 0.36 and 1.64)."""
FEWEST_WEEKS: Final = 12
TOLD: Final = 0.35
"""The account's own weeks speak when they narrow the doubt to this; else it is the rule of the chain."""
_IN_TEN: Final = 0.90


class Grade(StrEnum):
    """How a lever is known, the strongest first."""

    EXPERIMENT = "experiment"
    HISTORY = "history"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Step:
    """`weeks`: its value in each past week, oldest first, NaN where there was none. `outcome`: what the chain
    brought in those weeks. `cost`: money for a tenth more, None when nobody knows. `tried`: elasticity and
    its error by an experiment of one's own."""

    name: str
    weeks: Array
    outcome: Array
    cost: float | None = None
    tried: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Lever:
    """`gain`: units more by a tenth more of the step, in 8 cases of 10 from `low` to `high`. `each`: money
    for each of them, from `each_low` to `each_high`; None: unknown, or as likely nothing comes of it
    (`each_high`). `weeks`: those that the elasticity rests on."""

    name: str
    gain: float
    low: float
    high: float
    cost: float | None
    each: float | None
    each_low: float | None
    each_high: float | None
    grade: Grade
    elasticity: float
    weeks: int


def levers(units: float, steps: Sequence[Step]) -> list[Lever]:
    """Each step as a lever on `units` of the goal in the period: the cheapest first, then those whose price
    nobody knows, the surest first. Raises ValueError for negative units."""
    if units < 0:
        raise ValueError("units are negative")
    found = [_lever(units, step) for step in steps]
    return sorted(found, key=lambda one: (one.each is None, one.each or 0.0, list(Grade).index(one.grade)))


def _lever(units: float, step: Step) -> Lever:
    (slope, error), grade, weeks = _elasticity(step)
    reach = float(quantile(_IN_TEN, 1000.0)) * error
    ends = (slope, slope - reach, slope + reach)
    gain, low, high = (units * math.expm1(math.log1p(RISE) * value) for value in ends)
    each = [_each(step.cost, value) for value in (gain, high, low)]
    return Lever(step.name, gain, low, high, step.cost, each[0], each[1], each[2], grade, slope, weeks)


def _each(cost: float | None, gain: float) -> float | None:
    return cost / gain if cost is not None and gain > 0 else None


def _elasticity(step: Step) -> tuple[tuple[float, float], Grade, int]:
    if step.tried is not None:
        return step.tried, Grade.EXPERIMENT, 0
    own, weeks = _own(step.weeks, step.outcome)
    if own is None:
        return PRIOR, Grade.CHAIN, weeks
    slope, error = _together(PRIOR, own)
    grade = Grade.HISTORY if error <= TOLD else Grade.CHAIN
    return (slope, error), grade, weeks


def _own(step: Array, outcome: Array) -> tuple[tuple[float, float] | None, int]:
    """Slope of weekly changes with its error, None when there are too few weeks or the step never moved."""
    with np.errstate(divide="ignore", invalid="ignore"):
        brought = np.asarray(outcome, dtype=float)
        x, y = np.log(np.asarray(step, dtype=float)), np.log(brought + 0.5 * bool((brought == 0).any()))
    x, y = np.diff(x), np.diff(y)
    good = np.isfinite(x) & np.isfinite(y)
    x, y = x[good], y[good]
    count = len(x)
    if count + 1 < FEWEST_WEEKS:
        return None, count + 1 if count else 0
    x, y = x - x.mean(), y - y.mean()
    square = float((x**2).sum())
    if square < 1e-9:
        return None, count + 1
    slope = float((x * y).sum()) / square
    # Each week's error as it would be had the line been drawn without it (J. G. MacKinnon, H. White (1985)).
    pull = x * (y - slope * x) / (1 - x**2 / square - 1 / count)
    # A week that was high by chance is in two differences, once up and once down: errors of neighbours go
    # together (L. P. Hansen, R. J. Hodrick (1980): all the products of neighbours, not only the squares).
    alone = float((pull**2).sum())
    spread = max(alone + 2 * float((pull[1:] * pull[:-1]).sum()), alone)
    return (slope, math.sqrt(max(spread, 1e-12)) / square), count + 1


def _together(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float]:
    """Two estimates weighed by how sure each is (the mean and the error of their normal product)."""
    sure = [1 / max(error, 1e-6) ** 2 for _value, error in (first, second)]
    value = (first[0] * sure[0] + second[0] * sure[1]) / sum(sure)
    return value, math.sqrt(1 / sum(sure))
