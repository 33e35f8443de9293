"""The three shapes of the plan: the month of days, the week of hours, the table of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.domains.clients.models import Client
from niva.domains.publishing.queries import Item
from niva.flows.holes import Hole
from niva.kit.local_time import days, nearest
from niva.web.plan.entries import Entry, Gap, Maker, worth_showing
from niva.web.plan.facts import count
from niva.web.plan.wish import monday
from niva.web.plan.words import WEEKDAYS, Tally, day_name, tally
from niva.web.templatetags.niva import language

# A day of the month shows so many things before «n more», an hour of the week fewer.
IN_DAY: Final = 5
IN_HOUR: Final = 3
HOLES_BESIDE: Final = 2  # holes that a full day still shows
ROWS: Final = 100  # of the table, a page
# The hours that a week shows even when nothing stands there.
DAYTIME: Final = (8, 21)


@dataclass(slots=True)
class Cell:
    """A day of the month or an hour of a day. `closed`: why nothing can be put here."""

    iso: str
    label: str
    time: str = ""
    clock: str = ""
    entries: list[Entry] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    more: int = 0
    more_url: str = ""
    new_url: str = ""
    closed: str = ""
    note: str = ""

    @property
    def bare(self) -> bool:
        return not self.entries and not self.gaps


@dataclass(slots=True)
class Day(Cell):
    number: int = 0
    weekday: str = ""
    today: bool = False
    off: bool = False
    events: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Week:
    days: list[Day]
    tally: Tally
    slim: bool = False


@dataclass(slots=True)
class Column:
    """One day of the week view."""

    day: Day
    cells: list[Cell]


@dataclass(slots=True)
class Row:
    """A line of the table: a thing or a hole; `day` is set on the first of its day."""

    entry: Entry | None = None
    gap: Gap | None = None
    day: Day | None = None


@dataclass(slots=True)
class Table:
    """`page`: only for the buttons that turn it."""

    rows: list[Row]
    page: Page[Any]


class Drawer:
    """Draws one wish out of its facts."""

    def __init__(self, maker: Maker) -> None:
        self.maker, self.wish, self.facts = maker, maker.wish, maker.facts
        self.today = self.facts.now.date()
        self.writes = any(maker.may("write", client.pk) for client in self._clients())

    def _clients(self) -> Sequence[Client]:
        return [self.wish.client] if self.wish.client else list(self.wish.clients)

    def month(self) -> list[Week]:
        weeks = []
        for first in days(self.facts.first, self.facts.last):
            if first.weekday() == 0:
                seven = list(days(first, first + timedelta(days=6)))
                drawn = [self._day(day) for day in seven]
                found = count(*self.facts.within(seven[0], seven[-1]), self.facts.now)
                slim = all(one.bare for one in drawn)
                # An empty week that belongs mostly to another month is that month's business.
                foreign = slim and sum(one.off for one in drawn) > 3
                told = Tally() if foreign else tally(self.wish, seven, found, self.today)
                weeks.append(Week(drawn, told, slim))
        return weeks

    def _day(self, day: date, *, full: bool = False) -> Day:
        items, holes = self.facts.items.get(day, []), self.facts.holes.get(day, [])
        drawn = Day(
            iso=day.isoformat(),
            label=self._label(day, len(items), len(holes)),
            number=day.day,
            weekday=str(WEEKDAYS[day.weekday()]),
            today=day == self.today,
            off=self.wish.view == "month" and day.month != self.wish.day.month,
            closed=_("This day has passed.") if day < self.today else "",
            new_url=self._new(day, time(12)),
            events=[one.name for one in self.facts.happenings.get(day, ())],
        )
        if not full:
            self._fill(drawn, items, holes, IN_DAY, day)
        return drawn

    def _new(self, day: date, at: time) -> str:
        client = self.wish.client.pk if self.wish.client else None
        moment = nearest(day, at, self.wish.zone)
        if not self.writes or moment < self.facts.now:
            return ""
        return self.maker.new_url(client, None, moment)

    def _label(self, day: date, items: int, holes: int) -> str:
        parts = [f"{day_name(day)}, {WEEKDAYS[day.weekday()]}"]
        if items:
            parts.append(ngettext("%(n)s post", "%(n)s posts", items) % {"n": items})
        if holes:
            parts.append(ngettext("%(n)s hole", "%(n)s holes", holes) % {"n": holes})
        parts += [one.name for one in self.facts.happenings.get(day, ())]
        return ", ".join(parts)

    def _fill(self, cell: Cell, items: list[Item], holes: list[Hole], most: int, day: date) -> None:
        """Shows what fits; the rest is counted and stands in the list of the day."""
        beside = min(len(holes), max(most - len(items), min(HOLES_BESIDE, most - 1)))
        shown = worth_showing(items, most - beside)
        cell.entries = [self.maker.entry(item) for item in shown]
        cell.gaps = [self.maker.gap(hole) for hole in holes[:beside]]
        cell.more = len(items) - len(shown) + len(holes) - beside
        if cell.more:
            cell.more_url = "?" + self.wish.query(view="list", at=day.isoformat())

    def week(self) -> list[Column]:
        first = monday(self.wish.day)
        hours = self._hours()
        return [self._column(day, hours) for day in days(first, first + timedelta(days=6))]

    def _hours(self) -> range:
        """Daytime, and as much of the night as anything needs."""
        place = ZoneInfo(self.wish.zone)
        items, holes = self.facts.within(self.facts.first, self.facts.last)
        moments = [item.at for item in items] + [hole.at for hole in holes]
        used = [at.astimezone(place).hour for at in moments]
        return range(min([DAYTIME[0], *used]), max([DAYTIME[1], *used]) + 1)

    def _column(self, day: date, hours: range) -> Column:
        place = ZoneInfo(self.wish.zone)
        items: dict[int, list[Item]] = {}
        holes: dict[int, list[Hole]] = {}
        for item in self.facts.items.get(day, []):
            items.setdefault(item.at.astimezone(place).hour, []).append(item)
        for hole in self.facts.holes.get(day, []):
            holes.setdefault(hole.at.astimezone(place).hour, []).append(hole)
        drawn = self._day(day, full=True)
        cells = []
        for hour in hours:
            cell = self._hour(day, hour)
            self._fill(cell, items.get(hour, []), holes.get(hour, []), IN_HOUR, day)
            cells.append(cell)
        return Column(drawn, cells)

    def _hour(self, day: date, hour: int) -> Cell:
        place, at = ZoneInfo(self.wish.zone), time(hour)
        shown = f"{hour}:00" if language() == "ru" else f"{hour:02}:00"
        cell = Cell(day.isoformat(), f"{day_name(day)}, {shown}", f"{hour:02}:00", shown)
        start = datetime.combine(day, at, tzinfo=place)
        if start.utcoffset() != start.replace(fold=1).utcoffset():
            if nearest(day, at, self.wish.zone).astimezone(place).hour != hour:
                cell.closed = cell.note = _("no such hour: the clocks go forward")
                return cell
            cell.note = _("this hour comes twice")
        end = nearest(day, time(hour, 59), self.wish.zone)
        if end < self.facts.now:
            cell.closed = _("This hour has passed.")
        else:
            cell.new_url = self._new(day, at)
        return cell

    def table(self) -> Table:
        """Rows of a page, each day headed where its first row stands."""
        things: list[tuple[datetime, date, Item | Hole]] = []
        things += [(one.at, day, one) for day, several in self.facts.items.items() for one in several]
        things += [(one.at, day, one) for day, several in self.facts.holes.items() for one in several]
        things.sort(key=lambda one: (one[0], isinstance(one[2], Hole)))
        page = Paginator(things, ROWS).get_page(self.wish.page)
        rows: list[Row] = []
        before: date | None = None
        for _at, day, thing in page.object_list:
            row = (
                Row(gap=self.maker.gap(thing))
                if isinstance(thing, Hole)
                else Row(entry=self.maker.entry(thing))
            )
            if day != before:
                row.day = self._day(day, full=True)
            before = day
            rows.append(row)
        return Table(rows, page)
