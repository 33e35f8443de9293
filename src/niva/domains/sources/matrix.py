"""What a source is made into: the rows of `matrix.toml`, and what each is for a community. No database."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language

from niva.domains.editorial.states import Unit
from niva.networks.registry import get_network

NEEDS: Final = ("film", "sound", "text")
# Which limits of a network are worth telling with each row: names of `limits.toml`.
TOLD: Final = {
    "clip": ("video_seconds_max",),
    "full": ("video_seconds_max",),
    "cards": ("media_max",),
    "post": ("text_max",),
    "answer": ("text_max",),
    "quote": ("text_max",),
    "poll": ("poll_options_max",),
    "invite": ("text_max",),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of derivative. `least`, `minutes`: of work; the second is the norm. `once`: per source.

    `words`: what it is on a network, in both languages.
    """

    code: str
    names: tuple[str, str]
    unit: str
    least: int
    minutes: int
    needs: str
    ability: str
    once: bool = False
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.names[_language()]

    def place(self, network: str) -> str:
        """What it is on this network; "" where the table says nothing of it."""
        found = self.words.get(network)
        return found[_language()] if found else ""


def _language() -> int:
    return 1 if get_language() == "ru" else 0


@cache
def rows() -> dict[str, Row]:
    """All rows in the order of the table. Raises ValueError for a row that says nonsense."""
    raw = tomllib.loads((Path(__file__).parent / "matrix.toml").read_text(encoding="utf-8"))
    found = {code: _row(code, one) for code, one in raw.items()}
    for row in found.values():
        if row.unit not in Unit.values or row.needs not in NEEDS or not 0 < row.least <= row.minutes:
            raise ValueError(f"matrix.toml: {row.code}")
    return found


def _row(code: str, one: dict[str, Any]) -> Row:
    least, minutes = one["minutes"]
    return Row(
        code=code,
        names=(one["name"], one["name_ru"]),
        unit=one["unit"],
        least=least,
        minutes=minutes,
        needs=one["needs"],
        ability=one["ability"],
        once=one.get("once", False),
        words={name: (english, russian) for name, (english, russian) in one["places"].items()},
    )


def takes(row: Row, network: str) -> bool:
    """Whether the row fits a network: the table names it, or it is not in the table and has the ability."""
    if network in row.words:
        return True
    known = {name for one in rows().values() for name in one.words}
    return network not in known and row.ability in get_network(network).manifest.abilities


def limits_of(row: Row, network: str) -> dict[str, Any]:
    """The limits of the network that matter for the row, as its manifest has them: name -> value."""
    limits = get_network(network).limits
    found = {name: limits.value(name) for name in TOLD.get(row.code, ())}
    return {name: value for name, value in found.items() if value is not None}
