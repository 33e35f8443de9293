"""Fragments: made of chosen lines, proposed, gone over, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.sources import queries
from niva.domains.sources.models import Fragment
from niva.domains.sources.services import fragments as services
from niva.domains.sources.states import Permission
from niva.kit import transcripts
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.sources.forms import ClipForm, FragmentForm

MOST_CHOSEN = 400


@require_POST
@signed_in
def add(request: HttpRequest, source_id: int) -> HttpResponse:
    """From the first chosen line to the last; without lines an empty fragment of a text."""
    actor = actor_of(request)
    source = queries.source(actor, source_id, can="write")
    numbers = [one for one in request.POST.getlist("cue")[:MOST_CHOSEN] if one.isdecimal() and len(one) < 19]
    cues = list(source.cues.filter(pk__in=numbers).order_by("start", "pk"))
    if not cues and source.cues.exists():
        messages.error(request, _("Tick the first line and the last one, then press once more."))
        return redirect("source", source_id)
    values: dict[str, object] = {"theme": _("A new fragment")}
    if cues:
        start, end = cues[0].start, max(one.end for one in cues)
        said = list(source.cues.filter(start__gte=start, end__lte=end).values_list("text", flat=True))
        asked = said[0].rstrip().endswith("?")
        values = {
            "start": start,
            "end": min(end, source.duration) if source.duration else end,
            "theme": said[0][:120],
            "quote": " ".join(said)[:1000],
            "ticks": ["question"] if asked else [],
        }
    try:
        made = services.add(actor, source_id=source_id, **values)
    except Invalid as error:
        messages.error(request, error.sentence)
        return redirect("source", source_id)
    return redirect("fragment", made.pk)


@require_POST
@signed_in
def propose(request: HttpRequest, source_id: int) -> HttpResponse:
    try:
        made = services.propose(actor_of(request), source_id=source_id)
    except Invalid as error:
        messages.error(request, " ".join(error.errors[""]))
        return redirect("source", source_id)
    told = ngettext("%(n)s fragment was proposed.", "%(n)s fragments were proposed.", made)
    messages.success(
        request, told % {"n": made} + " " + _("They are a guess by pauses and questions: go over them.")
    )
    return redirect("source", source_id)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def fragment(request: HttpRequest, fragment_id: int) -> HttpResponse:
    """One fragment: played, judged, cut."""
    actor = actor_of(request)
    rows = Fragment.objects.select_related("source", "client")
    row = access.get(actor, rows, fragment_id, can="write" if request.method == "POST" else "work")
    form = FragmentForm(
        request.POST if request.method == "POST" else None, initial=FragmentForm.values_of(row)
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        version = data.pop("version") or 0
        try:
            services.change(actor, fragment_id=fragment_id, version=version, **data)
        except Invalid as error:
            form.show(error)
        except Conflict as error:
            form.add_error(None, str(error))
            form.data = {**request.POST.dict(), "ticks": data["ticks"], "version": str(row.version)}
            status = 409
        else:
            messages.success(request, _("Saved."))
            if data["permission"] == Permission.REFUSED:  # there stands what has to come down
                return redirect("source", row.source_id)
            return redirect("fragment", fragment_id)
    context = {
        "form": form,
        "fragment": row,
        "source": row.source,
        "client": row.client,
        "clip_form": ClipForm(initial={"start": row.start, "end": row.end, "subtitles": True}),
        "clips": queries.clips(actor, row.source_id).filter(fragment=row)[:20],
        "derivatives": queries.derivatives(actor, row.source_id).filter(fragment=row),
        "may_write": access.may(actor, "write", client_id=row.client_id),
        "seconds": ((row.end or 0) - (row.start or 0)) // 1000,
        "from_s": (row.start or 0) / 1000,
        "to_s": (row.end or 0) / 1000,
        "span": f"{transcripts.clock(row.start)}–{transcripts.clock(row.end or 0)}"
        if row.start is not None
        else "",
    }
    return render(
        request, "sources/fragment.html", context, status=422 if form.errors and status == 200 else status
    )


@require_POST
@signed_in
def delete(request: HttpRequest, fragment_id: int) -> HttpResponse:
    source = services.delete(actor_of(request), fragment_id=fragment_id)
    messages.success(request, _("The fragment is deleted. What was made of it stays."))
    return redirect("source", source.pk)
