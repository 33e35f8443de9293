"""Recordings are heard piece by piece: by the owner's speech service, or by faster-whisper on this machine.

One job hears one piece of ten minutes and orders the next, so a worker that dies loses one piece at most and
nothing is paid for twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from niva.domains.people.actor import machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.sources.models import Hearing
from niva.domains.sources.services.hearing import keep_piece
from niva.domains.sources.states import UNDER_WAY, ClipState, Heard
from niva.flows import assist
from niva.kit import openai_like, recordings, transcripts, whisper
from niva.kit.images import Broken
from niva.kit.jobs.django import enqueue, in_thread
from niva.kit.openai_like import Service, ServiceFailed

PIECE: Final = 600.0  # seconds; 2.4 MB of sound, a tenth of what services take


async def run(hearing_id: int) -> None:
    """Hear the next piece, and order the one after it."""
    row = await in_thread(_take, hearing_id)
    if row is None:
        return
    start = row.done / 1000
    path = Path(settings.MEDIA_ROOT) / "incoming" / f"heard-{row.pk}.ogg"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        source = Path(settings.MEDIA_ROOT) / row.source.path
        seconds = await recordings.take_sound(source, path, start, start + PIECE)
        said, exact = await _heard(row, path, seconds) if seconds > 0 else ([], True)
        cues: list[list[object]] = [
            [round((start + begin) * 1000), round((start + end) * 1000), text] for begin, end, text in said
        ]
        more = await in_thread(keep_piece, row.pk, row.done, round(seconds * 1000), cues, exact=exact)
    except Broken as broken:
        await in_thread(_fail, row.pk, broken.code)
    except ServiceFailed as failed:
        await in_thread(_fail, row.pk, failed.code, failed.detail)
    else:
        await in_thread(_next if more else _told, row.pk)
    finally:
        path.unlink(missing_ok=True)


async def _heard(row: Hearing, path: Path, seconds: float) -> tuple[list[tuple[float, float, str]], bool]:
    """(start, end, words) within the piece; whether the moments were told. Raises Broken, ServiceFailed."""
    if row.how == Heard.WHISPER:
        return await whisper.hear(path), True
    found = await in_thread(_service, row)
    if found is None:
        raise Broken("switched_off")
    service, model = found
    try:
        heard = await openai_like.transcribe(service, model=model, path=path, mime="audio/ogg")
    except ServiceFailed as failed:
        if failed.code == "empty":  # a piece in which nobody speaks
            return [], True
        raise
    if heard.segments:
        return [
            (one.start, min(one.end, seconds), one.text) for one in heard.segments if one.start < seconds
        ], True
    plain = transcripts.read(heard.text.replace(". ", ".\n").encode()).cues
    spread = transcripts.spread(plain, round(seconds * 1000))
    return [(one.start / 1000, one.end / 1000, one.text) for one in spread], False


def _service(row: Hearing) -> tuple[Service, str] | None:
    try:
        return assist.speech(machine(row.workspace))
    except Invalid:
        return None


def _take(hearing_id: int) -> Hearing | None:
    """None: gone, called off or done."""
    rows = Hearing.objects.filter(pk=hearing_id, state__in=UNDER_WAY)
    if not rows.update(state=ClipState.WORKING, touched_at=timezone.now()):
        return None
    return Hearing.objects.select_related("source", "workspace").filter(pk=hearing_id).first()


def _fail(hearing_id: int, code: str, detail: str = "") -> None:
    Hearing.objects.filter(pk=hearing_id, state__in=UNDER_WAY).update(
        state=ClipState.FAILED, code=code[:20], detail=detail[:300], touched_at=timezone.now()
    )


def _next(hearing_id: int) -> None:
    enqueue("hear", {"hearing": hearing_id}, key=f"hear:{hearing_id}")


def _told(hearing_id: int) -> None:
    row = (
        Hearing.objects.select_related("source", "workspace")
        .filter(pk=hearing_id, state=ClipState.DONE)
        .first()
    )
    if row is not None:
        record(machine(row.workspace), "source.transcribed", row.source, lines=row.source.cues.count())
