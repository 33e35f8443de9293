"""Makers of posts with sensible defaults, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from niva.domains.communities.models import Community
from niva.domains.publishing.models import Delivery, Post, Publication, Revision, Variant
from niva.domains.publishing.states import State

_serial = itertools.count(1)


def make_post(*communities: Community, text: str = "Рёбрышки к выходным", **extra: Any) -> Post:
    """A draft for these communities (at least one; they share a client)."""
    client = communities[0].client
    post = Post.objects.create(client=client, workspace_id=client.workspace_id, text=text, **extra)
    for community in communities:
        Variant.objects.create(post=post, community=community)
    return post


def planned(post: Post, at: datetime) -> Post:
    """The same post with its hour, not scheduled yet."""
    post.planned_at = at
    post.save(update_fields=["planned_at"])
    return post


def make_publication(community: Community, *, published_at: datetime, **extra: Any) -> Publication:
    """A post that went out to this community at that moment. `extra`: fields of the post."""
    post = make_post(community, **extra)
    variant = post.variants.get()
    content = {"text": post.text, "media": []}
    revision = Revision.objects.create(variant=variant, number=1, content=content, sha256="0" * 64)
    whose = {"workspace_id": post.workspace_id, "client_id": post.client_id, "community": community,
             "post": post, "revision": revision}  # fmt: skip
    delivery = Delivery.objects.create(variant=variant, due_at=published_at, state=State.PUBLISHED, **whose)
    return Publication.objects.create(
        delivery=delivery, remote_id=f"made-{next(_serial)}", published_at=published_at, **whose
    )
