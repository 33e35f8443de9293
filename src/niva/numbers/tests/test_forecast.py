"""The forecast against worlds whose nature is known: nothing is seen ahead, and 8 of 10 means 8 of 10."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from niva.numbers.forecast import DAY, HOUR, WEEK, Refused, Series, foresee, models, past_error, regular
from niva.numbers.forecast.scales import scale_of

START = datetime.fromisoformat("2026-01-05")  # a Monday; grids know no zones
WEEKDAYS = np.array([0.0, 0.1, 0.1, 0.05, -0.1, -0.5, -0.4])


def _series(values: np.ndarray, step=DAY) -> Series:
    return Series(START, step, np.asarray(values, dtype=float))


def _world(seed: int, days: int, noise: float = 0.25, level: float = 8.0) -> np.ndarray:
    chance = np.random.default_rng(seed).standard_normal(days)
    return np.exp(level + WEEKDAYS[np.arange(days) % 7] + noise * chance)


def test_no_forecast_looks_ahead() -> None:
    values = np.log(_world(1, 120))
    other = values.copy()
    other[80:] += 5
    before, after = models.walk(values, DAY, 14), models.walk(other, DAY, 14)
    np.testing.assert_array_equal(before[:, :81], after[:, :81])
    assert not np.allclose(before[:, 90:], after[:, 90:], equal_nan=True)


def test_weekdays_are_known_and_the_future_lies_in_the_range_as_often_as_said() -> None:
    inside, told, months = 0, 0, 0
    for seed in range(25):
        values = _world(seed, 180 + 28)
        found = foresee(_series(values[:180]), horizon=28)
        inside += sum(
            step.low <= came <= step.high for step, came in zip(found.steps, values[180:], strict=True)
        )
        told += 28
        assert found.total is not None
        months += found.total.low <= values[180:].sum() <= found.total.high
        saturday = np.mean([step.expected for step in found.steps if step.at.weekday() == 5])
        tuesday = np.mean([step.expected for step in found.steps if step.at.weekday() == 1])
        assert saturday < 0.8 * tuesday
    assert 0.74 <= inside / told <= 0.88
    assert months >= 18


def test_a_sum_is_surer_than_its_days() -> None:
    found = foresee(_series(_world(3, 200, noise=0.6)), horizon=28)
    assert found.total is not None
    of_days = sum(step.high for step in found.steps) - sum(step.low for step in found.steps)
    assert found.total.high - found.total.low < 0.6 * of_days


def test_rare_events_keep_chance_s_own_spread() -> None:
    came, inside = np.random.default_rng(5), 0
    for _world_of_leads in range(25):
        leads = came.poisson(0.6, 150 + 28)
        found = foresee(_series(leads[:150]), horizon=28)
        assert found.total is not None
        assert all(step.low >= 0 for step in found.steps)
        assert found.total.high - found.total.low >= 1.5 * 1.28 * np.sqrt(found.total.expected)
        inside += found.total.low <= leads[150:].sum() <= found.total.high
    assert inside >= 18


def test_after_a_shift_of_level_the_new_level_is_told() -> None:
    values = np.concatenate([_world(7, 120), 3 * _world(8, 35)])
    said = np.median([step.expected for step in foresee(_series(values), horizon=14).steps])
    assert 2.3 < said / np.median(values[:120]) < 3.7


def test_an_outlier_moves_nothing_much() -> None:
    calm = _world(9, 120)
    wild = calm.copy()
    wild[-3] *= 40
    said, moved = (
        np.mean([step.expected for step in foresee(_series(one), horizon=14).steps]) for one in (calm, wild)
    )
    assert moved < 1.4 * said


def test_unread_days_are_no_zeros() -> None:
    whole = _world(11, 150)
    holes = whole.copy()
    holes[np.random.default_rng(2).random(150) < 0.1] = np.nan
    full, part = foresee(_series(whole), horizon=14), foresee(_series(holes), horizon=14)
    assert part.gaps == int(np.isnan(holes).sum())
    assert full.total is not None and part.total is not None
    assert abs(part.total.expected / full.total.expected - 1) < 0.1


def test_days_mostly_unread_have_no_sum() -> None:
    values = _world(12, 200)
    values[np.random.default_rng(3).random(200) < 0.35] = np.nan
    assert foresee(_series(values), horizon=7).total is None


def test_negative_corrections_are_left_out_but_losses_are_not() -> None:
    corrected = _world(13, 120)
    corrected[50] = -900
    scale, kept = scale_of(corrected)
    assert (scale.kind, bool(np.isnan(kept[50]))) == ("log", True)
    net = 20 + 30 * np.random.default_rng(4).standard_normal(150)
    assert scale_of(net)[0].kind == "plain"
    assert min(step.low for step in foresee(_series(net), horizon=7).steps) < 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (_world(1, 20), "early"),
        (_world(1, 45), "early"),
        (np.full(90, 7.0), "still"),
        (np.full(9, np.nan), "early"),
    ],
)
def test_it_may_refuse(values: np.ndarray, code: str) -> None:
    with pytest.raises(Refused) as refused:
        foresee(_series(values), horizon=28)
    assert refused.value.code == code


def test_long_unread_series_are_refused_for_their_gaps() -> None:
    values = _world(1, 200)
    values[120:] = np.nan
    values[-2:] = 5000
    values[np.random.default_rng(1).random(200) < 0.3] = np.nan
    with pytest.raises(Refused) as refused:
        foresee(_series(values), horizon=7)
    assert refused.value.code == "gaps"


def test_the_past_error_beats_what_anybody_would_reckon_by_hand() -> None:
    found = [past_error(_series(_world(seed, 200)), horizon=14) for seed in range(6)]
    for rival in ("mase_naive", "mase_seasonal", "mase_mean4"):
        assert np.mean([getattr(one, rival) for one in found]) < 0.95
    assert 0.74 <= np.mean([one.coverage for one in found]) <= 0.88


def test_hours_know_their_day_and_weeks_stand_alone() -> None:
    hours = np.arange(24 * 28)
    curve = 100 * np.exp(np.sin(2 * np.pi * hours / 24) + 0.1 * np.random.default_rng(6).standard_normal(672))
    found = foresee(_series(curve, HOUR), horizon=24)
    said = [step.expected for step in found.steps]
    assert said[6] > 5 * said[18]  # the sine is highest at six
    weeks = foresee(_series(_world(2, 60, noise=0.2), WEEK), horizon=4)
    assert weeks.steps[1].at - weeks.steps[0].at == timedelta(days=7)


def test_rows_become_a_grid() -> None:
    five = [START + timedelta(minutes=5 * place) for place in range(12 * 30)]
    series = regular(five[:-7], np.ones(len(five) - 7))
    assert (series.step, len(series.values)) == (HOUR, 29)  # the last hour was not whole
    assert set(series.values) == {12.0}
    prices = regular(five, np.full(len(five), 0.25))
    assert set(prices.values) == {0.25}
    posts = [START + timedelta(days=place // 2, hours=place % 7) for place in range(40) if place // 2 != 4]
    series = regular(posts, np.full(len(posts), 3.0))
    assert (series.step, series.gaps, series.values[0]) == (DAY, 1, 6.0)
    weekly = regular([START + timedelta(days=7 * place) for place in range(20)], np.arange(20.0))
    assert weekly.step is WEEK
