"""Writing: create, save, copy and bin a post; choose its communities, media and order.

A save carries the version it was based on. Who saves on top of a newer one gets a Conflict with what is there
now, and nothing of either is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Goal
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.publishing.models import Asset, Delivery, Post, PostMedia, Variant
from niva.domains.publishing.states import STILL_OURS

LONGEST_TEXT: Final = 100_000  # characters; far beyond every network, so that nothing typed is ever cut
# What a save may touch; the rest of the post has verbs of its own.
COMMON: Final = frozenset(
    {"title", "rubric", "text", "link_url", "link_card", "poll", "first_comment", "planned_at", "goal_id"}
)
OWN: Final = frozenset({"own_text", "own_first_comment", "own_media", "options", "planned_at"})


@dataclass(frozen=True, slots=True)
class Saved:
    post: Post
    version: int


@transaction.atomic
def create(
    actor: Actor,
    *,
    client_id: int,
    community_ids: Sequence[int] = (),
    planned_at: datetime | None = None,
    **fields: Any,
) -> Post:
    """A new draft. Without communities: all of the client's. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.all(), client_id, can="write")
    communities = access.visible(actor, Community.objects.filter(client=client, archived_at__isnull=True))
    chosen = list(communities.filter(pk__in=community_ids) if community_ids else communities)
    if community_ids and len(chosen) != len(set(community_ids)):
        raise Invalid.one("communities", _("One of these communities belongs to another client."))
    _must_fit(fields)
    _own_goal(client, fields.get("goal_id"))
    post = Post.objects.create(
        workspace=actor.workspace,
        client=client,
        planned_at=planned_at,
        created_by=actor.user,
        updated_by=actor.user,
        **_only(fields, COMMON),
    )
    Variant.objects.bulk_create(Variant(post=post, community=community) for community in chosen)
    record(actor, "post.created", post)
    return post


@transaction.atomic
def save(
    actor: Actor,
    *,
    post_id: int,
    version: int,
    fields: Mapping[str, Any],
    variants: Mapping[int, Mapping[str, Any]] | None = None,
) -> Saved:
    """Keep what was typed. `variants`: variant id -> its own fields. Raises Conflict on a newer version.

    A post that waits for its hour is changed as a draft; what is scheduled stays the frozen revision until it
    is scheduled again.
    """
    post = access.get(actor, _alive().select_for_update(of=("self",)), post_id, can="write")
    if version != post.version:
        who = str(post.updated_by) if post.updated_by else "niva"
        raise Conflict(
            _("%(who)s has saved this post meanwhile. Your text is kept here: compare and decide.")
            % {"who": who},
            post,
        )
    _must_fit(fields)
    _own_goal(post.client, fields.get("goal_id"))
    changes = {name: value for name, value in _only(fields, COMMON).items() if getattr(post, name) != value}
    for name, value in changes.items():
        setattr(post, name, value)
    touched = bool(changes)
    for variant_id, own in (variants or {}).items():
        touched |= _save_variant(post, variant_id, own)
    if touched:
        post.version += 1
        post.updated_by, post.updated_at = actor.user, timezone.now()
        post.save()
    return Saved(post, post.version)


def _save_variant(post: Post, variant_id: int, own: Mapping[str, Any]) -> bool:
    _must_fit(own)
    wanted = _only(own, OWN)
    return bool(wanted) and bool(Variant.objects.filter(pk=variant_id, post=post).update(**wanted))


@transaction.atomic
def set_communities(actor: Actor, *, post_id: int, community_ids: Sequence[int]) -> Post:
    """Exactly these communities. One whose delivery is on its way or out cannot be taken off."""
    post = access.get(actor, _alive().select_for_update(of=("self",)), post_id, can="write")
    wanted = set(
        Community.objects.filter(
            client=post.client, pk__in=community_ids, archived_at__isnull=True
        ).values_list("pk", flat=True)
    )
    if wanted != set(community_ids):
        raise Invalid.one("communities", _("One of these communities belongs to another client."))
    present = {variant.community_id: variant for variant in post.variants.all()}
    for community_id in present.keys() - wanted:
        _take_off(present[community_id])
    Variant.objects.bulk_create(Variant(post=post, community_id=pk) for pk in sorted(wanted - present.keys()))
    _touch(actor, post)
    return post


