"""The queue of a community: its slots in time, and the posts that the desk has laid into them.

A post takes the next free slot of its rubric (without one: of slots without a rubric). Who queues holds the
communities' rows until it is done, so two people at once get different slots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing import queries
from niva.domains.publishing.foreseen import foreseen
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.queries import Item
from niva.domains.publishing.services import schedule
from niva.domains.publishing.services.freeze import Check
from niva.domains.publishing.states import State
from niva.domains.strategy.models import Rubric
from niva.flows.holes import Hole, lay

WITHIN: Final = timedelta(days=56)  # so far ahead a slot is looked for
GONE: Final = frozenset({State.CANCELLED, State.REMOVED})
# What the queue may shift: it waits for its hour and nothing else.
SHIFTABLE: Final = frozenset({State.QUEUED, State.HELD})


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one community's post would go; `at` None: no slot of its rubric is free."""

    variant: Variant
    at: datetime | None


@dataclass(slots=True)
class Queued:
    """What came of it. `nowhere`: communities without a free slot; `behind`: what a network would refuse."""

    deliveries: list[Delivery] = field(default_factory=list)
    behind: list[Check] = field(default_factory=list)
    nowhere: list[Community] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """One slot of the queue with what stands there. `own`: laid there by the queue, so it may be shifted."""

    hole: Hole
    item: Item | None
    own: bool


def foresee(actor: Actor, post: Post) -> list[Spot]:
    """Where the post would go if it were queued this very moment. A fixed number of queries."""
    waiting = _waiting(post)
    found = _free(actor, [one.community_id for one in waiting], post)
    return [Spot(one, next(iter(found[one.community_id]), None)) for one in waiting]


@transaction.atomic
def put(actor: Actor, *, post_id: int) -> Queued:
    """Lay the post into the next free slot of its rubric, in every community that it still waits for.

    Raises NotFound, Forbidden, and Invalid when no community has a free slot.
    """
    rows = Post.objects.filter(deleted_at__isnull=True).select_related("client", "rubric")
    post = access.get(actor, rows.select_for_update(of=("self",), no_key=True), post_id, can="publish")
    waiting = _waiting(post)
    lock(actor, [one.community_id for one in waiting])
    free = _free(actor, [one.community_id for one in waiting], post)
    hours = {one.pk: free[one.community_id][0] for one in waiting if free[one.community_id]}
    if not hours:
        raise Invalid.one("at", _no_slot(post, waiting))
    first = min(hours.values())
    for variant_id, at in hours.items():
        own = None if at == first else at  # who leaves with the post has no hour of its own
        Variant.objects.filter(pk=variant_id).update(planned_at=own, in_queue=True)
    result = schedule.schedule(actor, post_id=post.pk, at=first, variants=list(hours))
    record(actor, "post.queued", post, deliveries=len(result.deliveries))
    nowhere = [one.community for one in waiting if one.pk not in hours]
    return Queued(result.deliveries, result.behind, nowhere)


def _no_slot(post: Post, waiting: Sequence[Variant]) -> str:
    if not waiting:
        return _("Nothing to send: every community has this post already.")
    if post.rubric is None:
        return _("No slot without a rubric is free in the next eight weeks. Choose a rubric or an hour.")
    return _("No slot of the rubric “%(rubric)s” is free in the next eight weeks. Choose an hour.") % {
        "rubric": post.rubric
    }


def _waiting(post: Post) -> list[Variant]:
    """Communities at work that have no delivery of this post, or only one that was taken back."""
    rows = post.variants.filter(community__archived_at__isnull=True).select_related("community")
    return list(rows.exclude(deliveries__in=Delivery.objects.exclude(state=State.CANCELLED)))


def lock(actor: Actor, community_ids: Iterable[int]) -> None:
    """Who queues into the same community waits here; in the order of ids, so nobody waits in a circle."""
    rows = Community.objects.filter(pk__in=list(community_ids)).order_by("pk")
    list(access.visible(actor, rows).select_for_update(no_key=True))


def _free(actor: Actor, community_ids: Sequence[int], post: Post) -> dict[int, list[datetime]]:
    """Community → moments of its free slots of the post's rubric, the nearest first."""
    found: dict[int, list[datetime]] = {pk: [] for pk in community_ids}
    for place in places(actor, community_ids, without=post.pk):
        if place.item is None and place.hole.rubric == post.rubric:
            found[place.hole.community.pk].append(place.hole.at)
    return found


