"""When everything of the demo happened or will: moments counted from now, in each client's own zone. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from niva.kit.local_time import nearest

HISTORY: Final = dt.timedelta(days=42)
Slots = Sequence[tuple[int, dt.time, str]]


def goal_days(today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the goal: this month, or, near its ends, the weeks around today, so that there
    is always something behind and something ahead."""
    if 8 <= today.day <= 27:
        following = (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        return today.replace(day=1), following - dt.timedelta(days=1)
    return today - dt.timedelta(days=20), today + dt.timedelta(days=10)


def past_slots(slots: Slots, zone: str, now: dt.datetime, count: int) -> list[dt.datetime]:
    """`count` slots of the six weeks before today, oldest first, as evenly as they lie. Aware."""
    today = now.astimezone(ZoneInfo(zone)).date()
    day, found = today - HISTORY, []
    while day < today:
        found += [nearest(day, at, zone) for weekday, at, _ in slots if weekday == day.weekday()]
        day += dt.timedelta(days=1)
    found.sort()
    if count > len(found):
        raise ValueError(f"{count} posts for {len(found)} slots")
    # The newest post always takes the newest slot.
    return [found[len(found) - 1 - (count - 1 - i) * len(found) // count] for i in range(count)]


def coming_slots(slots: Slots, zone: str, now: dt.datetime) -> Iterator[dt.datetime]:
    """The slots from tomorrow on, without end (there is at least one a week)."""
    day = now.astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=1)
    while True:
        yield from sorted(nearest(day, at, zone) for weekday, at, _ in slots if weekday == day.weekday())
        day += dt.timedelta(days=1)


def daytime(moment: dt.datetime, zone: str) -> dt.datetime:
    """The next half hour at which people work: evening and night move to ten in the morning."""
    local = (moment + dt.timedelta(minutes=30)).astimezone(ZoneInfo(zone))
    local = local.replace(minute=0 if local.minute < 30 else 30, second=0, microsecond=0)
    if 10 <= local.hour < 20:
        return local
    day = local.date() + dt.timedelta(days=1 if local.hour >= 20 else 0)
    return nearest(day, dt.time(10), zone)


def even(moment: dt.datetime, minutes: int = 5) -> dt.datetime:
    """The moment at so many even minutes or just before: people plan 12:35, not 12:37:14."""
    return moment.replace(minute=moment.minute - moment.minute % minutes, second=0, microsecond=0)


def reading_moments(published: dt.datetime, zone: str, until: dt.datetime) -> list[dt.datetime]:
    """When a post was read: often while young, then before midnights, so that days get what was theirs."""
    local = published.astimezone(ZoneInfo(zone)).date()
    moments = [published + dt.timedelta(minutes=after) for after in (10, 30, 60, 180, 480)]
    moments += [
        nearest(local + dt.timedelta(days=day), dt.time(23, 50), zone)
        for day in (0, 1, 2, 3, 5, 8, 13, 21, 34)
    ]
    return [*sorted(one for one in moments if published < one < until), until]
