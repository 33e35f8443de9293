"""The guides: which steps a strategy of this kind of client has, in plain words. Data in `guides/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "guides"
# In this order they are offered; the first one of a client's kind is proposed.
ORDER: Final = ("business_b2c", "business_b2b", "government", "ngo", "media", "person")
Words = Mapping[str, str]  # by language: "ru", "en"


@dataclass(frozen=True, slots=True)
class Step:
    """`kind`: "text", "rubrics", "page", or the word of the rows it has (see `ledger.TABLES`)."""

    code: str
    kind: str
    title: Words
    why: Words
    what: Words
    example: Words


@dataclass(frozen=True, slots=True)
class Guide:
    """`kinds`: kinds of clients that it is proposed to. `parts`: parts of people that are usual here."""

    code: str
    title: Words
    about: Words
    kinds: tuple[str, ...]
    parts: tuple[str, ...]
    steps: tuple[Step, ...]

    def step(self, code: str) -> Step:
        """Raises KeyError for a step that this guide does not have."""
        return self.steps[self.place(code)]

    def place(self, code: str) -> int:
        """The place of a step, from 0. Raises KeyError."""
        for index, step in enumerate(self.steps):
            if step.code == code:
                return index
        raise KeyError(code)


@cache
def all_guides() -> dict[str, Guide]:
    """By code, in the order in which they are offered."""
    steps = tomllib.loads((FOLDER / "steps.toml").read_text(encoding="utf-8"))
    return {code: _guide(code, steps) for code in ORDER}


def all_steps() -> dict[str, Step]:
    """Every step of any guide by its code, as the first guide that has it says it."""
    found: dict[str, Step] = {}
    for guide in all_guides().values():
        for step in guide.steps:
            found.setdefault(step.code, step)
    return found


def guide_for(kind: str) -> Guide:
    """The guide that is proposed to a client of this kind."""
    return next(guide for guide in all_guides().values() if kind in guide.kinds)


def _guide(code: str, steps: Mapping[str, Any]) -> Guide:
    data = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Guide(
        code=code,
        title=data["title"],
        about=data["about"],
        kinds=tuple(data["kinds"]),
        parts=tuple(data["parts"]),
        steps=tuple(Step(code=own["code"], **_said(steps[own["code"]], own)) for own in data["steps"]),
    )


def _said(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The step's words: the guide's own where it has some."""
    merged = {**base, **own}
    return {name: merged[name] for name in ("kind", "title", "why", "what", "example")}
