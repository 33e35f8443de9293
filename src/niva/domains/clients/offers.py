"""What the desk offers by kind of client: tasks, goals, and what not to measure. Data in `offers.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from niva.domains.clients.models import ClientKind, Counting, KeyTask
from niva.domains.clients.units import Unit
from niva.networks.base.metrics import METRICS


@dataclass(frozen=True, slots=True)
class GoalOffer:
    """A goal that makes sense. `figure` and `unit` by language; `priced`: a price limit is worth agreeing."""

    key: str
    task: str
    figure: Mapping[str, str]
    unit: Mapping[str, Unit]
    supports: tuple[str, ...]
    counting: str
    metric: str
    priced: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """What is better not measured, and why, by language."""

    what: Mapping[str, str]
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KindOffer:
    """All that is offered to one kind of client; the first task and goal come first for a reason."""

    kind: str
    tasks: tuple[str, ...]
    goals: tuple[GoalOffer, ...]
    not_measured: tuple[Silence, ...]

    def goals_for(self, task: str) -> tuple[GoalOffer, ...]:
        """The goals of a task first, then the others of this kind."""
        return tuple(sorted(self.goals, key=lambda goal: goal.task != task))

    def goal(self, key: str) -> GoalOffer | None:
        return next((goal for goal in self.goals if goal.key == key), None)


@cache
def offers() -> dict[str, KindOffer]:
    """Offers by kind. Raises ValueError when the data names what does not exist."""
    raw = tomllib.loads((Path(__file__).parent / "offers.toml").read_text(encoding="utf-8"))
    if set(raw) != set(ClientKind.values):
        raise ValueError(f"offers.toml: kinds {sorted(raw)}, not {sorted(ClientKind.values)}")
    return {kind: _kind(kind, raw[kind]) for kind in ClientKind.values}


def offer_for(kind: str) -> KindOffer:
    """The offer of one kind; of a business for a word that is no kind."""
    return offers().get(kind) or offers()[ClientKind.BUSINESS]


def _kind(kind: str, raw: Mapping[str, Any]) -> KindOffer:
    goals = tuple(_goal(f"{kind}-{number}", goal) for number, goal in enumerate(raw["goals"]))
    wrong = {*raw["tasks"], *(goal.task for goal in goals)} - set(KeyTask.values)
    if wrong:
        raise ValueError(f"offers.toml: {kind}: unknown tasks {sorted(wrong)}")
    silences = tuple(Silence(row["what"], row["why"]) for row in raw["not_measured"])
    return KindOffer(kind, tuple(raw["tasks"]), goals, silences)


def _goal(key: str, raw: Mapping[str, Any]) -> GoalOffer:
    supports, metric = tuple(raw["supports"]), raw.get("metric", "")
    if unknown := {*supports, *([metric] if metric else [])} - METRICS:
        raise ValueError(f"offers.toml: {key}: unknown metrics {sorted(unknown)}")
    russian, english = raw["unit"]["ru"], raw["unit"]["en"]
    return GoalOffer(
        key=key,
        task=raw["task"],
        figure=raw["figure"],
        unit={"ru": Unit(*russian), "en": Unit(english[0], "", english[1])},
        supports=supports,
        counting=Counting(raw.get("counting", Counting.ROWS)).value,
        metric=metric,
        priced=raw["priced"],
    )
