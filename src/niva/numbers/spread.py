"""Is it noise: how far the account's own numbers differ without a reason, and what a difference then says.

Four questions, one answer each:

- `ordinary(values)`: where a number of this kind usually lies; `against(value, values)`: is this one unusual;
- `between_groups(a, b)`: two groups of posts, by what their typical post got;
- `between_ratios(top_a, bottom_a, top_b, bottom_b)`: a ratio of sums (reactions to views) in two groups;
- `between_periods(now, before, history)`: two spans of days, by what came a day.

All work on the scale of logarithms, since a post differs from another by a factor, not by a number. A range
holds the truth in 8 cases of 10. NaN and negative values (a network's correction) are left out and counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from niva.numbers.chance import Array, quantile, two_sided

HALF: Final = 0.5
"""Added to a count before its logarithm, so that none is a count like others."""
FEWEST: Final = 5
"""Of fewer values in a group nothing is said."""
_IN_TEN, _IN_HUNDRED = 0.90, 0.99  # quantiles whose two-sided ranges hold 80 and 98 cases of 100
_TRIM: Final = 0.2
_TRUSTED_PAIRS: Final = 4
_ROUNDING: Final = 1e-9


class Verdict(StrEnum):
    """noise: such a difference comes without any reason in 2 cases of 10 or more. leaning: more seldom.
    real: in fewer than 2 of 100. unknown: too little to say."""

    NOISE = "noise"
    LEANING = "leaning"
    REAL = "real"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ordinary:
    """What is usual: 8 values of 10 lie from `low` to `high`, half of them below `typical`."""

    typical: float
    low: float
    high: float
    rests_on: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Difference:
    """`ratio`: how many times the first is the second; in 8 cases of 10 the truth lies from `low` to `high`.

    `ordinary`: the factor (1 or more) within which two such numbers differ in 8 cases of 10 when nothing has
    changed. `chance`: how often a difference like this, or a larger one, comes when nothing has changed.
    With the verdict "unknown" all four are None. `rests_on`: values (posts, days) of each side.
    """

    verdict: Verdict
    ratio: float | None
    low: float | None
    high: float | None
    ordinary: float | None
    chance: float | None
    rests_on: tuple[int, int]
    left_out: int


def ordinary(values: Array) -> Ordinary | None:
    """Where counts of this kind lie; None when there are fewer than five."""
    logs, left_out = _logs(values)
    if len(logs) < FEWEST:
        return None
    centre = float(np.median(logs))
    reach = float(quantile(_IN_TEN, len(logs) - 1)) * _sigma(logs) * math.sqrt(1 + 1 / len(logs))
    low, typical, high = (_count(centre + step) for step in (-reach, 0.0, reach))
    return Ordinary(typical, low, high, len(logs), left_out)


def against(value: float, values: Array) -> Difference:
    """One count against the others of its account: is it unusual for it? `values` must not hold it."""
    logs, left_out = _logs(values)
    mine, mine_out = _logs(np.array([value]))
    if len(logs) < FEWEST or mine_out:
        return _unknown((1 - mine_out, len(logs)), left_out + mine_out)
    error = _sigma(logs) * math.sqrt(1 + 1 / len(logs))
    return _difference(float(mine[0] - np.median(logs)), error, len(logs) - 1, (1, len(logs)), left_out)


def between_groups(first: Array, second: Array) -> Difference:
    """Counts of the posts of two groups. Trimmed means of logarithms, their error by K. K. Yuen, "The
    two-sample trimmed t for unequal population variances" (1974): one post of a thousand does not decide."""
    (a, a_out), (b, b_out) = _logs(first), _logs(second)
    sizes = (len(a), len(b))
    if min(sizes) < FEWEST:
        return _unknown(sizes, a_out + b_out)
    (mean_a, error_a, free_a), (mean_b, error_b, free_b) = _trimmed(a), _trimmed(b)
    square = error_a + error_b
    freedom = square**2 / (error_a**2 / free_a + error_b**2 / free_b) if square else 1.0
    return _difference(mean_a - mean_b, math.sqrt(square), freedom, sizes, a_out + b_out)


