"""What one unit of a goal costs, with a range: the money is known to the kopeck, the count is not luck-free.

**Formula.** Spent C, counted N units. What a like month would bring is a rate L of which N is one draw. Units
come by chance, more unevenly than chance alone would have it: with the ratio of variance to mean f >= 1 the
count N / f behaves as a Poisson count, and L / f is gamma distributed with shape N / f + 1/2 (the prior of
Jeffreys: H. Jeffreys, Theory of Probability, 1961; L. Brown, T. Cai, A. DasGupta, "Interval estimation in
exponential families", Statistica Sinica 13, 2003, find its coverage nearest to what is promised). The range
of the cost is C over the ninetieth and over the tenth percentile of L: right in 8 cases out of 10.

**Nothing counted yet.** Zero of f-fold chance is seen in one case of ten when L = f * ln 10, so one unit
costs more than C / (f * ln 10), and that is all that can be said: no price, no upper end.

**Unevenness.** f is Pearson's: the sum of (day - mean)^2 / mean over the days, divided by days - 1, never
below 1 (P. McCullagh, J. Nelder, Generalized Linear Models, 1989, 6.2). Seen in few bunches it comes out too
small, so it is taken f * (1 + 2 * (f - 1) * f / N): a correction of ours, chosen on simulated months. Under 7
days it is not told from days; then each row is taken as one event of its size: f = sum of squares / sum.

**What it holds.** On simulated months of 28 days 78 to 86 of 100 ranges hold the true cost, for 3 units or
more that come singly, 8 or more that come in bunches of three times the ordinary unevenness, 18 or more at
six times. Below that a month shows too little of its own unevenness: with 3 units in strong bunches 6 of 10.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LOW: Final = 0.1
HIGH: Final = 0.9
FEWEST_DAYS: Final = 7


class Against(StrEnum):
    """What can be said of the price limit that was agreed."""

    NO_LIMIT = "no_limit"
    NOT_KNOWN = "not_known"  # no money or no count at all
    UNDER = "under"  # even the high end is within the limit
    OVER = "over"  # even the low end is above it
    OPEN = "open"  # the limit lies within the range


@dataclass(frozen=True, slots=True)
class Estimate:
    """Money for one unit. `each`: spent by count, None while nothing is counted; `low`, `high`: where it is
    in 8 cases out of 10; `high` is None where nothing bounds it from above."""

    each: float | None
    low: float | None
    high: float | None
    against: Against
    unevenness: float

    @property
    def only_above(self) -> bool:
        """All that is known is "dearer than `low`"."""
        return self.low is not None and self.high is None


def estimate(
    spent: float | None, count: float | None, *, unevenness: float = 1.0, limit: float | None = None,
    more_spent: bool = False, per: float = 0.0,
) -> Estimate:  # fmt: skip
    """The cost of a unit. `more_spent`: some sums are not known, so the true cost is higher and has no upper
    end. `per`: units that would have come anyway; they are taken off the rate (what is left is ours)."""
    uneven = max(1.0, unevenness)
    if spent is None or count is None or spent <= 0:
        return Estimate(None, None, None, _no_answer(limit), uneven)
    few, many = rate_range(count, uneven)
    few, many = few - per, many - per
    each = spent / (count - per) if count - per > 0 else None
    low = spent / many if many > 0 else None
    high = spent / few if few > 0 and count > 0 and not more_spent else None
    return Estimate(each, low, high, _against(low, high, limit), uneven)


def rate_range(count: float, unevenness: float = 1.0) -> tuple[float, float]:
    """Tenth and ninetieth percentile of what a like period would bring; (0, upper) when nothing came."""
    if count <= 0:
        return 0.0, unevenness * math.log(1 / LOW)
    shape = count / unevenness + 0.5
    return unevenness * gamma_quantile(LOW, shape), unevenness * gamma_quantile(HIGH, shape)


def unevenness_of(days: Sequence[float], sizes: Sequence[float] = ()) -> float:
    """Ratio of variance to mean, never below 1. `days`: the sum of each full day, zeros among them; `sizes`:
    what each row counts, used while there are too few days."""
    total = sum(days)
    if len(days) >= FEWEST_DAYS and total > 0:
        mean = total / len(days)
        seen = max(1.0, sum((one - mean) ** 2 for one in days) / mean / (len(days) - 1))
        return seen * (1 + 2 * (seen - 1) / max(1.0, total / seen))
    positive = [one for one in sizes if one > 0]
    if not positive:
        return 1.0
    return max(1.0, sum(one * one for one in positive) / sum(positive))


def _no_answer(limit: float | None) -> Against:
    return Against.NO_LIMIT if limit is None else Against.NOT_KNOWN


def _against(low: float | None, high: float | None, limit: float | None) -> Against:
    if limit is None:
        return Against.NO_LIMIT
    if low is not None and low > limit:
        return Against.OVER
    return Against.UNDER if high is not None and high <= limit else Against.OPEN


# The gamma distribution without a library of statistics


def gamma_quantile(share: float, shape: float) -> float:
    """The point below which `share` (0 to 1) of a gamma distribution of this shape and scale 1 lies."""
    if shape > 1e5:  # Wilson and Hilferty's cube is right to six digits here
        deviate = 1.2815515655446004 if share > 0.5 else -1.2815515655446004
        return shape * (1 - 1 / (9 * shape) + deviate / (3 * math.sqrt(shape))) ** 3
    below, above = 0.0, shape + 10 * math.sqrt(shape) + 10
    for _step in range(80):
        middle = (below + above) / 2
        if _gamma_share(shape, middle) < share:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def _gamma_share(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function: a series below shape + 1, Lentz's fraction above
    (M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 6.5.29 and 6.5.31)."""
    if x <= 0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        n = shape
        while abs(term) > abs(total) * 1e-12:
            n += 1
            term *= x / n
            total += term
        return total * front
    b = x + 1 - shape
    c, d = 1e300, 1 / b
    fraction = d
    for n in range(1, 100_000):
        a = -n * (n - shape)
        b += 2
        d = 1 / (a * d + b or 1e-300)
        c = b + a / c or 1e-300
        fraction *= d * c
        if abs(d * c - 1) < 1e-12:
            break
    return 1 - fraction * front
