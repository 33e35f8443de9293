"""The technical condition: the page of a community, checking now, answers, mending, and the comparison."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import queries as clients
from niva.domains.communities import queries as communities
from niva.domains.communities.models import Community
from niva.domains.condition import checklists, queries, services
from niva.domains.people.errors import Invalid, NotFound
from niva.flows import condition as flow
from niva.networks.base.checklist import Item
from niva.networks.base.errors import Limited, NetworkError, OutcomeUnknown, Temporary
from niva.networks.registry import get_network
from niva.web.clients.contexts import frame as client_frame
from niva.web.clients.listing import actor_of
from niva.web.communities.contexts import frame
from niva.web.condition import contexts
from niva.web.condition.forms import AnswerForm, MendForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.words import describe


@signed_in
@require_http_methods(["GET", "HEAD"])
def condition(request: HttpRequest, pk: int) -> HttpResponse:
    """How one community stands, what to do first, and how it came."""
    actor = actor_of(request)
    return render(request, "condition/page.html", contexts.page(actor, communities.community(actor, pk)))


@require_POST
@signed_in
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it looked over now, by the worker."""
    actor = actor_of(request)
    try:
        community = flow.ask(actor=actor, community_id=pk)
    except Invalid as error:
        messages.error(request, error.sentence)
        return redirect("condition", pk)
    if request.headers.get("HX-Request"):
        return render(request, "condition/body.html", contexts.page(actor, community))
    return redirect("condition", pk)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD"])
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the look is; the whole body once it has come back."""
    actor = actor_of(request)
    community = communities.community(actor, pk)
    row = queries.condition(actor, community)
    busy = contexts.busy(row)
    if busy and not busy["stuck"]:
        return render(request, "condition/progress.html", {"community": community, "busy": busy})
    response = render(request, "condition/body.html", contexts.page(actor, community))
    response["HX-Retarget"], response["HX-Reswap"] = "#condition", "outerHTML"
    return response


@require_POST
@signed_in
def answer(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """Say how an item is."""
    actor = actor_of(request)
    community = communities.community(actor, pk, can="write")
    _item_of(community, item)
    form = AnswerForm(request.POST, auto_id=f"id_{item}_%s")
    if form.is_valid():
        try:
            services.answer(actor=actor, community_id=pk, item=item, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
    bound = (item, form) if form.errors else None
    status = 422 if form.errors else 200
    if request.headers.get("HX-Request"):
        context = contexts.page(actor, community, bound=bound)
        return render(request, "condition/body.html", context, status=status)
    if not form.errors:
        return redirect("condition", pk)
    return render(request, "condition/page.html", contexts.page(actor, community, bound=bound), status=422)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def mend(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """Write the missing thing into the network, begun with what the desk proposes."""
    actor = actor_of(request)
    community = communities.community(actor, pk, can="publish")
    found = _item_of(community, item)
    proposal = contexts.proposal(actor, community, found)
    if proposal is None:
        raise NotFound("item")
    posted = request.POST if request.method == "POST" else None
    network = get_network(community.network)
    ground = checklists.ground_of(community.network, _facts(community), timezone.now())
    most = ground.limits.value(proposal.limit) if proposal.limit else None
    form = MendForm(posted, proposal=proposal, most=most, length=network.length)
    if request.method == "POST" and form.is_valid():
        try:
            flow.mend(actor=actor, community_id=pk, item=item, changes=form.changes)
        except NetworkError as error:
            form.add_error("value", _refusal(error))
        else:
            title = found.words(get_language() or "ru")[0]
            messages.success(request, _("Written into the network: “%(what)s”.") % {"what": title})
            return redirect("condition", pk)
    title, why, how = found.words(get_language() or "ru")
    context = {**frame(actor, community), "form": form, "title": title, "why": why, "how": how}
    return render(request, "condition/mend.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD"])
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """All communities of a client beside each other."""
    actor = actor_of(request)
    client = clients.client(actor, pk)
    context = {**client_frame(actor, client, "condition"), **contexts.comparison(actor, client.pk)}
    return render(request, "condition/compare.html", context)


def _refusal(error: NetworkError) -> str:
    """What the network said, and whether anything was written: here nobody tries again by himself."""
    said = describe(error.code, {"detail": error.detail})
    if isinstance(error, OutcomeUnknown):
        return f"{said.what} " + _("It is not known whether it was written: check now, then decide.")
    if isinstance(error, Temporary | Limited):
        return f"{said.what} " + _("Nothing was written. Try again in a while.")
    return str(said)


def _item_of(community: Community, code: str) -> Item:
    found = checklists.item_of(community.network, code)
    if found is None:
        raise NotFound("item")
    return found


def _facts(community: Community) -> dict[str, Any]:
    credential = getattr(community, "credential", None)
    return dict(credential.facts) if credential else {}
