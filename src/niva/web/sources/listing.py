"""The list of sources, what is left to take, and a source's own facts."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.clients.queries import clients
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.sources import queries
from niva.domains.sources.services import sources as services
from niva.domains.sources.states import SourceKind
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.sources.forms import SourceForm

PER_PAGE: Final = 30
LONGEST_SEARCH: Final = 200


@signed_in
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """All sources with what is taken of each, or with `view=free` what is left to take of all of them."""
    actor = actor_of(request)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    kind = request.GET.get("kind", "")
    kind = kind if kind in SourceKind.values else ""
    choices = working_clients(actor)
    client_id = chosen(request.GET.get("client", ""), {one.pk for one in choices})
    free = request.GET.get("view") == "free"
    page = Paginator(queries.sources(actor, client_id=client_id, kind=kind, text=text), PER_PAGE)
    context: dict[str, Any] = {
        "free": free,
        "clients": choices,
        "client_id": client_id,
        "kinds": SourceKind.choices,
        "kind": kind,
        "text": text,
        "filtered": bool(text or kind or client_id),
        "may_write": any(access.may(actor, "write", client_id=one.pk) for one in choices),
    }
    if free:
        context["fragments"] = queries.free(actor, client_id=client_id)
    else:
        context["page"] = page.get_page(request.GET.get("page"))
    return render(request, "sources/list.html", context)


def working_clients(actor: Actor, can: str = "work") -> list[Client]:
    return [one for one in clients(actor) if access.may(actor, can, client_id=one.pk)]


def chosen(number: str, mine: set[int]) -> int | None:
    """The client asked for. Raises NotFound for one that he does not see."""
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 19) or int(number) not in mine:
        raise NotFound("client")
    return int(number)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    choices = working_clients(actor, "write")
    if not choices:
        queries.of_workers(actor, Client.objects.none())
        access.demand(actor, "write", client_id=0)
    sent = request.POST if request.method == "POST" else request.GET
    client_id = chosen(sent.get("client", ""), {one.pk for one in choices}) or (
        choices[0].pk if len(choices) == 1 else None
    )
    form = SourceForm(request.POST if request.method == "POST" else None, initial={"rights": "ours"})
    if request.method == "POST" and form.is_valid():
        if client_id is None:
            form.add_error(None, _("Choose whose source it is."))
        else:
            try:
                made = services.add(actor, client_id=client_id, **form.cleaned_data)
            except Invalid as error:
                form.show(error)
            else:
                return redirect("source", made.pk)
    context = {"form": form, "clients": choices, "client_id": client_id}
    return render(request, "sources/form.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, source_id: int) -> HttpResponse:
    actor = actor_of(request)
    source = queries.source(actor, source_id, can="write")
    form = SourceForm(
        request.POST if request.method == "POST" else None, initial=SourceForm.values_of(source)
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change(actor, source_id=source_id, **form.cleaned_data)
        except Invalid as error:
            form.show(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("source", source_id)
    context = {"form": form, "source": source, "client": source.client}
    return render(request, "sources/form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def delete(request: HttpRequest, source_id: int) -> HttpResponse:
    services.delete(actor_of(request), source_id=source_id)
    messages.success(request, _("The source is deleted. The pieces made of it stay."))
    return redirect("sources")
