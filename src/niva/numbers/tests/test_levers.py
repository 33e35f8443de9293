"""Levers: the rule of the chain, the account's own weeks, an experiment; what each unit costs."""

from __future__ import annotations

import numpy as np
import pytest

from niva.numbers.levers import PRIOR, Grade, Step, levers

NONE = np.full(3, np.nan)


def test_without_a_history_the_chain_is_all_there_is() -> None:
    (one,) = levers(40, [Step("posts", NONE, NONE, cost=1000.0)])
    assert one.grade is Grade.CHAIN
    assert one.gain == pytest.approx(4.0), "a tenth more of a factor is a tenth more of the product"
    assert one.low < 4 < one.high
    assert one.each == pytest.approx(250.0)
    assert one.each_low is not None and one.each_low < 250


def _weeks(seed: int, slope: float, count: int = 40) -> Step:
    dice = np.random.default_rng(seed)
    posts = np.exp(dice.normal(2.5, 0.4, count))
    return Step("posts", posts, posts**slope * np.exp(dice.normal(1.0, 0.1, count)))


def test_own_weeks_draw_away_from_the_rule() -> None:
    found = [levers(100, [_weeks(seed, 0.2)])[0] for seed in range(20)]
    assert all(one.grade is Grade.HISTORY for one in found)
    assert np.mean([one.elasticity for one in found]) == pytest.approx(0.2, abs=0.06)


def test_ranges_hold_what_is_true() -> None:
    """In 8 of 10 worlds; the doubt about the rule makes them a little wider where the weeks say much."""
    true = 100 * (1.1**0.6 - 1)
    found = [levers(100, [_weeks(seed, 0.6)])[0] for seed in range(300)]
    held = [one.low <= true <= one.high for one in found]
    assert 0.72 <= np.mean(held) <= 0.93


def test_a_common_trend_proves_nothing() -> None:
    """Posts and leads both grew for half a year; week by week the one does not follow the other."""
    dice = np.random.default_rng(7)
    grown = np.linspace(1, 3, 30)
    step = Step("posts", np.exp(grown + dice.normal(0, 0.3, 30)), np.exp(grown + dice.normal(0, 0.1, 30)))
    (one,) = levers(100, [step])
    assert one.elasticity < 0.5


def test_an_experiment_outweighs_all() -> None:
    step = _weeks(1, 1.0)
    (one,) = levers(100, [Step("posts", step.weeks, step.outcome, tried=(0.0, 0.1))])
    assert one.grade is Grade.EXPERIMENT and one.gain == 0
    assert one.each is None


def test_the_cheapest_stands_first_and_the_unknown_last() -> None:
    steps = [Step("clicks", NONE, NONE), Step("posts", NONE, NONE, 900.0), Step("reach", NONE, NONE, 200.0)]
    found = levers(40, steps)
    assert [one.name for one in found] == ["reach", "posts", "clicks"]
    assert found[-1].each is None


def test_weeks_without_the_step_are_gaps_and_a_step_that_never_moved_says_nothing() -> None:
    still = Step("posts", np.full(20, 7.0), np.arange(20.0))
    assert (levers(1, [still])[0].elasticity, PRIOR[0]) == (1.0, 1.0)
    gaps = _weeks(3, 1.0, 20)
    gaps.weeks[::2] = np.nan
    assert levers(1, [gaps])[0].grade is Grade.CHAIN


def test_negative_units_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        levers(-1, [])
