"""The rules of not losing and not doubling, without a clock, a database or a network. Pure.

One question is answered here: given what was tried at a step, what may be done now?
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from niva.domains.publishing.states import Outcome
from niva.networks.base.types import Step

# A call whose answer never came may still be carried out by the network a little later. "It is not there"
# is believed only after this much time and this many looks.
SETTLE: Final = timedelta(seconds=90)
SURE_LOOKS: Final = 2
MOST_LOOKS: Final = 6
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
    """`skip` (done before), `send` with `key`, `look` up `tried`, or `ask` a person about `tried`."""

    kind: Literal["skip", "send", "look", "ask"]
    key: uuid.UUID | None = None
    tried: Tried | None = None


def next_move(
    step: Step, tried: Sequence[Tried], *, revision_id: int, now: datetime, fresh: uuid.UUID
) -> Move:
    """What may be done about `step` now. `tried`: its attempts in order; `fresh`: a new key, if needed."""
    done = next((one for one in tried if one.outcome == Outcome.DONE), None)
    if done is not None:
        return Move("skip", tried=done)
    if not tried:
        return Move("send", key=fresh)
    last = tried[-1]
    same_key = last.key if last.revision_id == revision_id else fresh
    if last.outcome not in (Outcome.OPEN, Outcome.UNKNOWN):
        return Move("send", key=same_key)
    if step.repeatable:
        return Move("send", key=fresh)
    if step.keyed and _remembered(step, tried, now):
        return Move("send", key=last.key, tried=last)
    if step.searchable and last.looks < MOST_LOOKS:
        return Move("look", tried=last)
    return Move("ask", tried=last)


def _remembered(step: Step, tried: Sequence[Tried], now: datetime) -> bool:
    """Whether the network surely still knows the key of the first unclear attempt that used it."""
    if step.key_seconds is None:
        return True
    first = min(one.started_at for one in tried if one.key == tried[-1].key)
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