def between_ratios(top_a: Array, bottom_a: Array, top_b: Array, bottom_b: Array) -> Difference:
    """Ratios of sums, post by post: sum(top) / sum(bottom) in each group. The error is by linearisation
    (W. G. Cochran, "Sampling Techniques", 3rd ed., 6.4): posts vary, not single views."""
    sides = [_ratio(top_a, bottom_a), _ratio(top_b, bottom_b)]
    sizes, left_out = (sides[0][2], sides[1][2]), sides[0][3] + sides[1][3]
    if min(sizes) < FEWEST or any(math.isnan(side[0]) for side in sides):
        return _unknown(sizes, left_out)
    square = sides[0][1] + sides[1][1]
    parts = sum(side[1] ** 2 / (side[2] - 1) for side in sides)
    freedom = square**2 / parts if parts else 1.0
    return _difference(sides[0][0] - sides[1][0], math.sqrt(square), freedom, sizes, left_out)


def between_periods(now: Array, before: Array, history: Array) -> Difference:
    """Two spans of days, by what came a day; `history`: days before both, oldest first, the more the better.

    How far equal neighbouring spans of the history differed is what is ordinary. Where there are few of
    them, it leans on the spread of single days: counts with over-dispersion (variance phi times the mean, P.
    McCullagh and J. A. Nelder, "Generalized Linear Models", 6.2), days after one another taken as alike as
    they are. A day without a number (NaN) is a gap, not a zero.
    """
    (a, a_out), (b, b_out) = _known(now), _known(before)
    sizes, left_out = (len(a), len(b)), a_out + b_out
    earlier = np.asarray(history, dtype=float)
    if min(sizes) < 1 or len(a) + len(b) + int(np.isfinite(earlier).sum()) < 2 * FEWEST:
        return _unknown(sizes, left_out)
    spans = [_cleaned(np.asarray(span, dtype=float)) for span in (earlier, before, now)]
    level = max(float(_known(np.concatenate(spans))[0].mean()), HALF)
    base = (1 / len(a) + 1 / len(b)) * _dispersion(spans) / level
    pairs = _neighbours(_cleaned(earlier), max(len(now), 1))
    square = (_TRUSTED_PAIRS * base + float((pairs**2).sum())) / (_TRUSTED_PAIRS + len(pairs))
    gap = math.log(a.mean() + HALF / len(a)) - math.log(b.mean() + HALF / len(b))
    return _difference(gap, math.sqrt(square), _TRUSTED_PAIRS + len(pairs), sizes, left_out)


def _difference(
    gap: float, error: float, freedom: float, rests_on: tuple[int, int], left_out: int
) -> Difference:
    if error < _ROUNDING:  # every value is the same: there is nothing to measure a spread by
        return _unknown(rests_on, left_out)
    chance = float(two_sided(gap / error, freedom))
    reach = float(quantile(_IN_TEN, freedom)) * error
    verdict = Verdict.NOISE
    if abs(gap) > reach:
        sure = abs(gap) > float(quantile(_IN_HUNDRED, freedom)) * error
        verdict = Verdict.REAL if sure else Verdict.LEANING
    return Difference(
        verdict, _exp(gap), _exp(gap - reach), _exp(gap + reach), _exp(reach), chance, rests_on, left_out
    )


def _unknown(rests_on: tuple[int, int], left_out: int) -> Difference:
    return Difference(Verdict.UNKNOWN, None, None, None, None, None, rests_on, left_out)


def _exp(log: float) -> float:
    return math.exp(max(min(log, 700.0), -700.0))


def _count(log: float) -> float:
    return max(_exp(log) - HALF, 0.0)


def _cleaned(values: Array) -> Array:
    """Values as floats, NaN where a value is negative."""
    array = np.asarray(values, dtype=float)
    return np.where(np.isfinite(array) & (array >= 0), array, np.nan)


