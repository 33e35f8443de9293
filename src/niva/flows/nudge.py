"""A nudge: one click that reminds whoever has something. Friendly and rare: once in some hours at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.editorial.states import PieceState
from niva.domains.editorial.tasking import Task
from niva.domains.notices.models import Notice
from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.flows import remind

AGAIN_AFTER: Final = remind.BY_HAND_AFTER  # one patience for people and clients


def key_of(kind: str, pk: int) -> str:
    return f"nudge:{kind}:{pk}"


def lately(actor: Actor, keys: Iterable[str], now: datetime | None = None) -> dict[str, datetime]:
    """Which of these were nudged within AGAIN_AFTER, and when."""
    since = (now or timezone.now()) - AGAIN_AFTER
    rows = Notice.objects.filter(workspace=actor.workspace, key__in=list(keys), at__gte=since)
    return dict(rows.order_by("at").values_list("key", "at"))


@transaction.atomic
def nudge(actor: Actor, *, kind: str, pk: int) -> str:
    """Remind whoever has it; returns whom. Raises NotFound, Forbidden; Invalid when that was just done."""
    if kind not in KINDS:
        raise NotFound(kind)
    if lately(actor, [key_of(kind, pk)]):
        raise Invalid.one("", _("This was nudged a short while ago. Give it a few hours."))
    return KINDS[kind](actor, pk)


def _piece(actor: Actor, pk: int) -> str:
    rows = Piece.objects.filter(state=PieceState.ACTIVE, post__deleted_at__isnull=True)
    piece = access.get(actor, rows.select_related("responsible", "stage", "client", "post"), pk, can="edit")
    if piece.responsible is None:
        raise Invalid.one("", _("Nobody has this card. Open it and hand it to somebody."))
    tell(
        actor,
        users=[piece.responsible],
        kind="nudged",
        url=reverse("piece", args=[piece.pk]),
        client=piece.client,
        key=key_of("piece", pk),
        at_once=True,
        title=str(piece.post),
        stage=str(piece.stage),
    )
    record(actor, "piece.nudged", piece, who=str(piece.responsible))
    return str(piece.responsible)


def _task(actor: Actor, pk: int) -> str:
    rows = Task.objects.filter(closed_at__isnull=True).select_related("assignee", "client")
    task = access.get(actor, rows, pk, can="work")
    if actor.user is None or task.set_by_id != actor.user.pk:
        access.demand(actor, "edit", client_id=task.client_id)
    if task.assignee is None:
        raise Invalid.one("", _("Nobody has this task. Open it and give it to somebody."))
    tell(
        actor,
        users=[task.assignee],
        kind="task_nudged",
        url=reverse("task", args=[task.pk]),
        client=task.client,
        key=key_of("task", pk),
        at_once=True,
        title=task.title,
    )
    record(actor, "task.nudged", task, who=str(task.assignee))
    return str(task.assignee)


def _approval(actor: Actor, pk: int) -> str:
    """The client is reminded by mail; what is kept beside it is for us, so that nobody pushes him twice."""
    approval, _mailed = remind.by_hand(actor, approval_id=pk)
    return approval.approver_name


KINDS: Final[dict[str, Callable[[Actor, int], str]]] = {
    "piece": _piece,
    "task": _task,
    "approval": _approval,
}
