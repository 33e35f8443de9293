"""Reads that only the one who writes needs."""

from __future__ import annotations

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.models import User
from niva.domains.publishing.models import Post


def untouched_draft(actor: Actor, *, client_id: int) -> Post | None:
    """A draft that this person began for this client and never wrote anything into."""
    if not isinstance(actor.user, User):
        return None
    rows = Post.objects.filter(
        client_id=client_id, created_by=actor.user, deleted_at__isnull=True, title="", text="",
        rubric__isnull=True, link_url="", first_comment="", poll__isnull=True, media__isnull=True,
        goal__isnull=True, deliveries__isnull=True,
    ).exclude(variants__own_text__isnull=False)  # fmt: skip
    return access.visible(actor, rows).order_by("-id").first()
