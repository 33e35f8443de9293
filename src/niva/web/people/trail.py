"""The audit trail's page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people import queries
from niva.domains.people.actor import Actor
from niva.web.people import reading
from niva.web.people.doors import signed_in
from niva.web.people.forms import AuditForm
from niva.web.people.sentences import verb_word


@require_safe
@signed_in
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what: filtered by person, client and verb, fifty lines a page. For owners and managers."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    access.demand_workspace(actor)
    members = queries.members(actor.workspace)
    clients = access.visible(actor, Client.objects.all())
    form = AuditForm(
        request.GET,
        people=[(one.user_id, str(one.user)) for one in members],
        clients=[(one.pk, one.name) for one in clients],
        verbs=[(verb, verb_word(verb)) for verb in queries.verbs(actor.workspace)],
    )
    form.is_valid()
    wanted = form.cleaned_data
    rows = queries.events(
        actor.workspace,
        user_id=wanted.get("who"),
        client_id=wanted.get("client"),
        verb=wanted.get("verb", ""),
    )
    page = reading.page_of(rows, request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "lines": reading.lines(actor, list(page)),
        "filtered": any(wanted.values()),
    }
    return render(request, "people/audit.html", context)
