"""Holes in the plan: slots of a community to which nothing is planned."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from niva.domains.communities.models import Community
from niva.domains.publishing.queries import Item
from niva.domains.publishing.states import State
from niva.kit.local_time import days, nearest

# A post this near to a slot is the post of that slot.
NEAR: Final = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Hole:
    """A free slot. `at`: aware, in UTC; `note`: what usually goes there."""

    community: Community
    at: datetime
    note: str


def find_holes(
    communities: Iterable[Community], items: Sequence[Item], *, first: date, last: date, now: datetime
) -> list[Hole]:
    """Slots between two days (both included, in each community's own zone) that nothing fills, still ahead.

    `communities` have their slots prefetched. One item fills one slot: the nearest within `NEAR`.
    """
    taken: dict[int, list[datetime]] = {}
    for item in items:
        if item.state not in (State.CANCELLED, State.REMOVED):
            taken.setdefault(item.community_id, []).append(item.at)
    holes: list[Hole] = []
    for community in communities:
        holes += _of(community, sorted(taken.get(community.pk, [])), first, last, now)
    return sorted(holes, key=lambda hole: (hole.at, hole.community.pk))


def _of(community: Community, taken: list[datetime], first: date, last: date, now: datetime) -> list[Hole]:
    slots = list(community.slots.all())
    if not slots:
        return []
    free = list(taken)
    found = []
    for day in days(first, last):
        for slot in slots:
            if slot.weekday != day.weekday():
                continue
            at = _moment(day, slot.at, community.time_zone)
            filler = _nearest(free, at)
            if filler is not None and abs(free[filler] - at) <= NEAR:
                del free[filler]
            elif at > now:
                found.append(Hole(community, at, slot.note))
    return found


# Communities of one workspace share their hours: the month of thirty asks for the same few hundred moments.
_moment = lru_cache(maxsize=8192)(nearest)


def _nearest(moments: Sequence[datetime], at: datetime) -> int | None:
    """Where the nearest of the sorted moments stands; of two as near the earlier one."""
    after = bisect_left(moments, at)
    beside = range(max(after - 1, 0), min(after + 1, len(moments)))
    return min(beside, key=lambda n: abs(moments[n] - at), default=None)


def next_free_slot(
    community: Community, items: Sequence[Item], *, now: datetime, within: int = 28
) -> datetime | None:
    """The nearest free slot of a community in so many days ahead, None where it has no slots or no room."""
    today = now.astimezone(ZoneInfo(community.time_zone)).date()
    holes = find_holes([community], items, first=today, last=today + timedelta(days=within), now=now)
    return holes[0].at if holes else None
