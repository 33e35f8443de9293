"""On which scale a series is forecast: where an error means the same on a great day and on a small one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from niva.numbers.forecast.grid import Values
from niva.numbers.forecast.models import Grid

SPARSE: Final = 0.1
"""The share of zeros from which days are counted, not multiplied: a logarithm would forecast none at all."""
SMALL: Final = 5.0
"""Below this median whole numbers are counted, too: the step from one to two is no doubling of anything."""
CORRECTIONS: Final = 0.02
"""Up to this share of negative values they are corrections of counters, left out; above it, they are the
nature of the series (followers gained less lost)."""
LEAST_MEAN: Final = 0.5
"""Events in a step below which the spread of a count is taken no smaller."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`log`: logarithms of value + `added`. `count`: plain values, errors in square roots of the expected one
    (Poisson's spread). `plain`: values of both signs as they are."""

    kind: Literal["log", "count", "plain"]
    added: float = 0.0

    def forward(self, values: Values) -> Values:
        return np.log(values + self.added) if self.kind == "log" else values

    def back(self, z: Grid) -> Grid:
        """Values of the scale's own; never below zero where the series cannot be."""
        if self.kind == "log":
            return np.maximum(np.exp(np.minimum(z, 700.0)) - self.added, 0.0)
        return np.maximum(z, 0.0) if self.kind == "count" else z

    def unit(self, z: Grid) -> Grid:
        """What an error is measured in beside the forecast z."""
        return np.sqrt(np.maximum(z, LEAST_MEAN)) if self.kind == "count" else np.ones_like(z)

    @property
    def growth(self) -> float:
        """The power of its length by which a sum's error grows here when its relative error stays."""
        return {"log": 0.0, "count": 0.5, "plain": 1.0}[self.kind]

    def error_of_sums(self, came: Grid, said: Grid) -> Grid:
        """How far a sum was from its forecast, in this scale's errors."""
        if self.kind == "log":
            little = max(self.added, 1e-12)
            return np.log((came + little) / (said + little))
        return (came - said) / self.unit(said)

    def sum_at(self, said: float, error: float) -> float:
        """The sum that lies `error` from the forecast one; NaN where either is."""
        if math.isnan(said) or math.isnan(error):
            return math.nan
        if self.kind == "log":
            little = max(self.added, 1e-12)
            return max(0.0, (said + little) * math.exp(min(error, 700.0)) - little)
        if self.kind == "plain":
            return said + error
        return _of_gamma(said, error)


def scale_of(values: Values) -> tuple[Scale, Values]:
    """The scale of a series, and the series with corrections left out."""
    known = values[~np.isnan(values)]
    negative = float(np.mean(known < 0)) if len(known) else 0.0
    if negative > CORRECTIONS:
        return Scale("plain"), values
    kept = np.where(values < 0, np.nan, values)
    known = known[known >= 0]
    whole = bool(np.all(known == np.round(known)))
    if np.mean(known == 0) > SPARSE or (whole and np.median(known) < SMALL):
        return Scale("count"), kept
    if known.min() > 0:
        return Scale("log"), kept
    return Scale("log", 1.0 if whole else float(np.quantile(known[known > 0], 0.05))), kept


def _of_gamma(mean: float, error: float) -> float:
    """`error` square roots of the mean away, on a gamma distribution (Wilson and Hilferty, 1931): counts
    cannot fall below none and reach further up than down."""
    if mean <= 0:
        return max(0.0, error) ** 2 / 2 if error > 0 else 0.0
    spread = max(mean, LEAST_MEAN)
    # The cube maps a normal deviate d to mean * (1 - s/9 + d * sqrt(s)/3)^3, s = variance / mean²; taken
    # with Poisson's variance and the deviate `error`.
    relative = spread / mean**2
    return float(mean * max(0.0, 1 - relative / 9 + error * math.sqrt(relative) / 3) ** 3)
