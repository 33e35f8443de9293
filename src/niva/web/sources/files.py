"""The recording and the transcript of a source: in by parts, out by ranges, mended line by line."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.sources import queries
from niva.domains.sources.services import hearing, sources, transcripts
from niva.kit.transcripts import LARGEST as LARGEST_TRANSCRIPT
from niva.kit.transcripts import as_srt
from niva.web.clients.listing import actor_of
from niva.web.files import give
from niva.web.people.doors import signed_in
from niva.web.sources import page

_DIGITS: Final = 18


@signed_in
@require_safe
def give_file(request: HttpRequest, source_id: int) -> HttpResponse:
    """The recording, private, by ranges. Raises NotFound where there is none."""
    source = queries.source(actor_of(request), source_id)
    if not source.path:
        raise NotFound("file")
    path = sources.file_of(source)
    return give(request, path, source.mime, tag=path.stem, cache="private, max-age=3600")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, source_id: int) -> HttpResponse:
    """GET: how much of ?total=…&name=… has come. POST: the next part as bare bytes, with &offset=…

    The body is read in small pieces straight to the disk; a part that does not fit gets 409 with what has
    come, so that whoever sends goes on from there.
    """
    actor = actor_of(request)
    offset, total = (_number(request.GET.get(name, "")) for name in ("offset", "total"))
    here = sources.arrived(actor, source_id=source_id, total=total or 0, name=request.GET.get("name", ""))
    if request.method != "POST":
        return JsonResponse({"here": here})
    if offset is None or total is None:
        return JsonResponse({"error": _("The address or the form cannot be read.")}, status=400)
    try:
        _source, here = sources.take_part(
            actor, source_id=source_id, body=request, offset=offset, total=total,  # type: ignore[arg-type]
            name=request.GET.get("name", "").replace("\x00", ""),
        )  # fmt: skip
    except Conflict as error:
        return JsonResponse({"error": str(error), "here": error.current}, status=409)
    except Invalid as error:
        return JsonResponse({"error": " ".join(error.errors.get("file", []))}, status=422)
    except UnreadablePostError:  # the line broke amid the part: what came of it stays
        return JsonResponse({"here": here}, status=400)
    return JsonResponse({"here": here, "done": here >= total})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def transcript(request: HttpRequest, source_id: int) -> HttpResponse:
    """GET: the cues as SRT. POST: a file in their place."""
    actor = actor_of(request)
    if request.method != "POST":
        answer = HttpResponse(
            as_srt(transcripts.cues_of(actor, source_id)), content_type="application/x-subrip; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="source-{source_id}.srt"'
        return answer
    file = request.FILES.get("file")
    typed = request.POST.get("text", "").strip()
    if file is None and not typed:
        messages.error(request, _("No file came. Choose it again."))
        return redirect("source", source_id)
    data = file.read(LARGEST_TRANSCRIPT + 1) if file is not None else typed.encode()
    try:
        found = transcripts.bring(actor, source_id=source_id, data=data)
    except Invalid as error:
        for sentence in error.errors["file"]:
            messages.error(request, sentence)
    else:
        told = ngettext("%(n)s line was understood.", "%(n)s lines were understood.", len(found.cues))
        messages.success(request, told % {"n": len(found.cues)})
    return redirect("source", source_id)


@require_POST
@signed_in
def hear(request: HttpRequest, source_id: int) -> HttpResponse:
    """do=service or whisper: have the recording heard; do=cancel: call it off."""
    actor = actor_of(request)
    doing = request.POST.get("do", "")
    if doing == "cancel":
        hearing.cancel(actor, source_id=source_id)
        return redirect("source", source_id)
    try:
        hearing.order(actor, source_id=source_id, how=doing)
    except Invalid as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("The recording is being heard, ten minutes at a time. You may go on."))
    return redirect("source", source_id)


@require_POST
@signed_in
def cue(request: HttpRequest, source_id: int, cue: int) -> HttpResponse:
    """Mend one line; what was typed stays in its box where somebody was faster or it is too long."""
    actor = actor_of(request)
    typed = {"text": request.POST.get("text", ""), "speaker": request.POST.get("speaker", "")}
    number = request.POST.get("page", "")
    try:
        transcripts.mend(actor, source_id=source_id, cue_id=cue, **typed, seen=request.POST.get("seen", ""))
    except (Conflict, Invalid) as error:
        told = [str(error)] if isinstance(error, Conflict) else error.sentences
        for sentence in told:
            messages.error(request, sentence)
        status = 409 if isinstance(error, Conflict) else 422
        return page.shown(request, source_id, number=number, typed={cue: typed}, status=status)
    here = _number(number) or 1
    return redirect(f"{reverse('source', args=[source_id])}?page={here}#cue-{cue}")
