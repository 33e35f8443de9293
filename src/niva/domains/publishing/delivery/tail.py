"""What belongs after a post that is out: the rest of its chain, its first comment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from niva.domains.publishing.delivery.decide import Tried
from niva.domains.publishing.states import Outcome
from niva.networks.base.thread import number_of, step_name
from niva.networks.base.types import Step


def lacking(content: Mapping[str, Any], tried: Iterable[Tried]) -> str:
    """The code of what is not out of it: "thread_broken", "first_comment_failed", or "" when all is."""
    done = {one.step for one in tried if one.outcome == Outcome.DONE}
    parts = range(2, len(content.get("thread", ())) + 2)
    if any(step_name(number) not in done for number in parts):
        return "thread_broken"
    return "first_comment_failed" if content.get("first_comment") and "comment" not in done else ""


def can_be_settled(step: Step) -> bool:
    """Whether an unclear outcome is worth clearing up: a part of a chain that is keyed or can be searched.

    The parts after it wait for its id. A first comment is not worth a second try: nothing hangs on it.
    """
    return number_of(step.name) is not None and (step.keyed or step.searchable)
