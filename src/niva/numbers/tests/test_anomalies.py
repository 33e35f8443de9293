"""Scores use the past only; noise is nearly silent, what is planted is found, and each thing is told once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niva.numbers import anomalies
from niva.numbers.anomaly_tail import Floats

DAY, HOUR, MINUTES = 86400.0, 3600.0, 300.0


def at(step: float, count: int) -> Floats:
    return np.arange(count, dtype=float) * step


def world(step: float, count: int, seed: int) -> Floats:
    """Counts or a price with a day's swing and no anomaly."""
    chance = np.random.default_rng(seed)
    swing = 1 + 0.5 * np.sin(2 * np.pi * at(step, count) / DAY)
    if step == HOUR:
        return np.asarray(0.4 * swing * np.exp(chance.normal(0, 0.15, count)))
    if step == DAY:
        weekly = 1 + 0.3 * (np.arange(count) % 7 == 5)
        busy = 300 * weekly * np.exp(chance.normal(0, 0.2, count))
        return np.asarray(chance.poisson(busy), dtype=float)
    return np.asarray(chance.poisson(12 * swing), dtype=float)


SIZES = {MINUTES: 4 * 288, HOUR: 400, DAY: 120}


@pytest.mark.parametrize("step", SIZES)
@given(seed=st.integers(0, 999), cut=st.floats(0.2, 0.95), later=st.floats(0, 1e6))
@settings(max_examples=8, deadline=None)
def test_later_points_never_change_earlier_scores(step: float, seed: int, cut: float, later: float) -> None:
    values = world(step, SIZES[step], seed)
    warm_up = anomalies.manner_for(step).warm_up
    here = warm_up + 1 + int(cut * (len(values) - warm_up - 1))
    changed = values.copy()
    changed[here:] = later
    times = at(step, len(values))
    early = anomalies.score(times[:here], values[:here])
    late = anomalies.score(times, changed)
    np.testing.assert_allclose(late.scores[:here], early.scores, atol=1e-6)
    np.testing.assert_allclose(late.expected[:here], early.expected, rtol=1e-6)


@given(seed=st.integers(0, 999), scale=st.floats(1e-3, 1e4))
@settings(max_examples=10, deadline=None)
def test_a_price_in_another_currency_is_as_rare(seed: int, scale: float) -> None:
    values, times = world(HOUR, 400, seed), at(HOUR, 400)
    one = anomalies.score(times, values)
    other = anomalies.score(times, values * scale)
    np.testing.assert_allclose(one.scores, other.scores, atol=1e-6)


@pytest.mark.parametrize("step", SIZES)
@pytest.mark.parametrize("level", [0.0, 3.0, 0.37, 1e6, -4.0])
def test_a_constant_series_never_alarms(step: float, level: float) -> None:
    values = np.full(SIZES[step], level)
    assert anomalies.episodes(anomalies.score(at(step, len(values)), values), 0.001) == []


@pytest.mark.parametrize(
    ("step", "count", "worlds"), [(MINUTES, 9 * 288, 8), (HOUR, 24 * 30, 16), (DAY, 250, 40)]
)
def test_noise_is_told_no_more_often_than_the_budget(step: float, count: int, worlds: int) -> None:
    """With the threshold of the manner. Twice the budget is let pass: few are expected: chance is large."""
    told = judged = 0
    for seed in range(worlds):
        scored = anomalies.score(at(step, count), world(step, count, seed))
        told += len(anomalies.episodes(scored))
        judged += count - scored.manner.warm_up
    budget = anomalies.budget_of(scored.manner.threshold) * judged / 1000
    assert told <= 2 * budget + 2, (told, budget)


@pytest.mark.parametrize(
    ("step", "factor", "direction"),
    [(MINUTES, 12, "up"), (HOUR, 8, "up"), (DAY, 6, "up"), (DAY, 0.05, "down")],
)
def test_what_is_planted_is_told_once(step: float, factor: float, direction: str) -> None:
    values, times = world(step, SIZES[step], 5), at(step, SIZES[step])
    here = len(values) - 20
    values[here : here + 3] = np.round(values[here : here + 3] * factor) + (step == HOUR)
    found = anomalies.episodes(anomalies.score(times, values))
    assert [one.direction for one in found if one.start >= here] == [direction]
    episode = found[-1]
    assert here <= episode.start <= episode.peak <= episode.end
    assert episode.once_in > 400
    assert (episode.value > episode.expected) is (direction == "up")


def test_a_day_of_silence_of_a_dense_series_is_a_fall_but_an_hour_is_not() -> None:
    times = at(MINUTES, 8 * 288)
    quiet = world(MINUTES, len(times), 3)
    quiet[-288 - 12 : -288] = 0
    assert anomalies.episodes(anomalies.score(times, quiet)) == []
    quiet[-288:] = 0
    assert [one.direction for one in anomalies.episodes(anomalies.score(times, quiet))] == ["down"]


def test_gaps_are_not_filled_and_do_not_alarm() -> None:
    times, values = at(HOUR, 600), world(HOUR, 600, 9)
    there = np.ones(600, dtype=bool)
    there[300:340] = False
    scored = anomalies.score(times[there], values[there])
    assert len(scored.scores) == 560
    assert anomalies.episodes(scored) == []


def test_a_month_with_few_followers_is_not_told_for_one_of_them() -> None:
    values = np.zeros(90)
    values[[40, 60, 75]] = 1.0
    values[80] = -2.0
    assert anomalies.episodes(anomalies.score(at(DAY, 90), values, kind="signed")) == []


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(anomalies.TooShort) as short:
        anomalies.score(at(DAY, 28), np.ones(28))
    assert short.value.least == 29
    with pytest.raises(ValueError, match="rise"):
        anomalies.score(np.zeros(40), np.ones(40))
    with pytest.raises(ValueError, match="numbers"):
        anomalies.score(at(DAY, 40), np.full(40, np.nan))
    with pytest.raises(ValueError, match="budget"):
        anomalies.threshold_of(0)


def test_a_budget_and_its_threshold_are_each_other_s_inverse() -> None:
    assert anomalies.budget_of(anomalies.threshold_of(0.25)) == pytest.approx(0.25)


def test_the_silence_after_an_alarm_is_the_manner_s() -> None:
    times, values = at(DAY, 120), world(DAY, 120, 1)
    values[[100, 104, 109]] *= 9
    scored = anomalies.score(times, values)
    first = anomalies.episodes(scored)[0]
    assert first.start == 100
    assert first.end <= 107
    brief = anomalies.score(times, values, replace(scored.manner, quiet=DAY))
    assert len(anomalies.episodes(brief)) > len(anomalies.episodes(scored))
