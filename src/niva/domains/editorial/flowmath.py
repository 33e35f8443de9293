"""Is it a change, or noise? Medians, usual ranges and two simple tests. Pure.

A difference is called a change when chance alone would show one as large in fewer than one case of twenty.
Under EIGHT values on a side nothing is said: with so few every story can be told.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

EIGHT: Final = 8
Z95: Final = 1.96  # of a normal distribution 95 of 100 lie within it on both sides


class Verdict(StrEnum):
    CHANGE = "change"
    NOISE = "noise"
    FEW = "few"  # too few to say


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several values, and the range in which the middle half of them lies."""

    median: float
    low: float
    high: float
    count: int

    @property
    def usual(self) -> bool:
        """Whether there are enough of them to speak of what is usual."""
        return self.count >= EIGHT


def spread(values: Sequence[float]) -> Spread | None:
    """None for nothing at all: no median is not a median of zero."""
    if not values:
        return None
    if len(values) == 1:
        return Spread(values[0], values[0], values[0], 1)
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high, len(values))


def compare(now: Sequence[float], before: Sequence[float]) -> Verdict:
    """Whether values are larger or smaller than they were: the rank sum test of Mann and Whitney (1947),
    normal approximation with the correction for ties. It knows nothing of how they are distributed."""
    n, m = len(now), len(before)
    if min(n, m) < EIGHT:
        return Verdict.FEW
    ranks, ties = _ranks([*now, *before])
    excess = sum(ranks[:n]) - n * (n + m + 1) / 2
    variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
    if variance <= 0:
        return Verdict.NOISE
    return Verdict.CHANGE if abs(excess) > Z95 * math.sqrt(variance) else Verdict.NOISE


def _ranks(values: Sequence[float]) -> tuple[list[float], float]:
    """The rank of each, equal ones sharing the middle of theirs; and the sum of t³ − t over the ties."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, ties, at = [0.0] * len(values), 0.0, 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and values[order[end + 1]] == values[order[at]]:
            end += 1
        for index in order[at : end + 1]:
            ranks[index] = (at + end) / 2 + 1
        ties += (end - at + 1) ** 3 - (end - at + 1)
        at = end + 1
    return ranks, ties


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; None for none of none."""

    met: int
    of: int

    @property
    def value(self) -> float | None:
        return self.met / self.of if self.of else None


def compare_shares(now: Share, before: Share) -> Verdict:
    """Whether a share has changed: the test of two proportions with their common variance."""
    if min(now.of, before.of) < EIGHT:
        return Verdict.FEW
    common = (now.met + before.met) / (now.of + before.of)
    variance = common * (1 - common) * (1 / now.of + 1 / before.of)
    if variance <= 0:
        return Verdict.NOISE
    gap = abs((now.value or 0.0) - (before.value or 0.0))
    return Verdict.CHANGE if gap > Z95 * math.sqrt(variance) else Verdict.NOISE
