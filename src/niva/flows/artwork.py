"""An avatar or a cover is put on a community through its network."""

from __future__ import annotations

from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.communities.models import Community, CommunityState
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.artwork import Artwork, ArtworkUse
from niva.domains.publishing.services import artworks
from niva.domains.publishing.services.fitting import limits_of
from niva.flows.talk import at_once
from niva.networks.base.errors import NetworkError
from niva.networks.base.network import Call, Network
from niva.networks.registry import all_networks


def may_be_set(community: Community, kind: str) -> bool:
    """Whether its network lets the desk change this, and its keys are there."""
    network = all_networks().get(community.network)
    if network is None or community.state != CommunityState.CONNECTED or community.archived_at is not None:
        return False
    return "profile_write" in network.manifest.abilities and kind in network.manifest.writes


def put_on(actor: Actor, *, artwork_id: int, community_id: int) -> ArtworkUse:
    """Set it now. What the network answers is kept in the history, also a no.

    Raises Invalid where rights are not said or the network gives no way; NotFound, Forbidden.
    """
    artwork = access.get(actor, Artwork.objects.select_related("asset"), artwork_id, can="write")
    rows = Community.objects.filter(client_id=artwork.client_id).select_related("credential")
    community = access.get(actor, rows, community_id, can="publish")
    if not artwork.rights:
        raise Invalid.one("rights", _("Say first whose picture it is: then it can be put up."))
    if not may_be_set(community, artwork.kind):
        raise Invalid.one(
            "community", _("This network takes no pictures from the desk. Export and set it there.")
        )
    network = all_networks()[community.network]
    size = artworks.size_of(community.network, artwork.kind, limits_of(community, network))
    if size is None:
        raise Invalid.one("community", _("No size of this network is known. Export and set it there."))
    file = artworks.rendered(artwork, size)

    async def write(network: Network, call: Call) -> None:
        await network.write_profile(call, {artwork.kind: file})

    try:
        at_once(community, write)
    except NetworkError as error:
        return artworks.noted(actor, artwork, community, error.code)
    return artworks.noted(actor, artwork, community)
