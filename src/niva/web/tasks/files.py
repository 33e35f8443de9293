"""Files of tasks and pieces: taken in one by one, given out to those who work there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.editorial import task_queries as queries
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import files
from niva.domains.editorial.tasking import Task
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.services.media import LARGEST_VIDEO
from niva.web.answers import wants_json
from niva.web.files import give
from niva.web.people.doors import signed_in

ROOM_FOR_FORM: Final = 64 * 1024  # bytes of a request that are not the file


@csrf_exempt  # the check reads the whole body; it follows once the size is known to be right
@require_POST
@signed_in
def of_task(request: HttpRequest, task_id: int) -> HttpResponse:
    return _take(request, task_id, None)


@csrf_exempt  # as above
@require_POST
@signed_in
def of_piece(request: HttpRequest, piece_id: int) -> HttpResponse:
    return _take(request, None, piece_id)


def _take(request: HttpRequest, task_id: int | None, piece_id: int | None) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST_VIDEO + ROOM_FOR_FORM:
        sentence = _("The file is larger than 1 GB. Make it smaller and upload it again.")
        return JsonResponse({"error": sentence}, status=413)
    return _taken(request, task_id, piece_id)


@csrf_protect
def _taken(request: HttpRequest, task_id: int | None, piece_id: int | None) -> HttpResponse:
    """201 with the version for the island, else back to the page; 422 with what is wrong with the file."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    # Whose file it would be is asked first: a stranger learns nothing from what is wrong with his file.
    if task_id is not None:
        access.get(actor, Task.objects.all(), task_id, can="work")
    else:
        access.get(actor, Piece.objects.all(), piece_id or 0, can="work")
    back = redirect("task", task_id) if task_id is not None else redirect("piece", piece_id)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Invalid.one("file", _("No file came. Choose it again."))
        version = files.attach(actor, file=file, task_id=task_id, piece_id=piece_id)
    except Invalid as error:
        sentence = error.sentence
        if wants_json(request):
            return JsonResponse({"error": sentence}, status=422)
        messages.error(request, sentence)
        return back
    if wants_json(request):
        return JsonResponse({"version": version.pk, "number": version.number}, status=201)
    return back


@signed_in
@require_safe
def give_out(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version, to be saved; `?show=1` shows a picture or a video. Documents are never shown."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    version = queries.version(actor, version_id)
    asset = version.asset
    shown = asset is not None and request.GET.get("show") == "1"
    name, mime = (asset.path, asset.mime) if asset is not None else (version.path, version.mime)
    if asset is not None and request.GET.get("thumb") == "1":
        name, mime, shown = (asset.thumb or asset.path), ("image/webp" if asset.thumb else asset.mime), True
    return give(
        request,
        Path(settings.MEDIA_ROOT) / name,
        mime,
        tag=version.sha256[:32],
        cache="private, max-age=31536000, immutable",
        download="" if shown else _save_as(version.file.name, version.number, name),
    )


def _save_as(name: str, number: int, path: str) -> str:
    """The name it is saved under: what the person called it, its version, and the ending that is true."""
    stem, ending = Path(name).stem, Path(path).suffix
    return f"{stem}{ending}" if number == 1 else f"{stem} ({number}){ending}"
