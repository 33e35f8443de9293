"""What a rule gives back, and what it may know. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from niva.domains.condition.seen import Seen
from niva.domains.condition.states import State
from niva.networks.base.limits import Limits


@dataclass(frozen=True, slots=True)
class Verdict:
    """`said`: the stable code of the sentence that says why; `params`: its values, as JSON.

    `sure` False: it rests on a limit that nobody has confirmed, so it never counts as required.
    """

    state: State
    said: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Ground:
    """What a judgement stands on beside what was seen: the network's limits, its name, and the clock."""

    limits: Limits
    network: str
    now: datetime


# None: it was not told, so a person is asked.
Rule = Callable[[Seen, Ground], Verdict | None]

OK = Verdict(State.OK)


def broken(said: str, *, sure: bool = True, **params: Any) -> Verdict:
    return Verdict(State.BROKEN, said, params, sure)


def unknown(said: str, **params: Any) -> Verdict:
    return Verdict(State.UNKNOWN, said, params)


def spared(said: str, **params: Any) -> Verdict:
    """Nothing to be judged here."""
    return Verdict(State.NOT_APPLICABLE, said, params)
