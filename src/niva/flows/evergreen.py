"""Free slots filled with evergreen posts: of a rubric the one that rested longest, never too soon again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.repeating import Evergreen
from niva.domains.publishing.services import schedule
from niva.domains.publishing.services.drafts import duplicate
from niva.domains.publishing.services.gate import NotApproved
from niva.domains.publishing.states import State
from niva.domains.strategy.models import Rubric
from niva.flows import queue

AHEAD: Final = timedelta(days=14)  # so far ahead a press fills the holes
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_GONE: Final = (State.CANCELLED, State.REMOVED)


@dataclass(frozen=True, slots=True)
class Resting:
    """An evergreen on one community: when it was there last (or is due to be), and how often."""

    evergreen: Evergreen
    last: datetime
    times: int

    def may_go(self, at: datetime, zone: str) -> bool:
        """Whether it has rested, is still valid and has not been used up by that moment."""
        terms = self.evergreen
        if terms.valid_until is not None and at.astimezone(ZoneInfo(zone)).date() > terms.valid_until:
            return False
        if terms.most_times is not None and self.times >= terms.most_times:
            return False
        return at - self.last >= timedelta(days=terms.rest_days)


def pool(actor: Actor, community: Community, rubric: Rubric | None) -> list[Resting]:
    """The evergreens of a rubric for one community, the longest rested first. Two queries."""
    rows = access.visible(actor, Evergreen.objects.filter(client_id=community.client_id))
    rows = rows.filter(
        post__deleted_at__isnull=True, post__rubric=rubric, post__variants__community=community
    ).select_related("post")
    kept = {one.post_id: one for one in rows}
    used: dict[int, list[datetime]] = {pk: [] for pk in kept}
    uses = (
        access.visible(actor, Delivery.objects.filter(community=community))
        .filter(Q(post__in=kept) | Q(post__again_of__in=kept))
        .exclude(state__in=_GONE)
        .values_list("post_id", "post__again_of", "due_at")
    )
    for post_id, again_of, due in uses:
        used[again_of if again_of in used else post_id].append(due)
    found = [Resting(one, max(used[pk], default=NEVER), len(used[pk])) for pk, one in kept.items()]
    return sorted(found, key=lambda one: (one.last, one.evergreen.pk))


def rested(actor: Actor, *, community_id: int, rubric: Rubric | None) -> int:
    """How many evergreens of a rubric might be laid into the coming holes."""
    community = access.get(actor, Community.objects.all(), community_id)
    by = timezone.now() + AHEAD
    return sum(one.may_go(by, community.time_zone) for one in pool(actor, community, rubric))


@transaction.atomic
def fill(actor: Actor, *, community_id: int, rubric_id: int | None) -> int:
    """Lay evergreens into the free slots of a rubric in the next two weeks. Returns how many were laid.

    Each use is a post of its own, a copy for this community, so numbers and texts of one time are never those
    of another. Raises NotFound, Forbidden.
    """
    community = access.get(actor, Community.objects.all(), community_id, can="publish")
    queue.lock(actor, [community.pk])
    places = [
        one for one in queue.places(actor, [community.pk], within=AHEAD) if one.hole.rubric_id == rubric_id
    ]
    if not places:
        return 0
    resting = pool(actor, community, places[0].hole.rubric)
    laid = 0
    for place in places:
        if place.item is not None:
            continue
        chosen = _next(resting, place.hole.at, community.time_zone)
        if chosen is None:
            continue
        resting.remove(chosen)
        if _lay(actor, chosen.evergreen.post, community, place.hole.at):
            laid += 1
            resting.append(Resting(chosen.evergreen, place.hole.at, chosen.times + 1))
    if laid:
        record(actor, "queue.filled", community, laid=laid)
    return laid


def _next(resting: Iterable[Resting], at: datetime, zone: str) -> Resting | None:
    return next((one for one in resting if one.may_go(at, zone)), None)


def _lay(actor: Actor, post: Post, community: Community, at: datetime) -> bool:
    """A copy of the evergreen for one community, in the queue. False when the network would refuse it, or the
    client has not approved the evergreen as it reads."""
    copy = duplicate(actor, post, again_of=post)
    copy.variants.exclude(community=community).delete()
    Variant.objects.filter(post=copy).update(planned_at=at, in_queue=True)
    try:
        laid = bool(schedule.schedule(actor, post_id=copy.pk, at=at).deliveries)
    except NotApproved:
        laid = False
    if not laid:
        copy.delete()
    return laid
