"""A share of those who went on, with the range in which it truly lies in 8 cases out of 10.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927): for k of n the
share lies within (p + z²/2n ± z·sqrt(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = k/n. It keeps within 0 and 1 and
stays honest for few cases, where "3 of 3" would otherwise be sure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Z80: Final = 1.2816  # four fifths of a normal distribution lie within it on both sides


@dataclass(frozen=True, slots=True)
class Share:
    """`top` of `bottom` went on: `value` between `low` and `high`, all as fractions of one."""

    top: float
    bottom: float
    value: float
    low: float
    high: float


def share(top: float | None, bottom: float | None, *, z: float = Z80) -> Share | None:
    """The share, or None where there is none: a part is not known, nobody was there, or more went on than
    were
    there (they came another way), so that the two are no part and whole."""
    if top is None or bottom is None or not 0 <= top <= bottom or bottom <= 0:
        return None
    p, square = top / bottom, z * z
    middle = p + square / (2 * bottom)
    half = z * math.sqrt(p * (1 - p) / bottom + square / (4 * bottom * bottom))
    whole = 1 + square / bottom
    return Share(top, bottom, p, max((middle - half) / whole, 0.0), min((middle + half) / whole, 1.0))


def differ(one: Share | None, other: Share | None) -> int:
    """-1, 1 when the first lies below or above the second beyond what chance makes, else 0.

    z = (p1 − p2) / sqrt(p(1 − p)(1/n1 + 1/n2)) with the pooled share p; beyond 1.96 chance alone makes such a
    difference less than once in twenty.
    """
    if one is None or other is None:
        return 0
    pooled = (one.top + other.top) / (one.bottom + other.bottom)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / one.bottom + 1 / other.bottom))
    if spread == 0:
        return 0
    z = (one.value - other.value) / spread
    return (z > 1.96) - (z < -1.96)


@dataclass(frozen=True, slots=True)
class Wait:
    """A quantile of waiting times. `at_least`: it falls on somebody who still waits, so the truth is
    longer."""

    value: float
    at_least: bool


def waiting(answered: Sequence[float], still: Sequence[float], part: float) -> Wait | None:
    """The time within which the part (0 to 1) of all was answered, those who still wait counted fairly.

    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations" (1958): at every answer
    the share of those who wait falls by 1/n of those who had waited that long; who still waits leaves at the
    length of his wait so far. Where so many are not answered yet, the longest wait is told as a lower bound.
    None where nobody waited.
    """
    rows = sorted([(wait, 0) for wait in answered] + [(wait, 1) for wait in still])
    if not rows:
        return None
    waits = 1.0
    for place, (wait, open_still) in enumerate(rows):
        if open_still:
            continue
        waits *= 1 - 1 / (len(rows) - place)
        if waits <= 1 - part + 1e-12:
            return Wait(wait, False)
    return Wait(rows[-1][0], True)
