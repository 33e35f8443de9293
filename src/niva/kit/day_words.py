"""Days and hours as people write them in tables: 17.11.2026, 17 ноября, чт 17.11 19:00, 46343. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, Final

from niva.kit import sheets

YEARS: Final = range(2000, 2201)
# A workbook counts days from here (its 29 February 1900 that never was is behind all days of ours).
EPOCH: Final = dt.datetime.combine(dt.date(1899, 12, 30), dt.time())
# A workbook's 19:00 may be a hair's breadth before it: parts of a day are written with few digits.
HAIR: Final = dt.timedelta(seconds=1)
SERIALS: Final = (36526.0, 109939.0)  # 1 January 2000 to the end of 2200
_STEMS: Final = (
    ("янв", "jan"), ("фев", "feb"), ("мар", "mar"), ("апр", "apr"),  # cyrillic: how months begin
    ("мая", "май", "may"), ("июн", "jun"), ("июл", "jul"), ("авг", "aug"),  # cyrillic: how months begin
    ("сен", "sep"), ("окт", "oct"), ("ноя", "nov"), ("дек", "dec"),  # cyrillic: how months begin
)  # fmt: skip
_WEEKDAY_WORDS = (
    r"понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье"  # cyrillic: days of the week
    r"|пн|вт|ср|чт|пт|сб|вс"  # cyrillic: days of the week
    r"|mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_WEEKDAYS: Final = re.compile(rf"^(?:{_WEEKDAY_WORDS})(?=[\s.,]|$)[\s.,]*")
_ENDINGS = r"(?:-?(?:го|е|th|st|nd|rd))?"  # cyrillic: what is put behind the number of a day
_ISO: Final = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)")
_FIGURES: Final = re.compile(r"(\d{1,2})([-./])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?!\d)")
_DAY_MONTH: Final = re.compile(rf"(\d{{1,2}}){_ENDINGS}\s+([^\W\d_]{{3,}})\.?(?:,?\s+(\d{{4}}))?")
_MONTH_DAY: Final = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:th|st|nd|rd)?(?:,?\s+(\d{4}))?(?![\d:])")
_TAIL: Final = re.compile(r"^(?:\s*(?:г\.?|года?))?[\s,]*")  # cyrillic: the word for year
_HOURS = r"(?:ч|час\w*|h)\.?(?:\s*(\d{1,2})(?:\s*м\w*\.?)?)?"  # cyrillic: the words for hours and minutes
_AT = r"(?:[вкt@]|at)?"  # cyrillic: the words for at and by
_CLOCK: Final = re.compile(
    rf"{_AT}\s*(\d{{1,2}})(?:\s*[:.\-]\s*(\d{{2}})(?::\d{{2}}(?:\.\d+)?)?|\s*{_HOURS})?"
    r"\s*(am|pm)?(?:z|[+-]\d{2}:?\d{2})?"
)


class NotADay(ValueError):
    """`code`: "nonsense", "no_such_day" (30 February), "far" (a year nobody plans for), "no_such_time"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def day_of(cell: Any, *, today: dt.date, day_first: bool = True) -> tuple[dt.date, dt.time | None]:
    """The day that a cell of `sheets.Sheet.rows` means, and its hour where one stands there. Raises NotADay.

    Without a year: the nearest such day that is not behind `today`. `day_first`: how 03/04/2026 is read when
    both are possible; with points between, the day always stands first.
    """
    found = sheets.value(cell)
    if isinstance(found, dt.datetime):
        moment = _minute(found)
        return _near(moment.date()), moment.time() if moment.time() != dt.time() else None
    if isinstance(found, dt.date):
        return _near(found), None
    if isinstance(found, int | float) and not isinstance(found, bool):
        return _serial(float(found))
    if not isinstance(found, str):
        raise NotADay("nonsense")
    text = _WEEKDAYS.sub("", " ".join(found.lower().replace("\u00a0", " ").split()))
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _serial(float(text))
    day, end = _written(text, today, day_first)
    rest = _TAIL.sub("", text[end:])
    rest = _WEEKDAYS.sub("", rest.strip("() ,;"))
    return day, time_of(rest) if rest else None


def _minute(moment: dt.datetime) -> dt.datetime:
    return (moment + HAIR).replace(second=0, microsecond=0)


def _serial(number: float) -> tuple[dt.date, dt.time | None]:
    if not SERIALS[0] <= number < SERIALS[1]:
        raise NotADay("nonsense")
    moment = EPOCH + dt.timedelta(minutes=round(number * 1440))
    return moment.date(), moment.time() if moment.time() != dt.time() else None


def _written(text: str, today: dt.date, day_first: bool) -> tuple[dt.date, int]:
    if match := _ISO.match(text):
        return _date(int(match[1]), int(match[2]), int(match[3])), match.end()
    if match := _FIGURES.match(text):
        day, month = int(match[1]), int(match[3])
        if match[2] == "/" and (month > 12 or (not day_first and day <= 12)):
            day, month = month, day
        return _with_year(match[4], month, day, today), match.end()
    if match := _DAY_MONTH.match(text):
        return _with_year(match[3], _month(match[2]), int(match[1]), today), match.end()
    if match := _MONTH_DAY.match(text):
        return _with_year(match[3], _month(match[1]), int(match[2]), today), match.end()
    raise NotADay("nonsense")


def _month(word: str) -> int:
    for number, stems in enumerate(_STEMS, 1):
        if word.startswith(stems):
            return number
    raise NotADay("nonsense")


def _with_year(year: str | None, month: int, day: int, today: dt.date) -> dt.date:
    if year:
        return _date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    # The 29th of February may be eight years away.
    for ahead in range(9):
        try:
            found = dt.date(today.year + ahead, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise NotADay("no_such_day")


def _date(year: int, month: int, day: int) -> dt.date:
    try:
        return _near(dt.date(year, month, day))
    except ValueError as error:
        if isinstance(error, NotADay):
            raise
        raise NotADay("no_such_day") from error


def _near(day: dt.date) -> dt.date:
    if day.year not in YEARS:
        raise NotADay("far")
    return day


def time_of(cell: Any) -> dt.time:
    """The hour that a cell means: 19:00, 19.00, 19 ч, 7 pm, a workbook's part of a day. Raises NotADay."""
    found = sheets.value(cell)
    if isinstance(found, dt.datetime):
        return _minute(found).time()
    if isinstance(found, dt.time):
        return _minute(dt.datetime.combine(EPOCH, found)).time()
    if isinstance(found, float) and 0 <= found < 1:
        return (EPOCH + dt.timedelta(minutes=round(found * 1440))).time()
    text = sheets.text(cell).lower().strip()
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise NotADay("no_such_time")
    hour, minute = int(match[1]), int(match[2] or match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise NotADay("no_such_time")
    return dt.time(hour, minute)


def order_of(cells: Iterable[Any]) -> tuple[bool, bool | None]:
    """Of days like 03/04/2026: whether any can be read both ways, and what the others prove (True: the day
    stands first, False: the month; None: nothing, or both)."""
    both = proved_day = proved_month = False
    for cell in cells:
        match = _FIGURES.match(_WEEKDAYS.sub("", cell.lower().strip())) if isinstance(cell, str) else None
        if match is None or match[2] != "/":
            continue
        one, other = int(match[1]), int(match[3])
        both |= one <= 12 and other <= 12 and one != other
        proved_day |= one > 12
        proved_month |= other > 12
    return both, (proved_day if proved_day != proved_month else None)
