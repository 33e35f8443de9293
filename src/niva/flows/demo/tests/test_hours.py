"""Whatever the day on which somebody starts the desk, the demo has a past and a future."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from niva.flows.demo import told
from niva.flows.demo.hours import coming_slots, daytime, even, goal_days, past_slots, reading_moments

YEAR = [dt.date(2027, 1, 1) + dt.timedelta(days=n) for n in range(0, 365, 3)]


@pytest.mark.parametrize("day", YEAR, ids=str)
def test_a_goal_always_has_a_week_behind_and_some_days_ahead(day: dt.date) -> None:
    first, last = goal_days(day)
    assert (day - first).days >= 7
    assert (last - day).days >= 1


@pytest.mark.parametrize("one", told.clients(), ids=lambda one: one.key)
@pytest.mark.parametrize("day", YEAR[::9], ids=str)
def test_history_fills_six_weeks_of_slots(one: told.ToldClient, day: dt.date) -> None:
    zone, slots = one.about["time_zone"], one.communities[0].slots
    now = dt.datetime.combine(day, dt.time(9), ZoneInfo(zone))
    found = past_slots(slots, zone, now, len(one.out))
    assert len(set(found)) == len(one.out)
    assert found == sorted(found)
    assert now - found[0] > dt.timedelta(days=35)
    assert dt.timedelta(0) < now - found[-1] < dt.timedelta(days=8)
    hours = {(weekday, at) for weekday, at, _ in slots}
    assert {
        (at.astimezone(ZoneInfo(zone)).weekday(), at.astimezone(ZoneInfo(zone)).time()) for at in found
    } <= hours


def test_more_posts_than_slots_is_an_error_of_the_data() -> None:
    now = dt.datetime(2027, 3, 10, tzinfo=dt.UTC)
    with pytest.raises(ValueError, match="7 posts for 6 slots"):
        past_slots([(0, dt.time(9), "")], "UTC", now, 7)


def test_coming_slots_begin_tomorrow_and_go_on() -> None:
    now = dt.datetime(2027, 3, 8, 8, tzinfo=dt.UTC)  # a Monday
    slots = [(0, dt.time(9), ""), (2, dt.time(18), "")]
    found = list(islice(coming_slots(slots, "UTC", now), 3))
    assert [(at.day, at.hour) for at in found] == [(10, 18), (15, 9), (17, 18)]


def test_drafts_are_planned_for_the_day() -> None:
    morning = dt.datetime(2027, 3, 8, 11, 10, tzinfo=dt.UTC)
    assert daytime(morning, "UTC") == morning.replace(minute=30)
    assert daytime(morning.replace(hour=23), "UTC") == dt.datetime(2027, 3, 9, 10, tzinfo=dt.UTC)
    assert daytime(morning.replace(hour=2), "UTC") == morning.replace(hour=10, minute=0)
    assert daytime(morning, "Asia/Vladivostok") == dt.datetime(
        2027, 3, 9, 0, tzinfo=dt.UTC
    )  # ten o'clock there


def test_even_minutes() -> None:
    moment = dt.datetime(2027, 3, 8, 12, 37, 14, 5, tzinfo=dt.UTC)
    assert even(moment) == dt.datetime(2027, 3, 8, 12, 35, tzinfo=dt.UTC)
    assert even(moment, 1) == dt.datetime(2027, 3, 8, 12, 37, tzinfo=dt.UTC)


def test_readings_are_in_order_within_the_post_s_life() -> None:
    published = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
    until = published + dt.timedelta(days=4)
    found = reading_moments(published, "Europe/Moscow", until)
    assert found == sorted(set(found))
    assert published < found[0]
    assert found[-1] == until
