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
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.publishing.chain import MOST_PARTS
from niva.domains.publishing.models import Asset, Delivery, Post, PostMedia, Variant
from niva.domains.publishing.repeating import Series
from niva.domains.publishing.services import approving, fitting
from niva.domains.publishing.services.fitting import clean_framing
from niva.domains.publishing.states import STILL_OURS
from niva.domains.strategy.models import Rubric

LONGEST_TEXT: Final = 100_000  # characters; far beyond every network, so that nothing typed is ever cut
LONGEST: Final = {"title": 200, "link_url": 2000}  # characters, as wide as the columns
LONGEST_ANSWER: Final = 5000  # characters of a poll's question or answer
MOST_FILES: Final = 50  # far beyond every album
# What a save may touch; the rest of the post has verbs of its own.
COMMON: Final = frozenset(
    {"title", "text", "link_url", "link_card", "poll", "first_comment", "planned_at", "goal_id", "rubric_id"}
)
OWN: Final = frozenset({"own_text", "own_first_comment", "own_media", "own_thread", "options", "planned_at"})


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
    if community_ids:
        chosen = _own_communities(actor, client, community_ids)
    else:
        chosen = list(Community.objects.filter(client=client, archived_at__isnull=True))
    fields = _clean(fields)
    _must_fit(fields)
    _own_goal(client, fields.get("goal_id"))
    _own_rubric(client, fields.get("rubric_id"))
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
    communities: Sequence[int] | None = None,
    media: Sequence[Mapping[str, Any]] | None = None,
) -> Saved:
    """Keep what was typed, all of it or nothing. Raises Conflict on a newer version, Invalid, NotFound.

    `variants`: variant id -> its own fields; `communities` and `media`: exactly these, None = as they are.
    Another link loses the card that was read from the old one. The version grows when anything changed.
    A post that waits for its hour is changed as a draft; what is scheduled stays the frozen revision until it
    is scheduled again.
    """
    post = access.get(actor, _alive().select_for_update(of=("self",), no_key=True), post_id, can="write")
    if version != post.version:
        raise Conflict(_whose(actor, post), post)
    fields = _clean(fields)
    _must_fit(fields)
    _own_goal(post.client, fields.get("goal_id"))
    _own_rubric(post.client, fields.get("rubric_id"))
    if "planned_at" in fields and Series.objects.filter(post=post, ended_at__isnull=True).exists():
        fields = {**fields, "planned_at": None}  # a pattern has no hour: its days have
    if "link_url" in fields and fields["link_url"] != post.link_url:
        fields = {"link_card": {}, **fields}
    changes = {name: value for name, value in _only(fields, COMMON).items() if getattr(post, name) != value}
    for name, value in changes.items():
        setattr(post, name, value)
    if "planned_at" in changes:  # a person chose an hour: what the queue had chosen gives way
        post.variants.filter(in_queue=True).update(planned_at=None, in_queue=False)
    touched = bool(changes)
    present = {variant.pk: variant for variant in post.variants.all()} if variants else {}
    for variant_id, own in (variants or {}).items():
        touched |= _save_variant(present, variant_id, own)
    fits_otherwise = touched and any(
        "form" in (own.get("options") or {}) for own in (variants or {}).values()
    )
    if media is not None:
        fits_otherwise |= _put_media(actor, post, media)
    if communities is not None:
        fits_otherwise |= _put_communities(actor, post, communities)
    touched |= fits_otherwise
    if touched:
        post.version += 1
        post.updated_by, post.updated_at = actor.user, timezone.now()
        post.save()
    if fits_otherwise:
        fitting.order(post)
    if touched:
        approving.look(actor, post)
    return Saved(post, post.version)


def _whose(actor: Actor, post: Post) -> str:
    """Who came before, in words; one's own other window is not somebody else."""
    if post.updated_by is not None and post.updated_by == actor.user:
        return _("You have saved this post in another window. Both texts are kept: compare and decide.")
    who = str(post.updated_by) if post.updated_by else "niva"
    sentence = _("%(who)s has saved this post meanwhile. Your text is kept here: compare and decide.")
    return sentence % {"who": who}


def _save_variant(present: Mapping[int, Variant], variant_id: int, own: Mapping[str, Any]) -> bool:
    """Whether anything is other than before. One that was taken off meanwhile is passed over."""
    own = _clean(own)
    _must_fit(own)
    variant = present.get(variant_id)
    if variant is None:
        return False
    wanted = {name: value for name, value in _only(own, OWN).items() if getattr(variant, name) != value}
    for name, value in wanted.items():
        setattr(variant, name, value)
    if wanted:
        variant.save(update_fields=list(wanted))
    return bool(wanted)


