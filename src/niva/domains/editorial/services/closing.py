"""A piece leaves the board: parked, rejected, done; and comes back. Ticks of what only a person can see."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.editorial import exits
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services import moves
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import How, Off, PieceState
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid


@transaction.atomic
def park(actor: Actor, *, piece_id: int, reason: str, words: str = "") -> Piece:
    """Take it off the board for a while; `reason` of Off. Raises NotFound, Forbidden, Invalid."""
    return _off(actor, piece_id, PieceState.PARKED, How.PARKED, reason, words)


@transaction.atomic
def reject(actor: Actor, *, piece_id: int, reason: str, words: str = "") -> Piece:
    """It will not be made; `reason` of Off. Raises NotFound, Forbidden, Invalid."""
    return _off(actor, piece_id, PieceState.REJECTED, How.REJECTED, reason, words)


def _off(actor: Actor, piece_id: int, state: PieceState, how: How, reason: str, words: str) -> Piece:
    piece = moves.held(actor, piece_id)
    if reason not in Off.values:
        raise Invalid.one("off", _("Choose the reason from the list: in a month nobody will remember it."))
    if reason == Off.OTHER and not words.strip():
        raise Invalid.one("note", _("Say in a few words what the other reason is."))
    if piece.state == PieceState.DONE:
        raise Invalid.one("", _("It is done already. Take it up again first."))
    full = f"{reason}: {words.strip()}" if words.strip() else reason
    if len(full) > 400:
        raise Invalid.one("note", _("Too long: %(most)d characters at most.") % {"most": 380})
    moves.leave(actor, piece, how=how, note=words)
    piece.state, piece.reason = state, full
    piece.closed_at = timezone.now() if state == PieceState.REJECTED else None
    piece.save()
    verb = "piece.parked" if state == PieceState.PARKED else "piece.rejected"
    record(actor, verb, piece, reason=reason, words=words.strip()[:200])
    return piece


@transaction.atomic
def finish(actor: Actor, *, piece_id: int, force: str = "") -> Piece:
    """It leaves the last stage: done. Exits as for a move. Raises NotFound, Forbidden, Invalid."""
    piece = moves.held(actor, piece_id)
    if piece.state == PieceState.DONE:
        return piece
    if piece.state != PieceState.ACTIVE or piece.stage_id != stages_of(piece.client)[-1].pk:
        raise Invalid.one("", _("Only what stands in the last stage can be done."))
    facts = moves.let_through(actor, piece, force)
    moves.leave(actor, piece, how=How.DONE)
    piece.state, piece.closed_at = PieceState.DONE, timezone.now()
    piece.save()
    record(actor, "piece.done", piece, **facts)
    return piece


@transaction.atomic
def resume(actor: Actor, *, piece_id: int, stage_id: int | None = None, note: str = "") -> Piece:
    """Take up again what was parked, rejected or done: where it stood, or in the given stage.

    Where its stage was put away: the nearest one before it. Raises as `moves.move`.
    """
    piece = access.get(actor, Piece.objects.select_related("stage", "client"), piece_id, can="work")
    if piece.state == PieceState.ACTIVE:
        return piece
    target = stage_id or nearest(stages_of(piece.client), piece.stage).pk
    return moves.move(actor, piece_id=piece_id, stage_id=target, note=note)


def nearest(stages: list[Stage], gone: Stage) -> Stage:
    """The stage itself where it still is, else the last one before it, else the first."""
    before = [one for one in stages if one.position < gone.position]
    return next((one for one in stages if one.pk == gone.pk), before[-1] if before else stages[0])


@transaction.atomic
def tick(actor: Actor, *, piece_id: int, item: str, on: bool = True) -> Piece:
    """Tick an exit of the present stage that only a person can see, or take the tick back.

    Raises NotFound, Forbidden; Invalid for what is no such exit.
    """
    piece = moves.locked(actor, piece_id, can="work")
    if not (moves.may_move(actor, piece) or access.may(actor, "write", client_id=piece.client_id)):
        raise Forbidden("write")
    if item not in dict(exits.by_hand(piece.stage)):
        raise Invalid.one("item", _("This stage asks for no such thing any more. Reload the page."))
    if on:
        piece.ticks[item] = [actor.name, timezone.now().isoformat()]
    else:
        piece.ticks.pop(item, None)
    piece.save(update_fields=["ticks"])
    record(actor, "piece.ticked" if on else "piece.unticked", piece, item=item[:200])
    return piece
