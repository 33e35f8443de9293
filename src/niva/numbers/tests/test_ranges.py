"""Ranges hold what they promise in simulated worlds whose truth is known, and say nothing of too little."""

from __future__ import annotations

import numpy as np
import pytest

from niva.numbers.ranges import of_change, of_ratio

WORLDS = 600


def test_a_ratio_lies_in_its_range_in_eight_cases_of_ten() -> None:
    chance = np.random.default_rng(6)
    held = 0
    for _ in range(WORLDS):
        views = chance.lognormal(7, 0.8, 25)
        rates = chance.gamma(20, 0.05 / 20, 25)  # posts differ in how well they are received
        found = of_ratio(chance.poisson(views * rates).astype(float), views)
        assert found is not None and found.least < found.low < found.typical < found.high < found.most
        held += found.low <= 0.05 <= found.high
    assert 0.74 <= held / WORLDS <= 0.86


def test_a_change_lies_in_its_range_in_eight_cases_of_ten() -> None:
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(WORLDS):
        days = chance.normal(2.0, 6.0, 91)  # followers come and go
        found = of_change(days[:63], 28)
        assert found is not None
        held += found.low <= days[63:].sum() <= found.high
    assert 0.74 <= held / WORLDS <= 0.86


def test_a_ratio_of_sums_is_no_mean_of_ratios() -> None:
    found = of_ratio(np.array([1.0, 1, 1, 1, 90]), np.array([1.0, 1, 1, 1, 900]))
    assert found is not None and found.typical == pytest.approx(94 / 904)


def test_too_little_gives_no_range() -> None:
    nan = np.nan
    assert of_ratio(np.array([1.0, 2, 3, nan, nan]), np.array([9.0, 9, 9, 9, 9])) is None
    assert of_ratio(np.zeros(9), np.ones(9)) is None
    assert of_ratio(np.ones(9), np.zeros(9)) is None
    assert of_change(np.array([1.0] * 13 + [nan] * 9), 7) is None
    assert of_change(np.ones(30), 0) is None
