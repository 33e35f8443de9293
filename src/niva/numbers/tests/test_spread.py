"""Noise is called noise as often as promised, and a real difference is seen."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from niva.numbers.chance import discoveries, quantile, two_sided
from niva.numbers.spread import (
    Verdict,
    against,
    between_groups,
    between_periods,
    between_ratios,
    ordinary,
)

WORLDS = 400


def _posts(generator: np.random.Generator, count: int, factor: float = 1.0) -> np.ndarray:
    return np.round(np.exp(generator.standard_t(4, count) * 0.5 + 7) * factor)


def _days(generator: np.random.Generator, count: int) -> np.ndarray:
    drift = np.zeros(count)
    steps = generator.normal(0, 0.2, count)
    for day in range(1, count):
        drift[day] = 0.5 * drift[day - 1] + steps[day]
    week = np.resize([1, 1, 1.2, 1, 0.9, 0.5, 0.4], count)
    return generator.poisson(30 * np.exp(drift) * week).astype(float)


@pytest.mark.parametrize(("share", "freedom", "published"), [(0.975, 5, 2.571), (0.9, 10, 1.372)])
def test_students_quantiles_are_those_of_published_tables(share, freedom, published):
    assert float(quantile(share, freedom)) == pytest.approx(published, abs=0.01)
    assert float(two_sided(published, freedom)) == pytest.approx(2 * (1 - share), abs=0.001)


def test_groups_that_differ_in_nothing_are_noise_in_eight_cases_of_ten():
    generator = np.random.default_rng(5)
    seen = Counter(between_groups(_posts(generator, 8), _posts(generator, 30)).verdict for _ in range(WORLDS))
    assert 0.74 <= seen[Verdict.NOISE] / WORLDS <= 0.86
    assert seen[Verdict.REAL] / WORLDS <= 0.04


def test_a_real_difference_is_seen_and_its_range_holds_the_truth():
    generator = np.random.default_rng(6)
    found = [between_groups(_posts(generator, 60, 1.5), _posts(generator, 60)) for _ in range(WORLDS)]
    assert sum(one.verdict is Verdict.REAL for one in found) / WORLDS > 0.8
    held = sum(one.low <= 1.5 <= one.high for one in found) / WORLDS
    assert 0.74 <= held <= 0.86


@pytest.mark.parametrize(("history", "length"), [(14, 7), (90, 7), (300, 28)])
def test_periods_of_an_unchanged_account_are_noise(history, length):
    generator = np.random.default_rng(7)
    seen = Counter()
    for _ in range(WORLDS // 2):
        days = _days(generator, history + 2 * length)
        parts = days[history + length :], days[history : history + length], days[:history]
        seen[between_periods(*parts).verdict] += 1
    assert seen[Verdict.NOISE] / (WORLDS // 2) >= 0.72
    assert seen[Verdict.REAL] / (WORLDS // 2) <= 0.05


def test_a_doubled_week_is_not_noise():
    days = _days(np.random.default_rng(8), 104)
    found = between_periods(days[-7:] * 3, days[-14:-7], days[:-14])
    assert found.verdict is Verdict.REAL
    assert found.low is not None and found.low > 1.5


def test_ratios_of_sums_are_not_means_of_ratios():
    generator = np.random.default_rng(9)
    seen: Counter[Verdict] = Counter()
    for _ in range(WORLDS):
        views = [generator.poisson(np.exp(generator.normal(6, 0.7, size))).astype(float) for size in (20, 25)]
        likes = [
            generator.poisson(one * np.exp(generator.normal(-4, 0.4, len(one)))).astype(float)
            for one in views
        ]
        seen[between_ratios(likes[0], views[0], likes[1], views[1]).verdict] += 1
    assert seen[Verdict.NOISE] / WORLDS >= 0.70
    assert seen[Verdict.REAL] / WORLDS <= 0.05
    tops, bottoms = np.array([1.0, 0, 0, 0, 30]), np.array([1.0, 10, 10, 10, 969])
    found = between_ratios(tops, bottoms, tops, bottoms)
    assert found.ratio == pytest.approx(1.0)


def test_missing_and_negative_values_are_left_out_and_counted():
    values = np.array([10.0, 12, np.nan, 9, 11, -5, 10, 13])
    usual = ordinary(values)
    assert usual is not None
    assert (usual.rests_on, usual.left_out) == (6, 2)
    assert usual.low < usual.typical < usual.high
    assert against(11.0, values).verdict is Verdict.NOISE
    assert against(100.0, values).verdict is Verdict.REAL
    assert against(float("nan"), values).verdict is Verdict.UNKNOWN


def test_a_gap_is_not_a_zero():
    days = _days(np.random.default_rng(10), 90)
    now = days[-7:].copy()
    now[:3] = np.nan
    with_gap = between_periods(now, days[-14:-7], days[:-14])
    assert with_gap.left_out == 3
    assert with_gap.ratio == pytest.approx(
        (np.nanmean(now) + 0.125) / (days[-14:-7].mean() + 0.5 / 7), rel=0.01
    )


def test_too_little_is_said_and_never_guessed():
    few = np.array([3.0, 4, 5])
    assert ordinary(few) is None
    assert between_groups(few, np.arange(50.0)).verdict is Verdict.UNKNOWN
    assert between_periods(few, few, np.empty(0)).verdict is Verdict.UNKNOWN
    assert between_ratios(few, np.zeros(3), few, few).verdict is Verdict.UNKNOWN
    same = np.full(20, 7.0)
    assert between_groups(same, same).verdict is Verdict.UNKNOWN


def test_zeros_do_not_break_anything():
    zeros = np.zeros(30)
    assert between_periods(zeros[:7], zeros[:7], zeros).verdict in (Verdict.NOISE, Verdict.UNKNOWN)
    assert between_groups(np.zeros(20), np.r_[np.zeros(10), np.ones(10)]).verdict in set(Verdict)


def test_of_many_empty_questions_few_are_answered_yes():
    generator = np.random.default_rng(11)
    worlds = sum(discoveries(generator.uniform(size=20), 0.1).any() for _ in range(2000))
    assert worlds / 2000 <= 0.12
    chances = np.array([0.001, np.nan, 0.5, 0.04])
    assert discoveries(chances, 0.1).tolist() == [True, False, False, True]
