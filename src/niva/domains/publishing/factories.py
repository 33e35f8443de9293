"""Makers of posts with sensible defaults, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from niva.domains.communities.models import Community
from niva.domains.publishing.models import Post, Variant


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