def places(
    actor: Actor, community_ids: Sequence[int], *, without: int | None = None, within: timedelta = WITHIN
) -> list[Place]:
    """The slots ahead of these communities in time, each with its post. `without`: this post not counted."""
    now = timezone.now()
    rows = Community.objects.filter(pk__in=community_ids).prefetch_related("slots__rubric")
    communities = list(access.visible(actor, rows))
    items: dict[int, list[Item]] = {pk: [] for pk in community_ids}
    for item in _everything(actor, since=now - timedelta(hours=2), until=now + within + timedelta(days=1),
                             community_ids=community_ids):  # fmt: skip
        if item.state not in GONE and item.post_id != without:
            items[item.community_id].append(item)
    in_queue = set(
        Variant.objects.filter(
            pk__in={item.variant_id for several in items.values() for item in several}, in_queue=True
        ).values_list("pk", flat=True)
    )
    found: list[Place] = []
    for community in communities:
        theirs = items[community.pk]
        by_moment = {item.at: item for item in reversed(theirs)}
        today = now.astimezone(ZoneInfo(community.time_zone)).date()
        for slot, at, filler in lay(community, [item.at for item in theirs], today, today + within):
            if at <= now:
                continue
            hole = Hole(community, at, slot.note, slot.rubric)
            there = by_moment[filler] if filler else None
            found.append(Place(hole, there, there is not None and _is_own(there, hole, in_queue)))
    return sorted(found, key=lambda place: (place.hole.at, place.hole.community.pk))


def _everything(
    actor: Actor, *, since: datetime, until: datetime, community_ids: Sequence[int]
) -> list[Item]:
    """The plan with the repeats that are not made yet, in time."""
    found = queries.plan(actor, since=since, until=until, community_ids=community_ids)
    found += foreseen(actor, since=since, until=until, community_ids=community_ids)
    return sorted(found, key=lambda item: (item.at, item.post_id, item.variant_id))


def _is_own(item: Item, hole: Hole, in_queue: set[int]) -> bool:
    return item.at == hole.at and item.variant_id in in_queue and item.state in SHIFTABLE


def lane(found: Iterable[Place], rubric: Rubric | None) -> list[Place]:
    """The places of one rubric that the queue disposes of: those it filled, and the free ones."""
    return [one for one in found if one.hole.rubric == rubric and (one.own or one.item is None)]


def has_gap(places: Sequence[Place]) -> bool:
    """Whether a free slot stands before a queued post."""
    filled = [one.item is not None for one in places]
    return sorted(filled, reverse=True) != filled


@transaction.atomic
def to_front(actor: Actor, *, delivery_id: int) -> Delivery:
    """The first of its rubric's queue; those before it each go one place later."""
    return _turn(actor, delivery_id, to=lambda _here: 0)


@transaction.atomic
def swap(actor: Actor, *, delivery_id: int, by: int) -> Delivery:
    """Change places with the one before (-1) or after it (+1) in its rubric's queue."""
    return _turn(actor, delivery_id, to=lambda here: here + by, pair=True)


def _turn(actor: Actor, delivery_id: int, *, to: Callable[[int], int], pair: bool = False) -> Delivery:
    rows = Delivery.objects.select_related("community", "post")
    delivery = access.get(actor, rows, delivery_id, can="publish")
    lock(actor, [delivery.community_id])
    found = places(actor, [delivery.community_id])
    rubric = next((one.hole.rubric for one in found if _holds(one, delivery)), None)
    line = [one for one in lane(found, rubric) if one.item is not None]
    here = next((n for n, one in enumerate(line) if _holds(one, delivery)), None)
    if here is None:
        raise Invalid.one("", _("It does not stand in the queue any more. Reload the page."))
    there = to(here)
    if not 0 <= there < len(line) or there == here:
        return delivery
    order = list(line)
    if pair:
        order[here], order[there] = order[there], order[here]
    else:
        order.insert(there, order.pop(here))
    _assign(actor, order, [one.hole.at for one in line])
    record(actor, "queue.reordered", delivery)
    return delivery


def _holds(place: Place, delivery: Delivery) -> bool:
    return place.own and place.item is not None and place.item.delivery_id == delivery.pk


@transaction.atomic
def close_up(actor: Actor, *, community_id: int, rubric_id: int | None) -> int:
    """Every queued post of a rubric goes to the earliest place that is free for it, in the same order.

    Returns how many moved. Raises NotFound, Forbidden.
    """
    community = access.get(actor, Community.objects.all(), community_id, can="publish")
    lock(actor, [community.pk])
    found = places(actor, [community.pk])
    rubric = next((one.hole.rubric for one in found if one.hole.rubric_id == rubric_id), None)
    line = lane(found, rubric) if rubric is not None or rubric_id is None else []
    order = [one for one in line if one.item is not None]
    moved = _assign(actor, order, [one.hole.at for one in line[: len(order)]])
    if moved:
        record(actor, "queue.closed_up", community, moved=moved)
    return moved


def _assign(actor: Actor, order: Sequence[Place], moments: Sequence[datetime]) -> int:
    """Give the posts these moments, one by one. Returns how many moved."""
    moved = 0
    for place, at in zip(order, moments, strict=True):
        if place.item is not None and place.item.at != at and place.item.delivery_id is not None:
            schedule.reschedule(actor, delivery_id=place.item.delivery_id, at=at)
            moved += 1
    return moved
