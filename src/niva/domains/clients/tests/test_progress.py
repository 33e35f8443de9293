"""The arithmetic of goals: honest ranges, missing that stays missing, prices."""

import datetime as dt
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.domains.clients.progress import (
    Row,
    Stage,
    Target,
    Verdict,
    cumulative,
    plan_by,
    progress,
    trend,
    unit_cost,
)

START, END = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
TARGET = Target(Decimal(40), START, END, Decimal(1000))


def rows_of(counts, start=START):
    """One row a unit, as people write applications down."""
    return [
        Row(start + dt.timedelta(days=index), Decimal(1)) for index, n in enumerate(counts) for _ in range(n)
    ]


def on(day):
    return dt.date(2026, 11, day)


def test_no_rows_is_not_zero_unless_the_source_knows():
    nothing = progress([], TARGET, on(17))
    assert (nothing.fact, nothing.verdict, nothing.expected) == (None, Verdict.NO_DATA, None)
    counted = progress([], TARGET, on(17), counts_zero=True)
    assert (counted.fact, counted.verdict) == (Decimal(0), Verdict.TOO_EARLY)


def test_too_early_under_seven_full_days_and_under_five_rows():
    assert progress(rows_of([2] * 6), TARGET, on(7)).verdict is Verdict.TOO_EARLY
    assert progress(rows_of([2] * 7), TARGET, on(8)).expected is not None
    assert progress(rows_of([0] * 10 + [4]), TARGET, on(16)).verdict is Verdict.TOO_EARLY


def test_a_steady_pace_short_of_plan_is_said_to_be_short():
    seen = progress(rows_of([1, 0, 2, 1, 1, 0, 1, 1, 2, 1, 0, 1, 1, 1, 1, 0]), TARGET, on(17))
    assert seen.fact == 14
    assert seen.verdict is Verdict.UNLIKELY
    assert seen.expected.low < 26 < seen.expected.high < 40
    assert seen.needed == Decimal("1.86")  # 26 in 14 days, today included


def test_eight_of_ten_is_a_promise_that_is_kept():
    """Many made-up months of chance arrivals: the end lies in the range about as often as it says."""
    random = Random(20261117)
    kept = told = 0
    for _ in range(600):
        pace = random.uniform(0.5, 4)
        month = [sum(random.random() < pace / 24 for _hour in range(24)) for _day in range(30)]
        expected = progress(rows_of(month[:16]), Target(Decimal(500), START, END), on(17)).expected
        if expected:
            told += 1
            kept += expected.low <= sum(month) <= expected.high
    assert told > 550
    assert 0.76 <= kept / told <= 0.93


def test_the_plan_reached_stays_reached_and_the_deadline_decides():
    assert progress(rows_of([5] * 8), TARGET, on(17)).verdict is Verdict.REACHED
    assert progress(rows_of([1] * 30), TARGET, dt.date(2026, 12, 3)).verdict is Verdict.MISSED
    assert progress(rows_of([1]), TARGET, dt.date(2026, 10, 3)).stage is Stage.NOT_STARTED


def test_rows_outside_the_days_and_unknown_ones_do_not_count():
    rows = [
        Row(dt.date(2026, 10, 31), Decimal(5)),
        Row(on(3), Decimal(2)),
        Row(on(4), Decimal(9), known="unknown"),
        Row(on(20), Decimal(7)),
    ]
    seen = progress(rows, TARGET, on(17))
    assert (seen.fact, seen.rows) == (2, 1)


def test_a_correcting_row_takes_away_and_is_no_event():
    rows = [*rows_of([1] * 5), Row(on(3), Decimal(-1), corrects=True)]
    seen = progress(rows, TARGET, on(17))
    assert seen.fact == 4
    four_events = [*rows_of([1] * 4), Row(on(2), Decimal(-1), corrects=True)]
    assert progress(four_events, TARGET, on(17)).expected is None


def test_a_fall_is_told_from_noise():
    fell = trend(rows_of([4, 5, 4, 5, 4, 4, 5, 4, 5, 4, 0, 1, 0, 0, 1, 0, 0]), TARGET, on(18))
    assert fell.real
    assert fell.down
    assert fell.since == on(11)
    assert not trend(rows_of([1, 0, 2, 1, 1, 0, 2, 1, 0, 1, 1, 0, 1, 0, 2, 1]), TARGET, on(17)).real
    assert trend(rows_of([3] * 9), TARGET, on(10)) is None


