"""What a person must know this morning: what burns, goes out, waits for him; where the plan is empty.

Facts only; `niva.web.today` puts them into words and gives each its one button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from niva.domains.advice.models import Advice, AdviceKind
from niva.domains.advice.queries import unjudged
from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.condition.queries import Alarm, alarms
from niva.domains.people.actor import Actor
from niva.domains.people.keeper import is_keeper
from niva.domains.publishing import queries
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.queries import DRAFT, HeldGroup, Item
from niva.domains.publishing.states import FIRES, State
from niva.flows.foretell import Foretold, foretell
from niva.flows.health import Standing, standing_still
from niva.flows.holes import Hole, find_holes
from niva.flows.office_day import Office, office
from niva.kit.local_time import day_bounds

AHEAD_DAYS: Final = 7
MOST_FIRES: Final = 50
DRAFT_SOON: Final = timedelta(hours=48)
UNUSUAL_FOR: Final = timedelta(days=7)  # later it is no news of the morning; it stays on its page


@dataclass(frozen=True, slots=True)
class Group:
    """One post with everything of it that is alike: its items of one state at one hour."""

    items: Sequence[Item]

    @property
    def first(self) -> Item:
        return self.items[0]

    @property
    def networks(self) -> list[str]:
        return list(dict.fromkeys(item.network for item in self.items))


@dataclass(slots=True)
class Today:
    """`now` in the person's own zone. `late_keys`: communities that can soon publish no more, `dying_keys`:
    within a day, with planned posts.

    `stopped`: clients of whom nothing goes out; `held`: several posts that wait for one word (a single one
    is among the fires); `may_publish`: clients at which this person decides. `by_hand`: what people are to
    publish themselves now, `by_hand_late`: and should have half an hour ago.
    """

    now: datetime
    fires: list[Delivery] = field(default_factory=list)
    stopped: list[Client] = field(default_factory=list)
    held: list[HeldGroup] = field(default_factory=list)
    by_hand: list[Delivery] = field(default_factory=list)
    by_hand_late: list[Delivery] = field(default_factory=list)
    may_publish: frozenset[int] = frozenset()
    going_out: list[Group] = field(default_factory=list)
    drafts: list[Group] = field(default_factory=list)
    late_keys: list[Foretold] = field(default_factory=list)
    dying_keys: list[Foretold] = field(default_factory=list)
    conditions: list[Alarm] = field(default_factory=list)
    unusual: list[Advice] = field(default_factory=list)  # alarms of these days that nobody has judged
    holes: list[Hole] = field(default_factory=list)
    on_time: tuple[int, int] = (0, 0)
    office: Office = field(default_factory=Office)
    standing: Standing | None = None  # for the keeper alone: what of the engine stands still

    @property
    def burning(self) -> int:
        lines = len(self.fires) + len(self.stopped) + len(self.held) + len(self.by_hand_late)
        return lines + len(self.dying_keys) + bool(self.standing)

    @property
    def count(self) -> int:
        waiting = len(self.by_hand) + len(self.drafts) + len(self.late_keys)
        return self.burning + len(self.going_out) + waiting + len(self.holes)


def today(actor: Actor, *, zone: str) -> Today:
    """The facts for one person, in a bounded number of queries."""
    now = timezone.now().astimezone(ZoneInfo(zone))
    start, _ = day_bounds(now.date(), now.date(), zone)
    _, end = day_bounds(now.date(), now.date() + timedelta(days=AHEAD_DAYS), zone)
    items = queries.plan(actor, since=start - timedelta(hours=12), until=end + timedelta(hours=12))
    tonight = day_bounds(now.date(), now.date(), zone)[1]
    going = [item for item in items if start <= item.at < tonight and item.state not in _NOT_GOING]
    drafts = [item for item in items if item.state == DRAFT and now < item.at < now + DRAFT_SOON]
    groups = [one for one in queries.held_groups(actor) if one.code != "client_stopped"]
    fires = list(queries.fires(actor).exclude(state=State.HELD)[:MOST_FIRES])
    fires += queries.held(actor).filter(pk__in=[one.only for one in groups if one.only])
    stopped = list(clients.stopped(actor))
    ends = foretell(actor, now)
    tasks = list(queries.by_hand(actor)[:MOST_FIRES])
    late = [one for one in tasks if one.due_at < now - queries.BY_HAND_LATE]
    return Today(
        now=now,
        fires=sorted(fires, key=lambda one: (one.due_at, one.pk)),
        stopped=stopped,
        held=[one for one in groups if one.only is None],
        by_hand=[one for one in tasks if one not in late],
        by_hand_late=late,
        may_publish=frozenset(
            pk
            for pk in {row.client_id for row in fires} | {one.pk for one in stopped}
            if access.may(actor, "publish", client_id=pk)
        ),
        going_out=_grouped(going),
        drafts=_grouped(drafts),
        late_keys=[one for one in ends if not _dies(one, now)],
        dying_keys=[one for one in ends if _dies(one, now)],
        conditions=[
            one for one in alarms(actor) if access.may(actor, "write", client_id=one.community.client_id)
        ],
        unusual=unjudged(actor, kind=AdviceKind.ALARM, since=now - UNUSUAL_FOR),
        holes=_holes(actor, items, now),
        on_time=queries.on_time(actor, since=now - timedelta(days=7)),
        office=office(actor, now),
        standing=(standing_still() or None) if is_keeper(actor) else None,
    )


_NOT_GOING: Final = FIRES | {State.CANCELLED, DRAFT}


def _grouped(items: Sequence[Item]) -> list[Group]:
    """Variants of one post at one hour and in one state make one line."""
    groups: dict[tuple[int, datetime, str], list[Item]] = {}
    for item in items:
        groups.setdefault((item.post_id, item.at, item.state), []).append(item)
    return [Group(several) for several in groups.values()]


def _dies(one: Foretold, now: datetime) -> bool:
    return bool(one.posts) and one.ending.why != "needs_login" and one.urgency(now) == "burns"


def _holes(actor: Actor, items: Sequence[Item], now: datetime) -> list[Hole]:
    communities = (
        access.visible(actor, Community.objects.filter(archived_at__isnull=True, slots__isnull=False))
        .distinct()
        .select_related("client")
        .prefetch_related("slots__rubric")
    )
    last = now.date() + timedelta(days=AHEAD_DAYS)
    until = now + timedelta(days=AHEAD_DAYS)
    found = find_holes(communities, items, first=now.date(), last=last, now=now)
    return [hole for hole in found if hole.at <= until]
