"""A long text as a chain of posts: what every network that has chains does alike.

The first post is the step "create". Each part after it is a step of its own ("thread-2", "thread-3", ...)
with attempts and a key of its own, so a part that failed repeats neither the post nor the parts before it.
It answers the part before, whose id it finds among the results. Its kind is "comment": the post is out by
then, and whatever becomes of a part does not undo that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from niva.networks.base.errors import Gone, Rejected
from niva.networks.base.types import JSON, Outgoing, Part, Remote, Step

_NAME: Final = "thread-"


def steps(
    out: Outgoing, *, keyed: bool = False, searchable: bool = False, key_seconds: int | None = None
) -> tuple[Step, ...]:
    """One step for every part after the first, in order."""
    numbers = range(2, len(out.thread) + 2)
    return tuple(
        Step(step_name(number), "comment", keyed=keyed, searchable=searchable, key_seconds=key_seconds)
        for number in numbers
    )


def step_name(number: int) -> str:
    """The step that sends this part (2, 3, ...)."""
    return f"{_NAME}{number}"


def number_of(step_name: str) -> int | None:
    """Which part of the chain a step sends (2, 3, ...); None for a step that sends none."""
    return int(step_name.removeprefix(_NAME)) if step_name.startswith(_NAME) else None


def part_of(step: Step, out: Outgoing) -> Part | None:
    """What the step sends, or None when it is another kind of step."""
    number = number_of(step.name)
    return None if number is None else out.thread[number - 2]


def before(step: Step, done: Mapping[str, JSON]) -> JSON:
    """The result of the part that this one answers."""
    number = number_of(step.name)
    assert number is not None
    return done["create"] if number == 2 else done[step_name(number - 1)]


def mark(text: str) -> str:
    """What a part's text is recognised by when the chain is edited: only a changed part is sent anew."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept(done: Mapping[str, JSON]) -> dict[str, Any]:
    """The part of `Remote.extra` that remembers the chain: {"thread": [results in order]}, or nothing."""
    rows: list[dict[str, Any]] = []
    while (made := done.get(step_name(len(rows) + 2))) is not None:
        rows.append(dict(made))
    return {"thread": rows} if rows else {}


def parts_there(there: Remote) -> list[dict[str, Any]]:
    """The parts that went out after the first, as `kept` remembered them."""
    return [dict(row) for row in there.extra.get("thread", ())]


@contextmanager
def of_a_part() -> Iterator[None]:
    """Around a call for one part: that a part is gone does not mean that the post is."""
    try:
        yield
    except Gone as error:
        raise Rejected("thread_part_gone", error.detail) from error


def changed(there: Remote, out: Outgoing) -> Sequence[tuple[int, dict[str, Any], Part]]:
    """(index in `parts_there`, what is known of it, its new words) of every part that reads otherwise now.

    A chain that broke is shorter out there than in `out`; what never went out is not edited.
    """
    pairs = enumerate(zip(parts_there(there), out.thread, strict=False))
    return [(index, known, part) for index, (known, part) in pairs if known.get("mark") != mark(part.text)]