def test_the_price_of_a_unit_and_how_it_is_known():
    costs = [
        Row(on(2), Decimal(9800), kind="ads"),
        Row(on(9), Decimal(12520), known="estimated", kind="people"),
        Row(on(9), Decimal(0), known="unknown", kind="tools"),
    ]
    price = unit_cost(costs, Decimal(18), ("counted",), TARGET, on(17))
    assert price.each == Decimal("1240.00")
    assert price.over == Decimal("240.00")
    assert price.known == ("counted", "estimated")
    assert (price.rows, price.unknown_rows) == (3, 1)
    assert list(price.by_kind) == ["people", "ads"]


def test_no_fact_or_no_cost_has_no_price():
    cost = [Row(on(2), Decimal(9800))]
    assert unit_cost(cost, None, (), TARGET, on(17)).each is None
    assert unit_cost(cost, Decimal(0), (), TARGET, on(17)).each is None
    nothing = unit_cost([], Decimal(5), ("counted",), TARGET, on(17))
    assert (nothing.each, nothing.spent, nothing.over) == (None, None, None)


days = st.dates(START - dt.timedelta(days=10), END + dt.timedelta(days=10))
amounts = st.decimals(0, 10_000, places=2)
many_rows = st.lists(st.builds(Row, days, amounts, st.sampled_from(["counted", "estimated", "said"])))


@given(many_rows, days)
def test_a_range_is_a_range_and_never_below_what_is_there(rows, today):
    seen = progress(rows, TARGET, today)
    if seen.expected:
        assert seen.fact <= seen.expected.low <= seen.expected.high
    if seen.fact is not None and seen.fact >= TARGET.plan:
        assert seen.verdict is Verdict.REACHED
    assert 0 <= seen.by_plan <= TARGET.plan


@given(many_rows, days, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, today, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert progress(shuffled, TARGET, today) == progress(rows, TARGET, today)


@given(many_rows, days, amounts)
def test_one_more_row_never_lowers_the_fact(rows, today, amount):
    before = progress(rows, TARGET, today).fact
    after = progress([*rows, Row(START, amount)], TARGET, today).fact
    if today >= START:
        assert after == (before or 0) + amount
    else:
        assert after is None


@given(many_rows, days)
def test_the_line_ends_at_the_fact(rows, today):
    line = cumulative(rows, TARGET, today)
    seen = progress(rows, TARGET, today)
    if line and seen.fact is not None:
        assert line[-1][1] == seen.fact


@given(many_rows, st.decimals("0.01", 10_000, places=2))
def test_price_times_units_is_the_money(costs, fact):
    price = unit_cost(costs, fact, ("counted",), TARGET, END)
    if price.each is not None:
        assert abs(price.each * fact - price.spent) <= Decimal("0.005") * fact
        assert sum(price.by_kind.values()) == price.spent


@pytest.mark.parametrize(("day", "due"), [(START, "1.33"), (END, "40.00"), (dt.date(2026, 12, 9), "40.00")])
def test_the_even_pace(day, due):
    assert plan_by(TARGET, day) == Decimal(due)


def test_weekdays_are_known():
    """Nobody writes at weekends: three days before the end it matters which days they are."""
    busy = [0 if on(day).weekday() >= 5 else 6 for day in range(1, 28)]  # 1 November 2026 is a Sunday
    target = Target(Decimal(500), START, on(29))
    weekend = progress(rows_of(busy), target, on(28)).expected  # a Saturday and a Sunday are left
    assert weekend.high - sum(busy) <= 8
    friday = progress(rows_of(busy[:26]), Target(Decimal(500), START, on(27)), on(27)).expected
    assert friday.low - sum(busy[:26]) >= 2


def test_a_far_deadline_is_less_sure_than_a_near_one():
    """Paces wander: thirty times as far is more than thirty times as wide as chance alone would be."""
    paces = [3, 2, 4, 3, 3, 2, 3] * 4
    near, far = (
        progress(rows_of(paces), Target(Decimal(5000), START, START + dt.timedelta(days=days)), on(29))
        for days in (34, 238)
    )
    assert far.expected.high - far.expected.low > 30 * (near.expected.high - near.expected.low) / 2


def test_a_flood_today_does_not_end_the_month():
    """Today brought as much as the whole rest was foreseen to bring: the days after it are still to come."""
    seen = progress(rows_of([2, 1, 2, 2, 1, 2, 2, 1, 2, 2, 60]), Target(Decimal(200), START, END), on(11))
    assert seen.fact == 77
    assert seen.expected.high > 77 + 20
