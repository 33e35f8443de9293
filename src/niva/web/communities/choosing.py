"""A sign-in opened several communities: which of them is this one, and which others come along."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from niva.domains.communities import queries
from niva.domains.communities.models import Community
from niva.domains.people.errors import Invalid
from niva.flows import connect as flow
from niva.networks.base.errors import NetworkError
from niva.web.clients.listing import actor_of
from niva.web.communities.connecting import CHOICE, connected, mismatch
from niva.web.people.doors import signed_in
from niva.words import describe


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose and connect. A wrong choice stays on the page; the sign-in lasts a quarter of an hour."""
    community = queries.community(actor_of(request), pk, can="connect")
    kept = request.session.get(CHOICE)
    if not kept or kept["community"] != community.pk:
        raise Http404
    if request.method != "POST":
        return _page(request, community, kept)
    try:
        done, refused = flow.choose(
            actor=actor_of(request),
            kept=kept,
            chosen=request.POST.get("chosen", ""),
            others=request.POST.getlist("others"),
        )
    except flow.Mismatch as error:
        del request.session[CHOICE]
        return mismatch(request, str(error))
    except Invalid as error:
        return _page(request, community, kept, error.sentence)
    except NetworkError as error:
        said = describe(error.code, {"detail": error.detail})
        return _page(request, community, kept, f"{said.what} {said.todo}".strip())
    del request.session[CHOICE]
    for name, code in refused:
        why = _("It is in the desk already.") if code == "already_here" else describe(code).what
        messages.warning(request, _("“%(name)s” was not connected. %(why)s") % {"name": name, "why": why})
    return connected(request, done)


def _page(request: HttpRequest, community: Community, kept: dict[str, Any], error: str = "") -> HttpResponse:
    here = queries.remote_ids(actor_of(request), community.network)
    context = {
        "community": community,
        "client": community.client,
        "places": [
            {
                **place,
                "here": place["id"] in here and place["id"] != community.remote_id,
                "chosen": place["id"] == request.POST.get("chosen", community.remote_id),
                "along": place["id"] in request.POST.getlist("others"),
            }
            for place in kept["places"]
        ],
        "together": kept["together"],
        "error": error,
    }
    return render(request, "communities/choose.html", context, status=422 if error else 200)
