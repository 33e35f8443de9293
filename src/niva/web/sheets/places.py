"""Of which client a page of the plan speaks, and the tabs between these pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, NotFound

TABS: Final = (
    ("plan_import", _("Table in"), "edit"),
    ("plan_export", _("Table out"), "work"),
    ("plan_links", _("Link for the client"), "edit"),
    ("plan_events", _("The year's events"), "work"),
    ("plan_ideas", _("Ideas"), "work"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    word: str
    url: str
    on: bool


def client_of(request: HttpRequest, actor: Actor, *, can: str) -> tuple[Client, Sequence[Client]]:
    """The client of the address, else the one whose plan was looked at last, else the first; and all among
    whom one may choose. Raises NotFound, Forbidden."""
    rows = access.visible(actor, Client.objects.filter(archived_at__isnull=True))
    mine = [one for one in rows if access.may(actor, can, client_id=one.pk)]
    asked = request.POST.get("client") or request.GET.get("client")
    if asked:
        client = access.get(actor, Client.objects.all(), asked, can=can)
    else:
        if not mine:
            if rows:
                raise Forbidden(can)
            raise NotFound("client")
        last = request.session.get("plan", {}).get("client")
        client = next((one for one in mine if one.pk == last), mine[0])
    return client, mine


def frame(actor: Actor, client: Client, clients: Sequence[Client], here: str) -> dict[str, Any]:
    """What every page of these shows around itself."""
    tabs = [
        Tab(str(word), f"{reverse(name)}?client={client.pk}", name == here)
        for name, word, can in TABS
        if access.may(actor, can, client_id=client.pk)
    ]
    chips = [Tab(one.name, f"{reverse(here)}?client={one.pk}", one.pk == client.pk) for one in clients]
    return {"client": client, "tabs": tabs, "chips": chips if len(chips) > 1 else []}
