"""Moving a card hands the responsibility over. Who moved it first wins; the second is told.

Locks are taken in one order everywhere: a client, then its stages, then a piece.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.editorial import exits
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.services.office import responsible_for, stages_of
from niva.domains.editorial.states import How, PieceState, Reason, StageKind
from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Forbidden, Invalid
from niva.domains.people.models import User


def locked(actor: Actor, piece_id: int, *, can: str = "write") -> Piece:
    """The piece's row, held until the transaction ends. Raises NotFound, Forbidden."""
    # Without joins: of a row that was waited for PostgreSQL compares the joined rows as they were before, and
    # finds no card at all when its stage has changed meanwhile.
    access.get(actor, Piece.objects.select_for_update(no_key=True), piece_id, can=can)
    rows = Piece.objects.select_related("stage", "client", "post", "author", "designer", "responsible")
    return access.get(actor, rows, piece_id, can=can)


def may_move(actor: Actor, piece: Piece) -> bool:
    """Who leads the newsroom moves any card; who has it hands it on; one that nobody has, whoever writes."""
    if access.may(actor, "edit", client_id=piece.client_id):
        return True
    if piece.responsible_id is None:
        return access.may(actor, "write", client_id=piece.client_id)
    works = access.may(actor, "work", client_id=piece.client_id)
    return works and actor.user is not None and piece.responsible_id == actor.user.pk


def held(actor: Actor, piece_id: int) -> Piece:
    """A locked piece that this person may move and whose post still is. Raises as `locked`, and Invalid."""
    piece = locked(actor, piece_id, can="work")
    if not may_move(actor, piece):
        raise Forbidden("edit")
    if piece.post.deleted_at is not None:
        raise Invalid.one("", _("Its post was put away, so the card no longer stands on the board."))
    return piece


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
    force: str = "",
) -> Piece:
    """Hand a piece on, or return it (then with a `reason` of Reason). A parked one is taken up again.

    `to`: who has it next, instead of the stage's own. `seen_stage_id`: where the person saw it; elsewhere
    meanwhile = Conflict. Forwards the exits of the stage that is left must hold, or who leads the newsroom
    says why it goes on all the same: `force`, written into the trail. Stages that are jumped over are
    written there, too. A full stage takes nothing from those who do not lead.

    Raises NotFound, Forbidden, Conflict, Invalid (of "stage", "reason", "exits", "wip").
    """
    stage = hold(actor, stage_id)
    piece = held(actor, piece_id)
    _must_be_there(piece, seen_stage_id)
    if stage is None or stage.client_id != piece.client_id:
        raise Invalid.one("stage", _("This client has no such stage any more. Reload the page."))
    stage.client = piece.client
    if piece.state != PieceState.ACTIVE:
        _must_have_room(actor, stage)
        put(actor, piece, stage, how=How.FORWARD, note=note, to=to)
        return piece
    if stage.pk == piece.stage_id:
        return piece
    if stage.position < piece.stage.position:
        if reason not in Reason.values:
            raise Invalid.one("reason", _("Say why it goes back: the author must know what to mend."))
        put(actor, piece, stage, how=How.BACK, reason=reason, note=note, to=to)
        return piece
    facts = let_through(actor, piece, force)
    _must_have_room(actor, stage)
    trail = facts | _skipped(piece, stage)
    put(actor, piece, stage, how=How.FORWARD, note=note, to=to, trail=trail)
    return piece


def hold(actor: Actor, stage_id: int) -> Stage | None:
    """A stage until the transaction ends, so that nobody puts it away under the card that is coming in.

    Whoever locks the piece for something else beforehand holds its new stage first.
    """
    wanted = access.visible(actor, Stage.objects.select_for_update(of=("self",), no_key=True))
    rows = wanted.filter(pk=stage_id, archived_at__isnull=True)
    return rows.select_related("owner", "stand_in").first()