def _take_off(variant: Variant) -> None:
    deliveries = Delivery.objects.filter(variant=variant)
    if deliveries.exclude(state__in=STILL_OURS).exists():
        name = str(variant.community)
        raise Invalid.one("communities", _("The post has gone out to %(name)s already.") % {"name": name})
    if deliveries.exists():
        raise Invalid.one(
            "communities", _("Cancel the sending to %(name)s first.") % {"name": variant.community}
        )
    variant.delete()


@transaction.atomic
def set_media(actor: Actor, *, post_id: int, items: Sequence[Mapping[str, Any]]) -> Post:
    """Exactly these files in this order: [{"asset": id, "alt": text}]. Others' files are Invalid."""
    post = access.get(actor, _alive().select_for_update(of=("self",)), post_id, can="write")
    assets = {
        asset.pk: asset
        for asset in Asset.objects.filter(client=post.client, pk__in=[item["asset"] for item in items])
    }
    for item in items:
        if item["asset"] not in assets:
            raise Invalid.one("media", _("One of these files belongs to another client."))
    post.media.all().delete()
    PostMedia.objects.bulk_create(
        PostMedia(post=post, asset=assets[item["asset"]], position=n, alt=str(item.get("alt", ""))[:2000])
        for n, item in enumerate(items)
    )
    _touch(actor, post)
    return post


@transaction.atomic
def bin_post(actor: Actor, *, post_id: int) -> Post:
    """Put it away. What is scheduled must be cancelled first; what is out stays out."""
    post = access.get(actor, _alive().select_for_update(of=("self",)), post_id, can="write")
    if post.deliveries.filter(state__in=["queued", "sending", "waiting", "unknown"]).exists():
        raise Invalid.one("", _("It is scheduled. Cancel the sending first, then put the post away."))
    post.deleted_at = timezone.now()
    post.save(update_fields=["deleted_at"])
    record(actor, "post.binned", post)
    return post


@transaction.atomic
def copy(actor: Actor, *, post_id: int) -> Post:
    """The same piece once more as a draft without an hour."""
    old = access.get(actor, _alive(), post_id, can="write")
    post = Post.objects.create(
        workspace=actor.workspace,
        client=old.client,
        created_by=actor.user,
        updated_by=actor.user,
        **{name: getattr(old, name) for name in COMMON - {"planned_at"}},
    )
    for variant in old.variants.all():
        own = {name: getattr(variant, name) for name in OWN - {"planned_at"}}
        Variant.objects.create(post=post, community=variant.community, **own)
    for item in old.media.all():
        PostMedia.objects.create(post=post, asset=item.asset, position=item.position, alt=item.alt)
    record(actor, "post.copied", post, source=old.pk)
    return post


def _alive() -> QuerySet[Post]:
    return Post.objects.filter(deleted_at__isnull=True).select_related("client", "updated_by")


def _touch(actor: Actor, post: Post) -> None:
    post.version += 1
    post.updated_by, post.updated_at = actor.user, timezone.now()
    post.save(update_fields=["version", "updated_by", "updated_at"])


def _only(fields: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in names}


def _must_fit(fields: Mapping[str, Any]) -> None:
    """Longer than any network takes, shorter than what would hurt us."""
    for name in ("text", "own_text", "first_comment", "own_first_comment"):
        if len(fields.get(name) or "") > LONGEST_TEXT:
            raise Invalid.one(name, _("This is longer than 100,000 characters. No network takes so much."))
    poll = fields.get("poll")
    if poll and (not isinstance(poll.get("options"), list) or len(poll["options"]) > 50):
        raise Invalid.one("poll", _("A poll has at most 50 answers here."))


def _own_goal(client: Client, goal_id: int | None) -> None:
    if goal_id is not None and not Goal.objects.filter(pk=goal_id, client=client).exists():
        raise Invalid.one("goal", _("This goal belongs to another client."))
