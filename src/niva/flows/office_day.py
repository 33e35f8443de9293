"""What the newsroom asks of one person this morning, and what he waits for. Facts only, bounded queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole, Role, Terms
from niva.domains.editorial.kaizen import Change, Ending
from niva.domains.editorial.models import Piece
from niva.domains.editorial.states import PieceState, StageKind
from niva.domains.editorial.task_queries import tasks
from niva.domains.editorial.task_states import TaskState
from niva.domains.editorial.tasking import Task
from niva.domains.people.actor import Actor
from niva.domains.publishing.approving import Approval, Decision, Remark
from niva.domains.sources.models import Fragment
from niva.domains.sources.queries import free as fragments_left
from niva.kit.working_time import WorkingTime, working_hours

MOST: Final = 40  # of one kind: more is a list nobody reads
NEAR: Final = timedelta(days=2)
ANSWER_WITHIN: Final = 8.0  # working hours for a client's remark, a default of ours
# Here nobody waits for a person: the desk itself moves the piece on.
BY_ITSELF: Final = (StageKind.SCHEDULED, StageKind.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A piece in a stage: working hours that it has stood there, and by how many it is over the norm."""

    piece: Piece
    hours: float
    over: float

    @property
    def late(self) -> bool:
        return self.over > 0


@dataclass(frozen=True, slots=True)
class Question:
    """A client's remark that nobody has answered; `left`: working hours until our own limit."""

    remark: Remark
    left: float


@dataclass(slots=True)
class Office:
    """`mine`: pieces that this person has; `others`: what is over its norm with somebody else, where he may
    lead; `questions`: clients' remarks without an answer.

    `tasks`: his, near or over their deadline; `handed`: which he set and is to look at; `late_tasks`: which
    he set and others are late with. `approvals`: that a client is about to be late with, or is. `changes`: on
    trial, to be decided on; `left`: the strongest fragment that nobody has used yet.
    """

    tasks: list[Task] = field(default_factory=list)
    handed: list[Task] = field(default_factory=list)
    late_tasks: list[Task] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    left: Fragment | None = None
    mine: list[Waiting] = field(default_factory=list)
    others: list[Waiting] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def office(actor: Actor, now: datetime | None = None) -> Office:
    """The newsroom's share of the day for one person."""
    now = now or timezone.now()
    pieces = _pieces(actor)
    times = _times(actor)
    mine = list(pieces.filter(responsible=actor.user).order_by("entered_at")[:MOST]) if actor.user else []
    others = [
        one
        for one in pieces.exclude(responsible=actor.user)
        .exclude(stage__kind=StageKind.APPROVAL)
        .filter(stage__hours__isnull=False, entered_at__lt=now - timedelta(hours=1))
        .order_by("entered_at")[: MOST * 3]
        if access.may(actor, "edit", client_id=one.client_id)
    ]
    waits = [_waiting(one, times, now) for one in others]
    return Office(
        mine=sorted((_waiting(one, times, now) for one in mine), key=lambda one: -one.over),
        others=sorted((one for one in waits if one.late), key=lambda one: -one.over)[:MOST],
        questions=_questions(actor, times, now),
        tasks=_my_tasks(actor, now),
        **_set_tasks(actor, now),
        approvals=_approvals(actor, now),
        changes=_changes(actor, now),
        left=_left(actor),
    )


def _my_tasks(actor: Actor, now: datetime) -> list[Task]:
    near = Q(due_at__lt=now + NEAR) | Q(state=TaskState.RETURNED)
    rows = tasks(actor).filter(near).exclude(state=TaskState.HANDED)
    return list(rows[:MOST]) if actor.user else []


def _set_tasks(actor: Actor, now: datetime) -> dict[str, list[Task]]:
    """What he set and others have: handed over to him, and late."""
    if actor.user is None:
        return {}
    rows = tasks(actor, whose="set").filter(Q(state=TaskState.HANDED) | Q(due_at__lt=now))[:MOST]
    handed = [one for one in rows if one.state == TaskState.HANDED]
    return {"handed": handed, "late_tasks": [one for one in rows if one.state != TaskState.HANDED]}


