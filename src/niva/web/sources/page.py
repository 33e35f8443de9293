"""The page of a source: the recording, its words, its fragments, what came of it."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.sources import matrix, queries
from niva.domains.sources.models import Cue, Fragment, Hearing, Source
from niva.domains.sources.services.sources import LARGEST, PART
from niva.flows import assist, source_yield
from niva.kit import whisper
from niva.kit.transcripts import clock
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.sources import clips, words

CUES: Final = 150  # lines of a transcript on a page: ten minutes of talk
MOST_NOTES: Final = 50


@signed_in
@require_safe
def source(request: HttpRequest, source_id: int) -> HttpResponse:
    return shown(request, source_id)


def shown(
    request: HttpRequest,
    source_id: int,
    *,
    number: str | None = None,
    typed: dict[int, dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page. `number`: of the transcript's pages; `typed`: by cue, what was typed but not kept."""
    actor = actor_of(request)
    row = queries.source(actor, source_id)
    fragments = list(queries.fragments(actor, source_id))
    page = Paginator(row.cues.all(), CUES).get_page(number or request.GET.get("page"))
    notes = [words.note(one) for one in row.notes]
    context: dict[str, Any] = {
        "source": row,
        "client": row.client,
        "taken": queries.taken(row),
        "page": page,
        "cues": [_line(one, fragments, (typed or {}).get(one.pk)) for one in page],
        "notes": notes[:MOST_NOTES],
        "left_out": sum(not one["kept"] for one in notes),
        "fragments": [_shown(one) for one in fragments],
        "marks": [(clock(one["at"]), one["at"] / 1000, one["word"]) for one in row.marks],
        "derivatives": [(one, matrix.rows().get(one.row)) for one in queries.derivatives(actor, source_id)],
        "withdrawn": queries.withdrawn(actor, row),
        "yields": source_yield.of_source(actor, row),
        "may_write": access.may(actor, "write", client_id=row.client_id),
        "part": PART,
        "largest": LARGEST,
        **_hearing(actor, row),
        **clips.shown(queries.clips(actor, source_id)[: clips.MOST]),
    }
    context |= _hours(context["yields"])
    return render(request, "sources/source.html", context, status=status)


def _hearing(actor: Actor, row: Source) -> dict[str, Any]:
    """How far the hearing of the recording is, and by what it could be heard."""
    found = Hearing.objects.filter(source=row).first()
    percent = min(99, round(found.done * 100 / row.duration)) if found and row.duration else None
    try:
        has_service = assist.speech(actor) is not None
    except Invalid:
        has_service = False
    return {
        "hearing": found,
        "heard_percent": percent,
        "hearing_why": words.heard(found.code, found.detail) if found and found.code else "",
        "has_service": has_service,
        "has_whisper": whisper.is_here(),
    }


def _line(cue: Cue, fragments: list[Fragment], typed: dict[str, str] | None) -> dict[str, Any]:
    """A line of the transcript; `inside`: it belongs to a fragment already; `box`: what its form holds."""
    inside = any(
        one.start is not None and one.end is not None and one.start <= cue.start < one.end
        for one in fragments
    )
    return {
        "cue": cue,
        "at": clock(cue.start),
        "from": cue.start / 1000,
        "to": cue.end / 1000,
        "inside": inside,
        "box": typed or {"text": cue.text, "speaker": cue.speaker},
        "open": typed is not None,
    }


def _shown(fragment: Fragment) -> dict[str, Any]:
    timed = fragment.start is not None and fragment.end is not None
    return {
        "fragment": fragment,
        "span": f"{clock(fragment.start or 0)}–{clock(fragment.end or 0)}" if timed else "",
        "from": (fragment.start or 0) / 1000,
        "to": (fragment.end or 0) / 1000,
        "ticks": len(fragment.ticks),
    }


def _hours(found: source_yield.Yield) -> dict[str, Any]:
    return {
        "pieces_an_hour": found.an_hour(found.pieces),
        "reach_an_hour": found.an_hour(found.reach),
        "units_an_hour": found.an_hour(found.units),
    }