@transaction.atomic
def set_communities(actor: Actor, *, post_id: int, community_ids: Sequence[int]) -> Post:
    """Exactly these communities. One whose delivery is on its way or out cannot be taken off."""
    post = access.get(actor, _alive().select_for_update(of=("self",), no_key=True), post_id, can="write")
    _put_communities(actor, post, community_ids)
    fitting.order(post)
    _touch(actor, post)
    return post


def _put_communities(actor: Actor, post: Post, community_ids: Sequence[int]) -> bool:
    """Whether the choice changed. What is put away stays as it is: nobody is offered it."""
    wanted = {community.pk for community in _own_communities(actor, post.client, community_ids)}
    rows = post.variants.filter(community__archived_at__isnull=True).select_related("community")
    present = {variant.community_id: variant for variant in rows}
    for community_id in present.keys() - wanted:
        _take_off(present[community_id])
    fresh = sorted(wanted - present.keys())
    Variant.objects.bulk_create(Variant(post=post, community_id=pk) for pk in fresh)
    return bool(fresh or present.keys() - wanted)


def _own_communities(actor: Actor, client: Client, community_ids: Sequence[int]) -> list[Community]:
    """Raises NotFound for what he may not see, Invalid for what is another client's or put away."""
    rows = list(access.visible(actor, Community.objects.filter(pk__in=community_ids)))
    if len(rows) != len(set(community_ids)):
        raise NotFound("community")
    if any(row.client_id != client.pk for row in rows):
        raise Invalid.one("communities", _("One of these communities belongs to another client."))
    return [row for row in rows if row.archived_at is None]


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
    post = access.get(actor, _alive().select_for_update(of=("self",), no_key=True), post_id, can="write")
    _put_media(actor, post, items)
    fitting.order(post)
    _touch(actor, post)
    return post


