"""What the page of the day is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """The buttons that decide on the line itself: "unknown" (is it there?) or "held" (does it still go out?).

    `day`, `hour`: what stands in the boxes of another hour, by the clock of `zone`.
    """

    kind: str
    delivery: int
    zone: str
    day: str
    hour: str


@dataclass(frozen=True, slots=True)
class Nudge:
    """One click that reminds whoever has it. `done`: when that was done lately; then there is no button."""

    kind: str
    pk: int
    done: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """`due`: the moment, `due_note`: what it is the moment of; `late`: it has passed and that is bad.

    `ask`: it can be decided here; `nudge`: somebody else has it; `outside`: the button leads to the network,
    in another tab.
    """

    networks: Sequence[str]
    who: str
    what: str
    why: str
    due: datetime | None
    due_note: str
    action: str
    icon: str
    url: str
    late: bool = False
    state: str = ""
    zone: str = ""
    note_zone: str = ""
    let_be_url: str = ""
    ask: Ask | None = None
    nudge: Nudge | None = None
    outside: bool = False


@dataclass(slots=True)
class Section:
    """`folded`: what did not fit into MOST lines; `out`: what is done, and nobody must do anything about."""

    name: str
    title: str
    lines: list[Line]
    hot: bool = False
    folded: list[Line] = field(default_factory=list)
    out: list[Line] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.lines) + len(self.folded)


@dataclass(slots=True)
class Page:
    sections: list[Section]
    count: int
    summary: str
    on_time: str
    on_time_says: str
