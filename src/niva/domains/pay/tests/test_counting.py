"""Which pieces count, for which agreement, and never twice."""

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from niva.domains.pay import counting, rules
from niva.domains.pay.counting import Pass, Terms, Work

D = Decimal
NOVEMBER = dt.date(2026, 11, 1)


def terms(pk=1, **extra):
    values = {
        "pk": pk, "client_id": 1, "model": "piece", "gate": "accepted", "period": "month", "norm": None,
        "currency": "RUB", "fix": D(0), "bonus": D(0), "over": False, "cap": D(120),
        "steps": rules.DEFAULT_STEPS, "parts": rules.DEFAULT_WEIGHTS, "weekdays": (1, 2, 3, 4, 5),
        "rates": {"post": (D(500), D(1))}, "starts_on": dt.date(2026, 1, 1), "ends_on": None,
    }  # fmt: skip
    return Terms(**{**values, **extra})


def passed(day, month=11, hour=12):
    at = dt.datetime(2026, month, day, hour, tzinfo=dt.UTC)
    return Pass(at, at.date())


def work(pk=1, accepted=None, published=None, **extra):
    values = {"client_id": 1, "currency": "RUB", "unit": "post", "planned_at": None}
    return Work(pk, pk, title=f"№ {pk}", accepted=accepted, published=published, **{**values, **extra})


passes = st.none() | st.builds(passed, st.integers(1, 28), st.integers(9, 12))
works = st.lists(
    st.builds(work, st.integers(1, 10_000), passes, passes, client_id=st.integers(1, 2)),
    unique_by=lambda one: one.piece_id,
    max_size=20,
)


@given(works, st.integers(2, 27), st.randoms(use_true_random=False))
def test_no_piece_counts_twice_in_any_order_whatever_was_changed_in_the_middle(several, day, chance):
    """One agreement until a day, from then on by publication: nothing counts a piece again."""
    change = dt.date(2026, 11, day)
    agreed = [
        terms(1, ends_on=change - dt.timedelta(days=1)),
        terms(2, gate="published", starts_on=change),
        terms(3, client_id=2),
    ]
    mixed = chance.sample(several, len(several))
    found = counting.claims(several, agreed)
    again = counting.claims(mixed, chance.sample(agreed, 3))
    assert [(one.work.piece_id, one.terms.pk) for one in found] == [
        (one.work.piece_id, one.terms.pk) for one in again
    ]
    ids = []
    for month in (9, 10, 11, 12):
        for one in agreed:
            mine = [claim for claim in found if claim.terms.pk == one.pk]
            for line in counting.lines_for(one, dt.date(2026, month, 1), mine, {}):
                ids += [claim.work.piece_id for claim in line.claims]
                assert line.amount == len(line.claims) * 500
                assert sum(line.split.values()) == line.amount
    assert len(ids) == len(set(ids)) == len(found)


def test_it_counts_where_it_passed_first_and_what_came_back_and_was_accepted_again_is_no_second_piece():
    old = terms(1, ends_on=dt.date(2026, 11, 14))
    new = terms(2, gate="published", starts_on=dt.date(2026, 11, 15))
    found = counting.claims([work(1, passed(10), passed(20)), work(2, None, passed(21))], [old, new])
    assert [(one.work.piece_id, one.terms.pk) for one in found] == [(1, 1), (2, 2)]


def test_nothing_falls_between_two_gates_when_the_agreement_changes():
    old = terms(1, gate="published", ends_on=dt.date(2026, 11, 14))
    new = terms(2, starts_on=dt.date(2026, 11, 15))
    found = counting.claims([work(1, passed(10), passed(20)), work(2, passed(10))], [old, new])
    assert [(one.work.piece_id, one.terms.pk, one.passed.day.day) for one in found] == [(1, 2, 20)]
    assert counting.claims([work(1, passed(10), passed(20))], [new]) == []  # nothing had been agreed then


