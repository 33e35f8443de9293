"""The range of a unit's cost holds what it promises, and no more is said than is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from niva.numbers.unit_cost import Against, estimate, gamma_quantile, rate_range, unevenness_of


def test_quantiles_are_those_of_published_tables() -> None:
    # Chi-square with n degrees of freedom is twice a gamma of shape n / 2: NIST handbook, 1.3.6.7.4.
    for freedom, share, table in [
        (1, 0.9, 2.706), (10, 0.9, 15.987), (100, 0.9, 118.498), (10, 0.1, 4.865), (100, 0.1, 82.358),
    ]:  # fmt: skip
        assert 2 * gamma_quantile(share, freedom / 2) == pytest.approx(table, abs=0.001)
    # Both ways of reckoning meet.
    assert gamma_quantile(0.9, 1e5 + 1) == pytest.approx(gamma_quantile(0.9, 1e5), rel=1e-4)


def test_range_stands_around_the_plain_division() -> None:
    seen = estimate(86_400, 18, limit=5_000)
    assert seen.each == 4_800
    assert seen.low is not None and seen.high is not None and seen.low < 4_800 < seen.high
    assert 3_500 < seen.low < 3_700 and 6_400 < seen.high < 6_700
    assert seen.against is Against.OPEN
    assert estimate(86_400, 18, limit=7_000).against is Against.UNDER
    assert estimate(86_400, 18, limit=3_000).against is Against.OVER
    uneven = estimate(86_400, 18, unevenness=3)
    assert uneven.low is not None and uneven.low < seen.low
    assert uneven.high is not None and uneven.high > seen.high


def test_nothing_counted_gives_a_lower_end_only() -> None:
    seen = estimate(20_000, 0, limit=5_000)
    assert seen.each is None and seen.high is None and seen.only_above
    assert seen.low == pytest.approx(20_000 / math.log(10))
    assert seen.against is Against.OVER
    assert estimate(2_000, 0, limit=5_000).against is Against.OPEN


def test_missing_is_not_zero() -> None:
    for spent, count in [(None, 5), (100, None), (0, 5)]:
        seen = estimate(spent, count, limit=10)
        assert (seen.each, seen.low, seen.high, seen.against) == (None, None, None, Against.NOT_KNOWN)
    assert estimate(None, 5).against is Against.NO_LIMIT


def test_unknown_sums_leave_no_upper_end() -> None:
    seen = estimate(1_000, 100, limit=100, more_spent=True)
    assert seen.high is None and seen.against is Against.OPEN
    assert estimate(1_000, 100, limit=5, more_spent=True).against is Against.OVER


def test_what_would_have_come_anyway_is_taken_off() -> None:
    ours = estimate(10_000, 20, per=10)
    assert ours.each == 1_000
    assert ours.low is not None and ours.low < 1_000
    # Fewer than would have come anyway: no price of "ours" can be named, only what it is at least.
    assert estimate(10_000, 8, per=10).each is None
    assert estimate(10_000, 8, per=100).low is None


def test_corrections_below_zero_count_as_nothing() -> None:
    assert estimate(1_000, -2).each is None
    assert rate_range(-2) == rate_range(0)


def test_unevenness() -> None:
    assert unevenness_of([1] * 28) == 1.0
    assert unevenness_of([0, 2] * 7) == pytest.approx(1 + 1 / 13 + (14 / 13) * 2 / 13 / (14 / (14 / 13)))
    assert unevenness_of([0] * 13 + [14]) > 14  # one bunch: it is told badly, so it is taken for more
    assert unevenness_of([5], [5]) == 5.0  # one row of five: one event
    assert unevenness_of([], []) == 1.0
    assert unevenness_of([1, 1], [1, 1, -1]) == 1.0


@pytest.mark.parametrize(
    ("rate", "uneven"),
    [(3.0, 1.0), (8.0, 1.0), (18.0, 1.0), (400.0, 1.0), (8.0, 3.0), (18.0, 3.0), (60.0, 3.0), (400.0, 3.0),
     (18.0, 6.0), (60.0, 6.0)],
)  # fmt: skip
def test_eight_cases_of_ten(rate: float, uneven: float) -> None:
    """Months with a known rate: how often the range that only saw the month holds the true cost."""
    generator = np.random.default_rng(20261124)
    spent, hits, months = 100_000.0, 0, 600
    for _month in range(months):
        if uneven > 1:
            p = 1 / uneven
            days = generator.negative_binomial(rate / 28 * p / (1 - p), p, size=28)
        else:
            days = generator.poisson(rate / 28, size=28)
        seen = estimate(spent, float(days.sum()), unevenness=unevenness_of([float(one) for one in days]))
        true = spent / rate
        hits += seen.low is not None and seen.low <= true and (seen.high is None or true <= seen.high)
    # 600 months tell a share to 0.033; few units move in steps, so small rates err to the sure side.
    assert 0.75 <= hits / months <= (0.9 if rate < 10 else 0.89), hits / months


def test_a_limit_is_called_broken_or_kept_wrongly_in_one_case_of_ten_at_most() -> None:
    """The true cost sits exactly at the limit: whoever says "over" or "under" is wrong."""
    generator = np.random.default_rng(6)
    said = {Against.OVER: 0, Against.UNDER: 0, Against.OPEN: 0}
    for _month in range(800):
        count = float(generator.poisson(20))
        said[estimate(20_000, count, limit=1_000).against] += 1
    assert said[Against.OVER] / 800 < 0.135 and said[Against.UNDER] / 800 < 0.135
    assert said[Against.OPEN] > 560
