"""What clients of each kind are judged by, as data: `kinds.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

UNITS: Final = ("money", "percent", "count", "hours")


@dataclass(frozen=True, slots=True)
class KindFigure:
    """One figure of a kind. `way`: how it is counted; `unit`: one of UNITS; `name`, `plain` (what it means),
    `formula`, and of typed ones `top` and `bottom` are by language."""

    key: str
    way: str
    unit: str
    name: Mapping[str, str]
    plain: Mapping[str, str]
    formula: Mapping[str, str]
    measure: str = ""
    top: Mapping[str, str] | None = None
    bottom: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class AnswerTerm:
    """A published term of answering. `hours`; `words` by language; `source`: where it stands."""

    hours: int
    words: Mapping[str, str]
    source: str


@cache
def _raw() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8"))


@cache
def figures_of(kind: str) -> tuple[KindFigure, ...]:
    """The figures of one kind of client, in the order of the file; none for an unknown kind."""
    found = tuple(KindFigure(key=key, **row) for key, row in _raw().get(kind, {}).items())
    for one in found:
        if one.unit not in UNITS or (one.way == "typed") != (one.top is not None and one.bottom is not None):
            raise ValueError(f"kinds.toml: {kind}.{one.key}")
    return found


@cache
def answer_terms() -> tuple[AnswerTerm, ...]:
    rows = _raw()["answer_terms"]
    return tuple(AnswerTerm(row["hours"], {"ru": row["ru"], "en": row["en"]}, row["source"]) for row in rows)
