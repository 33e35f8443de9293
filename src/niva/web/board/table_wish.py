"""The address of the table: what is asked for there, and how it is written again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from niva.domains.editorial.table import Filter, valid

# Parameter -> field of Filter. What is not among them (the page, somebody's campaign) is nothing of ours.
TEXTS: Final = {"kind": "kind", "rubric": "rubric", "network": "network", "unit": "unit", "state": "state",
                "q": "text", "sort": "sort"}  # fmt: skip
NUMBERS: Final = {"client": "client_id", "person": "person_id"}
DAYS: Final = {"since": "since", "until": "until"}
SWITCHES: Final = ("mine", "undated", "overdue", "urgent")
LONGEST: Final = 200


def read(asked: Mapping[str, str]) -> Filter:
    """What the parameters ask for; what cannot be read is passed over."""
    found: dict[str, Any] = {}
    for name, field in TEXTS.items():
        if value := asked.get(name, "").replace("\x00", "").strip()[:LONGEST]:
            found[field] = value
    for name, field in NUMBERS.items():
        value = asked.get(name, "")
        if value.isascii() and value.isdecimal() and len(value) < 19:
            found[field] = int(value)
    for name, field in DAYS.items():
        if (day := _day(asked.get(name, ""))) is not None:
            found[field] = day
    for name in SWITCHES:
        if asked.get(name):
            found[name] = True
    return valid(Filter(**found))


def _day(value: str) -> date | None:
    try:
        day = date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year <= 2200 else None


def write(wish: Filter, **other: Any) -> str:
    """The parameters that ask for this; `other` replaces some, an empty value leaves one out."""
    usual = Filter()
    found: dict[str, Any] = {}
    for name, field in {**TEXTS, **NUMBERS, **DAYS, **{one: one for one in SWITCHES}}.items():
        value = getattr(wish, field)
        if value != getattr(usual, field):
            found[name] = "1" if value is True else value
    found.update(other)
    return urlencode({name: value for name, value in found.items() if value not in ("", None)})
