"""The list of clients; taking one on, changing, putting away."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access, queries
from niva.domains.clients.models import ClientKind
from niva.domains.clients.offers import offer_for
from niva.domains.clients.services import clients as services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.web.clients import contexts
from niva.web.clients.forms import ClientForm
from niva.web.clients.words import by_language
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@signed_in
@require_http_methods(["GET", "HEAD"])
def clients(request: HttpRequest) -> HttpResponse:
    """All clients of the person, with the state of their goals."""
    actor = actor_of(request)
    archived = request.GET.get("archived") == "1"
    rows = contexts.client_rows(actor, list(queries.clients(actor, archived=archived)))
    context = {
        "rows": rows,
        "archived": archived,
        "archived_count": 0 if archived else queries.clients(actor, archived=True).count(),
        "may_create": actor.everywhere,
    }
    return render(request, "clients/list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """First the kind, because the task and the goals follow from it; then the rest."""
    actor = actor_of(request)
    access.demand_workspace(actor)
    kind = request.POST.get("kind") or request.GET.get("kind") or ""
    if kind not in ClientKind.values:
        kinds = [(word, label, offer_for(word)) for word, label in ClientKind.choices]
        return render(request, "clients/kinds.html", {"kinds": kinds})
    offer = offer_for(kind)
    initial = {
        "kind": kind,
        "key_task": offer.tasks[0],
        "time_zone": actor.workspace.time_zone,
        "currency": "RUB",
    }
    form = ClientForm(request.POST if request.method == "POST" else None, offer=offer, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            client = services.create(actor=actor, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("goal_new", client.pk)
    context = {"form": form, "kind": ClientKind(kind).label, "new": True}
    return render(request, "clients/client_form.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a client."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="manage")
    kind = request.POST.get("kind") or client.kind
    form = ClientForm(
        request.POST if request.method == "POST" else None,
        offer=offer_for(kind),
        initial=ClientForm.values_of(client),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change(actor=actor, client_id=pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("client", pk)
    context = {"form": form, "client": client, "new": False}
    return render(request, "clients/client_form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the lists, nothing deleted."""
    client = services.archive(actor=actor_of(request), client_id=pk)
    messages.info(request, _("“%(name)s” is in the archive. Nothing is deleted.") % {"name": client.name})
    return redirect("clients")


@require_POST
@signed_in
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Back from the archive."""
    client = services.restore(actor=actor_of(request), client_id=pk)
    messages.success(request, _("“%(name)s” is at work again.") % {"name": client.name})
    return redirect("client", pk)


def offered_silences(
    kind: str, client_not_measured: list[dict[str, Any]], language: str
) -> list[dict[str, Any]]:
    """What is usually not measured for this kind and is not on the list yet."""
    there = {row.get("what") for row in client_not_measured}
    return [
        by_language({"what": silence.what, "why": silence.why}, language)
        for silence in offer_for(kind).not_measured
        if there.isdisjoint(silence.what.values())  # agreed in whatever language
    ]
