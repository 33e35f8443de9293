"""When a series comes round: a person's choice as an RRULE of RFC 5545, and the days it gives. Pure.

A rule gives days only. The hour is wall-clock and is laid on each day in the zone of the community, so 9:00
stays 9:00 whatever the clocks do that night.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from niva.kit.local_time import Missing, moment, nearest

Unit = Literal["day", "week", "month"]
LONGEST: Final = timedelta(days=366)  # from the first day to the last: nothing repeats without end
MOST: Final = 366  # occurrences of one series
MOST_APART: Final = 52  # every so many days, weeks or months at most
LAST: Final = -1  # the last day of a month, the last Friday of it
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQ: Final[dict[Unit, str]] = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}


class BadRule(Exception):
    """`field`: which box it is about; `code`: end_missing, too_long, too_many, no_day, no_weekday, every."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


@dataclass(frozen=True, slots=True)
class Rule:
    """Every `every` days, weeks (on `weekdays`, 0 = Monday) or months.

    Of a month: on `month_day` (1…31, or LAST), or on the `nth` (1…4, or LAST) of the first of `weekdays`.
    Ends on `until` or after `count` occurrences, one of the two.
    """

    starts_on: date
    at: time
    unit: Unit = "week"
    every: int = 1
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    nth: int | None = None
    until: date | None = None
    count: int | None = None

    @property
    def _by_weekday(self) -> bool:
        return self.unit == "week" or (self.unit == "month" and self.nth is not None)

    @property
    def text(self) -> str:
        """The RRULE with its end."""
        parts = [f"FREQ={_FREQ[self.unit]}"]
        if self.every > 1:
            parts.append(f"INTERVAL={self.every}")
        if self._by_weekday:
            nth = str(self.nth) if self.unit == "month" else ""
            parts.append("BYDAY=" + ",".join(f"{nth}{_DAYS[day]}" for day in sorted(set(self.weekdays))))
        elif self.unit == "month":
            parts.append(f"BYMONTHDAY={self.month_day}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        else:
            parts.append(f"COUNT={self.count}")
        return ";".join(parts)

    def check(self) -> None:
        """Raises BadRule for what cannot be, or would go on for more than a year."""
        if not 1 <= self.every <= MOST_APART:
            raise BadRule("every", "every")
        if self._by_weekday and not self.weekdays:
            raise BadRule("weekdays", "no_weekday")
        if self.unit == "month" and self.nth is None and self.month_day not in {LAST, *range(1, 32)}:
            raise BadRule("month_day", "no_day")
        if (self.until is None) == (self.count is None):
            raise BadRule("until", "end_missing")
        if self.until is not None and self.until > self.starts_on + LONGEST:
            raise BadRule("until", "too_long")
        if self.count is not None and not 1 <= self.count <= MOST:
            raise BadRule("count", "too_many")
        found = self.days
        if not found:
            raise BadRule("until", "no_day")
        if found[-1] > self.starts_on + LONGEST or (self.count is not None and len(found) < self.count):
            raise BadRule("count", "too_long")

    @property
    def days(self) -> list[date]:
        """All of its days, oldest first. A month without a 31st is passed over, as RFC 5545 has it."""
        return days_of(self.text, self.starts_on)

    def ending(self, last: date) -> Rule:
        """The same rule with its end on a day."""
        return replace(self, until=last, count=None)


def days_of(text: str, starts_on: date) -> list[date]:
    """The days of an RRULE with its end inside, at most a year of them."""
    start = datetime.combine(starts_on, time(0))
    found = rrulestr(text, dtstart=start).between(start, start + LONGEST + timedelta(days=1), inc=True)
    return [one.date() for one in found[:MOST]]


def parse(text: str, starts_on: date, at: time) -> Rule:
    """The rule that `Rule.text` wrote. Raises ValueError for a foreign one."""
    parts = dict(part.split("=", 1) for part in text.split(";"))
    unit = next((unit for unit, word in _FREQ.items() if word == parts["FREQ"]), None)
    if unit is None:
        raise ValueError(text)
    by_day = [one for one in parts.get("BYDAY", "").split(",") if one]
    until = parts.get("UNTIL")
    return Rule(
        starts_on=starts_on,
        at=at,
        unit=unit,
        every=int(parts.get("INTERVAL", 1)),
        weekdays=tuple(_DAYS.index(one[-2:]) for one in by_day),
        month_day=int(parts["BYMONTHDAY"]) if "BYMONTHDAY" in parts else None,
        nth=int(by_day[0][:-2]) if unit == "month" and by_day else None,
        until=datetime.strptime(until, "%Y%m%d").replace(tzinfo=UTC).date() if until else None,
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
    )


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour laid on a day. `odd`: "" as asked, "moved" the clock skips it, "twice" it happens twice."""

    at: datetime
    odd: Literal["", "moved", "twice"] = ""


def hour_on(day: date, at: time, zone: str) -> Hour:
    """The moment of a wall-clock hour: one that is skipped becomes the first after it, of two the earlier."""
    try:
        found = moment(day, at, zone)
    except Missing:
        return Hour(nearest(day, at, zone), "moved")
    local = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return Hour(found, "twice" if local.utcoffset() != local.replace(fold=1).utcoffset() else "")
