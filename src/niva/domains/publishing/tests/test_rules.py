"""Rules of repeats: which days they give, when they must end, what an hour does when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niva.domains.publishing.rules import LAST, LONGEST, BadRule, Rule, days_of, hour_on, parse

START, NINE = date(2026, 12, 1), time(9)  # a Tuesday


def weekly(**changes) -> Rule:
    return Rule(**{"starts_on": START, "at": NINE, "weekdays": (1, 4), "count": 5, **changes})


def test_every_second_week_on_two_days():
    rule = weekly(every=2)
    assert rule.text == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR;COUNT=5"
    assert [f"{day:%m-%d}" for day in rule.days] == ["12-01", "12-04", "12-15", "12-18", "12-29"]


def test_the_last_friday_and_the_last_day_of_a_month():
    friday = weekly(unit="month", nth=LAST, weekdays=(4,), count=3)
    assert [f"{day:%m-%d}" for day in friday.days] == ["12-25", "01-29", "02-26"]
    end = weekly(unit="month", weekdays=(), month_day=LAST, count=3)
    assert [f"{day:%m-%d}" for day in end.days] == ["12-31", "01-31", "02-28"]


def test_a_month_without_a_31st_is_passed_over():
    rule = weekly(unit="month", weekdays=(), month_day=31, count=None, until=date(2027, 5, 31))
    assert [f"{day:%m-%d}" for day in rule.days] == ["12-31", "01-31", "03-31", "05-31"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"count": None}, "until", "end_missing"),
        ({"until": START}, "until", "end_missing"),
        ({"count": None, "until": START + LONGEST + timedelta(days=1)}, "until", "too_long"),
        ({"count": 366}, "count", "too_long"),
        ({"count": 367}, "count", "too_many"),
        ({"count": None, "until": START - timedelta(days=1)}, "until", "no_day"),
        ({"weekdays": ()}, "weekdays", "no_weekday"),
        ({"every": 0}, "every", "every"),
        ({"unit": "month", "weekdays": (), "month_day": 32}, "month_day", "no_day"),
    ],
)
def test_what_cannot_be_is_refused_at_its_box(changes, field, code):
    with pytest.raises(BadRule) as refused:
        weekly(**changes).check()
    assert (refused.value.field, refused.value.code) == (field, code)


def test_nine_stays_nine_when_the_clocks_change():
    for day in (date(2026, 10, 24), date(2026, 10, 25), date(2027, 3, 28)):
        local = hour_on(day, NINE, "Europe/Berlin").at.astimezone(ZoneInfo("Europe/Berlin"))
        assert (local.date(), local.time()) == (day, NINE)


def test_an_hour_that_is_skipped_or_comes_twice_is_decided_and_told():
    gone = hour_on(date(2027, 3, 28), time(2, 30), "Europe/Berlin")
    assert (gone.at, gone.odd) == (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), "moved")  # 3:30 there
    twice = hour_on(date(2026, 10, 25), time(2, 30), "Europe/Berlin")
    assert (twice.at, twice.odd) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        "twice",
    )  # the first of the two


rules = st.builds(
    Rule,
    starts_on=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    at=st.just(NINE),
    unit=st.sampled_from(["day", "week", "month"]),
    every=st.integers(1, 5),
    weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=1).map(tuple),
    month_day=st.sampled_from([1, 15, 28, 31, LAST]),
    nth=st.sampled_from([1, 4, LAST]),
    count=st.integers(1, 12),
)


@given(rules)
@settings(max_examples=60, deadline=None)
def test_a_rule_is_read_back_as_it_was_written(rule: Rule):
    said = rule.text
    again = parse(said, rule.starts_on, rule.at)
    assert again.text == said
    days = days_of(said, rule.starts_on)
    assert days == again.days == sorted(set(days))
    assert all(rule.starts_on <= day <= rule.starts_on + LONGEST + timedelta(days=1) for day in days)
    if days:
        assert again.ending(days[-1]).days == days
