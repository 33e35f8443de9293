"""What a post says, as one fingerprint; and one post made to read like another."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils import timezone

from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Post, PostMedia, Variant
from niva.domains.publishing.services.drafts import COMMON, OWN

# The hour is no part of what is said; the card of a link is read by the desk, not typed.
_SAID = sorted(COMMON - {"planned_at", "link_card"})
_OWN_SAID = sorted(OWN - {"planned_at"})


def print_of(post: Post) -> str:
    """Equal for posts that say the same in the same communities, whatever their hours (SHA-256, hex)."""
    said = {
        "common": [getattr(post, name) for name in _SAID],
        "variants": sorted(
            [one.community_id, [getattr(one, name) for name in _OWN_SAID]] for one in post.variants.all()
        ),
        "media": [_file_said(item) for item in post.media.all()],
    }
    written = json.dumps(said, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def _file_said(item: PostMedia) -> list[Any]:
    """The framing only where there is one, so that prints of before stay what they were."""
    return [item.asset_id, item.alt, *([item.framing] if item.framing else ())]


def pour(actor: Actor, post: Post, pattern: Post) -> list[Variant]:
    """Make the post say what the pattern says. Its row is locked by the caller; hours stay as they are.

    Returns variants of communities that the pattern has no more: the caller takes their deliveries back.
    """
    for name in COMMON - {"planned_at"}:
        setattr(post, name, getattr(pattern, name))
    post.version += 1
    post.updated_by, post.updated_at = actor.user, timezone.now()
    post.save()
    present = {one.community_id: one for one in post.variants.all()}
    for theirs in pattern.variants.all():
        mine = present.pop(theirs.community_id, None) or Variant(post=post, community_id=theirs.community_id)
        for name in OWN - {"planned_at"}:
            setattr(mine, name, getattr(theirs, name))
        mine.save()
    post.media.all().delete()
    PostMedia.objects.bulk_create(
        PostMedia(
            post=post, asset_id=item.asset_id, position=item.position, alt=item.alt, framing=item.framing
        )
        for item in pattern.media.all()
    )
    return list(present.values())
