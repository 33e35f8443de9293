"""Moving a card hands the responsibility over. Who moved it first wins; the second is told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.services.office import responsible_for, stages_of
from niva.domains.editorial.states import How, PieceState, Reason, StageKind
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.people.models import User


def locked(actor: Actor, piece_id: int, *, can: str = "write") -> Piece:
    """The piece's row, held until the transaction ends. Raises NotFound, Forbidden."""
    rows = Piece.objects.select_for_update(of=("self",), no_key=True).select_related(
        "stage", "client", "post"
    )
    return access.get(actor, rows, piece_id, can=can)


@transaction.atomic
def move(
    actor: Actor,
    *,
    piece_id: int,
    stage_id: int,
    seen_stage_id: int | None = None,
    reason: str = "",
    note: str = "",
    to: User | None = None,
) -> Piece:
    """Hand a piece on, or return it (then with a `reason` of Reason). `to`: who has it next, instead of the
    stage's own. `seen_stage_id`: where the person saw it; elsewhere meanwhile = Conflict.

    Raises NotFound, Forbidden, Conflict, Invalid.
    """
    piece = locked(actor, piece_id)
    if seen_stage_id is not None and piece.stage_id != seen_stage_id:
        raise Conflict(
            _("Somebody has moved this card meanwhile: it stands in “%(stage)s” now.")
            % {"stage": piece.stage},
            piece,
        )
    stage = next((one for one in stages_of(piece.client) if one.pk == stage_id), None)
    if stage is None:
        raise Invalid.one("stage", _("This client has no such stage any more. Reload the page."))
    if stage.pk == piece.stage_id and piece.state == PieceState.ACTIVE:
        return piece
    back = stage.position < piece.stage.position
    if back and reason not in Reason.values:
        raise Invalid.one("reason", _("Say why it goes back: the author must know what to mend."))
    put(actor, piece, stage, how=How.BACK if back else How.FORWARD, reason=reason, note=note, to=to)
    return piece


def put(
    actor: Actor,
    piece: Piece,
    stage: Stage,
    *,
    how: How,
    reason: str = "",
    note: str = "",
    to: User | None = None,
    at: datetime | None = None,
) -> None:
    """The move itself, of a locked piece: the open stay ends, the next begins, the responsibility passes."""
    now = at or timezone.now()
    before = piece.stage
    # Another worker's clock may be ahead by a blink; a stay never ends before it began.
    now = max(now, piece.entered_at)
    piece.stays.filter(left_at__isnull=True).update(
        left_at=now, left_by=actor.user, how=how, reason=reason if how == How.BACK else "", note=note[:1000]
    )
    if how == How.FORWARD and before.kind == StageKind.EDITING and piece.accepted_at is None:
        piece.accepted_at, piece.accepted_by = now, actor.user
    if how == How.BACK:
        piece.returns += 1
    piece.stage, piece.state, piece.entered_at = stage, PieceState.ACTIVE, now
    piece.ticks, piece.reason, piece.closed_at = {}, "", None
    piece.responsible = to or responsible_for(stage, piece) or piece.responsible
    piece.save()
    Stay.objects.create(
        workspace_id=piece.workspace_id,
        client_id=piece.client_id,
        piece=piece,
        stage=stage,
        responsible=piece.responsible,
        entered_at=now,
    )
    verb = "piece.returned" if how == How.BACK else "piece.moved"
    record(actor, verb, piece, before=str(before), after=str(stage), reason=reason, note=note[:200])
