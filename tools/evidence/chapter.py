"""One chapter of the evidence: its tables for people, its figures for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Chapter:
    """`name`: its key in the line of JSON. `text`: Markdown below the title, tables included. `figures`:
    plain values. `ok`: whether what the chapter promises held; `because`: in words, what did not."""

    name: str
    title: str
    text: str
    figures: dict[str, Any]
    ok: bool = True
    because: list[str] = field(default_factory=list)


def table(head: list[str], rows: list[list[object]]) -> str:
    """A Markdown table; the first column is text, the others are aligned to the right."""
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---", *["---:"] * (len(head) - 1)]) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(_cell(one) for one in row) + " |" for row in rows)])


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
