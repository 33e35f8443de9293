"""Rows of a file of past posts, understood one by one; nothing here writes."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from niva.domains.metrics.models import Format
from niva.flows.numbers_in import COLUMNS, LARGEST_VALUE
from niva.kit import sheets
from niva.kit.tables import day_of, number_of
from niva.networks.base.metrics import POST_METRICS

WORDS: Final[Mapping[str, Any]] = tomllib.loads(
    Path(__file__).with_name("history.toml").read_text(encoding="utf-8")
)
OWN: Final = ("published", "time", "link", "text", "kind")
FIELDS: Final = (*OWN, *POST_METRICS)
OLDEST: Final = dt.datetime(2006, 1, 1, tzinfo=dt.UTC)
"""No network of the desk is older: a day before it is a slip."""
LONGEST_TEXT: Final = 20_000
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(.*)", re.DOTALL)
_CLOCK: Final = re.compile(r"[T ,]*(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?m?\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PastPost:
    """One understood row. `link` may be empty; `publication_id`: the desk knows it already."""

    line: int
    at: dt.datetime
    link: str
    text: str
    format: str
    values: Mapping[str, float]
    publication_id: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A row that is left out, and why, in words."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Choices:
    """How the file is read. `columns`: place -> word of FIELDS; `zone`: of moments without one of their own;
    `day_first`: 5/6/2026 is the fifth of June; `as_of`: the day the file was saved."""

    columns: Mapping[int, str]
    zone: str
    day_first: bool
    as_of: dt.date


@dataclass(slots=True)
class Found:
    """All rows of a file. `left`: those left out; `twice`: rows of a post that stands above already."""

    posts: list[PastPost] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def fresh(self) -> int:
        return sum(1 for one in self.posts if one.publication_id is None)


def field_of(head: str) -> str:
    """The word of FIELDS that a head names, or ""."""
    text = " ".join(head.lower().replace("_", " ").split())
    if text in POST_METRICS:
        return text
    begins = [(name, WORDS[name]["begins"]) for name in OWN]
    begins += [(name, COLUMNS[name]["begins"]) for name in POST_METRICS]
    found = [
        (len(one), -place, name)
        for place, (name, words) in enumerate(begins)
        for one in words
        if text.startswith(one)
    ]
    return max(found)[2] if found else ""


def guess(rows: Sequence[Sequence[Any]]) -> dict[int, str]:
    """Which column is what, by its head and by what stands below; each word once.

    Of two columns that could be the day it went out, the one with more days in it: some exports have a column
    "Date" that says "Lifetime" in every row.
    """
    head, *below = rows
    found: dict[int, str] = {}
    best: dict[str, tuple[int, int]] = {}
    for place, cell in enumerate(head):
        word = field_of(sheets.text(cell))
        if not word:
            continue
        worth = sum(_fits(word, row[place]) for row in below[:200] if place < len(row))
        if word not in best or worth > best[word][0]:
            if word in best:
                del found[best[word][1]]
            best[word], found[place] = (worth, place), word
    return found


def _fits(word: str, cell: Any) -> bool:
    text = sheets.text(cell)
    if word == "published":
        return any(moment(cell, None, zone="UTC", day_first=first) for first in (True, False))
    if word in POST_METRICS:
        return number_of(text) is not None
    return bool(text)


def day_first_in(rows: Sequence[Sequence[Any]], columns: Mapping[int, str]) -> bool | None:
    """Whether days stand before months in slashed dates: some day is past the twelfth. None: it cannot be
    told, or nothing is slashed."""
    places = [place for place, word in columns.items() if word == "published"]
    for row in rows[1:]:
        for place in places:
            match = _SLASHED.match(sheets.text(row[place]) if place < len(row) else "")
            if match and int(match[1]) > 12:
                return True
            if match and int(match[2]) > 12:
                return False
    return None


def moment(cell: Any, clock: Any, *, zone: str, day_first: bool) -> dt.datetime | None:
    """When it went out, with its zone: of the cell itself where it names one, else the given one."""
    found = sheets.value(cell)
    if isinstance(found, dt.datetime):
        return found if found.tzinfo else _at(found.date(), clock, found.time(), zone)
    if isinstance(found, dt.date):
        return _at(found, clock, None, zone)
    text = " ".join(str(found or "").split())
    try:
        told = dt.datetime.fromisoformat(text)
    except ValueError:
        return _of_words(text, clock, zone, day_first)
    return told if told.tzinfo else _at(told.date(), clock, told.time() if len(text) > 10 else None, zone)


def _of_words(text: str, clock: Any, zone: str, day_first: bool) -> dt.datetime | None:
    if match := _SLASHED.match(text):
        day, month = (match[1], match[2]) if day_first else (match[2], match[1])
        text = f"{match[3]}-{month}-{day}{match[4]}"
    match = re.match(r"(.*?)([,\s]+\d{1,2}:\d{2}.*)?$", text, re.DOTALL)
    found = day_of(match[1]) if match else None
    if found is None or match is None:
        return None
    return _at(found[0], clock, _hour(match[2] or "") or found[1], zone)


def _at(day: dt.date, clock: Any, own: dt.time | None, zone: str) -> dt.datetime | None:
    """The moment of a day; without any hour it is noon, which no time zone moves to another day far."""
    hour = own or _hour(sheets.text(clock) if clock is not None else "") or dt.time(12)
    try:
        return dt.datetime.combine(day, hour, tzinfo=ZoneInfo(zone))
    except (ValueError, OverflowError):
        return None


def _hour(text: str) -> dt.time | None:
    match = _CLOCK.match(text.strip())
    if match is None:
        return None
    hour, half = int(match[1]), (match[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return dt.time(hour, int(match[2]))
    except ValueError:
        return None


def understand(rows: Sequence[tuple[int, Sequence[Any]]], choices: Choices, known: Mapping[str, int],
               plain: Any, now: dt.datetime) -> Found:  # fmt: skip
    """Every row below the head. `known`: publications of the desk by their plain link; `plain`: makes one."""
    found = Found()
    seen: set[str] = set()
    for line, cells in rows[1:]:
        named = _named(cells, choices.columns)
        one = _row(line, named, choices, now)
        if one is None:
            continue
        if isinstance(one, PastPost):
            mark = plain(one.link) if one.link else f"{one.at:%Y%m%d%H%M}{one.text[:200]}"
            if mark in seen:
                one = Left(line, _("This post stands in the file twice; the upper line counts."))
            else:
                seen.add(mark)
                pk = known.get(mark) if one.link else None
                found.posts.append(PastPost(line, one.at, one.link, one.text, one.format, one.values, pk))
                continue
        found.left.append(one)
    return found


def _named(cells: Sequence[Any], columns: Mapping[int, str]) -> dict[str, Any]:
    return {word: cells[place] for place, word in columns.items() if place < len(cells)}


def _row(line: int, named: Mapping[str, Any], choices: Choices, now: dt.datetime) -> PastPost | Left | None:
    if not any(sheets.text(cell) for cell in named.values()):
        return None
    at = moment(named.get("published"), named.get("time"), zone=choices.zone, day_first=choices.day_first)
    if at is None:
        cell = sheets.text(named.get("published"))[:40]
        return Left(line, _("“%(cell)s” is no day when a post went out.") % {"cell": cell})
    if at > now or at < OLDEST:
        return Left(line, _("%(day)s cannot be: it is in the future or before social networks.")
                    % {"day": f"{at:%d.%m.%Y}"})  # fmt: skip
    link = sheets.text(named.get("link")).strip()[:500]
    text = sheets.text(named.get("text")).strip()[:LONGEST_TEXT]
    if not link and not text:
        return Left(line, _("Neither a link nor a text: nobody could tell which post it is."))
    values = {}
    for metric, value in _values(named):
        if value is None:
            return Left(line, _("“%(cell)s” is no number that can be counted.")
                        % {"cell": sheets.text(named[metric])[:40]})  # fmt: skip
        values[metric] = value
    return PastPost(line, at, link, text, _format(sheets.text(named.get("kind")), text), values)


def _values(named: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    for metric in POST_METRICS:
        cell = sheets.text(named.get(metric))
        if cell in ("", "-", "–", "—"):
            continue  # empty is not zero
        raw = named[metric]
        value = float(raw) if isinstance(raw, int | float) else number_of(cell)
        yield metric, value if value is not None and 0 <= value <= LARGEST_VALUE else None


def _format(kind: str, text: str) -> str:
    """Our format by the file's word for it; unknown words leave a text, or a link where there is one."""
    said = kind.lower().strip()
    found = [
        (len(one), name) for name, words in WORDS["formats"].items() for one in words if said.startswith(one)
    ]
    if found:
        return str(max(found)[1])
    return Format.LINK if re.search(r"https?://", text) else Format.TEXT
