"""Transcripts: brought in as a file, kept as cues, mended line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.sources.models import Cue, Source
from niva.domains.sources.services.sources import LONGEST_TEXT, mine
from niva.domains.sources.states import Heard
from niva.kit import transcripts
from niva.kit.transcripts import Note, Transcript

KEPT_WORDS: Final = 1_000_000  # characters of all cues that are kept for the search
SLACK: Final = 2000  # milliseconds that a transcript may be longer than the recording without a word


@transaction.atomic
def bring(actor: Actor, *, source_id: int, data: bytes, heard: str = Heard.FILE) -> Transcript:
    """Take a transcript's file in; it replaces the one before. Returns what was understood.

    A text without moments is spread over the recording by its letters (said with the note `guessed`);
    where there is no recording it becomes the source's text. Raises NotFound, Forbidden, Invalid("file").
    """
    source = mine(actor, source_id)
    found = transcripts.read(data)
    if not found.cues:
        raise Invalid.one("file", _("Not a line of this file could be understood as speech."))
    if not found.timed and source.duration is None:
        text = "\n".join(f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text for cue in found.cues)
        source.text, source.notes = text[:LONGEST_TEXT], []
        source.save(update_fields=["text", "notes"])
        record(actor, "source.transcribed", source, lines=len(found.cues))
        return found
    cues, notes = list(found.cues), list(found.notes)
    if not found.timed:
        cues = transcripts.spread(cues, source.duration or 0)
        notes.append(Note(0, "guessed", True))
    elif source.duration is not None:
        notes += _beyond(cues, source.duration)
    keep(source, cues, notes, heard=heard, exact=found.timed)
    record(actor, "source.transcribed", source, lines=len(cues))
    return found


def _beyond(cues: list[transcripts.Cue], duration: int) -> list[Note]:
    """What is said after the recording's end is left out, and said once."""
    late = [cue for cue in cues if cue.start >= duration + SLACK]
    if not late:
        return []
    del cues[len(cues) - len(late) :]
    return [Note(0, "beyond", False, f"{transcripts.clock(late[0].start)} {late[0].text[:60]}")]


def keep(
    source: Source, cues: Sequence[transcripts.Cue], notes: Sequence[Note], *, heard: str, exact: bool = True
) -> None:
    """Exactly these cues. The caller holds the source's row."""
    source.cues.all().delete()
    Cue.objects.bulk_create(
        (
            Cue(source=source, start=one.start, end=one.end, speaker=one.speaker, text=one.text)
            for one in cues
        ),
        batch_size=2000,
    )
    source.heard, source.exact = heard, exact
    source.notes = [asdict(note) for note in notes]
    _remember(source)


def _remember(source: Source) -> None:
    """The words of all cues, for the search."""
    source.transcript = "\n".join(source.cues.values_list("text", flat=True))[:KEPT_WORDS]
    source.save(update_fields=["transcript", "heard", "exact", "notes"])


@transaction.atomic
def mend(actor: Actor, *, source_id: int, cue_id: int, text: str, speaker: str, seen: str) -> Cue:
    """Other words or another speaker of one cue. `seen`: the words that the person had before him.

    An empty text takes the line out. Raises NotFound, Forbidden, Conflict, Invalid("text").
    """
    source = mine(actor, source_id)
    cue = source.cues.filter(pk=cue_id).first()
    if cue is None:  # another source's, or the transcript was replaced
        raise NotFound("cue")
    if cue.text != seen:
        raise Conflict(
            _("Somebody has mended this line meanwhile: “%(text)s”. Yours is kept in the box.")
            % {"text": cue.text},
            cue,
        )
    cue.text, cue.speaker = " ".join(text.split()), " ".join(speaker.split())[:80]
    if len(cue.text) > transcripts.LONGEST_TEXT:
        raise Invalid.one(
            "text", _("Too long: %(most)d characters at most.") % {"most": transcripts.LONGEST_TEXT}
        )
    if cue.text:
        cue.save()
    else:
        cue.delete()
    _remember(source)
    record(actor, "source.line_mended", source)
    return cue


def cues_of(actor: Actor, source_id: int) -> list[transcripts.Cue]:
    """All cues of a source in their order. Raises NotFound, Forbidden."""
    source = access.get(actor, Source.objects.all(), source_id, can="work")
    return [transcripts.Cue(one.start, one.end, one.text, one.speaker) for one in source.cues.all()]
