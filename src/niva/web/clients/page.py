"""The client's page, tab by tab."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import queries
from niva.domains.clients.models import Client
from niva.domains.clients.services import clients as services
from niva.domains.clients.services.terms import terms_of
from niva.domains.communities import queries as communities
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.flows import team
from niva.web.clients import contexts
from niva.web.clients.forms import RoleForm, SilenceForm
from niva.web.clients.listing import actor_of, offered_silences
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


@signed_in
@require_http_methods(["GET", "HEAD"])
def client(request: HttpRequest, pk: int) -> HttpResponse:
    """How it goes: the goal, its price, the chart, what is not measured, what went out."""
    actor = actor_of(request)
    return _how(request, actor, queries.client(actor, pk), SilenceForm())


def _how(request: HttpRequest, actor: Actor, row: Client, form: SilenceForm) -> HttpResponse:
    context = contexts.how_it_goes(actor, row)
    context["silence_form"] = form
    context["offered"] = offered_silences(row.kind, row.not_measured, get_language() or "ru")
    return render(request, "clients/how.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD"])
def client_communities(request: HttpRequest, pk: int) -> HttpResponse:
    """The client's communities with their followers."""
    actor = actor_of(request)
    row = queries.client(actor, pk)
    rows = list(communities.of_client(actor, pk))
    context = contexts.frame(actor, row, "communities")
    context["views"] = contexts.community_views(actor, rows)
    context["archived_communities"] = list(communities.of_client(actor, pk, archived=True))
    return render(request, "clients/communities.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who does what here, and the contract in short."""
    actor = actor_of(request)
    row = queries.client(actor, pk, can="manage" if request.method == "POST" else "see")
    free = [(m.pk, str(m.user)) for m in queries.people_without_role(actor, pk)]
    form = RoleForm(request.POST if request.method == "POST" else None, people=free)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            team.set_client_roles(actor, membership_id=data["person"], roles={pk: data["role"]})
        except Invalid as error:
            show(form, error)
        else:
            return redirect("client_people", pk)
    context = contexts.frame(actor, row, "people")
    context |= {"roles": queries.roles(actor, pk), "form": form, "free": free,
                "closed": list(queries.closed_goals(actor, pk)[:12]),
                "terms": terms_of(row)}  # fmt: skip
    return render(request, "clients/people.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def take_role(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """From now on this client does not exist for the person."""
    team.set_client_roles(actor_of(request), membership_id=member, roles={pk: ""})
    return redirect("client_people", pk)


@require_POST
@signed_in
def agree_silence(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what is not measured, and why."""
    actor = actor_of(request)
    row = queries.client(actor, pk, can="goals")
    form = SilenceForm(request.POST)
    if form.is_valid():
        try:
            services.agree_silence(actor=actor, client_id=pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("client", pk)
    return _how(request, actor, row, form)


@require_POST
@signed_in
def end_silence(request: HttpRequest, pk: int) -> HttpResponse:
    """Measure it again."""
    services.end_silence(actor=actor_of(request), client_id=pk, what=request.POST.get("what", ""))
    messages.info(request, _("Taken off the list."))
    return redirect("client", pk)