def _approvals(actor: Actor, now: datetime) -> list[Approval]:
    """Open requests of those clients at which he works, whose term ends within a day or has ended."""
    rows = access.visible(actor, Approval.objects.all(), can="work").filter(
        decision=Decision.OPEN, voided_at=None, post__deleted_at=None, client__archived_at=None,
        due_at__lt=now + timedelta(days=1),
    )  # fmt: skip
    return list(rows.select_related("client", "post").order_by("due_at")[:MOST])


def _left(actor: Actor) -> Fragment | None:
    """The strongest that nobody has used; nothing for who works at no client here."""
    works = actor.everywhere or any(access.may(actor, "work", client_id=pk) for pk in actor.client_roles)
    return next(iter(fragments_left(actor)), None) if works else None


def _changes(actor: Actor, now: datetime) -> list[Change]:
    """Changes on trial whose day has come: his own, or anybody's for who may lead everywhere."""
    rows = Change.objects.filter(
        workspace=actor.workspace, ending=Ending.TRIAL, look_on__lte=timezone.localdate(now)
    )
    if not actor.everywhere:
        rows = rows.filter(owner=actor.user)
    return list(rows.select_related("client", "owner")[:MOST])


def _pieces(actor: Actor) -> QuerySet[Piece]:
    rows = Piece.objects.filter(
        state=PieceState.ACTIVE, post__deleted_at__isnull=True, client__archived_at__isnull=True
    ).exclude(stage__kind__in=BY_ITSELF)
    if not actor.everywhere:
        inside = [pk for pk, role in actor.client_roles.items() if role != Role.CLIENT]
        rows = rows.filter(client_id__in=inside)
    return access.visible(actor, rows).select_related("stage", "client", "post", "responsible")


def _times(actor: Actor) -> dict[int, WorkingTime]:
    """When each client works, where his contract says it."""
    rows = Terms.objects.filter(client__in=access.visible(actor, Client.objects.all())).select_related(
        "client"
    )
    return {
        one.client_id: WorkingTime(one.client.time_zone, one.opens, one.closes, tuple(one.weekdays))
        for one in rows
    }


def _waiting(piece: Piece, times: dict[int, WorkingTime], now: datetime) -> Waiting:
    when = times.get(piece.client_id) or WorkingTime(piece.client.time_zone)
    hours = working_hours(piece.entered_at, now, when)
    return Waiting(piece, hours, hours - piece.stage.hours if piece.stage.hours else 0.0)


def _questions(actor: Actor, times: dict[int, WorkingTime], now: datetime) -> list[Question]:
    answers = Remark.objects.filter(parent=OuterRef("pk"), inside=False)
    rows = (
        access.visible(actor, Remark.objects.filter(inside=False, parent=None, resolved_at=None))
        .filter(post__deleted_at__isnull=True, at__gte=now - timedelta(days=60))
        .exclude(Exists(answers))
        .select_related("client", "post", "author")
        .order_by("at")[:MOST]
    )
    return [
        Question(one, ANSWER_WITHIN - working_hours(one.at, now, times.get(one.client_id)))
        for one in _from_clients(actor, rows)
    ]


def _from_clients(actor: Actor, rows: Iterable[Remark]) -> list[Remark]:
    """Those that a client wrote, by his link or with his account, and that this person may answer."""
    found = [one for one in rows if access.may(actor, "write", client_id=one.client_id)]
    asked = {one.client_id for one in found}
    roles = ClientRole.objects.filter(client_id__in=asked, role=Role.CLIENT)
    customers = set(roles.values_list("client_id", "membership__user_id"))
    return [one for one in found if one.author_id is None or (one.client_id, one.author_id) in customers]
