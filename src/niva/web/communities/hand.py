"""Ways without keys: by hand (the switch, the place's address), and a feed that the network imports."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from niva.domains.communities import queries
from niva.domains.people.errors import Invalid
from niva.flows import by_hand as flow
from niva.flows import feed as feeds
from niva.web.clients.listing import actor_of
from niva.web.communities.connecting import connect_page
from niva.web.communities.forms import PlaceForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


@require_POST
@signed_in
def by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """From now on people publish there."""
    actor = actor_of(request)
    queries.community(actor, pk, can="connect")
    form = PlaceForm(request.POST, auto_id="id_hand_%s")
    if form.is_valid():
        try:
            row, resumed = flow.switch(actor=actor, community_id=pk, on=True, url=form.cleaned_data["url"])
        except Invalid as error:
            show(form, error)
        else:
            said = _("“%(name)s” is kept by hand: at its hour a post becomes a task.") % {"name": row.name}
            if resumed:
                said += " " + ngettext(
                    "%(n)s post that had waited is a task now.",
                    "%(n)s posts that had waited are tasks now.",
                    resumed,
                ) % {"n": resumed}
            messages.success(request, said)
            return redirect("community", pk)
    return connect_page(request, pk, hand_form=form)


@require_POST
@signed_in
def not_by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """The desk publishes there again, once it is connected."""
    try:
        flow.switch(actor=actor_of(request), community_id=pk, on=False)
    except Invalid as error:
        messages.error(request, error.sentence)
    return redirect("community", pk)


@require_POST
@signed_in
def open_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """The feed stands from now on; its address is on the community's page."""
    try:
        feeds.open_feed(actor=actor_of(request), community_id=pk)
    except Invalid as error:
        messages.error(request, error.sentence)
        return redirect("community_connect", pk)
    messages.success(request, _("The feed is open. Copy its address and give it to the network."))
    return redirect("community", pk)


@require_POST
@signed_in
def renew_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address; the old one ends."""
    try:
        feeds.renew(actor=actor_of(request), community_id=pk)
    except Invalid as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("The feed has a new address: tell it to the network. The old one ended."))
    return redirect("community", pk)
