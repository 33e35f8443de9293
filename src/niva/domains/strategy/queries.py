"""Named reads of rubrics and of the whole strategy, through the one door."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.db.models import Count, Model, Q, QuerySet, Value

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.clients.models import Client, Goal
from niva.domains.people.actor import Actor
from niva.domains.people.errors import NotFound
from niva.domains.strategy.grounds import Ground, Place, Proof, Segment
from niva.domains.strategy.guided import Answer, Strategy, Vision
from niva.domains.strategy.guides import Guide, Step, all_guides, guide_for
from niva.domains.strategy.ledger import TABLES, table_of
from niva.domains.strategy.models import Rubric

State = Literal["done", "begun", "skipped", "empty"]


def rubrics(actor: Actor, *, client_id: int, archived: bool = False) -> QuerySet[Rubric]:
    """The rubrics of one client in their order; with `archived` only those that are put away."""
    rows = Rubric.objects.filter(client_id=client_id, archived_at__isnull=not archived)
    return access.visible(actor, rows)


def shares_left(rubrics: list[Rubric]) -> int:
    """How many percent of the plan nobody has taken; negative when the shares are over a hundred."""
    return 100 - sum(rubric.share or 0 for rubric in rubrics)


def segments(actor: Actor, *, client_id: int) -> QuerySet[Segment]:
    """Whom we talk to, in their order; for briefs, messages and filters."""
    rows = Segment.objects.filter(client_id=client_id, archived_at__isnull=True)
    return access.visible(actor, rows)


def proofs(actor: Actor, *, client_id: int, showable: bool = False) -> QuerySet[Proof]:
    """The proof bank; with `showable` only what may be shown (leave given, or none needed)."""
    rows = Proof.objects.filter(client_id=client_id, archived_at__isnull=True)
    if showable:
        rows = rows.filter(permission__in=("given", "not_needed"))
    return access.visible(actor, rows)


def places(actor: Actor, *, client_id: int, free_on: dt.date | None = None) -> QuerySet[Place]:
    """Where pieces are carried to; with `free_on` only places that allow it on that day."""
    rows = Place.objects.filter(client_id=client_id, archived_at__isnull=True)
    if free_on is not None:
        rows = rows.filter(Q(again_on__isnull=True) | Q(again_on__lte=free_on))
    return access.visible(actor, rows)


def rows_of(actor: Actor, *, client_id: int, table: str, archived: bool = False) -> QuerySet[Ground]:
    """The rows of one table with what they refer to. Raises NotFound for a word that names none."""
    found = table_of(table)
    rows = found.model._default_manager.filter(client_id=client_id, archived_at__isnull=not archived)
    joined = [name for name in ("segment", "proof") if name in found.fields]
    return access.visible(actor, rows.select_related(*joined) if joined else rows)


def row(actor: Actor, *, client_id: int, table: str, row_id: int) -> Ground:
    """One row, put away or not, for those who work. Raises NotFound, Forbidden."""
    rows = table_of(table).model._default_manager.filter(client_id=client_id).select_related("updated_by")
    return access.get(actor, rows, row_id, can="work")


def answer(actor: Actor, *, client_id: int, step: str) -> Answer | None:
    """What was written at a step, for those who work."""
    rows = Answer.objects.filter(client_id=client_id, step=step).select_related("updated_by")
    found = access.visible(actor, rows).first()
    if found is not None:
        access.demand(actor, "work", client_id=client_id)
    return found


def visions(actor: Actor, *, client_id: int) -> QuerySet[Vision]:
    """The versions of the marketer's vision, the newest first."""
    rows = Vision.objects.filter(client_id=client_id).select_related("created_by")
    return access.visible(actor, rows)


def vision(actor: Actor, *, client_id: int, vision_id: int) -> Vision:
    """One version, for those who work. Raises NotFound, Forbidden."""
    return access.get(actor, Vision.objects.filter(client_id=client_id), vision_id, can="work")


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a step is: "done", "begun" (something is there, not what the step asks for), "skipped" (left
    out with a reason), "empty". `rows`: how many its table has."""

    step: Step
    state: State
    rows: int
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A client's strategy as it stands."""

    client: Client
    guide: Guide
    chosen: bool
    shown_whole: bool
    goal: Goal | None
    steps: tuple[Stand, ...]
    beside: tuple[Answer, ...]

    @property
    def done(self) -> int:
        return sum(one.state in ("done", "skipped") for one in self.steps)

    @property
    def next(self) -> Stand | None:
        """The first step that waits for somebody."""
        return next((one for one in self.steps if one.state in ("empty", "begun")), None)

    def stand(self, code: str) -> Stand:
        """Raises NotFound for a step that the guide does not have."""
        for one in self.steps:
            if one.step.code == code:
                return one
        raise NotFound("step")


def whole(actor: Actor, *, client_id: int, can: str = "work") -> Whole:
    """The strategy with the state of each step, in six queries. Raises NotFound, Forbidden.

    `beside`: texts of steps that the present guide does not have.
    """
    client = access.get(actor, Client.objects.all(), client_id, can=can)
    strategy = Strategy.objects.filter(client=client).first()
    guide = all_guides().get(strategy.guide if strategy else "") or guide_for(client.kind)
    answers = {one.step: one for one in Answer.objects.filter(client=client).select_related("updated_by")}
    counts = _counts(client)
    goal = clients.main_goals(actor, [client.pk]).get(client.pk)
    codes = {step.code for step in guide.steps}
    return Whole(
        client=client,
        guide=guide,
        chosen=strategy is not None,
        shown_whole=strategy is not None and strategy.whole_for_client,
        goal=goal,
        steps=tuple(_stand(step, answers.get(step.code), counts, goal) for step in guide.steps),
        beside=tuple(one for code, one in answers.items() if code not in codes and one.text),
    )


def _stand(step: Step, found: Answer | None, counts: dict[str, int], goal: Goal | None) -> Stand:
    rows = counts.get(step.kind, 0)
    written = bool(found and found.text)
    state: State = "empty"
    if found is not None and found.skipped:
        state = "skipped"
    elif (written and step.kind in ("text", "page")) or (rows and (step.kind != "checkpoints" or goal)):
        state = "done"
    elif written or rows or (step.kind == "checkpoints" and goal):
        state = "begun"
    return Stand(step, state, rows, found)


def _counts(client: Client) -> dict[str, int]:
    """Rows at work in each table, by its word, in one query."""
    tables: dict[str, type[Model]] = {word: table.model for word, table in TABLES.items()}
    tables["rubrics"] = Rubric
    asked = [
        model._default_manager.filter(client=client, archived_at__isnull=True)
        .order_by()
        .values("client_id")
        .annotate(word=Value(word), n=Count("pk"))
        .values_list("word", "n")
        for word, model in tables.items()
    ]
    return dict(asked[0].union(*asked[1:], all=True))
