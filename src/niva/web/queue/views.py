"""The queue of a community: its slots ahead with their posts, the order, closing up, evergreens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.communities import queries as communities
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Delivery
from niva.domains.strategy.models import Rubric
from niva.flows import evergreen
from niva.flows import queue as flow
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in

SHOWN: Final = timedelta(days=28)  # of the queue's eight weeks
TO: Final = {"front": 0, "earlier": -1, "later": 1}


@dataclass(slots=True)
class Line:
    """A slot as the page shows it; `first`, `last`: whether it can go no further that way."""

    place: flow.Place
    first: bool = False
    last: bool = False


@dataclass(slots=True)
class Lane:
    """The queue of one rubric. `gap`: it can close up; `holes`: free slots in the days shown."""

    rubric: Rubric | None
    lines: list[Line] = field(default_factory=list)
    gap: bool = False
    holes: int = 0
    ready: int = 0


@signed_in
@require_safe
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    """One community's queue, a table a rubric."""
    actor = actor_of(request)
    community = communities.community(actor, pk)
    places = flow.places(actor, [pk], within=SHOWN)
    context: dict[str, Any] = {
        "community": community,
        "client": community.client,
        "zone": community.time_zone,
        "lanes": _lanes(actor, pk, places),
        "may_publish": access.may(actor, "publish", client_id=community.client_id),
        "may_write": access.may(actor, "write", client_id=community.client_id),
    }
    return render(request, "queue/queue.html", context)


def _lanes(actor: Actor, community_id: int, places: Sequence[flow.Place]) -> list[Lane]:
    lanes: dict[int | None, Lane] = {}
    for place in places:
        lane = lanes.setdefault(place.hole.rubric_id, Lane(place.hole.rubric))
        lane.lines.append(Line(place))
    for lane in lanes.values():
        own = [line for line in lane.lines if line.place.own]
        if own:
            own[0].first = own[-1].last = True
        lane.gap = flow.has_gap(flow.lane([line.place for line in lane.lines], lane.rubric))
        lane.holes = sum(line.place.item is None for line in lane.lines)
        if lane.holes:
            lane.ready = evergreen.rested(actor, community_id=community_id, rubric=lane.rubric)
    return sorted(
        lanes.values(), key=lambda lane: (lane.rubric is None, lane.rubric and lane.rubric.position)
    )


@require_POST
@signed_in
def move(request: HttpRequest, delivery_id: int, to: str) -> HttpResponse:
    """To the front, or one place earlier or later."""
    actor = actor_of(request)
    delivery = access.get(actor, Delivery.objects.all(), delivery_id)
    if to not in TO:
        raise NotFound("queue")
    try:
        if to == "front":
            flow.to_front(actor, delivery_id=delivery_id)
        else:
            flow.swap(actor, delivery_id=delivery_id, by=TO[to])
    except Invalid as error:
        _say(request, error)
    return redirect("queue", delivery.community_id)


@require_POST
@signed_in
def close_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Queued posts go to the earliest places of their rubric."""
    actor = actor_of(request)
    try:
        moved = flow.close_up(actor, community_id=pk, rubric_id=_rubric(request))
    except Invalid as error:
        _say(request, error)
    else:
        words = ngettext("%(n)s post went to an earlier place.", "%(n)s posts went to earlier places.", moved)
        messages.success(request, words % {"n": moved})
    return redirect("queue", pk)


@require_POST
@signed_in
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Evergreen posts that have rested go into the free slots of the next two weeks."""
    actor = actor_of(request)
    laid = evergreen.fill(actor, community_id=pk, rubric_id=_rubric(request))
    if laid:
        words = ngettext("%(n)s evergreen post was laid in.", "%(n)s evergreen posts were laid in.", laid)
        messages.success(request, words % {"n": laid})
    else:
        messages.info(request, _("No evergreen post of this rubric has rested long enough."))
    return redirect("queue", pk)


def _rubric(request: HttpRequest) -> int | None:
    text = request.POST.get("rubric", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _say(request: HttpRequest, error: Invalid) -> None:
    for sentence in error.sentences:
        messages.error(request, sentence)


def offer_to_close_up(request: HttpRequest, delivery: Delivery) -> None:
    """After a queued post was cancelled or moved: says that there is a gap, with the way to close it."""
    if not delivery.variant.in_queue:
        return
    url = reverse("queue", args=[delivery.community_id])
    words = _("Its place in the queue is free now.")
    messages.info(request, format_html('{} <a href="{}">{}</a>', words, url, _("Close the queue up")))
