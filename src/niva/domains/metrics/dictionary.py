"""The dictionary of measures: what each figure counts and by which formula. Data in `dictionary.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS

Kind = Literal["count", "level", "ratio", "money"]
Of = Literal["post", "community", "goal"]

ENGAGEMENT: Final = ("likes", "comments", "reposts", "saves")
OUT: Final = "posts_out"
"""The word for the number of posts themselves in `top` and `bottom`."""
FOLLOWERS: Final = "followers"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `top`: words whose sums are added; `bottom`: what a ratio is divided by, empty otherwise;
    `per`: what the quotient is multiplied by; `unit`: "%" or nothing. Texts by language, "ru" and "en".
    `also`: names that others give this formula."""

    word: str
    kind: Kind
    of: Of
    top: tuple[str, ...]
    bottom: str
    per: float
    unit: str
    version: int
    name: Mapping[str, str]
    plain: Mapping[str, str]
    also: tuple[str, ...]

    @property
    def parts(self) -> frozenset[str]:
        """The network's own words it is made of."""
        words = {*self.top, self.bottom} - {"", OUT}
        if "engagement" in words:
            words = (words - {"engagement"}) | set(ENGAGEMENT)
        return frozenset(words)

    @property
    def countable(self) -> bool:
        """Whether `figures` can count it from readings: money is counted where the ledger is known."""
        return self.kind != "money"


@cache
def measures() -> Mapping[str, Measure]:
    """All measures by their word, in the order of the dictionary."""
    data = tomllib.loads((Path(__file__).parent / "dictionary.toml").read_text(encoding="utf-8"))
    return {word: _measure(word, row) for word, row in data.items()}


def measure(word: str) -> Measure:
    """One measure. Raises KeyError for a word that is not in the dictionary."""
    return measures()[word]


def _measure(word: str, row: Mapping[str, Any]) -> Measure:
    top = tuple(row["top"])
    found = Measure(
        word=word,
        kind=row["kind"],
        of=row.get("of", "post"),
        top=top,
        bottom=row.get("bottom", ""),
        per=float(row.get("per", 1)),
        unit=row.get("unit", ""),
        version=int(row.get("version", 1)),
        name=row["name"],
        plain=row["plain"],
        also=tuple(row.get("also", ())),
    )
    if found.countable:
        unknown = found.parts - set(POST_METRICS) - set(COMMUNITY_METRICS)
        if unknown or bool(found.bottom) != (found.kind == "ratio"):
            raise ValueError(f"{word}: {unknown or 'a ratio has a bottom, nothing else has'}")
    return found
