"""The numbers of one client, of one of his communities, of one of his rubrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.clients import access, queries
from niva.domains.clients.queries import today_of
from niva.domains.communities import queries as communities
from niva.domains.metrics.figures import Scope
from niva.domains.strategy.models import Rubric
from niva.flows.goal_fact import standing
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.looks import network_name
from niva.web.numbers import page
from niva.web.numbers.asking import Asked, asked
from niva.web.numbers.small import small_charts
from niva.web.people.doors import signed_in

if TYPE_CHECKING:
    from niva.flows.figures_posts import GroupBy

KEPT: Final = ("measure",)


@signed_in
@require_safe
def client_numbers(request: HttpRequest, pk: int) -> HttpResponse:
    """The goal and its cost on top, then few figures of the period, groups, the best and poorest posts."""
    actor = actor_of(request)
    row = queries.client(actor, pk)
    said = asked(request, today_of(row), keep=KEPT)
    scope = Scope(client_id=row.pk)
    context = contexts.frame(actor, row, "numbers")
    if (goal := context["goal"]) is not None:
        stands = standing(goal)
        context |= {
            "view": contexts.goal_view(stands),
            "cost": contexts.cost_view(actor, stands),
            "today": stands.today,
        }
    context |= _figures(request, scope, said, row.name, page.SHOWN, ("rubric", "format", "community"))
    context["small"] = small_charts(actor, scope, said, ("reach", "views", "engagement"))
    return render(request, "numbers/client.html", context)


@signed_in
@require_safe
def community_numbers(request: HttpRequest, pk: int) -> HttpResponse:
    """One community."""
    actor = actor_of(request)
    row = communities.community(actor, pk)
    said = asked(request, timezone.localdate(timezone=ZoneInfo(row.time_zone)), keep=KEPT)
    scope = Scope(client_id=row.client_id, community_ids=(row.pk,))
    who = f"{row.name}, {network_name(row.network)}"
    context: dict[str, Any] = {
        "community": row,
        "client": row.client,
        "may": {"write": access.may(actor, "write", client_id=row.client_id)},
    }
    context |= _figures(request, scope, said, who, page.SHOWN, ("rubric", "format"))
    return render(request, "numbers/community.html", context)


@signed_in
@require_safe
def rubric_numbers(request: HttpRequest, pk: int, rubric: int) -> HttpResponse:
    """One rubric of a client: only what its posts can answer for."""
    actor = actor_of(request)
    client = queries.client(actor, pk)
    row = access.get(actor, Rubric.objects.filter(client=client), rubric)
    said = asked(request, today_of(client), keep=KEPT)
    scope = Scope(client_id=client.pk, rubric_ids=(row.pk,))
    context = contexts.frame(actor, client, "numbers")
    context["rubric"] = row
    who = _("%(client)s, rubric “%(rubric)s”") % {"client": client.name, "rubric": row.name}
    context |= _figures(request, scope, said, who, page.OF_POSTS, ("format", "community"))
    return render(request, "numbers/rubric.html", context)


def _figures(
    request: HttpRequest, scope: Scope, said: Asked, who: str, words: Sequence[str], kinds: Sequence[GroupBy]
) -> dict[str, Any]:
    actor = actor_of(request)
    word = page.group_measure(actor, scope, said, request.GET.get("measure", ""))
    return {
        **page.figures_block(actor, scope, said, words, who),
        "blocks": page.group_blocks(actor, scope, said, who, word, kinds),
        "measures": page.measure_choices(word, said),
        **page.best_posts(actor, scope, said),
    }