def _put_media(actor: Actor, post: Post, items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the files, their order, words or framing changed. Raises NotFound, Invalid.

    Without "framing" what was decided about the file before stays.
    """
    if len(items) > MOST_FILES:
        raise Invalid.one("media", _("A post has at most 50 files here."))
    decided = {item.asset_id: item.framing for item in post.media.all()}
    wanted: dict[int, tuple[str, dict[str, Any]]] = {}
    for item in items:
        asset = int(item["asset"])
        framing = item.get("framing")
        kept = decided.get(asset, {}) if framing is None else clean_framing(framing)
        wanted[asset] = (_sound(str(item.get("alt", "")))[:2000], kept)
    covers = [framing["cover"] for _alt, framing in wanted.values() if framing.get("cover")]
    _own_assets(actor, post, [*wanted, *covers])
    if [(asset, *rest) for asset, rest in wanted.items()] == [
        (item.asset_id, item.alt, item.framing) for item in post.media.all()
    ]:
        return False
    post.media.all().delete()
    PostMedia.objects.bulk_create(
        PostMedia(post=post, asset_id=asset, position=n, alt=alt, framing=framing)
        for n, (asset, (alt, framing)) in enumerate(wanted.items())
    )
    return True


def _own_assets(actor: Actor, post: Post, numbers: Sequence[int]) -> None:
    """Raises NotFound for what he may not see, Invalid for another client's."""
    assets = {asset.pk: asset for asset in access.visible(actor, Asset.objects.filter(pk__in=numbers))}
    if any(number not in assets for number in numbers):
        raise NotFound("asset")
    if any(asset.client_id != post.client_id for asset in assets.values()):
        raise Invalid.one("media", _("One of these files belongs to another client."))


@transaction.atomic
def set_link_card(actor: Actor, *, post_id: int, url: str, card: Mapping[str, Any]) -> bool:
    """Keep what was read behind the link. False: the link is another one by now.

    The version stays: nobody typed this, and nobody's typing shall be refused because of it.
    """
    post = access.get(actor, _alive().select_for_update(of=("self",), no_key=True), post_id, can="write")
    if post.link_url != url:
        return False
    post.link_card = dict(card)
    post.save(update_fields=["link_card"])
    approving.look(actor, post)
    return True


@transaction.atomic
def bin_post(actor: Actor, *, post_id: int) -> Post:
    """Put it away. What is scheduled must be cancelled first; what is out stays out."""
    post = access.get(actor, _alive().select_for_update(of=("self",), no_key=True), post_id, can="write")
    if Series.objects.filter(post=post, ended_at__isnull=True).exists():
        raise Invalid.one("", _("It repeats. End the repeats first, then put the post away."))
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
    post = duplicate(actor, old)
    record(actor, "post.copied", post, source=old.pk)
    return post


def duplicate(actor: Actor, old: Post, **extra: Any) -> Post:
    """Another post with all that this one says: texts, communities, files. `extra`: what differs.

    The caller has been let in to the old one and owns the transaction.
    """
    common = {name: getattr(old, name) for name in COMMON - {"planned_at"}}
    made: dict[str, Any] = {
        "workspace": actor.workspace, "client": old.client,
        "created_by": actor.user, "updated_by": actor.user,
    }  # fmt: skip
    post = Post.objects.create(**{**made, **common, **extra})
    for variant in old.variants.all():
        own = {name: getattr(variant, name) for name in OWN - {"planned_at"}}
        Variant.objects.create(post=post, community_id=variant.community_id, **own)
    for item in old.media.all():
        PostMedia.objects.create(
            post=post, asset_id=item.asset_id, position=item.position, alt=item.alt, framing=item.framing
        )
    return post


def alive(actor: Actor, post_id: int) -> Post:
    """A post that may be written to. Raises NotFound, Forbidden."""
    return access.get(actor, _alive(), post_id, can="write")


def _alive() -> QuerySet[Post]:
    return Post.objects.filter(deleted_at__isnull=True).select_related("client", "updated_by")


def _touch(actor: Actor, post: Post) -> None:
    post.version += 1
    post.updated_by, post.updated_at = actor.user, timezone.now()
    post.save(update_fields=["version", "updated_by", "updated_at"])
    approving.look(actor, post)


def _only(fields: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in names}


def _clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as browsers and programs send them, with one kind of line ends and without NUL."""
    found: dict[str, Any] = {
        name: _sound(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    if thread := found.get("own_thread"):
        parts = [_sound(str(part)) for part in thread.get("parts", ())]
        found["own_thread"] = {"parts": parts, "numbered": bool(thread.get("numbered"))} if parts else None
    return found


def _sound(text: str) -> str:
    """PostgreSQL keeps no NUL and no half of a surrogate pair; forms send CRLF where people pressed Enter."""
    whole = text.replace("\r\n", "\n").replace("\x00", "")
    return whole.encode("utf-8", "ignore").decode()


def _must_fit(fields: Mapping[str, Any]) -> None:
    """Longer than any network takes, shorter than what would hurt us."""
    for name, most in LONGEST.items():
        if len(fields.get(name) or "") > most:
            sentence = _("This is longer than %(most)s characters. Shorten it.") % {"most": most}
            raise Invalid.one(name, sentence)
    for name in ("text", "own_text", "first_comment", "own_first_comment"):
        if len(fields.get(name) or "") > LONGEST_TEXT:
            raise Invalid.one(name, _("This is longer than 100,000 characters. No network takes so much."))
    if fields.get("poll"):
        _poll_must_fit(fields["poll"])
    if fields.get("own_thread"):
        _chain_must_fit(fields["own_thread"]["parts"])


def _chain_must_fit(parts: Sequence[str]) -> None:
    if len(parts) > MOST_PARTS - 1:
        sentence = _("A chain has at most %(most)s posts here.") % {"most": MOST_PARTS}
        raise Invalid.one("own_thread", sentence)
    if sum(map(len, parts)) > LONGEST_TEXT:
        raise Invalid.one(
            "own_thread", _("This is longer than 100,000 characters. No network takes so much.")
        )


def _poll_must_fit(poll: Mapping[str, Any]) -> None:
    options = poll.get("options")
    if not isinstance(options, list) or len(options) > 50:
        raise Invalid.one("poll", _("A poll has at most 50 answers here."))
    if any(len(str(words)) > LONGEST_ANSWER for words in [poll.get("question", ""), *options]):
        raise Invalid.one("poll", _("A question or an answer is longer than 5,000 characters. Shorten it."))


def _own_goal(client: Client, goal_id: int | None) -> None:
    if goal_id is not None and not Goal.objects.filter(pk=goal_id, client=client).exists():
        raise Invalid.one("goal", _("This goal belongs to another client."))


def _own_rubric(client: Client, rubric_id: int | None) -> None:
    """One that was put away may stay where it is."""
    if rubric_id is not None and not Rubric.objects.filter(pk=rubric_id, client=client).exists():
        raise Invalid.one("rubric", _("This rubric belongs to another client."))