def _must_be_there(piece: Piece, seen_stage_id: int | None) -> None:
    if seen_stage_id is None or (piece.stage_id == seen_stage_id and piece.state == PieceState.ACTIVE):
        return
    if piece.state != PieceState.ACTIVE:
        said = _("Somebody has taken this card off the board meanwhile: it is %(state)s.") % {
            "state": PieceState(piece.state).label
        }
    elif piece.responsible is not None:
        said = _("Somebody has moved this card meanwhile: it stands in “%(stage)s” now, with %(person)s.") % {
            "stage": piece.stage, "person": piece.responsible,
        }  # fmt: skip
    else:
        said = _("Somebody has moved this card meanwhile: it stands in “%(stage)s” now.") % {
            "stage": piece.stage
        }
    raise Conflict(said, piece)


def let_through(actor: Actor, piece: Piece, force: str) -> dict[str, Any]:
    """The exits of the stage that is left hold; or they are passed over with a written reason."""
    lacking = exits.missing(piece)
    if not lacking:
        return {}
    if not force.strip():
        raise Invalid({"exits": [one.sentence for one in lacking]})
    access.demand(actor, "edit", client_id=piece.client_id)
    return {"forced": force.strip()[:400], "lacking": [one.item for one in lacking]}


def _skipped(piece: Piece, stage: Stage) -> dict[str, Any]:
    between = [
        str(one) for one in stages_of(piece.client) if piece.stage.position < one.position < stage.position
    ]
    return {"skipped": between} if between else {}


def crowd(stage: Stage) -> int:
    """How many pieces stand in a stage: what is binned, and patterns of repeats, do not count."""
    rows = stage.pieces.filter(state=PieceState.ACTIVE, post__deleted_at__isnull=True)
    return rows.filter(post__series__isnull=True).count()


def _must_have_room(actor: Actor, stage: Stage) -> None:
    """A full stage refuses those who do not lead; the others see on the board that it is over."""
    if stage.wip is None or access.may(actor, "edit", client_id=stage.client_id):
        return
    if (count := crowd(stage)) >= stage.wip:
        raise Invalid.one(
            "wip",
            _("“%(stage)s” is full: %(count)d of %(most)d. Help to empty it first, or ask who leads.")
            % {"stage": stage, "count": count, "most": stage.wip},
        )


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
    quiet: bool = False,
    trail: dict[str, Any] | None = None,
) -> None:
    """The move itself, of a locked piece: the open stay ends, the next begins, the responsibility passes.

    Asks nothing: neither who may, nor exits, nor limits. `quiet`: the one who has it next gets no notice of
    it. `trail`: what else is written beside it.
    """
    # Another worker's clock may be ahead by a blink; a stay never ends before it began.
    now = max(at or timezone.now(), piece.entered_at)
    before, was_active = piece.stage, piece.state == PieceState.ACTIVE
    leave(actor, piece, how=how, reason=reason, note=note, at=now)
    if was_active and how == How.FORWARD and before.kind == StageKind.EDITING and piece.accepted_at is None:
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
    verb = "piece.returned" if how == How.BACK else "piece.moved" if was_active else "piece.taken_up"
    details: dict[str, Any] = {
        "before": str(before),
        "after": str(stage),
        "reason": reason,
        "note": note[:200],
    }
    record(actor, verb, piece, **details, **(trail or {}))
    if not quiet:
        _tell(actor, piece, how, reason, note)


def leave(
    actor: Actor, piece: Piece, *, how: How, reason: str = "", note: str = "", at: datetime | None = None
) -> None:
    """End the open stay of a locked piece."""
    piece.stays.filter(left_at__isnull=True).update(
        left_at=max(at or timezone.now(), piece.entered_at),
        left_by=actor.user,
        how=how,
        reason=reason if how == How.BACK else "",
        note=note[:1000],
    )


def _tell(actor: Actor, piece: Piece, how: How, reason: str, note: str) -> None:
    """Who has the card now learns of it, and why it came back."""
    facts: dict[str, Any] = {"title": str(piece.post), "stage": str(piece.stage)}
    if how == How.BACK:
        words = str(Reason(reason).label) if reason in Reason.values else reason
        facts["reason"] = f"{words}: {note[:200]}" if note else words
    tell(
        actor,
        users=[piece.responsible],
        kind="piece_returned" if how == How.BACK else "piece_handed",
        url=page_of(piece),
        client=piece.client,
        key=f"piece:{piece.pk}",
        **facts,
    )


def page_of(piece: Piece) -> str:
    """The path of the piece's page; the board where this desk has none."""
    for name, args in (("piece", [piece.pk]), ("board", [])):
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return "/"
