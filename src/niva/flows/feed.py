"""Feeds of communities whose network imports one: opened, renewed, served, and who came for them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.communities import keys, queries
from niva.domains.communities.models import Community, CommunityState, Feed
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.delivery.content import to_outgoing
from niva.domains.publishing.delivery.public import base_address
from niva.domains.publishing.models import Publication
from niva.domains.publishing.services.schedule import resume_after_login
from niva.domains.publishing.states import OUT
from niva.networks.base.feed import Channel, FeedNetwork, Item
from niva.networks.base.types import Credential
from niva.networks.registry import all_networks

# Networks want what is new; some pieces stay, so that the feed of a quiet community is not empty.
FRESH: Final = timedelta(days=3)
FEWEST: Final = 10
MOST: Final = 100


def network_of(community: Community) -> FeedNetwork | None:
    """The community's network as one with a feed, or None."""
    found = all_networks().get(community.network)
    return found if isinstance(found, FeedNetwork) else None


@transaction.atomic
def open_feed(*, actor: Actor, community_id: int) -> Feed:
    """Open the feed: the community is connected by that. Twice is once.

    Raises NotFound, Forbidden, Invalid where the desk has no public address.
    """
    community = _community(actor, community_id)
    if not base_address():
        raise Invalid.one(
            "",
            _(
                "The network fetches the feed itself, and the desk has no address on the open Internet. Ask "
                "whoever looks after the desk to set NIVA_BASE_URL to its https address and to restart it."
            ),
        )
    feed, fresh = Feed.objects.get_or_create(community=community, defaults={"token": _token()})
    if fresh or community.state != CommunityState.CONNECTED:
        facts = {"feed": f"feed-{feed.pk}", "name": community.name}
        keys.store(community, Credential(facts=facts), ())
        record(actor, "community.feed_opened", community)
        resume_after_login(community.pk)
    return feed


@transaction.atomic
def renew(*, actor: Actor, community_id: int) -> Feed:
    """Another address; the old one ends at once. Raises NotFound, Forbidden, Invalid."""
    community = _community(actor, community_id)
    feed = Feed.objects.select_for_update().filter(community=community).first()
    if feed is None:
        raise NotFound("feed")
    feed.token, feed.made_at, feed.fetched_at, feed.fetched_by = _token(), timezone.now(), None, ""
    feed.save()
    record(actor, "community.feed_renewed", community)
    return feed


def _community(actor: Actor, community_id: int) -> Community:
    community = queries.community(actor, community_id, can="connect")
    if network_of(community) is None:
        raise NotFound("feed")
    if community.archived_at is not None:
        raise Invalid.one("", _("This community is in the archive. Take it out first."))
    return community


def _token() -> str:
    return secrets.token_urlsafe(32)


def address_of(feed: Feed) -> str:
    """Where the network finds it; "" while the desk has no public address."""
    base = base_address()
    return base + reverse("public_feed", args=[feed.token]) if base else ""


# For whoever has the address


def serve(token: str, *, by: str) -> bytes | None:
    """The feed as it reads now, and a note of who came; None for an address that is none (any more)."""
    feed = _feed(token)
    network = network_of(feed.community) if feed else None
    if feed is None or network is None:
        return None
    written = network.feed(_channel(feed), [_item(one) for one in pieces(feed.community)])
    Feed.objects.filter(pk=feed.pk).update(fetched_at=timezone.now(), fetched_by=by[:200])
    return written


def article(guid: str) -> tuple[str, str] | None:
    """Title and HTML of one piece of an open feed; None when there is none (any more).

    Its address does not tell the feed's: readers may see it beside the article.
    """
    served = Community.objects.filter(pk__in=_open().values("community_id"))
    found = _out(served).filter(remote_id=guid).select_related("revision", "community").first()
    network = network_of(found.community) if found else None
    if found is None or network is None:
        return None
    out = _item(found).out
    return str(out.options.get("title", "")), network.article(out)


def _feed(token: str) -> Feed | None:
    return _open().select_related("community__client").filter(token=token).first()


def _open() -> QuerySet[Feed, Feed]:
    return Feed.objects.filter(
        community__archived_at__isnull=True,
        community__client__archived_at__isnull=True,
        community__state=CommunityState.CONNECTED,
    )


def pieces(community: Community) -> Sequence[Publication]:
    """What stands in the feed now, the newest first: what is new or was changed, and at least FEWEST."""
    newest = Coalesce(F("edited_at"), F("published_at")).desc()
    rows = list(_out([community]).order_by(newest, "-pk")[:MOST])
    edge = timezone.now() - FRESH
    return [one for n, one in enumerate(rows) if n < FEWEST or (one.edited_at or one.published_at) > edge]


def _out(communities: Iterable[Community]) -> QuerySet[Publication, Publication]:
    """All that is out there by the desk itself."""
    rows = Publication.objects.filter(
        community__in=communities, delivery__state__in=OUT, removed_at__isnull=True
    )
    return rows.exclude(extra__has_key="by_hand").select_related("revision")


def _channel(feed: Feed) -> Channel:
    community = feed.community
    about = f"{community.client.name}: {community.name}"
    return Channel(community.name, address_of(feed), community.url or base_address() or "/", about)


def _item(publication: Publication) -> Item:
    return Item(
        guid=publication.remote_id,
        out=to_outgoing(publication.revision.content, Path(settings.MEDIA_ROOT)),
        link=base_address() + reverse("public_item", args=[publication.remote_id]),
        published_at=publication.published_at,
    )