def test_what_a_closed_sheet_has_counted_stays_where_it_was():
    there = work(1, passed(10), paid_by=7, paid_on=dt.date(2026, 10, 31))
    assert counting.claims([there], [terms(1)]) == []
    kept = counting.claims([there], [terms(7)])
    assert [one.passed.day for one in kept] == [dt.date(2026, 10, 31)]
    assert counting.lines_for(terms(7), NOVEMBER, kept, {})[0].amount == 0


def test_a_changed_agreement_is_reckoned_by_its_parts():
    """20 posts for 10,000 until the 14th, 10 posts for 30,000 from the 15th: 14 and 16 days of 30."""
    agreed = {"model": "fix_bonus", "fix": D(30_000)}
    old = terms(1, norm=D(20), bonus=D(10_000), ends_on=dt.date(2026, 11, 14), **agreed)
    new = terms(2, norm=D(10), bonus=D(30_000), starts_on=dt.date(2026, 11, 15), **agreed)
    several = [work(n, passed(min(n, 14))) for n in range(1, 9)]
    several += [work(n, passed(15 + n % 5)) for n in range(20, 26)]
    found = counting.claims(several, [old, new])
    lines = [
        line
        for one in (old, new)
        for line in counting.lines_for(one, NOVEMBER, [c for c in found if c.terms.pk == one.pk], {})
    ]
    # 8 of 9.33 is 85.74 % of 4,666.67; 6 of 5.33 is all of 16,000
    assert [(line.key, str(line.amount)) for line in lines] == [
        ("1:fix", "14000.00"), ("1:bonus", "4001.20"), ("2:fix", "16000.00"), ("2:bonus", "16000.00"),
    ]  # fmt: skip


def test_weights_count_against_the_norm_but_not_by_the_piece():
    one = terms(
        1, model="fix_bonus", norm=D(10), bonus=D(1000), rates={"post": (D(0), D(1)), "article": (D(0), D(4))}
    )
    several = [work(1, passed(3)), work(2, passed(4), unit="article"), work(3, passed(5), unit="reel")]
    norm = counting.norm_for(one, NOVEMBER, counting.claims(several, [one]))
    assert (norm.volume, norm.done, norm.missed) == (5, 50, True)


def test_an_agreement_for_all_clients_takes_only_its_own_money_and_spreads_what_it_pays():
    one = terms(
        1, client_id=None, model="fix_bonus", norm=D(3), fix=D(100), bonus=D(0), rates={"post": (D(0), D(1))}
    )
    several = [work(1, passed(3)), work(2, passed(4)), work(3, passed(5), client_id=2)]
    several.append(work(4, passed(6), client_id=3, currency="KZT"))
    found = counting.claims(several, [one])
    fix = counting.lines_for(one, NOVEMBER, found, {})[0]
    assert [claim.work.piece_id for claim in found] == [1, 2, 3]
    assert fix.split == {1: D("66.67"), 2: D("33.33")}
    idle = counting.lines_for(one, NOVEMBER, [], {})[0]
    assert idle.split == {}
    assert counting.lines_for(one, NOVEMBER, [], {2: D(4)})[0].split == {2: D(100)}


def test_on_time_is_by_the_hour_of_the_plan_and_a_publication_has_a_quarter_of_an_hour_more():
    plan = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
    late = Pass(plan + dt.timedelta(minutes=15), plan.date())
    one = work(1, late, late, planned_at=plan)
    assert counting.claims([one], [terms(1)])[0].on_time is False
    assert counting.claims([one], [terms(1, gate="published")])[0].on_time is True
    assert counting.claims([work(1, late)], [terms(1)])[0].on_time is None


def test_a_day_too_short_for_a_norm_is_done():
    saturday = terms(
        1, model="fix_bonus", period="day", norm=D(1), bonus=D(3000), starts_on=dt.date(2026, 11, 28),
        ends_on=dt.date(2026, 11, 29),
    )  # fmt: skip
    norm = counting.norm_for(saturday, NOVEMBER, [])
    assert (norm.norm, norm.done, norm.missed) == (0, 100, False)
