"""Figures of the whole desk's engine, all workspaces together: for its keeper and for the monitor.

Nothing here names a client, a post or a person. Every statement reads what is alive or what is new, never
what was finished long ago: the tests look at their plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from niva.domains.publishing.states import State

ATTEMPTS_AT_MOST: Final = 20_000
"""Only so many of the newest attempts are counted: at 5 a second that is still a whole hour."""
STUCK_AFTER: Final = timedelta(seconds=60)
"""A lease that ended so long ago should have been taken up: workers look at least every two seconds."""
IN_TROUBLE: Final = (
    State.UNKNOWN, State.NEEDS_LOGIN, State.REJECTED, State.HELD, State.REMOVED, State.WAITING,
)  # fmt: skip
IN_HAND: Final = (State.QUEUED, State.SENDING, State.ACCEPTED)

# Through the partial indexes over what will wake by itself (delivery_wake), and over what burns or waits
# (delivery_fires): the finished have no part in either. What stands in line for the limit of its network is
# not late by our fault.
DUE: Final = """
select coalesce(extract(epoch from now() - min(wake_at)), 0)::float, count(*) from publishing_delivery
where wake_at is not null and wake_at <= now() and code <> 'its_turn'
"""
AWAKE: Final = "select state, count(*) from publishing_delivery where wake_at is not null group by state"
TROUBLED: Final = """
select state, count(*) from publishing_delivery
where state in ('unknown', 'needs_login', 'rejected', 'held', 'removed', 'waiting') group by state
"""
STANDING: Final = """
select coalesce(extract(epoch from now() - min(wake_at)), 0)::float, count(*),
    count(*) filter (where greatest(wake_at, lease_until) <= now() - %(grace)s::interval
        and lease_until is not null)
from publishing_delivery where wake_at is not null and wake_at <= now() and code <> 'its_turn'
"""
# The scalar question keeps PostgreSQL from reading all deliveries for the sake of a few attempts.
ATTEMPTS: Final = """
select c.network, made.outcome, count(*) from (
    select a.outcome,
        (select d.community_id from publishing_delivery d where d.id = a.delivery_id) as community_id
    from publishing_attempt a where a.id > %s
) made join communities_community c on c.id = made.community_id group by 1, 2 order by 1, 2
"""
AFTER: Final = "select id, started_at from publishing_attempt where id > %s order by id limit 1"
LIMITS: Final = """
select key, full_at, case when blocked_until > now() then blocked_until end from publishing_bucket
where blocked_until > now() or full_at > now() order by 3 desc nulls last, 2 desc limit %s
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """`states`: how many deliveries are in each state that is not an end. `stuck`: held by a worker that
    should have let go. `due` are those whose hour has come and that nobody holds."""

    late_seconds: float
    due: int
    stuck: int
    states: dict[str, int]


@dataclass(frozen=True, slots=True)
class Attempts:
    """How the newest attempts ended: network → outcome → how many, since `since`."""

    since: datetime
    ended: dict[str, dict[str, int]]

    @property
    def total(self) -> int:
        return sum(sum(outcomes.values()) for outcomes in self.ended.values())


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket that is not full. `blocked_until`: the network itself said "too often" until then."""

    key: str
    full_at: datetime
    blocked_until: datetime | None


def queue() -> Queue:
    """What is on its way now."""
    late, due, stuck = standing()
    awake, troubled = dict(_rows(AWAKE)), dict(_rows(TROUBLED))
    states = {state.value: awake.get(state, 0) for state in IN_HAND}
    states |= {state.value: troubled.get(state, 0) for state in IN_TROUBLE}
    return Queue(late, due, stuck, states)


def standing() -> tuple[float, int, int]:
    """(seconds since the oldest due delivery should have been taken up, how many are due, how many of them a
    worker holds past the end of its lease while nobody has taken them up since)."""
    ((late, due, stuck),) = _rows(STANDING, {"grace": STUCK_AFTER})
    return max(late, 0.0), due, stuck


def attempts(since: datetime) -> Attempts:
    """Those begun since then, the newest ATTEMPTS_AT_MOST of them at most; `since` tells from when on."""
    edge, begun = _edge(since)
    ended: dict[str, dict[str, int]] = {}
    for network, outcome, count in _rows(ATTEMPTS, [edge]):
        ended.setdefault(network, {})[outcome] = count
    return Attempts(begun, ended)


def _edge(since: datetime) -> tuple[int, datetime]:
    """The number after which attempts are counted, and the moment it stands for.

    Numbers grow with time, so the place is found by halving: some fifteen looks at the primary key, instead
    of one more index to keep up at every attempt.
    """
    ((first, newest),) = _rows("select coalesce(min(id), 0), coalesce(max(id), 0) from publishing_attempt")
    low = max(newest - ATTEMPTS_AT_MOST, first - 1, 0)
    oldest = _after(low)
    if oldest is None or oldest[1] >= since:
        cut_off = oldest is not None and first <= low
        return low, oldest[1] if oldest and cut_off else since
    high = newest
    while low < high:
        middle = (low + high) // 2
        found = _after(middle)
        if found is not None and found[1] < since:
            low = found[0]
        else:
            high = middle
    return low, since


def _after(number: int) -> tuple[int, datetime] | None:
    rows = _rows(AFTER, [number])
    return rows[0] if rows else None


def limits(most: int = 200) -> list[Limit]:
    """Limits of networks that are in use at this moment, those that a network blocked first."""
    return [Limit(*row) for row in _rows(LIMITS, [most])]


def _rows(sql: str, values: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
