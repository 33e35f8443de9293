"""What stands in the shown days: items, holes, and what is wrong between them. Facts only, no words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from django.utils import timezone

from niva.domains.people.actor import Actor
from niva.domains.publishing import queries
from niva.domains.publishing.foreseen import foreseen
from niva.domains.publishing.queries import DRAFT, Item
from niva.domains.publishing.states import FIRES, OUT, State
from niva.domains.strategy.calendar import own_events, settings_of
from niva.domains.strategy.events import Happening, PlanSettings, between
from niva.flows.alike import equal_in_plan
from niva.flows.foretell import Ending, endings
from niva.flows.holes import NEAR, Hole, find_holes
from niva.kit.local_time import day_bounds
from niva.web.plan.wish import Wish

T = TypeVar("T")
FATES: Final = ("out", "ahead", "missed", "cancelled")  # the best first
_AHEAD, _MISSED = 1, 2
# Two posts of one community nearer than this push each other out of people's feeds.
CROWD: Final = timedelta(minutes=30)
# What will not be seen, so it neither crowds others nor counts for the contract.
GONE: Final = frozenset({State.CANCELLED, State.REMOVED})
_FATE_OF: Final[dict[str, int]] = {**dict.fromkeys(OUT, 0), **dict.fromkeys(GONE, 3)}


@dataclass(slots=True)
class Facts:
    """`items` and `holes` by day of the view's zone; `crowded`: item -> minutes to its nearest neighbour;
    `ends`: community -> when it can no longer publish; `equal`: delivery -> when its community gets the same
    text; `happenings`: the year's events that the client's plan shows; `free_share`: percent of its slots
    that stay free (both only where one client is looked at).
    """

    now: datetime
    first: date
    last: date
    items: dict[date, list[Item]] = field(default_factory=dict)
    holes: dict[date, list[Hole]] = field(default_factory=dict)
    crowded: dict[tuple[int, int | None], int] = field(default_factory=dict)
    equal: Mapping[int, datetime] = field(default_factory=dict)
    ends: dict[int, Ending] = field(default_factory=dict)
    happenings: dict[date, list[Happening]] = field(default_factory=dict)
    free_share: int | None = None

    def within(self, first: date, last: date) -> tuple[list[Item], list[Hole]]:
        """Items and holes of these days, both included."""
        items = [item for day, several in self.items.items() if first <= day <= last for item in several]
        holes = [hole for day, several in self.holes.items() if first <= day <= last for hole in several]
        return items, holes


@dataclass(frozen=True, slots=True)
class Count:
    """How many posts (not items: a post in three communities is one): out, still ahead, burning among them,
    missed (a draft whose hour has passed), cancelled; and holes."""

    out: int = 0
    ahead: int = 0
    burning: int = 0
    missed: int = 0
    cancelled: int = 0
    holes: int = 0

    @property
    def placed(self) -> int:
        return self.out + self.ahead


def gather(actor: Actor, wish: Wish) -> Facts:
    """All of the shown days, in as many queries as `plan` makes."""
    place = ZoneInfo(wish.zone)
    now = timezone.now().astimezone(place)
    first, last = wish.days
    since, until = day_bounds(first, last, wish.zone)
    shown: dict[str, Any] = {
        "client_id": wish.client.pk if wish.client else None,
        "community_ids": wish.chosen or None,
    }
    items = queries.plan(actor, since=since - NEAR, until=until + NEAR, **shown)
    # Repeats that are not made yet fill slots and crowd others like everything else.
    items += foreseen(actor, since=since - NEAR, until=until + NEAR, **shown)
    items.sort(key=lambda item: (item.at, item.post_id, item.variant_id))
    # The communities' own days may begin up to a day earlier or later than the view's.
    around = timedelta(days=1)
    holes = find_holes(wish.mine, items, first=first - around, last=last + around, now=now)
    chosen = settings_of(wish.client) if wish.client else None
    return Facts(
        now=now,
        first=first,
        last=last,
        items=_by_day(((one.at, one) for one in items if since <= one.at < until), place),
        holes=_by_day(((one.at, one) for one in holes if since <= one.at < until), place),
        crowded=_crowded(items),
        equal=equal_in_plan(actor, since=since, until=until, **shown),
        ends=endings(actor, now),
        happenings=_happenings(actor, wish, chosen) if chosen and wish.events else {},
        free_share=chosen.free_share if chosen else None,
    )


def _happenings(actor: Actor, wish: Wish, chosen: PlanSettings) -> dict[date, list[Happening]]:
    found: dict[date, list[Happening]] = {}
    own = own_events(actor, chosen.client)
    for one in between(*wish.days, kinds=chosen.kinds, hidden=chosen.hidden, own=own):
        found.setdefault(one.day, []).append(one)
    return found


def _by_day(timed: Iterable[tuple[datetime, T]], place: ZoneInfo) -> dict[date, list[T]]:
    days: dict[date, list[T]] = {}
    for at, one in timed:
        days.setdefault(at.astimezone(place).date(), []).append(one)
    return days


def _crowded(items: Sequence[Item]) -> dict[tuple[int, int | None], int]:
    """Items that may still be moved and stand too near to another of the same community."""
    by_community: dict[int, list[Item]] = {}
    for item in items:
        if item.state not in GONE:
            by_community.setdefault(item.community_id, []).append(item)
    found: dict[tuple[int, int | None], int] = {}
    for several in by_community.values():
        for one, other in pairwise(several):
            gap = other.at - one.at
            if gap >= CROWD:
                continue
            minutes = int(gap.total_seconds() // 60)
            for item in (one, other):
                if item.state not in OUT:
                    key = (item.variant_id, item.delivery_id)
                    found[key] = min(minutes, found.get(key, minutes))
    return found


def burns(item: Item) -> bool:
    """Whether a person must act (and has not said «let it be»)."""
    taken_down = item.state == State.REMOVED and item.code == "taken_down"
    return item.state in FIRES and not item.settled and not taken_down


def missed(item: Item, now: datetime) -> bool:
    """A draft whose hour has passed: it did not go out."""
    return item.state == DRAFT and item.at <= now


def count(items: Iterable[Item], holes: Sequence[Hole], now: datetime) -> Count:
    """Posts by what has become of them; the best fate of a post's communities is the post's."""
    best: dict[int, int] = {}  # post -> place in FATES: plain numbers, because a month has thousands
    fires: set[int] = set()
    for item in items:
        fate = _FATE_OF.get(item.state, _AHEAD)
        if item.state == DRAFT and item.at <= now:
            fate = _MISSED
        if fate < best.get(item.post_id, len(FATES)):
            best[item.post_id] = fate
        if item.state in FIRES and burns(item):
            fires.add(item.post_id)
    tally = Counter(best.values())
    return Count(
        **{name: tally[place] for place, name in enumerate(FATES)}, burning=len(fires), holes=len(holes)
    )
