"""Named reads of communities, through the one door."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from niva.domains.clients import access
from niva.domains.communities.models import Community, DeveloperApp
from niva.domains.people.actor import Actor
from niva.domains.people.errors import NotFound


def communities(actor: Actor, *, archived: bool = False) -> QuerySet[Community]:
    """All that a person sees, of clients that are at work, by client and name."""
    rows = Community.objects.filter(archived_at__isnull=not archived, client__archived_at__isnull=True)
    return access.visible(actor, rows.select_related("client", "credential")).order_by(
        "client__name", "network", "name", "id"
    )


def of_client(actor: Actor, client_id: int, *, archived: bool = False) -> QuerySet[Community]:
    """The communities of one client, with their keys' dates."""
    rows = Community.objects.filter(client_id=client_id, archived_at__isnull=not archived)
    return access.visible(actor, rows.select_related("credential")).order_by("network", "name", "id")


def networks_of(actor: Actor, client_ids: Iterable[int]) -> dict[int, list[Community]]:
    """The communities of several clients, by client id."""
    found: dict[int, list[Community]] = {}
    rows = Community.objects.filter(client_id__in=list(client_ids), archived_at__isnull=True)
    for row in access.visible(actor, rows).order_by("network", "name", "id"):
        found.setdefault(row.client_id, []).append(row)
    return found


def community(actor: Actor, community_id: int, *, can: str = "see") -> Community:
    """One community with its client, keys' dates and slots. Raises NotFound, Forbidden."""
    rows = Community.objects.select_related("client", "credential__app").prefetch_related("slots__rubric")
    return access.get(actor, rows, community_id, can=can)


def remote_ids(actor: Actor, network: str) -> frozenset[str]:
    """The ids at one network that the workspace has connected already, whoever's clients they are of.

    Only ids of places that the asking person's own sign-in has opened are ever compared to them.
    """
    rows = Community.objects.filter(workspace=actor.workspace, network=network, archived_at=None)
    return frozenset(rows.exclude(remote_id="").values_list("remote_id", flat=True))


def apps(actor: Actor, network: str = "") -> QuerySet[DeveloperApp]:
    """The developer apps of the workspace. Names only leave here: secrets stay sealed."""
    rows = DeveloperApp.objects.filter(workspace=actor.workspace).order_by("network", "name", "id")
    return rows.filter(network=network) if network else rows


def app(actor: Actor, app_id: int) -> DeveloperApp:
    """Raises NotFound for another workspace's."""
    found = apps(actor).filter(pk=app_id).first()
    if found is None:
        raise NotFound("developerapp")
    return found
