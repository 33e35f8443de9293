"""Wall-clock time and time zones: what a person means by "19:00 on the 29th", and what the clock does then.

Twice a year in some zones an hour is missing or happens twice. Nothing is guessed: an hour that does not
exist is refused with the nearest ones that do, and one that happens twice means the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Missing(Exception):
    """The clock is put forward over this hour. `before` and `after` are the nearest that exist (aware)."""

    before: datetime
    after: datetime


def moment(day: date, at: time, zone: str) -> datetime:
    """The moment (aware, in UTC) of a wall-clock time. Raises Missing for an hour that does not exist."""
    place = ZoneInfo(zone)
    local = datetime.combine(day, at, tzinfo=place)
    there_and_back = local.astimezone(UTC).astimezone(place)
    if there_and_back.replace(tzinfo=None) != local.replace(tzinfo=None):
        first, second = sorted((local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)))
        raise Missing(first.astimezone(place), second.astimezone(place))
    return local.astimezone(UTC)


def nearest(day: date, at: time, zone: str) -> datetime:
    """Like `moment`, but an hour that does not exist becomes the first one after the gap."""
    try:
        return moment(day, at, zone)
    except Missing as missing:
        return missing.after.astimezone(UTC)


def day_bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """[start of the first day, end of the last day) as moments; days may have 23 or 25 hours."""
    return nearest(first, time(0), zone), nearest(last + timedelta(days=1), time(0), zone)


def days(first: date, last: date) -> Iterator[date]:
    """Every date from first to last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
