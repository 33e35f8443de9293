"""What a network's own codes mean, as data of its folder: `words.toml`.

One table per code: `what` happened and what `todo`, in English and Russian (`what_ru`, `todo_ru`), with
%(detail)s, %(limit)s, %(actual)s, %(surplus)s, %(network)s as places. Codes that several networks share
stand in the desk's dictionary (`niva.words`), not here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Amount = Literal["count", "bytes", "seconds", "pixels", "list", "ratio"]


@dataclass(frozen=True, slots=True)
class CodeWords:
    """`amount`: what `limit` and `actual` are counted in, so that bytes are shown as megabytes."""

    what: str
    what_ru: str
    todo: str = ""
    todo_ru: str = ""
    amount: Amount = "count"


def load_words(folder: Path) -> Mapping[str, CodeWords]:
    """Read `words.toml` of a network's folder; none is no words. Raises TypeError or ValueError when one
    language is forgotten or a name is unknown."""
    path = folder / "words.toml"
    if not path.exists():
        return {}
    found = {
        code: CodeWords(**table) for code, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }
    if half := [code for code, words in found.items() if bool(words.todo) != bool(words.todo_ru)]:
        raise ValueError(f"{folder.name}: words in one language only: {half}")
    return found
