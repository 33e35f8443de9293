"""Communities: the list, adding, the page, slots, the archive."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import queries as clients
from niva.domains.communities import queries, services
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.strategy.queries import rubrics
from niva.web.clients.contexts import community_views
from niva.web.clients.listing import actor_of
from niva.web.communities import contexts
from niva.web.communities.forms import CommunityForm, SettingsForm, SlotForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


@signed_in
@require_http_methods(["GET", "HEAD"])
def communities(request: HttpRequest) -> HttpResponse:
    """All communities of the person's clients."""
    actor = actor_of(request)
    views = community_views(actor, list(queries.communities(actor)))
    groups = [(client, list(rows)) for client, rows in groupby(views, key=lambda view: view.community.client)]
    return render(request, "communities/list.html", {"groups": groups, "may_apps": actor.everywhere})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, client: int) -> HttpResponse:
    """Add a community, then connect it."""
    actor = actor_of(request)
    row = clients.client(actor, client, can="connect")
    initial = {"network": request.GET.get("network"), "task": row.key_task, "time_zone": row.time_zone,
               "name": row.name}  # fmt: skip
    form = CommunityForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            community = services.add(actor=actor, client_id=row.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("community_connect", community.pk)
    context = {"form": form, "client": row}
    return render(request, "communities/new.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD"])
def community(request: HttpRequest, pk: int) -> HttpResponse:
    """One community."""
    actor = actor_of(request)
    return _page(request, actor, pk, None)


def _page(request: HttpRequest, actor: Actor, pk: int, form: SlotForm | None) -> HttpResponse:
    row = queries.community(actor, pk)
    context = contexts.page(actor, row)
    context["slot_form"] = form or _slot_form(actor, row)
    return render(request, "communities/page.html", context, status=422 if form and form.errors else 200)


def _slot_form(actor: Actor, row: Community, data: QueryDict | None = None) -> SlotForm:
    return SlotForm(data, rubrics=rubrics(actor, client_id=row.client_id))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the name, the task, the time zone, and how late a post may still go out."""
    actor = actor_of(request)
    row = queries.community(actor, pk, can="connect")
    posted = request.POST if request.method == "POST" else None
    form = SettingsForm(posted, initial=SettingsForm.values_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            services.change(actor=actor, community_id=pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("community", pk)
    context = {**contexts.frame(actor, row), "form": form}
    return render(request, "communities/edit.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Away with its keys; posts and numbers stay."""
    row = services.archive(actor=actor_of(request), community_id=pk)
    messages.info(request, _("“%(name)s” is in the archive, its keys are thrown away.") % {"name": row.name})
    return redirect("client_communities", row.client_id)


@require_POST
@signed_in
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Back from the archive; then it must be connected."""
    row = services.restore(actor=actor_of(request), community_id=pk)
    return redirect("community_connect", row.pk)


@require_POST
@signed_in
def add_slots(request: HttpRequest, pk: int) -> HttpResponse:
    """The same hour on several days."""
    actor = actor_of(request)
    row = queries.community(actor, pk, can="write")
    form = _slot_form(actor, row, request.POST)
    if form.is_valid():
        try:
            services.add_slots(actor=actor, community_id=row.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
    if request.headers.get("HX-Request"):
        fresh = form if form.errors else _slot_form(actor, row)
        context = contexts.page(actor, queries.community(actor, pk))
        context["slot_form"] = fresh
        return render(request, "communities/slots.html", context, status=422 if form.errors else 200)
    return _page(request, actor, pk, form) if form.errors else redirect("community", pk)


@require_POST
@signed_in
def delete_slot(request: HttpRequest, pk: int, slot: int) -> HttpResponse:
    """One hour less."""
    actor = actor_of(request)
    services.delete_slot(actor=actor, community_id=pk, slot_id=slot)
    if request.headers.get("HX-Request"):
        row = queries.community(actor, pk)
        context = contexts.page(actor, row)
        context["slot_form"] = _slot_form(actor, row)
        return render(request, "communities/slots.html", context)
    return redirect("community", pk)
