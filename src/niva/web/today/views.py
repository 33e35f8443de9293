"""The first screen: what needs a person now, each line with its reason and one button."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from niva.domains.clients import access
from niva.domains.clients.queries import clients
from niva.domains.people.actor import Actor
from niva.domains.people.models import User
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import today as flow
from niva.web.people.doors import signed_in
from niva.web.posts.story import story_of
from niva.web.today import lines
from niva.web.today.note import note_context
from niva.web.today.nudging import nudged_lately


def today(request: HttpRequest) -> HttpResponse:
    """The day; a desk without people leads to the founding of the first workspace."""
    if not request.user.is_authenticated:
        return redirect_to_login("/") if User.objects.exists() else redirect("account_signup")
    return _page(request)


@signed_in
def _page(request: HttpRequest) -> HttpResponse:
    context = _context(request)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return render(request, "today/today.html", {**context, **note_context(actor, context["today"].now)})


@signed_in
def today_lines(request: HttpRequest) -> HttpResponse:
    """Only the lines, for the page that stays open all day."""
    return render(request, "today/lines.html", _context(request))


@signed_in
@require_POST
def acknowledge(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """«Let it be»: a fire that a person has seen."""
    schedule.let_be(request.actor, delivery_id=delivery_id)  # type: ignore[attr-defined]
    return redirect("today")


def _context(request: HttpRequest) -> dict[str, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    facts = flow.today(actor, zone=str(timezone.get_current_timezone()))
    told = _told(request, facts)
    return {
        "today": facts,
        "may_stop": any(access.may(actor, "stop", client_id=one.pk) for one in clients(actor)),
        "page": lines.page_of(facts, nudged_lately(actor, facts)),
        "told": told,
        "story": story_of(told) if told else [],
        "zone": str(timezone.get_current_timezone()),
    }


def _told(request: HttpRequest, facts: flow.Today) -> Delivery | None:
    """The delivery whose story stands below: what is unclear or burns, else what went out last."""
    unclear = sorted(facts.fires, key=lambda one: one.state != State.UNKNOWN)
    rows = access.visible(request.actor, Delivery.objects.all())  # type: ignore[attr-defined]
    if unclear:
        rows = rows.filter(pk=unclear[0].pk)
    else:
        rows = rows.filter(publication__published_at__gte=facts.now - timedelta(days=7))
        rows = rows.order_by("-publication__published_at")
    return rows.select_related("community", "post", "publication").prefetch_related("attempts").first()
