"""Periods that figures are counted over: whole days, both ends included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """`since` and `until` are days of the communities' own clocks, both included. Raises ValueError when the
    end stands before the beginning."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise ValueError("a period ends before it begins")

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def before(self) -> Period:
        """As many days just before; for a whole month the month before, whatever its length."""
        if self.is_month:
            return month_of(self.since - timedelta(days=1))
        return Period(self.since - timedelta(days=self.days), self.since - timedelta(days=1))

    @property
    def is_month(self) -> bool:
        return self == month_of(self.since)

    def benchmark(self, days: int = 91) -> Period:
        """The last three months before it: the account's own usual."""
        return Period(self.since - timedelta(days=days), self.since - timedelta(days=1))


def month_of(day: date) -> Period:
    """The whole calendar month of a day."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(first, following - timedelta(days=1))


def last_days(today: date, days: int) -> Period:
    """So many full days before today: today is not over."""
    return Period(today - timedelta(days=days), today - timedelta(days=1))
