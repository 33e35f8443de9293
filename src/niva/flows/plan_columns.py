"""The columns of a content plan as a table: what they are called, and which column of a file is which."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from niva.kit import sheets
from niva.kit.day_words import NotADay, day_of, time_of

LOOKED_AT: Final = 30  # rows in which the heads are looked for
SAMPLE: Final = 40  # rows by which a column without a known head is guessed
SURE: Final = 0.6  # part of a column's cells that must look alike
FEWEST_HEADS: Final = 2
NOT_OURS: Final = ("день недели", "weekday", "day of week")  # cyrillic: as people head it


_YO: Final = {0x0451: 0x0435}  # one letter written as the other


@dataclass(frozen=True, slots=True)
class Field:
    """`out`: only written out; `in_only`: only read in."""

    code: str
    head: str
    head_ru: str
    begins: tuple[str, ...]
    kind: str
    width: int
    out: bool
    in_only: bool


@cache
def fields() -> dict[str, Field]:
    """All columns, in the order in which they are written out."""
    raw = _toml("plan_columns.toml")
    return {
        code: Field(
            code, one["head"], one["head_ru"], tuple(one["begins"]), one.get("kind", "text"), one["width"],
            one.get("out", False), one.get("in_only", False),
        )
        for code, one in raw.items()
    }  # fmt: skip


@cache
def cell_words() -> dict[str, Any]:
    """What people write in cells: networks, kinds of pieces, yes and no. See `plan_words.toml`."""
    return _toml("plan_words.toml")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """A head or a cell for comparing: small letters, single blanks, one letter for two that are mixed up."""
    return " ".join(text.casefold().translate(_YO).split()).strip(" .:*")


def field_of(head: str) -> str:
    """The field that a head names, or "". The longest beginning wins: “ссылка на пост” is no link."""
    text = plain(head)
    if text.startswith(NOT_OURS):
        return ""
    matches = [
        (len(begin), code)
        for code, field in fields().items()
        for begin in (*field.begins, plain(field.head), plain(field.head_ru))
        if text == plain(begin) or (len(begin) > 2 and text.startswith(plain(begin)))
    ]
    return max(matches)[1] if matches else ""


def head_at(rows: Sequence[tuple[int, Sequence[Any]]]) -> int:
    """The line in the file where the heads stand: of the first rows the one that names most; 0: none.

    A single known name counts on the very first row only: further down it may be a topic.
    """
    best, line = FEWEST_HEADS - 1, 0
    for number, cells in rows[:LOOKED_AT]:
        found = {field_of(cell) for cell in cells if isinstance(cell, str) and len(cell) <= 60} - {""}
        if len(found) > best:
            best, line = len(found), number
    if not line and rows and any(field_of(cell) for cell in rows[0][1] if isinstance(cell, str)):
        return rows[0][0]
    return line


def guess(
    heads: Sequence[str],
    rows: Sequence[tuple[int, Sequence[Any]]],
    *,
    today: dt.date,
    known: Mapping[str, str] | None = None,
) -> dict[int, str]:
    """Place of a column -> our field: as a person chose for this head before, by the head, by the contents.

    No field twice: the first column that names it has it. `known`: plain head -> field ("" = leave out).
    """
    found: dict[int, str] = {}
    for place, head in enumerate(heads):
        code = (known or {}).get(plain(head), field_of(head)) if head else ""
        out = bool(code) and fields()[code].out
        if code and not out and code not in found.values():
            found[place] = code
    width = max((len(cells) for _line, cells in rows[:SAMPLE]), default=0)
    for place in range(width):
        named = place < len(heads) and (plain(heads[place]) in (known or {}) or field_of(heads[place]))
        if place in found or named:
            continue
        code = _by_contents([cells[place] for _line, cells in rows[:SAMPLE] if place < len(cells)], today)
        if code and code not in found.values():
            found[place] = code
    return found


def _by_contents(cells: Sequence[Any], today: dt.date) -> str:
    cells = [cell for cell in cells if cell != ""]
    if len(cells) < 2:
        return ""
    networks = {word for words in cell_words()["networks"].values() for word in words}
    looks = {
        "day": lambda cell: _is(day_of, cell, today=today),
        # A bare number may be an hour in a cell that is headed so; without a head it counts rows.
        "time": lambda cell: not sheets.text(cell).isdecimal() and _is(time_of, cell),
        "communities": lambda cell: isinstance(cell, str) and plain(cell.split(",")[0]) in networks,
        "link": lambda cell: isinstance(cell, str) and cell.startswith(("http://", "https://")),
    }
    for code, look in looks.items():
        if sum(map(look, cells)) >= SURE * len(cells):
            return code
    return ""


def _is(read: Any, cell: Any, **how: Any) -> bool:
    try:
        read(cell, **how)
    except NotADay:
        return False
    return True


def texts(cells: Sequence[Any]) -> list[str]:
    """The cells as a person sees them."""
    return [sheets.text(cell) for cell in cells]
