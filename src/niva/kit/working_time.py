"""How many working hours lie between two moments, and when so many of them will have passed. Pure.

Counted by the wall clock of a place: a night in which the clocks are put forward or back changes nothing, and
nobody works through it. Public holidays are not known here: they count as the weekday they fall on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from niva.kit.local_time import nearest

_MONDAY: Final = datetime(2001, 1, 1)  # noqa: DTZ001 wall clock, of whatever place
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class WorkingTime:
    """When somebody works: `opens` to `closes` on `weekdays` (ISO, 1 is Monday), by the clock of `zone`."""

    zone: str = "Europe/Moscow"
    opens: time = time(10)
    closes: time = time(19)
    weekdays: Collection[int] = (1, 2, 3, 4, 5)

    @cached_property
    def _place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def day(self) -> timedelta:
        """How long a working day is."""
        midnight = _MONDAY.date()
        return datetime.combine(midnight, self.closes) - datetime.combine(midnight, self.opens)

    @property
    def day_hours(self) -> float:
        """How many hours a working day has."""
        return self.day / timedelta(hours=1)

    @cached_property
    def _opened(self) -> timedelta:
        return timedelta(hours=self.opens.hour, minutes=self.opens.minute, seconds=self.opens.second)

    @cached_property
    def _before(self) -> tuple[int, ...]:
        """How many working days of a week lie before each of its days, Monday first."""
        return tuple(sum(1 for day in self.weekdays if day <= days) for days in range(7))

    def _until(self, at: datetime) -> timedelta:
        """Working time from a Monday long ago until a moment."""
        local = at.astimezone(self._place).replace(tzinfo=None)
        weeks, rest = divmod(local - _MONDAY, _WEEK)
        days, clock = divmod(rest, timedelta(days=1))
        full = weeks * len(self.weekdays) + self._before[days]
        if days + 1 not in self.weekdays:
            return full * self.day
        return full * self.day + min(max(clock - self._opened, timedelta()), self.day)

    def between(self, since: datetime, until: datetime) -> timedelta:
        """Working time from `since` until `until` (aware moments); nothing when `until` is the earlier."""
        if until <= since:
            return timedelta()
        return max(self._until(until) - self._until(since), timedelta())

    def after(self, since: datetime, amount: timedelta) -> datetime:
        """The first moment at which `amount` of working time has passed since an aware moment.

        Raises ValueError for somebody who never works.
        """
        if not self.weekdays or self.day <= timedelta():
            raise ValueError("nobody works then")
        left, local = amount, since.astimezone(self._place).replace(tzinfo=None)
        if left <= timedelta():
            return since
        day = local.date()
        while True:
            begin = max(local, datetime.combine(day, self.opens))
            end = datetime.combine(day, self.closes)
            if day.isoweekday() in self.weekdays and begin < end:
                if left <= end - begin:
                    until = begin + left
                    return nearest(until.date(), until.time(), self.zone)
                left -= end - begin
            day += timedelta(days=1)


def working_hours(since: datetime, until: datetime, when: WorkingTime | None = None) -> float:
    """Working hours between two moments; without `when` Monday to Friday from 10 to 19, Moscow's clock."""
    return (when or WorkingTime()).between(since, until) / timedelta(hours=1)


def add_working_time(since: datetime, amount: timedelta, when: WorkingTime | None = None) -> datetime:
    """When `amount` of working time will have passed; `working_hours` between the two is `amount` again."""
    return (when or WorkingTime()).after(since, amount)
