"""Columns of a delimited file as arrays: numbers of both habits, moments with or without an hour.

A whole column is read by one habit: "0.401" alone could be four hundred and one, beside "0.0820" it cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Final

import numpy as np

from niva.kit import tables
from niva.kit.tables import NotATable

LARGEST: Final = 200 * 1024 * 1024
"""Bytes of a file that is read: some three million rows."""
_BLANKS: Final = re.compile(r"[\s\u00a0\u2009\u202f']+")
_STAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_SLASHED: Final = re.compile(r"^\s*(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?!\d)")
_NO: Final = "нет"  # cyrillic: no value
_ABSENT: Final = frozenset({"", "-", "–", "—", "na", "n/a", "nan", "null", "none", _NO})

Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


class Unreadable(ValueError):
    """The file cannot be used. `code`: not_found, too_large, binary, empty, one_column, no_column,
    no_number, no_moment, no_hour, no_weekday, no_zone, too_short. `about`: what it is about (a column's
    name, a line)."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(f"{code}: {about}" if about else code)
        self.code, self.about = code, about


@dataclass(frozen=True, slots=True)
class File:
    """A head and the cells below it. A short row is filled with empty cells: missing, never zero."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, wanted: str | None, *names: str) -> str | None:
        """The name of a column: the wanted one (any case), else the first of the usual names that is there.

        Raises Unreadable("no_column") when the wanted one is missing.
        """
        known = {_plain(one): one for one in reversed(self.head)}
        if wanted is not None:
            if _plain(wanted) not in known:
                raise Unreadable("no_column", wanted)
            return known[_plain(wanted)]
        return next((known[_plain(name)] for name in names if _plain(name) in known), None)

    def cells(self, name: str) -> list[str]:
        place = self.head.index(name)
        return [row[place] for row in self.rows]

    def numbers(self, name: str) -> Numbers:
        """The column as numbers, NaN where a cell is empty. Raises Unreadable("no_number", cell)."""
        return numbers(self.cells(name))

    def moments(self, name: str) -> list[datetime | None]:
        """The column as moments without a zone, as they stand there; None where a cell is empty."""
        cells = self.cells(name)
        if any(_is_month_first(cell) for cell in cells):
            cells = [_SLASHED.sub(r"\2/\1/\3", cell) for cell in cells]
        return [_moment(cell) for cell in cells]


def read(path: Path) -> File:
    """The file's table. Raises Unreadable."""
    if not path.is_file():
        raise Unreadable("not_found", str(path))
    if path.stat().st_size > LARGEST:
        raise Unreadable("too_large", str(path))
    try:
        table = tables.read(tables.decoded(path.read_bytes()))
    except NotATable as error:
        raise Unreadable(error.code, str(path)) from error
    (_line, head), *rest = table.rows
    width = len(head)
    rows = tuple(tuple((cells + [""] * width)[:width]) for _line, cells in rest)
    if not rows:
        raise Unreadable("empty", str(path))
    return File(tuple(head), rows)


def numbers(cells: Sequence[str]) -> Numbers:
    """Cells as numbers by the one habit that reads them all; see the module."""
    bare = [_BLANKS.sub("", cell).removesuffix("%") for cell in cells]
    full = [cell for cell in bare if cell.lower() not in _ABSENT]
    decimal = _decimal_mark(full)
    found = np.full(len(bare), np.nan)
    for place, cell in enumerate(bare):
        if cell.lower() in _ABSENT:
            continue
        other = "." if decimal == "," else ","
        text = cell.replace("\u2212", "-").replace(other, "").replace(decimal, ".")
        try:
            found[place] = float(text)
        except ValueError as error:
            raise Unreadable("no_number", cell[:40]) from error
    return found


def _decimal_mark(cells: Iterable[str]) -> str:
    """The mark of decimals in this column: the one that cannot part thousands somewhere, else by majority."""
    thousands_only = {".": True, ",": True}
    seen = {".": 0, ",": 0}
    for cell in cells:
        point, comma = cell.count("."), cell.count(",")
        seen["."] += point
        seen[","] += comma
        if point and comma:
            return "." if cell.rindex(".") > cell.rindex(",") else ","
        for mark, times in ((".", point), (",", comma)):
            if times == 1 and not re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}\{mark}\d{{3}}", cell):
                thousands_only[mark] = False
    decimals = [mark for mark in ".," if seen[mark] and not thousands_only[mark]]
    if decimals:
        return max(decimals, key=lambda mark: seen[mark])
    # Every mark that occurs could part thousands in every cell, and nothing else: so it does.
    return "," if seen["."] else "."


def _is_month_first(cell: str) -> bool:
    """Whether it can only be the American habit: 1/13/2026. One such cell tells for its column."""
    found = _SLASHED.match(cell)
    return found is not None and int(found[1]) <= 12 < int(found[2])


def _moment(cell: str) -> datetime | None:
    if cell.strip().lower() in _ABSENT:
        return None
    if _STAMP.match(cell):
        try:
            return datetime.fromisoformat(cell.strip()).replace(tzinfo=None)
        except ValueError as error:
            raise Unreadable("no_moment", cell[:40]) from error
    found = tables.day_of(cell)
    if found is None:
        raise Unreadable("no_moment", cell[:40])
    day, hour = found
    return datetime.combine(day, hour or time())


def _plain(name: str) -> str:
    """A column's name as it is compared: no case, no blanks, no underscores."""
    return re.sub(r"[\s_\-]+", "", name).lower()
