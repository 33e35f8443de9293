"""Setting a goal, changing it, closing it and opening the next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import queries
from niva.domains.clients.models import Client, Goal
from niva.domains.clients.offers import offer_for
from niva.domains.clients.services import goals as services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.web.clients.forms import GoalForm
from niva.web.clients.listing import actor_of
from niva.web.clients.words import in_language
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new goal, filled in by one of the offers for this kind of client. Closes the one that is open."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="goals")
    current = queries.main_goals(actor, [pk]).get(pk)
    offers = offer_for(client.kind).goals_for(client.key_task)
    chosen = next((offer for offer in offers if offer.key == request.GET.get("offer")), offers[0])
    initial = {**_month(queries.today_of(client)), **GoalForm.values_of_offer(chosen)}
    if current is not None:
        initial |= _month_from(current.deadline + dt.timedelta(days=1))
    form = GoalForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid() and _opened(actor, client, form):
        return redirect("client", pk)
    language = get_language() or "ru"
    shown = [(offer.key, in_language(offer.figure, language), offer.key == chosen.key) for offer in offers]
    context = {"form": form, "client": client, "offers": shown, "current": current}
    return render(request, "clients/goal_form.html", context, status=422 if form.errors else 200)


def _month(today: dt.date) -> dict[str, Any]:
    """This month; from its last ten days on, the next one."""
    start = today.replace(day=1)
    following = (start + dt.timedelta(days=32)).replace(day=1)
    return _month_from(following if (following - today).days <= 10 else start)


def _month_from(start: dt.date) -> dict[str, Any]:
    """From this day to the end of its month; of the next one when that is nearer than ten days."""
    following = (start.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    if (following - start).days < 10:
        following = (following + dt.timedelta(days=32)).replace(day=1)
    return {"starts_on": start, "deadline": following - dt.timedelta(days=1)}


def _opened(actor: Actor, client: Client, form: GoalForm) -> Goal | None:
    try:
        return services.open_goal(actor=actor, client_id=client.pk, values=form.cleaned_data, instead=True)
    except Invalid as error:
        show(form, error)
        return None


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, goal: int) -> HttpResponse:
    """Change an open goal."""
    actor = actor_of(request)
    row = queries.goal(actor, pk, goal, can="goals")
    services.demand_open(row)
    form = GoalForm(request.POST if request.method == "POST" else None, initial=GoalForm.values_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_goal(actor=actor, goal_id=row.pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Saved. What it was before stays in the audit trail."))
            return redirect("client", pk)
    context = {"form": form, "client": row.client, "goal": row}
    return render(request, "clients/goal_form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def close(request: HttpRequest, pk: int, goal: int) -> HttpResponse:
    """Close the goal: its figures stand; then set the next."""
    actor = actor_of(request)
    row = queries.goal(actor, pk, goal, can="goals")
    services.close_goal(actor=actor, goal_id=row.pk)
    messages.info(request, _("The goal “%(name)s” is closed. Set the next one.") % {"name": row.figure})
    return redirect("goal_new", pk)
