"""Student's distribution without a library of statistics: quantiles and two-sided chances, for arrays.

D. L. Wallace, "Bounds on normal approximations to Student's and the chi-square distributions" (1959): t with
n degrees of freedom stands at the normal deviate z = (8n + 1) / (8n + 3) * sqrt(n * ln(1 + t^2 / n)). Right
to 0.02 of t from three degrees on.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
_erfc = np.frompyfunc(math.erfc, 1, 1)


def quantile(share: float, freedom: Array | float) -> Array:
    """The t that lies above `share` (0.5 to 1) of the distribution with so many degrees of freedom."""
    degrees = np.maximum(np.asarray(freedom, dtype=float), 1.0)
    deviate = NormalDist().inv_cdf(share) * (8 * degrees + 3) / (8 * degrees + 1)
    return np.asarray(np.sqrt(degrees * np.expm1(deviate**2 / degrees)))


def two_sided(t: Array | float, freedom: Array | float) -> Array:
    """The chance of a value at least as far from zero as `t` when nothing is there; NaN stays NaN."""
    degrees = np.maximum(np.asarray(freedom, dtype=float), 1.0)
    value = np.asarray(t, dtype=float)
    deviate = (8 * degrees + 1) / (8 * degrees + 3) * np.sqrt(degrees * np.log1p(value**2 / degrees))
    return np.asarray(_erfc(deviate / math.sqrt(2)), dtype=float)


def discoveries(chances: Array, rate: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of several questions are answered "something is there", so that of those answers no more than
    `rate` are wrong on average: Benjamini and Hochberg (1995). NaN is a question that was not asked."""
    found = np.zeros(len(chances), dtype=bool)
    asked = np.flatnonzero(~np.isnan(chances))
    order = asked[np.argsort(chances[asked])]
    under = chances[order] <= rate * np.arange(1, len(order) + 1) / max(len(order), 1)
    if under.any():
        found[order[: int(np.flatnonzero(under)[-1]) + 1]] = True
    return found
