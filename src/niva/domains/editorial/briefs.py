"""Briefs as data (`briefs.toml`): what is asked, what must be said, what is checked, how long it takes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.people.errors import Invalid

LINE, TEXT = 400, 4000  # characters at most
MOST: Final = Decimal(10) ** 12
KINDS: Final = frozenset({"line", "text", "number", "money", "date", "choice"})
# A list where one thing is asked: "first; second", or lines that are numbered.
_SEVERAL: Final = re.compile(r";\s*\S|(^|\s)2[.)]\s")


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a brief. `source`: what it is filled from; `one`: never a list."""

    name: str
    kind: str
    labels: tuple[str, str]
    hints: tuple[str, str]
    required: bool
    source: str
    one: bool
    options: tuple[tuple[str, str, str], ...]

    @property
    def label(self) -> str:
        return _in_language(self.labels)

    @property
    def hint(self) -> str:
        return _in_language(self.hints)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(key, _in_language((one, other))) for key, one, other in self.options]


@dataclass(frozen=True, slots=True)
class Brief:
    """One kind of task. `norm`: minutes of work; `slack`: whole days that must be left before its hour;
    `role`: of those who usually get it; `sizes`: the networks' limits of pictures and videos belong to it."""

    kind: str
    names: tuple[str, str]
    role: str
    norm: int
    slack: int
    sizes: bool
    fields: tuple[Field, ...]
    points: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return _in_language(self.names)

    @property
    def checklist(self) -> list[str]:
        return [_in_language(point) for point in self.points]


@cache
def briefs() -> dict[str, Brief]:
    """Kind -> brief, in the order of the file. Raises ValueError for a file that is not whole."""
    raw = tomllib.loads((Path(__file__).parent / "briefs.toml").read_text(encoding="utf-8"))
    fields = raw["fields"]
    if bad := [name for name, one in fields.items() if one["kind"] not in KINDS]:
        raise ValueError(f"briefs.toml: fields of no known kind: {bad}")
    return {kind: _brief(kind, one, fields) for kind, one in raw["briefs"].items()}


def brief_of(kind: str) -> Brief:
    """Raises Invalid("kind") for one that there is not."""
    found = briefs().get(kind)
    if found is None:
        raise Invalid.one("kind", _("Choose what kind of task it is."))
    return found


def cleaned(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    """The brief as it is kept: every field a string, dates ISO, figures plain; empty ones left out.

    Raises Invalid with every field that is missing or does not read.
    """
    errors: dict[str, list[str]] = {}
    kept: dict[str, str] = {}
    for field in brief_of(kind).fields:
        typed = str(values.get(field.name) or "").replace("\x00", "").strip()
        if not typed:
            if field.required:
                errors[field.name] = [_("The brief is not whole without it.")]
            continue
        try:
            kept[field.name] = _READ[field.kind](field, typed)
        except ValueError as error:
            errors[field.name] = [str(error)]
    if "starts" in kept and kept.get("ends", "9") < kept["starts"]:
        errors["ends"] = [_("It ends before it begins.")]
    if errors:
        raise Invalid(errors)
    return kept


def answers(kind: str, brief: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and words of every filled field, in the reader's language."""
    found = briefs().get(kind)
    pairs = []
    for field in found.fields if found else ():
        if value := brief.get(field.name, ""):
            pairs.append((field.label, dict(field.choices).get(value, value)))
    return pairs


def wanted_by(kind: str, brief: Mapping[str, str], planned_at: datetime | None) -> datetime | date | None:
    """What the deadline must be before: the piece's hour, or the day from which it runs."""
    starts = parse_date(brief.get("starts", ""))
    return planned_at or starts


def slack_left(due_at: datetime, wanted: datetime | date | None) -> timedelta | None:
    """How long lies between the deadline and what it is for; None when it is for no hour."""
    if wanted is None:
        return None
    if isinstance(wanted, datetime):
        return wanted - due_at
    return datetime.combine(wanted, datetime.min.time(), due_at.tzinfo) - due_at


def _brief(kind: str, one: dict[str, Any], fields: dict[str, Any]) -> Brief:
    return Brief(
        kind=kind,
        names=(one["name"], one["name_ru"]),
        role=one["role"],
        norm=one["norm"],
        slack=one["slack"],
        sizes=one.get("sizes", False),
        fields=tuple(
            _field(name.rstrip("!"), fields[name.rstrip("!")], name.endswith("!")) for name in one["fields"]
        ),
        points=tuple((english, russian) for english, russian in one["checklist"]),
    )


def _field(name: str, one: dict[str, Any], required: bool) -> Field:
    return Field(
        name=name,
        kind=one["kind"],
        labels=(one["label"], one["label_ru"]),
        hints=(one.get("hint", ""), one.get("hint_ru", "")),
        required=required,
        source=one.get("from", ""),
        one=one.get("one", False),
        options=tuple((key, english, russian) for key, english, russian in one.get("options", ())),
    )


def _line(field: Field, typed: str) -> str:
    if len(typed) > LINE:
        raise ValueError(_("Too long: %(most)d characters at most.") % {"most": LINE})
    if field.one and ("\n" in typed or _SEVERAL.search(typed)):
        raise ValueError(_("Only one. Set another task for the second."))
    return " ".join(typed.split())


def _text(field: Field, typed: str) -> str:
    if len(typed) > TEXT:
        raise ValueError(_("Too long: %(most)d characters at most.") % {"most": TEXT})
    return typed.replace("\r\n", "\n")


def _number(field: Field, typed: str) -> str:
    plain = re.sub(r"[\s\u00a0\u202f]", "", typed).replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(_("Write a number.")) from error
    if not number.is_finite() or not 0 < number < MOST:
        raise ValueError(_("Write a number above zero."))
    return f"{number.quantize(Decimal('0.01')):f}".removesuffix(".00")


def _date(field: Field, typed: str) -> str:
    try:
        day = parse_date(typed)
    except ValueError:
        day = None
    if day is None:
        raise ValueError(_("Choose a day of the calendar."))
    return day.isoformat()


def _choice(field: Field, typed: str) -> str:
    if typed not in {key for key, _one, _other in field.options}:
        raise ValueError(_("Choose one of the list."))
    return typed


_READ: Final = {
    "line": _line, "text": _text, "number": _number, "money": _number, "date": _date, "choice": _choice,
}  # fmt: skip


def _in_language(pair: tuple[str, str]) -> str:
    return pair[1] if get_language() == "ru" else pair[0]
