"""The states of a delivery and the arrows between them, as data. Pure.

`queued → sending → accepted → published`, and where it may halt on the way. An arrow that is not here does
not exist: `services` and the engine change a state only along `ARROWS`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    QUEUED = "queued"  # waits for its hour
    SENDING = "sending"  # a worker has it
    ACCEPTED = "accepted"  # the network answered with an id
    PUBLISHED = "published"  # and it was seen there
    WAITING = "waiting"  # will be tried again by itself: a pause or a limit
    UNKNOWN = "unknown"  # sent, no clear answer: looked up, or a person decides
    NEEDS_LOGIN = "needs_login"  # a person must connect the community again
    REJECTED = "rejected"  # the network refused: a person must change something
    HELD = "held"  # a person must give the word: its client is stopped, or its hour passed too long ago
    CANCELLED = "cancelled"  # a person took it back before it went out
    REMOVED = "removed"  # it was out and is no more


ARROWS: Final[dict[State, frozenset[State]]] = {
    State.QUEUED: frozenset(
        {
            State.SENDING,
            State.HELD,
            State.CANCELLED,
            State.REJECTED,
            State.PUBLISHED,
        }  # by hand, before its hour
    ),
    State.SENDING: frozenset(
        {
            State.ACCEPTED,
            State.WAITING,
            State.UNKNOWN,
            State.NEEDS_LOGIN,
            State.REJECTED,
            State.HELD,
            State.QUEUED,
        }
    ),
    State.ACCEPTED: frozenset({State.PUBLISHED, State.REMOVED}),
    State.PUBLISHED: frozenset({State.REMOVED, State.ACCEPTED}),  # the rest of a broken chain is sent
    State.WAITING: frozenset({State.SENDING, State.HELD, State.CANCELLED, State.QUEUED, State.REJECTED}),
    State.UNKNOWN: frozenset(
        {
            State.SENDING,
            State.ACCEPTED,
            State.PUBLISHED,  # a person saw it there
            State.QUEUED,
            State.CANCELLED,
            State.NEEDS_LOGIN,
            State.REJECTED,
            State.HELD,  # a person said that it is not there, and its client is stopped
        }
    ),
    State.NEEDS_LOGIN: frozenset({State.QUEUED, State.HELD, State.CANCELLED, State.UNKNOWN}),
    State.REJECTED: frozenset({State.QUEUED, State.HELD, State.CANCELLED}),
    State.HELD: frozenset({State.QUEUED, State.CANCELLED, State.PUBLISHED}),  # published by hand
    State.CANCELLED: frozenset({State.QUEUED, State.HELD}),
    State.REMOVED: frozenset({State.PUBLISHED}),  # it came back: a mistake of the network, or of a person
}

# Where a person may still change, move or take back what is to go out.
STILL_OURS: Final = frozenset(
    {State.QUEUED, State.WAITING, State.NEEDS_LOGIN, State.REJECTED, State.HELD, State.CANCELLED}
)
OUT: Final = frozenset({State.ACCEPTED, State.PUBLISHED})
# What burns: a person must act or the plan fails.
FIRES: Final = frozenset({State.UNKNOWN, State.NEEDS_LOGIN, State.REJECTED, State.HELD, State.REMOVED})

# The code of a held delivery that is a task for people, and of a cancelled one that they did not do.
BY_HAND: Final = "by_hand"
NOT_BY_HAND: Final = "not_by_hand"


class Outcome(StrEnum):
    """How one attempt at one step ended."""

    OPEN = "open"  # begun; if its worker is dead, nobody knows how it ended
    DONE = "done"
    NOT_SENT = "not_sent"  # stopped before the call: no lease, no connection
    TEMPORARY = "temporary"
    LIMITED = "limited"
    REJECTED = "rejected"
    NEEDS_LOGIN = "needs_login"
    UNKNOWN = "unknown"
    ABSENT = "absent"  # was unknown; looked up, and it is certainly not there


def may_go(old: str, new: str) -> bool:
    """Whether the arrow exists."""
    return State(new) in ARROWS[State(old)]
