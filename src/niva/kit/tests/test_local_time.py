"""Wall-clock times, also across the days on which clocks are put forward and back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.kit.local_time import Missing, day_bounds, moment, nearest

ZONES = ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
SPRING = date(2026, 3, 29)  # Berlin: 02:00 -> 03:00
AUTUMN = date(2026, 10, 25)  # Berlin: 03:00 -> 02:00


@given(
    day=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    minute=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from(ZONES),
)
def test_a_moment_reads_on_the_wall_as_it_was_said(day, minute, zone):
    at = time(minute // 60, minute % 60)
    try:
        found = moment(day, at, zone)
    except Missing as missing:
        assert missing.before < missing.after
        return
    local = found.astimezone(ZoneInfo(zone))
    assert (local.date(), local.time()) == (day, at)


def test_an_hour_that_does_not_exist_is_refused_with_its_neighbours():
    with pytest.raises(Missing) as caught:
        moment(SPRING, time(2, 30), "Europe/Berlin")
    assert caught.value.before.strftime("%H:%M") == "01:30"
    assert caught.value.after.strftime("%H:%M") == "03:30"
    assert nearest(SPRING, time(2, 30), "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_an_hour_that_happens_twice_means_the_first_time():
    assert moment(AUTUMN, time(2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 5, 1), 24)])
def test_a_day_may_be_shorter_or_longer(day, hours):
    start, end = day_bounds(day, day, "Europe/Berlin")
    assert end - start == timedelta(hours=hours)
