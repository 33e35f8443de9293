"""What works in a client's posts: forms, rubrics, lengths, links, hours and days, weighed together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.core.cache import cache

from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.flows.weighed import best_known, posts_of

if TYPE_CHECKING:
    from niva.numbers.factors import Works

_KEPT: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Found:
    """`word`: by what; `left_out`: posts not weighed, by reason; `total`: posts there are."""

    word: str
    works: Works
    left_out: dict[str, int]
    total: int


def ask(actor: Actor, client: Client, community: Community | None, wanted: str, *, paid: bool) -> Found:
    """Organic posts, or the paid ones alone: they are never compared with one another."""
    word, rows = best_known(actor, client.pk, (community.pk,) if community else (), wanted)
    key = f"works:{word}:{paid}:{hashlib.sha256(repr(rows).encode()).hexdigest()[:32]}"
    found: Found | None = cache.get(key)
    if found is None:
        from niva.numbers.factors import weigh
        from niva.numbers.levels import usable

        used, left_out = usable(posts_of(rows, times=True), paid=paid)
        found = Found(word, weigh(used), left_out, len(rows))
        cache.set(key, found, _KEPT)
    return found
