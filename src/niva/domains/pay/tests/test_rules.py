"""The arithmetic of pay: what must hold for any figures, and a few by hand."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from niva.domains.pay import rules
from niva.domains.pay.rules import Quality, Span, Step

D = Decimal
money = st.integers(0, 50_000_000).map(lambda n: D(n).scaleb(-2))
days = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
percents = st.integers(0, 25_000).map(lambda n: D(n).scaleb(-2))
periods = st.sampled_from(["month", "quarter", "week", "day"])


@st.composite
def steps(draw):
    """Steps that the desk would take."""
    several = draw(
        st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100) | st.none()), min_size=1, max_size=4)
    )
    made = [
        Step(D(at), None if pays is None else D(pays)) for at, pays in sorted(several, key=lambda one: one[0])
    ]
    assume(not rules.steps_fault(made))
    return made


@pytest.mark.parametrize(
    ("done", "pays"),
    [("0", 0), ("79.99", 0), ("80", 80), ("94.5", "94.5"), ("99.99", "99.99"), ("100", 100), ("130", 100)],
)
def test_the_steps_as_the_handbook_has_them(done, pays):
    share = rules.bonus_share(D(done), rules.DEFAULT_STEPS, over=False, cap=D(120))
    assert share == D(pays)


@pytest.mark.parametrize(("done", "pays"), [("99", 99), ("110", 110), ("120", 120), ("300", 120)])
def test_more_than_the_norm_pays_more_up_to_the_cap_where_that_is_agreed(done, pays):
    assert rules.bonus_share(D(done), rules.DEFAULT_STEPS, over=True, cap=D(120)) == pays


@given(steps(), percents, percents, st.booleans(), st.integers(100, 300))
def test_who_did_more_never_gets_less_and_nobody_owes(several, one, other, over, cap):
    low, high = sorted((one, other))
    shares = [rules.bonus_share(done, several, over=over, cap=D(cap)) for done in (low, high)]
    assert 0 <= shares[0] <= shares[1] <= (cap if over else 100)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ([], "order"),
        ([(100, 100), (80, None)], "order"),
        ([(80, 80), (80, 90)], "order"),
        ([(0, 10)], "range"),
        ([(80, 130)], "range"),
        ([(80, -1)], "range"),
        ([(50, 90), (80, None)], "falls"),
        ([(80, None), (90, 85)], "falls"),
    ],
)
def test_steps_that_make_no_sense_are_named(raw, fault):
    assert rules.steps_fault([Step(D(at), None if pays is None else D(pays)) for at, pays in raw]) == fault


@given(money, days, st.integers(0, 30))
def test_the_parts_of_a_month_make_the_month(fix, day, cut):
    whole = rules.month_of(day)
    middle = whole.first + dt.timedelta(days=min(cut, whole.days - 2))
    parts = [Span(whole.first, middle), Span(middle + dt.timedelta(days=1), whole.last)]
    several = [rules.fix_sum(fix, part) for part in parts]
    assert rules.fix_sum(fix, whole) == fix
    assert abs(sum(several) - fix) <= D("0.01")


@given(st.integers(1, 30_000), periods, days, st.integers(0, 92))
def test_the_parts_of_a_norm_make_the_norm(kopecks, period, day, cut):
    norm, whole = D(kopecks).scaleb(-2), rules.whole_period(period, day)
    middle = whole.first + dt.timedelta(days=min(cut, whole.days - 2))
    parts = [Span(whole.first, middle), Span(middle + dt.timedelta(days=1), whole.last)]
    several = [rules.norm_of(norm, period, part) for part in parts]
    assert abs(sum(several) - rules.norm_of(norm, period, whole)) <= D("0.01")
    assert all(one >= 0 for one in several)


@given(money, st.dictionaries(st.integers(1, 9), st.integers(1, 999).map(D), min_size=1, max_size=9))
def test_a_sum_spread_over_clients_is_the_sum_again(amount, shares):
    given_ = rules.spread(amount, shares)
    assert sum(given_.values()) == amount
    whole = sum(shares.values())
    for client, share in shares.items():
        assert abs(
            Fraction(given_[client]) - Fraction(amount) * Fraction(share) / Fraction(whole)
        ) < Fraction(1, 100)


@given(st.fractions(0, 10_000, max_denominator=10_000))
def test_half_a_kopeck_goes_up(value):
    rounded = Fraction(rules.half_up(value))
    assert -Fraction(1, 200) < rounded - value <= Fraction(1, 200)


def test_half_up_by_hand():
    assert [rules.half_up(Fraction(n, 1000)) for n in (1005, 1004, 2675, 5)] == [
        D("1.01"), D("1.00"), D("2.68"), D("0.01"),
    ]  # fmt: skip


@given(
    st.lists(st.builds(Quality, st.booleans() | st.none(), st.booleans(), st.booleans()), max_size=12), money
)
def test_four_parts_of_a_whole_month_never_pay_more_than_the_bonus(rows, bonus):
    month = rules.month_of(dt.date(2026, 11, 1))
    parts = rules.scores(rows, D(100) if rows else D(0))
    several = [
        rules.bonus_sum(bonus, month, "month", one.percent, rules.DEFAULT_WEIGHTS[one.part]) for one in parts
    ]
    assert all(0 <= one.percent <= 100 for one in parts)
    assert 0 <= sum(several) <= bonus + D("0.02")
    if not rows:
        assert sum(several) == 0


def test_the_four_parts_by_hand():
    rows = [Quality(True, True, False), Quality(False, True, False), Quality(None, False, True)]
    assert {one.part: (str(one.percent), one.met, one.of) for one in rules.scores(rows, D("75"))} == {
        "volume": ("75", 3, 3),
        "on_time": ("50.00", 1, 2),
        "first_pass": ("66.67", 2, 3),
        "no_errors": ("66.67", 2, 3),
    }


def test_weights_make_a_hundred():
    assert rules.weights_fault(rules.DEFAULT_WEIGHTS) == ""
    assert rules.weights_fault({"volume": D(60), "on_time": D(30)}) == "sum"
    assert rules.weights_fault({"volume": D(120), "on_time": D(-20)}) == "negative"
    assert rules.weights_fault({"reach": D(100)}) == "unknown"


def test_a_quarter_is_settled_where_it_ends_or_the_agreement_does():
    year = Span(dt.date(2026, 1, 1), dt.date(2026, 8, 20))
    first, second, third = (dt.date(2026, month, 1) for month in (6, 7, 8))
    assert rules.settled(year, "quarter", first) == Span(dt.date(2026, 4, 1), dt.date(2026, 6, 30))
    assert rules.settled(year, "quarter", second) is None
    assert rules.settled(year, "quarter", third) == Span(dt.date(2026, 7, 1), dt.date(2026, 8, 20))


def test_a_norm_for_a_working_day_knows_the_days_that_are_worked():
    half = Span(dt.date(2026, 11, 1), dt.date(2026, 11, 15))  # from a Sunday to a Sunday
    assert rules.norm_of(D(2), "day", half) == 20
    assert rules.norm_of(D(2), "day", half, [6, 7]) == 10
    assert rules.norm_of(D(7), "week", half) == 15
    assert rules.norm_of(D(20), "month", half) == 10
