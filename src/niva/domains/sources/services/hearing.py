"""Transcripts made from the recording: ordered, called off, and what the worker keeps of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.sources.models import Hearing
from niva.domains.sources.services import transcripts
from niva.domains.sources.services.sources import mine
from niva.domains.sources.states import UNDER_WAY, ClipState, Heard
from niva.kit import whisper
from niva.kit.jobs.django import enqueue
from niva.kit.transcripts import LONGEST_TEXT, Cue

QUIET: Final = timedelta(minutes=35)  # longer than one piece may take: then its worker is taken for dead


@transaction.atomic
def order(actor: Actor, *, source_id: int, how: str) -> Hearing:
    """Have the recording heard; one that failed goes on where it was. Raises NotFound, Forbidden, Invalid."""
    source = mine(actor, source_id)
    if not source.path or not source.has_sound:
        raise Invalid.one("", _("There is no recording with sound here. Upload it first."))
    if how not in (Heard.SERVICE, Heard.WHISPER) or (how == Heard.WHISPER and not whisper.is_here()):
        raise Invalid.one("", _("Choose from what is offered."))
    row = Hearing.objects.filter(source=source).first()
    if row is not None and row.state in UNDER_WAY and row.touched_at > timezone.now() - QUIET:
        return row
    if row is None or row.state == ClipState.DONE or row.how != how:
        Hearing.objects.filter(source=source).delete()
        row = Hearing(workspace_id=source.workspace_id, client_id=source.client_id, source=source, how=how)
    row.state, row.code, row.detail = ClipState.WAITING, "", ""
    row.touched_at, row.created_by = timezone.now(), actor.user
    row.save()
    enqueue("hear", {"hearing": row.pk}, key=f"hear:{row.pk}")
    record(actor, "source.hearing_ordered", source)
    return row


@transaction.atomic
def cancel(actor: Actor, *, source_id: int) -> None:
    """Call it off after the piece that is being heard. Raises NotFound, Forbidden."""
    source = mine(actor, source_id)
    rows = Hearing.objects.filter(source=source, state__in=UNDER_WAY)
    if rows.update(state=ClipState.CANCELLED, touched_at=timezone.now()):
        record(actor, "source.hearing_cancelled", source)


@transaction.atomic
def keep_piece(hearing_id: int, begun: int, heard: int, cues: list[list[object]], *, exact: bool) -> bool:
    """The worker's: what one piece said. Returns whether there is more to hear.

    `begun`: the end of the last piece, so that nothing counts twice. With the last piece the transcript of
    the source is replaced.
    """
    row = Hearing.objects.select_for_update().select_related("source").filter(pk=hearing_id).first()
    if row is None or row.state not in UNDER_WAY or row.done != begun:
        return False
    row.done, row.exact, row.touched_at = begun + heard, row.exact and exact, timezone.now()
    row.cues += cues
    length = row.source.duration
    over = heard <= 0 or (length is not None and row.done >= length - 200)
    if over:
        found = [
            Cue(int(start), max(int(end), int(start) + 1), str(text)[:LONGEST_TEXT])
            for start, end, text in row.cues
        ]
        transcripts.keep(row.source, found, (), heard=row.how, exact=row.exact)
        row.state, row.cues = ClipState.DONE, []
    row.save()
    return not over
