"""Times in which a person could not go on: begun and ended by those who work there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.editorial.task_states import DONE, BlockReason
from niva.domains.editorial.tasking import Block, Task
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Forbidden, Invalid


@transaction.atomic
def begin(
    actor: Actor,
    *,
    reason: str,
    note: str = "",
    task_id: int | None = None,
    piece_id: int | None = None,
    since: datetime | None = None,
) -> Block:
    """Say that a task (its assignee) or a piece (its responsible) waits. `since`: now, or earlier.

    Raises NotFound, Forbidden, Invalid, Conflict when it waits already or the task is closed.
    """
    task: Task | None = None
    piece: Piece | None
    if task_id is not None:
        rows = Task.objects.select_for_update(of=("self",), no_key=True).select_related("assignee", "piece")
        task = access.get(actor, rows, task_id, can="work")
        piece, who = task.piece, task.assignee
        if task.state in DONE:
            raise Conflict(_("The task is closed already."), task)
    else:
        held = Piece.objects.select_for_update(of=("self",), no_key=True).select_related("responsible")
        piece = access.get(actor, held, piece_id or 0, can="work")
        who = piece.responsible
    now = timezone.now()
    _checked(reason, note, since, now)
    subject: Task | Piece = task or piece  # type: ignore[assignment]  # without a task the door gave a piece
    if Block.objects.filter(task=task, piece=piece, until__isnull=True).exists():
        raise Conflict(_("It is written down already that this waits."), subject)
    block = Block.objects.create(
        workspace=actor.workspace,
        client_id=subject.client_id,
        piece=piece,
        task=task,
        who=who,
        reason=reason,
        note=note.strip(),
        since=since or now,
        said_by=actor.user,
    )
    record(actor, "block.begun", block, reason=reason, what=str(subject))
    return block


@transaction.atomic
def end(actor: Actor, *, block_id: int, until: datetime | None = None) -> Block:
    """It goes on. Whose time it is, who said it, or who leads. Ended twice stays with the first.

    Raises NotFound, Forbidden, Invalid.
    """
    rows = Block.objects.select_for_update(of=("self",), no_key=True).select_related("task", "piece__post")
    block = access.get(actor, rows, block_id, can="work")
    user = actor.user.pk if actor.user else None
    if user not in (block.who_id, block.said_by_id) and not access.may(
        actor, "edit", client_id=block.client_id
    ):
        raise Forbidden("edit")
    if block.until is not None:
        return block
    now = timezone.now()
    ends = until or now
    if not block.since <= ends <= now:
        raise Invalid.one("until", _("It ended between its beginning and now."))
    block.until = ends
    block.save(update_fields=["until"])
    record(actor, "block.ended", block, what=str(block.task or block.piece))
    return block


def _checked(reason: str, note: str, since: datetime | None, now: datetime) -> None:
    errors: dict[str, list[str]] = {}
    if reason not in BlockReason.values:
        errors["reason"] = [_("Choose what is waited for.")]
    if reason == BlockReason.OTHER and not note.strip():
        errors["note"] = [_("Say in words what is waited for.")]
    if len(note.strip()) > 400:
        errors["note"] = [_("Too long: %(most)d characters at most.") % {"most": 400}]
    if since is not None and since > now:
        errors["since"] = [_("It cannot have begun in the future.")]
    if errors:
        raise Invalid(errors)
