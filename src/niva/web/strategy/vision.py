"""The marketer's vision: a text or a document comes in, its versions are listed, documents are given out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from niva.domains.people.errors import Invalid, NotFound
from niva.domains.strategy import queries
from niva.domains.strategy import visions as services
from niva.web import files
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.strategy import contexts
from niva.web.strategy.forms import VisionForm


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def visions(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions, the newest first; a new one is added above."""
    actor = actor_of(request)
    posted = request.method == "POST"
    whole = queries.whole(actor, client_id=pk, can="strategy" if posted else "work")
    form = VisionForm(request.POST, request.FILES) if posted else VisionForm()
    if posted and form.is_valid():
        try:
            services.add(actor, client_id=pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("strategy_vision", pk)
    context = contexts.frame(actor, whole) | {
        "form": form,
        "versions": list(queries.visions(actor, client_id=pk)[:50]),
    }
    return render(request, "strategy/vision.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD"])
def file(request: HttpRequest, pk: int, vision: int) -> HttpResponse:
    """The document of one version, as a download and nothing else."""
    row = queries.vision(actor_of(request), client_id=pk, vision_id=vision)
    if not row.path:
        raise NotFound("file")
    return files.give(
        request,
        services.path_of(row),
        "application/octet-stream",
        tag=row.sha256,
        cache="private, max-age=3600",
        download=f"vision-{row.client_id}-{row.number}.{row.kind}",
    )
