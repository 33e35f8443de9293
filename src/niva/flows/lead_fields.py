"""Fields as forms, webhooks and tables of others name them, understood as one lead. Touches no database.

What is not understood is kept beside the person in its own words: nothing that somebody typed is lost.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from niva.domains.leads.sealing import MOST_MORE, Person
from niva.domains.leads.services.taking import Came, Consent
from niva.domains.leads.states import NOT_LEADS, Status
from niva.domains.leads.utm import PARTS, normal
from niva.kit.local_time import nearest
from niva.kit.tables import day_of, number_of

_RAW: Final[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("lead_fields.toml").read_text(encoding="utf-8")
)
_WORDS: Final = _RAW.pop("words")
HEADS: Final[dict[str, str]] = {name: row.get("ru", "") for name, row in _RAW.items()}
_NAMES: Final = {alias: name for name, row in _RAW.items() for alias in row["names"]}
_STATUSES: Final = {alias: status for status, aliases in _WORDS["status"].items() for alias in aliases}
_YES, _NO = frozenset(_WORDS["yes"]["names"]), frozenset(_WORDS["no"]["names"])
_LABELS: Final = ("key", "name", "title", "label", "question", "slug")
_VALUES: Final = ("answer", "value", "answers", "values")
DEEPEST: Final = 4
MOST_FIELDS: Final = MOST_MORE + len(_RAW) + len(PARTS)


@dataclass(slots=True)
class Understood:
    """`took`: fields by their own names that have a place; `aside`: kept in their own words; `unread`: fields
    with a place whose value could not be read there (kept aside as well); `cut`: there were too many
    fields."""

    came: Came
    took: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    cut: bool = False


def sound(text: str) -> str:
    """The text without what no column takes: NUL and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def plain(name: str) -> str:
    """A field's name as it is compared."""
    return re.sub(r"[\s\-.:]+", "_", name.strip().lower().replace("ё", "е")).strip("_")  # cyrillic: yo is ye


def place_of(name: str) -> str:
    """Which field of a lead a name means, "utm" for a mark of the link, or ""."""
    bare = plain(name)
    if bare.startswith("utm_") and bare.removeprefix("utm_") in PARTS:
        return "utm"
    return _NAMES.get(bare, "")


def flat(body: Any) -> dict[str, str]:
    """The fields of a body of any shape by their own names: nested ones by the last part of their path,
    lists of
    {question, answer} by the question. What comes twice keeps both, the second by its whole path."""
    found: dict[str, str] = {}
    for path, value in _leaves(body, (), 0):
        name = path[-1] if path else "value"
        if name in found:
            name = ".".join(path)
        if len(found) <= MOST_FIELDS and name not in found:
            found[name] = value
    return found


def _leaves(body: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(body, Mapping) and depth < DEEPEST:
        pair = _pair(body)
        if pair is not None:
            yield (*path, pair[0]), pair[1]
            return
        for name, value in body.items():
            yield from _leaves(value, (*path, str(name)), depth + 1)
    elif isinstance(body, list) and depth < DEEPEST and any(isinstance(one, Mapping) for one in body):
        for one in body:
            yield from _leaves(one, path, depth + 1)
    elif isinstance(body, list):
        yield path, ", ".join(str(one) for one in body)
    elif body is not None and not isinstance(body, Mapping):
        yield path, str(body)


def _pair(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """{"question": …, "answer": …} as a name and a value; a name that we know is taken before the others."""
    value = next((row[name] for name in _VALUES if name in row), None)
    labels = [str(row[name]) for name in _LABELS if isinstance(row.get(name), str) and row[name]]
    if value is None or not labels or isinstance(value, Mapping):
        return None
    label = next((one for one in labels if place_of(one)), labels[-1])
    text = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return label, text


def understand(fields: Mapping[str, str], *, source: str, zone: str) -> Understood:
    """One lead out of fields. `zone`: of the client, for moments that name none."""
    read = _Reader(zone)
    for name, value in list(fields.items())[:MOST_FIELDS]:
        text = sound(value).strip()
        if text:
            read.take(sound(name)[:120], text)
    found = read.understood(source)
    found.cut = len(fields) > MOST_FIELDS
    return found


class _Reader:
    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.values: dict[str, Any] = {}
        self.contacts: list[str] = []
        self.texts: list[str] = []
        self.marks: dict[str, str] = {}
        self.more: dict[str, str] = {}
        self.took: list[str] = []
        self.unread: list[str] = []

    def take(self, name: str, value: str) -> None:
        place = place_of(name)
        if place == "utm":
            self.marks[plain(name)] = value
        elif place in ("phone", "email", "messenger"):
            self.contacts.append(value)
        elif place == "text":
            self.texts.append(value)
        elif not place or place in self.values:
            self.more[name] = value
            return
        else:
            known = self._read(place, value)
            if known is None:
                self.unread.append(name)
                self.more[name] = value
                return
            self.values[place] = known
        self.took.append(name)

    def _read(self, place: str, value: str) -> Any:
        """The value of a field in its own kind; None where it cannot be read so."""
        if place in ("amount", "margin"):
            number = number_of(re.sub(r"[^\d.,+\-\s]", "", value))
            return None if number is None else Decimal(str(number))
        if place == "came_at":
            return moment_of(value, self.zone)
        if place == "status":
            return _STATUSES.get(plain(value))
        if place == "consent":
            bare = plain(value)
            return True if bare in _YES else False if bare in _NO else None
        return value

    def understood(self, source: str) -> Understood:
        told = self.values
        names = [told.get("name", ""), told.get("first_name", ""), told.get("last_name", "")]
        status = told.get("status", Status.NEW)
        reason = status if status in NOT_LEADS else "other" if status == Status.REFUSED else ""
        came = Came(
            source=source,
            person=Person(
                contact=", ".join(dict.fromkeys(self.contacts)),
                name=" ".join(one for one in names if one),
                text="\n".join(self.texts),
                more=self.more,
            ),
            came_at=told.get("came_at"),
            marks=normal(self.marks),
            how_heard=told.get("how_heard", ""),
            key=str(told.get("key", ""))[:80],
            consent=Consent(told.get("consent")),
            status=Status.REFUSED if reason else status,
            reason=reason,
            amount=told.get("amount"),
            margin=told.get("margin"),
            link=told.get("link", ""),
        )
        aside = [name for name in self.more if name not in self.unread]
        return Understood(came, self.took, aside, self.unread)


def moment_of(text: str, zone: str) -> datetime | None:
    """A moment as programs and people write it: ISO with an offset, seconds since 1970, a day with an hour or
    without one (then noon) by the clock of `zone`; None for anything else."""
    bare = text.strip()
    if re.fullmatch(r"1\d{9}|1\d{12}", bare):
        seconds = int(bare) / (1000 if len(bare) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    if re.search(r"\d[T ]\d\d:\d\d", bare):
        try:
            moment = datetime.fromisoformat(bare.replace("Z", "+00:00"))
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return moment
    found = day_of(bare)
    return nearest(found[0], found[1] or time(12), zone) if found else None