def _known(values: Array) -> tuple[Array, int]:
    """The values that can be used, and how many cannot."""
    array = _cleaned(values)
    kept = array[~np.isnan(array)]
    return kept, len(array) - len(kept)


def _logs(values: Array) -> tuple[Array, int]:
    kept, left_out = _known(values)
    return np.log(kept + HALF), left_out


def _sigma(logs: Array) -> float:
    """The spread of logarithms that one wild post does not blow up: by the middle half and by the middle
    eight tenths, the wider of both."""
    low, first, third, high = np.quantile(logs, [0.1, 0.25, 0.75, 0.9])
    robust = max(float(third - first) / 1.349, float(high - low) / 2.563)
    return robust or float(logs.std(ddof=1))


def _trimmed(logs: Array) -> tuple[float, float, int]:
    """The trimmed mean, the square of its error, and its degrees of freedom."""
    count = len(logs)
    cut = int(_TRIM * count)
    ordered = np.sort(logs)
    kept = ordered[cut : count - cut]
    bounded = np.clip(ordered, kept[0], kept[-1])
    square = float(bounded.var(ddof=1)) * (count - 1) / (len(kept) * (len(kept) - 1))
    return float(kept.mean()), square, len(kept) - 1


def _ratio(top: Array, bottom: Array) -> tuple[float, float, int, int]:
    """Logarithm of the ratio of sums, the square of its error, posts used, posts left out."""
    above, below = _cleaned(top), _cleaned(bottom)
    good = ~np.isnan(above) & ~np.isnan(below)
    above, below = above[good], below[good]
    count, left_out = len(above), int((~good).sum())
    if count < FEWEST or above.sum() <= 0 or below.sum() <= 0:
        return math.nan, math.nan, count, left_out
    ratio = above.sum() / below.sum()
    residual = above - ratio * below
    square = float((residual**2).sum()) * count / (count - 1) / float(above.sum()) ** 2
    return math.log(ratio), square, count, left_out


def _dispersion(spans: list[Array]) -> float:
    """Variance of a day's count over its mean, at least 1 (pure chance), times how much neighbouring days
    repeat one another (autocorrelations up to a week, Bartlett's weights). Each span has its own mean, and
    three weeks or more have a mean for each weekday."""
    residual = np.concatenate([span - _usual(span) for span in spans if len(span)])
    known = ~np.isnan(residual)
    mean = float(np.nanmean(np.concatenate(spans)))
    if mean <= 0:
        return 1.0
    filled = np.where(known, residual, 0.0)
    whole = float((filled**2).sum())
    if whole <= 0:
        return 1.0
    phi = max(whole / max(int(known.sum()) - len(spans), 1) / mean, 1.0)
    lags = range(1, min(7, len(filled) - 1) + 1)
    alike = sum((1 - lag / 8) * float((filled[lag:] * filled[:-lag]).sum()) / whole for lag in lags)
    return phi * max(1 + 2 * alike, 1.0)


def _usual(span: Array) -> Array:
    """What is usual on each day of a span: its mean, or the mean of its weekday."""
    if np.isnan(span).all():
        return span
    usual = np.full(len(span), float(np.nanmean(span)))
    if len(span) >= 21:
        for weekday in range(7):
            same = span[weekday::7]
            if not np.isnan(same).all():
                usual[weekday::7] = np.nanmean(same)
    return usual


def _neighbours(history: Array, length: int) -> Array:
    """Differences of logarithms between neighbouring spans of so many days, back from the history's end."""
    spans = len(history) // length
    if spans < 2:
        return np.empty(0)
    blocks = history[len(history) - spans * length :].reshape(spans, length)
    enough = (~np.isnan(blocks)).sum(axis=1) * 2 >= length
    sums = np.nansum(blocks, axis=1) / np.maximum((~np.isnan(blocks)).sum(axis=1), 1)
    logs = np.where(enough, np.log(sums + HALF / length), np.nan)
    steps = np.diff(logs)
    return np.asarray(steps[~np.isnan(steps)])
