"""The rules of not losing and not doubling, without a clock, a database or a network. Pure.

One question is answered here: given what was tried at a step, what may be done now?
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol, TypeVar

from niva.domains.publishing.states import Outcome
from niva.networks.base.types import Step

# A call whose answer never came may still be carried out by the network a little later. "It is not there"
# is believed only after this much time and this many looks.
SETTLE: Final = timedelta(seconds=90)
SURE_LOOKS: Final = 2
MOST_LOOKS: Final = 6
MOST_REPEATS: Final = 8  # of one key without a clear answer; then it is looked up, or a person is asked
LOOK_PAUSES: Final = (5, 30, 60, 300, 900, 3600)  # seconds before the n-th look
KEY_MARGIN: Final = timedelta(minutes=5)

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 1800.0
GIVE_UP_AFTER: Final = timedelta(hours=24)  # then a person is asked whether the post still makes sense


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt at a step, as the store remembers it."""

    id: int
    step: str
    number: int
    key: uuid.UUID
    revision_id: int
    outcome: str
    started_at: datetime
    looks: int = 0
    result: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """`skip` (done before), `send` with `key`, `look` up `tried`, `ask` a person about `tried`, or `hold`.

    `since`: when the first of the unclear attempts began, for the search.
    """

    kind: Literal["skip", "send", "look", "ask", "hold"]
    key: uuid.UUID | None = None
    tried: Tried | None = None
    since: datetime | None = None


def next_move(
    step: Step,
    tried: Sequence[Tried],
    *,
    revision_id: int,
    now: datetime,
    fresh: uuid.UUID,
    may_send: bool = True,
) -> Move:
    """What may be done about `step` now. `tried`: its attempts in order; `fresh`: a new key, if needed.

    `may_send` False: nothing may leave without a person's word (too late, or the client is stopped), but
    what became of earlier attempts is still looked up.
    """
    done = next((one for one in tried if one.outcome == Outcome.DONE), None)
    if done is not None:
        return Move("skip", tried=done)
    doubts = unclear(tried)
    if not doubts and not may_send:
        return Move("hold")
    if not tried:
        return Move("send", key=fresh)
    if not doubts:
        last = tried[-1]
        return Move("send", key=last.key if last.revision_id == revision_id else fresh)
    if step.repeatable:
        return Move("send", key=fresh) if may_send else Move("hold")
    first, last = doubts[0], doubts[-1]
    refused = tried[-1].outcome == Outcome.REJECTED  # refused again it would be; what matters is the first
    remembered = step.keyed and _remembered(step, tried, last.key, now)
    if may_send and remembered and not refused and len(doubts) <= MOST_REPEATS:
        return Move("send", key=last.key, tried=last)
    kind: Literal["look", "ask"] = "look" if step.searchable and last.looks < MOST_LOOKS else "ask"
    return Move(kind, tried=last, since=first.started_at)


class Ended(Protocol):
    """An attempt as far as its end goes: `Tried`, or the row itself."""

    @property
    def outcome(self) -> str: ...


E = TypeVar("E", bound=Ended)


def unclear(tried: Iterable[E]) -> list[E]:
    """The attempts at one step that may have been carried out for all we know.

    A later attempt that failed proves nothing about an earlier one, even with the same key: a limit, a
    refused login or a refused text may be answered before the key is looked at. Only a search or a person
    who found nothing (ABSENT) settles the past.
    """
    doubts: list[E] = []
    for one in tried:
        if one.outcome in (Outcome.OPEN, Outcome.UNKNOWN):
            doubts.append(one)
        elif one.outcome in (Outcome.ABSENT, Outcome.DONE):
            doubts = []
    return doubts


def _remembered(step: Step, tried: Sequence[Tried], key: uuid.UUID, now: datetime) -> bool:
    """Whether the network surely still knows the key, counted from its first use."""
    if step.key_seconds is None:
        return True
    first = min(one.started_at for one in tried if one.key == key)
    return now - first < timedelta(seconds=step.key_seconds) - KEY_MARGIN


def surely_absent(tried: Tried, *, looks: int, now: datetime) -> bool:
    """Whether `looks` looks without a find prove that the call was never carried out."""
    return looks >= SURE_LOOKS and now - tried.started_at >= SETTLE


def look_pause(looks: int) -> timedelta:
    """How long to wait before the next look, after so many."""
    return timedelta(seconds=LOOK_PAUSES[min(looks, len(LOOK_PAUSES) - 1)])


def retry_pause(failures: int, *, told: float | None = None, dice: random.Random | None = None) -> timedelta:
    """The pause after the n-th failure in a row: what the network told, else growing, with some jitter."""
    if told is not None:
        return timedelta(seconds=max(1.0, told))
    base = min(FIRST_PAUSE * 3 ** min(failures - 1, 12), LONGEST_PAUSE)
    return timedelta(seconds=base * (dice or random).uniform(0.9, 1.1))
