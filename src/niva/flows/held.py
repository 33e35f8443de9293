"""Many held posts at once: a desk that was off for a night, or a client who was stopped, leaves dozens.

Each post is decided by itself: one that cannot be (somebody was quicker) stops none of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing import queries
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.queries import Item
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows.holes import find_holes

SLOTS_AHEAD: Final = timedelta(days=14)
HOURS_AHEAD: Final = timedelta(days=60)
# Without slots: on the hour, when people are awake, half an hour from anything else.
AWAKE: Final = range(9, 21)
APART: Final = timedelta(minutes=30)
MOST: Final = 500  # posts of one decision; more than that nobody has looked at


@dataclass(slots=True)
class Decided:
    """`done`: how many; `refused`: sentences, each once, of those that could not be decided so."""

    done: int = 0
    refused: list[str] = field(default_factory=list)


def publish_now(actor: Actor, *, deliveries: Sequence[int]) -> Decided:
    """All of them leave now, in the order of their hours."""
    return _each(deliveries, lambda pk: schedule.reschedule(actor, delivery_id=pk, at=None))


def cancel(actor: Actor, *, deliveries: Sequence[int]) -> Decided:
    """None of them leaves."""
    return _each(deliveries, lambda pk: schedule.cancel(actor, delivery_id=pk))


def spread(actor: Actor, *, deliveries: Sequence[int]) -> Decided:
    """Over the free slots and hours of their communities, see `proposed`."""
    hours = proposed(actor, deliveries=deliveries)
    return _each(
        [pk for pk in deliveries if pk in hours],
        lambda pk: schedule.reschedule(actor, delivery_id=pk, at=hours[pk]),
    )


def _each(deliveries: Iterable[int], act: Callable[[int], object]) -> Decided:
    decided = Decided()
    for pk in deliveries:
        try:
            with transaction.atomic():
                act(pk)
        except Invalid as error:
            said = error.sentences
            decided.refused += [sentence for sentence in said if sentence not in decided.refused]
        else:
            decided.done += 1
    return decided


def proposed(actor: Actor, *, deliveries: Sequence[int]) -> dict[int, datetime]:
    """A new hour for each held delivery: the free slots of its community in two weeks, then free hours.

    Within a community the order of the old hours is kept. A delivery that is not held gets none.
    """
    rows = access.visible(actor, Delivery.objects.filter(pk__in=list(deliveries), state=State.HELD))
    by_community: dict[int, list[Delivery]] = {}
    for delivery in rows.order_by("due_at", "pk"):
        by_community.setdefault(delivery.community_id, []).append(delivery)
    now = timezone.now()
    items = [
        item
        for item in queries.plan(
            actor, since=now - APART, until=now + HOURS_AHEAD, community_ids=by_community
        )
        if item.delivery_id not in set(deliveries)
    ]
    communities = access.visible(actor, Community.objects.filter(pk__in=by_community))
    hours: dict[int, datetime] = {}
    for community in communities.prefetch_related("slots__rubric"):
        several = by_community[community.pk]
        moments = free_moments(community, items, count=len(several), now=now)
        hours |= {one.pk: at for one, at in zip(several, moments, strict=False)}
    return hours


def free_moments(community: Community, items: Sequence[Item], *, count: int, now: datetime) -> list[datetime]:
    """So many free moments of a community, the earliest first: its slots, and where they end, whole hours."""
    today = now.astimezone(ZoneInfo(community.time_zone)).date()
    last = today + SLOTS_AHEAD
    found = [hole.at for hole in find_holes([community], items, first=today, last=last, now=now)][:count]
    taken = [item.at for item in items if item.community_id == community.pk] + found
    hour = now.replace(minute=0, second=0, microsecond=0)
    while len(found) < count and hour < now + HOURS_AHEAD:
        hour += timedelta(hours=1)
        awake = hour.astimezone(ZoneInfo(community.time_zone)).hour in AWAKE
        if awake and all(abs(hour - one) >= APART for one in taken):
            found.append(hour)
    return sorted(found)
