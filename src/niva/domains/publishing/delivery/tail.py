"""What belongs after a post that is out: the rest of its chain, its first comment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from niva.domains.publishing.delivery.decide import Ended, unclear
from niva.domains.publishing.states import Outcome
from niva.networks.base.thread import number_of, step_name
from niva.networks.base.types import Step


class AtStep(Ended, Protocol):
    """An attempt at a named step: `Tried`, or the row itself."""

    @property
    def step(self) -> str: ...


def lacking(content: Mapping[str, Any], tried: Iterable[AtStep]) -> str:
    """The code of what is not out of it, as far as is known; "" when all of it is.

    What a network does with a post that is out (sends it on to other servers) is a step of its own name;
    uploads have a colon in theirs and are over by then.
    """
    tried = list(tried)
    done = {one.step for one in tried if one.outcome == Outcome.DONE}
    parts = range(2, len(content.get("thread", ())) + 2)
    if any(step_name(number) not in done for number in parts):
        return "thread_broken"
    if content.get("first_comment") and "comment" not in done:
        in_doubt = unclear(one for one in tried if one.step == "comment")
        return "comment_unknown" if in_doubt else "first_comment_failed"
    further = {one.step for one in tried} - done - {"create"}
    return "further_step_failed" if any(":" not in step for step in further) else ""


def can_be_settled(step: Step) -> bool:
    """Whether an unclear outcome is worth clearing up: a part of a chain that is keyed or can be searched.

    The parts after it wait for its id. A first comment is not worth a second try: nothing hangs on it.
    """
    return number_of(step.name) is not None and (step.keyed or step.searchable)
