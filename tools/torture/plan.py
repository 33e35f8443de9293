"""Everything that will happen in a run, drawn from one seed before it begins. Pure.

The same seed gives the same posts, faults and kills at the same moments; what the machine makes of them (who
holds which delivery in that instant) differs from run to run, as it does in life.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

FLAVOURS: Final = ("keyed", "searchable", "neither")


@dataclass(frozen=True)
class Scale:
    """How large a run is. Seconds: `seconds` of faults and kills, then at most `drain` to come to rest."""

    clients: int
    posts: int  # each goes to its client's three communities, one of each ability
    kills: int
    faults: int
    workers: int
    seconds: float
    drain: float
    lease: int


FULL: Final = Scale(clients=8, posts=680, kills=54, faults=520, workers=3, seconds=150, drain=160, lease=15)
SHORT: Final = Scale(clients=3, posts=70, kills=7, faults=60, workers=2, seconds=20, drain=14, lease=15)

# How often each way to die is drawn. `full_disk` and `clock` kill nobody by themselves and are counted apart.
KILLS: Final = {"worker": 20, "web": 8, "database": 8, "everything": 6, "stop": 6, "clock": 3, "full_disk": 3}
SURE: Final = ("everything", "database", "worker", "web", "stop", "clock", "full_disk")  # in every run
JUMPS: Final = (-86400, -7200, -900, 900, 7200, 10 * 3600)  # seconds
FAULTS: Final = {
    "accept_then_timeout": 12,
    "fail_500_after_commit": 12,
    "reset": 12,
    "half_answer": 8,
    "cut": 8,
    "nonsense": 5,
    "nonsense_after_commit": 6,
    "wrong_answer": 3,
    "limit": 8,
    "down": 6,
    "slow": 6,
    "refuse": 4,
    "expire": 6,
    "revoke": 1,
    "network_killed": 2,
}


@dataclass(frozen=True)
class Fault:
    """`community`: its number, or None for all of them."""

    at: float
    kind: str
    community: int | None
    count: int = 1
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kill:
    """`victim`: which of the workers; `lasts`: seconds it stays stopped, shifted or full; `jump`: seconds."""

    at: float
    kind: str
    victim: int
    lasts: float = 0.0
    jump: int = 0


@dataclass(frozen=True)
class Piece:
    """A post. `due`: seconds after the beginning; `written`: when a person writes it, None = beforehand."""

    number: int
    client: int
    due: float
    written: float | None
    media: bool
    comment: bool
    meddle: str  # what the person does to it afterwards: "", "move" or "cancel"


@dataclass(frozen=True)
class Plan:
    seed: int
    scale: Scale
    pieces: tuple[Piece, ...]
    faults: tuple[Fault, ...]
    kills: tuple[Kill, ...]


def make(seed: int, scale: Scale) -> Plan:
    return Plan(seed, scale, _pieces(seed, scale), _faults(seed, scale), _kills(seed, scale))


def _pieces(seed: int, scale: Scale) -> tuple[Piece, ...]:
    dice = random.Random(f"{seed} pieces")
    made = []
    for number in range(scale.posts):
        due = round(dice.uniform(1, scale.seconds), 1)
        by_person = number % 5 < 2
        made.append(
            Piece(
                number=number,
                client=number % scale.clients,
                due=due,
                written=max(0.0, due - dice.uniform(0, 10)) if by_person else None,
                media=by_person and dice.random() < 0.15,
                comment=dice.random() < 0.15,
                meddle=dice.choice(["move", "cancel"]) if by_person and dice.random() < 0.1 else "",
            )
        )
    return tuple(made)


def _faults(seed: int, scale: Scale) -> tuple[Fault, ...]:
    dice = random.Random(f"{seed} faults")
    kinds = dice.choices(list(FAULTS), list(FAULTS.values()), k=scale.faults)
    kinds[: len(FAULTS)] = list(FAULTS)[: scale.faults]  # each at least once
    moments = sorted(dice.uniform(0, scale.seconds - 1) for _ in kinds)
    dice.shuffle(kinds)
    return tuple(_fault(dice, at, kind, scale) for at, kind in zip(moments, kinds, strict=True))


def _fault(dice: random.Random, at: float, kind: str, scale: Scale) -> Fault:
    everywhere = kind == "network_killed" or (kind in ("limit", "down") and dice.random() < 0.1)
    community = None if everywhere else dice.randrange(scale.clients * len(FLAVOURS))
    params: dict[str, Any] = {}
    if kind == "accept_then_timeout":
        params["delay"] = dice.choice([1, 3, 8, 45])  # the last is longer than anybody waits
    elif kind == "slow":
        params["delay"] = dice.choice([1, 4])
    elif kind in ("limit", "down") and dice.random() < 0.5:
        params["retry_after"] = dice.choice([1, 2, 5])
    elif kind == "network_killed":
        params["lasts"] = dice.uniform(0.5, 3)
    if kind in ("limit", "down", "nonsense"):
        params["hits"] = dice.choice(["any", "create", "read"])
    return Fault(round(at, 2), kind, community, dice.choice([1, 1, 2]), params)


def _kills(seed: int, scale: Scale) -> tuple[Kill, ...]:
    dice = random.Random(f"{seed} kills")
    kinds = dice.choices(list(KILLS), list(KILLS.values()), k=scale.kills)
    kinds[: len(SURE)] = list(SURE)[: scale.kills]
    dice.shuffle(kinds)
    # One in each slice of the run, anywhere in it: as random as can be without all at the same end.
    slice_of = (scale.seconds - 2) / len(kinds)
    made = []
    for number, kind in enumerate(kinds):
        lasts = {
            "stop": scale.lease + dice.uniform(2, 6),
            "clock": dice.uniform(4, 10),
            "full_disk": dice.uniform(2, 5),
        }.get(kind, 0.0)
        at = 1 + slice_of * (number + dice.random())
        made.append(Kill(round(at, 2), kind, dice.randrange(scale.workers), lasts, dice.choice(JUMPS)))
    return tuple(made)
