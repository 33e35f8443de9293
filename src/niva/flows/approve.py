"""A client's decision across the desk: who is told, which card moves, what goes out and what is taken back.

The decision itself is `publishing/services/deciding.py`; here is what follows from it, in one transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from niva.domains.clients.models import ClientRole, Role
from niva.domains.editorial import exits
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services import moves
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import How, PieceState, Reason, StageKind
from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor, machine
from niva.domains.people.models import User
from niva.domains.publishing.approving import YES, Approval, Decision
from niva.domains.publishing.repeating import Series
from niva.domains.publishing.services import approving, deciding, series
from niva.domains.publishing.services.deciding import Answer

# Where a returned piece goes back to: the first of these that the client has, before the approval.
_BACK_TO: Final = (StageKind.DRAFT, StageKind.EDITING)


@transaction.atomic
def ask(actor: Actor, *, post_id: int, **asked: Any) -> tuple[Approval, str]:
    """Ask, and let the card stand where it waits for the client. Raises as `approving.ask`."""
    approval, secret = approving.ask(actor, post_id=post_id, **asked)
    piece = _piece(actor, approval)
    if piece is not None:
        stage = _stage(piece, StageKind.APPROVAL)
        if stage is not None and piece.stage.position < stage.position:
            moves.put(actor, piece, stage, how=How.MACHINE, quiet=True)
    tell(
        actor,
        users=clients_of(approval),
        kind="approval_waits",
        url=page_of(approval),
        client=approval.client,
        key=f"approval:{approval.pk}",
        at_once=approval.urgent,
        title=str(approval.post),
    )
    return approval, secret


@transaction.atomic
def decide_by_link(secret: str, *, answer: Answer) -> Approval:
    """Raises as `deciding.by_link`."""
    approval = deciding.by_link(secret, answer=answer)
    _after(machine(approval.workspace), approval)
    return approval


@transaction.atomic
def decide_by_account(actor: Actor, *, approval_id: int, answer: Answer) -> Approval:
    """Raises as `deciding.by_account`."""
    approval = deciding.by_account(actor, approval_id=approval_id, answer=answer)
    _after(actor, approval)
    return approval


@transaction.atomic
def write_down(actor: Actor, *, approval_id: int, **told: Any) -> Approval:
    """Raises as `deciding.write_down`."""
    approval = deciding.write_down(actor, approval_id=approval_id, **told)
    _after(actor, approval)
    return approval


@transaction.atomic
def lapse(approval_id: int, *, now: datetime) -> bool:
    """Silence that the contract gives a meaning. False: it means nothing (yet)."""
    approval = deciding.by_silence(approval_id, now=now)
    if approval is not None:
        _after(machine(approval.workspace), approval)
    return approval is not None


@transaction.atomic
def waive(actor: Actor, *, post_id: int, reason: str) -> Approval:
    """Raises as `approving.waive`."""
    approval = approving.waive(actor, post_id=post_id, reason=reason)
    _after(actor, approval)
    return approval


def _after(actor: Actor, approval: Approval) -> None:
    """The card goes on or back, days of a series get their hours, and those who wait for it learn of it."""
    piece = _piece(actor, approval)
    people = people_of(approval, piece)
    if approval.decision in YES:
        if piece is not None:
            _hand_on(actor, piece)
        _let_repeats_go(approval)
    elif piece is not None:
        _hand_back(actor, piece, approval)
    tell(
        actor,
        users=people,
        kind="approval_returned" if approval.decision == Decision.RETURNED else "approval_decided",
        url=page_of(approval),
        client=approval.client,
        key=f"approval:{approval.pk}",
        at_once=approval.decision == Decision.RETURNED,
        title=str(approval.post),
        name=approval.decided_as or _("the contract's clause"),
        decision=str(Decision(approval.decision).label),
    )


def _hand_on(actor: Actor, piece: Piece) -> None:
    """On to what is scheduled, if all exits of the approval hold; else it stays and shows what it lacks."""
    stage = _stage(piece, StageKind.SCHEDULED)
    if stage is None or piece.stage.kind != StageKind.APPROVAL or exits.missing(piece):
        return
    moves.put(actor, piece, stage, how=How.FORWARD, quiet=True)


def _hand_back(actor: Actor, piece: Piece, approval: Approval) -> None:
    ahead = [one for one in stages_of(piece.client) if one.position < piece.stage.position]
    found = (one for kind in _BACK_TO for one in ahead if one.kind == kind)
    stage = next(found, None)
    if stage is None:
        return
    note = "; ".join(row.text for row in approval.remarks.filter(parent__isnull=True)[:5])
    moves.put(actor, piece, stage, how=How.BACK, reason=Reason.CLIENT, note=note[:1000])


def _let_repeats_go(approval: Approval) -> None:
    """Days that were made while the pattern waited for the client are drafts: now they get their hours."""
    for row in Series.objects.filter(post=approval.post, ended_at__isnull=True):
        series.renew(machine(approval.workspace), series_id=row.pk)


def on_voided(sender: object, *, approval: Approval, actor: Actor, **more: Any) -> None:
    """Whoever has the piece learns that its approval is void, and that it has to be asked for again."""
    piece = _piece(actor, approval, lock=False)
    tell(
        machine(approval.workspace),  # also to who edited it: he may not know that it was approved
        users=people_of(approval, piece),
        kind="approval_voided",
        url=page_of(approval),
        client=approval.client,
        key=f"approval_void:{approval.pk}",
        title=str(approval.post),
    )


def listen() -> None:
    """Called once, when the application is loaded: publishing knows nothing of the office."""
    approving.voided.connect(on_voided, dispatch_uid="approve.voided")


def page_of(approval: Approval) -> str:
    return reverse("approval", args=[approval.pk])


def clients_of(approval: Approval) -> list[User]:
    """People with an account who decide for the client."""
    rows = ClientRole.objects.filter(client=approval.client, role=Role.CLIENT)
    return [row.membership.user for row in rows.select_related("membership__user")]


def people_of(approval: Approval, piece: Piece | None) -> list[User | None]:
    """Who asked, who has the card, who wrote it."""
    return [approval.asked_by, piece.responsible if piece else None, approval.post.created_by]


def _piece(actor: Actor, approval: Approval, *, lock: bool = True) -> Piece | None:
    """The piece of the post if it stands on the board; its row is held where a move may follow."""
    rows = Piece.objects.filter(post_id=approval.post_id, state=PieceState.ACTIVE)
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return rows.select_related("stage", "client", "post", "author", "designer", "responsible").first()


def _stage(piece: Piece, kind: str) -> Stage | None:
    return next((one for one in stages_of(piece.client) if one.kind == kind), None)
