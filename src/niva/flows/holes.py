"""Holes in the plan: slots of a community to which nothing is planned."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from niva.domains.communities.models import Community, Slot
from niva.domains.publishing.queries import Item
from niva.domains.publishing.states import State
from niva.domains.strategy.models import Rubric
from niva.kit.local_time import days, nearest

# A post this near to a slot is the post of that slot.
NEAR: Final = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Hole:
    """A free slot. `at`: aware, in UTC; `note`: what usually goes there; `rubric`: only posts of it."""

    community: Community
    at: datetime
    note: str
    rubric: Rubric | None = None

    @property
    def rubric_id(self) -> int | None:
        return self.rubric.pk if self.rubric else None


def find_holes(
    communities: Iterable[Community], items: Sequence[Item], *, first: date, last: date, now: datetime
) -> list[Hole]:
    """Slots between two days (both included, in each community's own zone) that nothing fills, still ahead.

    `communities` have their slots with rubrics prefetched. One item fills one slot: the nearest in `NEAR`.
    """
    taken: dict[int, list[datetime]] = {}
    for item in items:
        if item.state not in (State.CANCELLED, State.REMOVED):
            taken.setdefault(item.community_id, []).append(item.at)
    holes: list[Hole] = []
    for community in communities:
        filled = sorted(taken.get(community.pk, []))
        for slot, at, filler in lay(community, filled, first, last):
            if filler is None and at > now:
                holes.append(Hole(community, at, slot.note, slot.rubric))
    return sorted(holes, key=lambda hole: (hole.at, hole.community.pk))


def lay(
    community: Community, taken: Sequence[datetime], first: date, last: date
) -> list[tuple[Slot, datetime, datetime | None]]:
    """Every slot between two days, in time: its moment, and which moment of `taken` (sorted) fills it."""
    slots = list(community.slots.all())
    if not slots:
        return []
    free = list(taken)
    found: list[tuple[Slot, datetime, datetime | None]] = []
    for day in days(first, last):
        for slot in slots:
            if slot.weekday != day.weekday():
                continue
            at = _moment(day, slot.at, community.time_zone)
            near = _nearest(free, at)
            filled = near is not None and abs(free[near] - at) <= NEAR
            found.append((slot, at, free.pop(near) if filled and near is not None else None))
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
