"""Clips: ordered, watched on their way, called off, cut once more."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.sources import queries
from niva.domains.sources.models import Clip, Fragment
from niva.domains.sources.services import clips as services
from niva.domains.sources.states import UNDER_WAY
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.sources.forms import ClipForm
from niva.web.sources.words import CLIPS

MOST = 100


@signed_in
@require_safe
def listed(request: HttpRequest, source_id: int) -> HttpResponse:
    """The clips of a source as a fragment that looks again by itself while one is on its way."""
    actor = actor_of(request)
    source = queries.source(actor, source_id)
    context = {"source": source, **shown(queries.clips(actor, source_id)[:MOST])}
    context["may_write"] = access.may(actor, "write", client_id=source.client_id)
    return render(request, "sources/clips.html", context)


def shown(rows: Any) -> dict[str, Any]:
    """What the fragment of the page needs."""
    clips = list(rows)
    return {
        "clips": [(one, CLIPS.get(one.code, CLIPS["broken"]) if one.code else "") for one in clips],
        "under_way": any(one.state in UNDER_WAY for one in clips),
    }


@require_POST
@signed_in
def cut(request: HttpRequest, fragment_id: int) -> HttpResponse:
    """Have a clip of a fragment cut."""
    actor = actor_of(request)
    fragment = access.get(actor, Fragment.objects.select_related("source"), fragment_id, can="write")
    form = ClipForm(request.POST)
    if form.is_valid():
        try:
            services.order(
                actor, source_id=fragment.source_id, fragment_id=fragment.pk,
                start=form.cleaned_data["start"],
                end=form.cleaned_data["end"], focus=form.focus_of(), subtitles=form.cleaned_data["subtitles"],
            )  # fmt: skip
        except Invalid as error:
            form.show(error)
        else:
            messages.success(request, _("The clip is being cut. You may go on: it comes by itself."))
            return redirect("source", fragment.source_id)
    for several in form.errors.values():
        for sentence in several:
            messages.error(request, str(sentence))
    return redirect("fragment", fragment_id)


@require_POST
@signed_in
def act(request: HttpRequest, clip_id: int, doing: str) -> HttpResponse:
    """Call it off, or cut it once more."""
    actor = actor_of(request)
    clip = access.get(actor, Clip.objects.all(), clip_id, can="write")
    try:
        if doing == "cancel":
            services.cancel(actor, clip_id=clip_id)
        elif doing == "again":
            services.again(actor, clip_id=clip_id)
        else:
            raise NotFound("clip")
    except Invalid as error:
        messages.error(request, error.sentence)
    return redirect("source", clip.source_id)
