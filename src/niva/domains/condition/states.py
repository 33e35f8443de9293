"""In which state an item of the checklist may be. Pure.

What the desk saw itself is `ok`, `broken` or `unknown`; what a person says is `done` or `broken`, and `todo`
until somebody says it, and again when the word is too old. `not_applicable` may be either's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    OK = "ok"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    TODO = "todo"
    DONE = "done"


IN_ORDER: Final = frozenset({State.OK, State.DONE})
SAID: Final = (State.DONE, State.BROKEN, State.NOT_APPLICABLE)  # what a person may answer
URGENCY: Final = (
    State.BROKEN,
    State.TODO,
    State.UNKNOWN,
    State.NOT_APPLICABLE,
    State.DONE,
    State.OK,
)
