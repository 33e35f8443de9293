"""Tables that people export: bytes of unknown encoding and delimiter to rows; their numbers and days read.

Knows nothing of what the columns mean.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

DELIMITERS: Final = ";,\t|"
_BLANKS: Final = re.compile(r"[\s\u00a0\u2009\u202f']+")
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+")
_MONTHS: Final = (
    "январ", "феврал", "март", "апрел", "ма", "июн",  # cyrillic: how the names of months begin
    "июл", "август", "сентябр", "октябр", "ноябр", "декабр",  # cyrillic: how the names of months begin
)  # fmt: skip
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_RUSSIAN: Final = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})")
_DAY_IN_WORDS = r"(\d{1,2})\s+([^\W\d_]+)\.?\s+(\d{4})(?:\s*г\.?)?"  # cyrillic: the short word for year
_WORDS: Final = re.compile(_DAY_IN_WORDS)
_HOUR: Final = re.compile(r"[T ,]+(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")


class NotATable(ValueError):
    """`code`: "binary" (no text at all), "empty", "one_column" (no delimiter fits)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` without blank ones, each with its line number in the file; the first is the head."""

    rows: list[tuple[int, list[str]]]
    delimiter: str


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 by their marks, else UTF-8 if it is that, else Windows-1251.

    Raises NotATable("binary") for what is no text in any of them.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\x00" in data:
        raise NotATable("binary")
    for encoding in ("utf-8", "cp1251"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotATable("binary")


def read(text: str) -> Table:
    """The rows, with the delimiter that parts the head into the most columns. Raises NotATable."""
    try:
        return _read(text)
    except csv.Error as error:  # a cell without an end: its quotation mark was never closed
        raise NotATable("binary") from error


def _read(text: str) -> Table:
    text = text.lstrip("\ufeff").replace("\x00", "")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise NotATable("empty")
    told = re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE)  # what Excel writes to be understood
    head = lines[1] if told and len(lines) > 1 else lines[0]
    delimiter = told[1] if told else max(DELIMITERS, key=lambda one: len(_cells(head, one)))
    if len(_cells(head, delimiter)) < 2:
        raise NotATable("one_column")
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        cells = [cell.strip() for cell in cells]
        if any(cells) and not (told and reader.line_num == 1):
            rows.append((reader.line_num, cells))
    return Table(rows, delimiter)


def _cells(line: str, delimiter: str) -> Sequence[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def number_of(cell: str) -> float | None:
    """A number as people and programs write it: blanks between thousands, comma or point; None: it is none.

    Groups of three after one point or comma are thousands ("1,234"), but never behind a zero ("0.234");
    anything else after it is decimals.
    """
    text = _BLANKS.sub("", cell)
    if _THOUSANDS.fullmatch(text) and len(set(re.findall(r"[.,]", text))) == 1:
        text = re.sub(r"[.,]", "", text)
    elif "," in text and "." in text:
        decimal = "," if text.rindex(",") > text.rindex(".") else "."
        text = text.replace("." if decimal == "," else ",", "")
    text = text.replace(",", ".")
    return float(text) if re.fullmatch(r"[+-]?\d{1,15}(\.\d+)?", text) else None


def day_of(cell: str) -> tuple[date, time | None] | None:
    """A day, and its hour where one stands behind it; None: it is no day. ISO, 23.11.2026, 23 ноября 2026."""
    text = " ".join(cell.split())
    for pattern, take in ((_ISO, _from_iso), (_RUSSIAN, _from_russian), (_WORDS, _from_words)):
        match = pattern.match(text)
        if match is None:
            continue
        try:
            day = take(match)
            hour = _hour(text[match.end() :])
        except ValueError:
            return None
        return day, hour
    return None


def _from_iso(match: re.Match[str]) -> date:
    return date(int(match[1]), int(match[2]), int(match[3]))


def _from_russian(match: re.Match[str]) -> date:
    year = int(match[3])
    return date(year + 2000 if year < 100 else year, int(match[2]), int(match[1]))


def _from_words(match: re.Match[str]) -> date:
    word = match[2].lower()
    # of the two that begin alike March stands before May
    found = [n for n, stem in enumerate(_MONTHS, 1) if word.startswith(stem)]
    if not found:
        raise ValueError(word)
    return date(int(match[3]), min(found), int(match[1]))


def _hour(rest: str) -> time | None:
    if not rest.strip():
        return None
    match = _HOUR.fullmatch(rest.rstrip())
    if match is None:
        raise ValueError(rest)
    return time(int(match[1]), int(match[2]))
