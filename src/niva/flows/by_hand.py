"""Keeping a community by hand, and back: what had waited for keys becomes a task for people at once."""

from __future__ import annotations

from django.db import transaction

from niva.domains.communities import services
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.publishing.services.schedule import resume_after_login


@transaction.atomic
def switch(*, actor: Actor, community_id: int, on: bool, url: str = "") -> tuple[Community, int]:
    """Returns the community and how many posts that had waited for a sign-in are on their way to people now.

    Raises NotFound, Forbidden, Invalid.
    """
    community = services.keep_by_hand(actor=actor, community_id=community_id, on=on, url=url)
    resumed, _left = resume_after_login(community.pk) if on else (0, 0)
    return community, resumed
