"""When the pieces of one source go out: spread over weeks, the main network first. Pure.

People follow a client in several networks; one thing that leaves everywhere at once is met again and again.
So each idea begins at the main place, the second follows 3 hours later at the soonest, each other one a day
after that, and one place never gets two pieces of one source within so many days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

WEEKS: Final = (2, 3, 4)
USUAL_WEEKS: Final = 3
GAP: Final = 2  # days between two pieces of one source in one place
SECOND: Final = timedelta(hours=3)  # after the main place at the earliest
OTHERS: Final = timedelta(days=1)  # and each further one
HOURS: Final = (time(12), time(18))  # on the place's own clock, where it has no slots
_TAIL: Final = timedelta(days=3)  # at the end, left for what follows the last idea


@dataclass(frozen=True, slots=True)
class Wish:
    """One piece that wants a day. `idea`: what is said, the same for all pieces of one fragment."""

    key: int
    idea: Hashable
    community: int
    strength: int = 3


@dataclass(slots=True)
class Ground:
    """Where pieces can be laid. `order`: communities, the main one first; `slots`: free moments, sorted;
    `taken`: days on which pieces of the source stand already; `zones`: the clock of each community.
    """

    order: Sequence[int]
    zones: Mapping[int, str]
    slots: Mapping[int, Sequence[datetime]] = field(default_factory=dict)
    taken: Mapping[int, Iterable[date]] = field(default_factory=dict)


def lay_out(
    wishes: Sequence[Wish], ground: Ground, *, since: datetime, weeks: int = USUAL_WEEKS, gap: int = GAP
) -> dict[int, datetime | None]:
    """Key -> moment (aware, later than `since`), None where these weeks have no room left.

    Strong ideas come first. The same wishes always get the same days.
    """
    until = since + timedelta(weeks=weeks)
    places = {one.community: _moments(one.community, ground, since, until) for one in wishes}
    days = {pk: set(ground.taken.get(pk, ())) for pk in places}
    rank = {pk: n for n, pk in enumerate(ground.order)}
    ideas: dict[Hashable, list[Wish]] = {}
    for wish in sorted(wishes, key=lambda one: (-one.strength, one.key)):
        ideas.setdefault(wish.idea, []).append(wish)
    found: dict[int, datetime | None] = {}
    span = max(until - since - _TAIL, timedelta(days=1))
    for number, several in enumerate(ideas.values()):
        several.sort(key=lambda one: (rank.get(one.community, len(rank)), one.key))
        begin: datetime | None = None
        wanted = since + span * number / len(ideas)
        for turn, wish in enumerate(several):
            zone = ZoneInfo(ground.zones[wish.community])
            earliest = wanted if begin is None else begin + _after(turn)
            lower = since if begin is None else earliest
            at = _pick(places[wish.community], days[wish.community], zone, earliest, lower, gap)
            found[wish.key] = at
            if at is not None:
                places[wish.community].remove(at)
                days[wish.community].add(at.astimezone(zone).date())
                begin = begin or at
    return found


def _after(turn: int) -> timedelta:
    """How long after the main place the n-th one follows at the earliest."""
    return SECOND if turn == 1 else OTHERS * (turn - 1)


def _moments(community: int, ground: Ground, since: datetime, until: datetime) -> list[datetime]:
    """All moments of a place ahead: its free slots, or two usual hours a day where it has no slots at all."""
    if community in ground.slots:
        return sorted(at for at in ground.slots[community] if since < at < until)
    zone = ZoneInfo(ground.zones[community])
    first = since.astimezone(zone).date()
    count = (until.astimezone(zone).date() - first).days + 1
    every = (datetime.combine(first + timedelta(days=n), hour, zone) for n in range(count) for hour in HOURS)
    return sorted(at for at in every if since < at < until)


def _pick(
    moments: Sequence[datetime],
    days: set[date],
    zone: ZoneInfo,
    earliest: datetime,
    lower: datetime,
    gap: int,
) -> datetime | None:
    """The first moment from `earliest` on whose day is far enough from all days; else the last one before it,
    not before `lower`."""
    here = bisect_left(moments, earliest)
    from_here = list(moments[here:]) + [at for at in reversed(moments[:here]) if at >= lower]
    for at in from_here:
        day = at.astimezone(zone).date()
        if all(abs((day - other).days) >= gap for other in days):
            return at
    return None
