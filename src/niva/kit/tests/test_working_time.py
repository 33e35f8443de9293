"""Working hours between two moments, against a count minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niva.kit.working_time import WorkingTime, add_working_time, working_hours

QUARTER = timedelta(minutes=15)
START = datetime(2026, 1, 1, tzinfo=UTC)
zones = st.sampled_from(["Europe/Moscow", "Asia/Vladivostok", "Europe/Berlin", "America/New_York", "UTC"])
moments = st.integers(0, 4 * 24 * 330).map(lambda n: START + n * QUARTER)
times = st.builds(
    WorkingTime,
    zone=zones,
    opens=st.integers(6, 12).map(time),
    closes=st.integers(13, 23).map(time),
    weekdays=st.sets(st.integers(1, 7)).map(tuple),
)


def by_quarters(since: datetime, until: datetime, when: WorkingTime) -> float:
    place, at, found = ZoneInfo(when.zone), since, 0
    while at < until:
        local = at.astimezone(place)
        found += local.isoweekday() in when.weekdays and when.opens <= local.time() < when.closes
        at += QUARTER
    return found / 4


@settings(max_examples=60, deadline=None)
@given(times, moments, st.integers(0, 4 * 24 * 12))
def test_it_is_what_counting_the_quarters_of_an_hour_gives(when, since, quarters):
    until = since + quarters * QUARTER
    assert working_hours(since, until, when) == pytest.approx(by_quarters(since, until, when))


@settings(max_examples=60, deadline=None)
@given(times, moments, moments, moments)
def test_parts_add_up_to_the_whole_and_none_is_negative(when, one, two, three):
    first, middle, last = sorted((one, two, three))
    parts = working_hours(first, middle, when) + working_hours(middle, last, when)
    assert parts == pytest.approx(working_hours(first, last, when))
    assert working_hours(last, first, when) == 0


def test_a_weekend_counts_nothing_and_a_working_day_counts_once():
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)  # 18:00 in Moscow
    monday = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)  # 11:30
    assert working_hours(friday, monday) == 2.5


@settings(max_examples=80, deadline=None)
@given(times.filter(lambda when: when.weekdays), moments, st.integers(0, 4 * 100))
def test_what_is_added_is_what_is_counted(when, since, quarters):
    amount = quarters * QUARTER
    until = add_working_time(since, amount, when)
    assert when.between(since, until) == amount
    # The first such moment: a minute before it something is still missing.
    assert not quarters or when.between(since, until - timedelta(minutes=1)) < amount


def test_two_working_days_asked_on_a_saturday_end_on_tuesday_evening():
    moscow = ZoneInfo("Europe/Moscow")
    until = add_working_time(datetime(2026, 11, 21, 15, tzinfo=moscow), 2 * WorkingTime().day)
    assert until == datetime(2026, 11, 24, 19, tzinfo=moscow)


def test_who_never_works_is_no_endless_search():
    with pytest.raises(ValueError, match="nobody"):
        add_working_time(START, QUARTER, WorkingTime(weekdays=()))
