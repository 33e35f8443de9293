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
"""A lease that ended so long ago should have been taken up: the sweep comes every half minute."""
IN_TROUBLE: Final = (
    State.UNKNOWN, State.NEEDS_LOGIN, State.REJECTED, State.HELD, State.REMOVED, State.WAITING,
)  # fmt: skip
IN_HAND: Final = (State.QUEUED, State.SENDING, State.ACCEPTED)

# Through the partial indexes over what will wake by itself (delivery_wake), and over what burns or waits
# (delivery_fires): the finished have no part in either.
DUE: Final = """
select coalesce(extract(epoch from now() - min(wake_at)), 0)::float, count(*) from publishing_delivery
where wake_at is not null and wake_at <= now()
"""
AWAKE: Final = "select state, count(*) from publishing_delivery where wake_at is not null group by state"
TROUBLED: Final = """
select state, count(*) from publishing_delivery
where state in ('unknown', 'needs_login', 'rejected', 'held', 'removed', 'waiting') group by state
"""
STUCK: Final = """
select count(*) from publishing_delivery
where wake_at is not null and wake_at <= now() - %s::interval and lease_until <= now() - %s::interval
"""
# The scalar question keeps PostgreSQL from reading all deliveries for the sake of a few attempts.
ATTEMPTS: Final = """
select c.network, made.outcome, count(*) from (
    select a.outcome,
        (select d.community_id from publishing_delivery d where d.id = a.delivery_id) as community_id
    from publishing_attempt a where a.id > %s
) made join communities_community c on c.id = made.community_id group by 1, 2 order by 1, 2
"""
BLOCKED: Final = """
select key, greatest(full_at, blocked_until), coalesce(blocked_until > now(), false) from publishing_bucket
where blocked_until > now() or full_at > now() + interval '1 second'
order by 3 desc, 2 desc limit %s
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
class Blocked:
    """A limit that is used up `until` then. `told`: the network said so; otherwise it is our own count."""

    key: str
    until: datetime
    told: bool


def queue() -> Queue:
    """What is on its way now."""
    ((late, due),) = _rows(DUE)
    awake, troubled = dict(_rows(AWAKE)), dict(_rows(TROUBLED))
    states = {state.value: awake.get(state, 0) for state in IN_HAND}
    states |= {state.value: troubled.get(state, 0) for state in IN_TROUBLE}
    return Queue(max(late, 0.0), due, stuck(), states)


def lateness() -> float:
    """Seconds since the oldest due delivery should have been taken up; 0 when none is due."""
    ((late, _due),) = _rows(DUE)
    return max(late, 0.0)


def stuck() -> int:
    """Deliveries that a worker holds past the end of its lease and that nobody has taken up since."""
    ((count,),) = _rows(STUCK, STUCK_AFTER, STUCK_AFTER)
    return int(count)


def attempts(since: datetime) -> Attempts:
    """Those begun since then, the newest ATTEMPTS_AT_MOST of them at most; `since` tells from when on."""
    edge, begun = _edge(since)
    ended: dict[str, dict[str, int]] = {}
    for network, outcome, count in _rows(ATTEMPTS, edge):
        ended.setdefault(network, {})[outcome] = count
    return Attempts(begun, ended)


def _edge(since: datetime) -> tuple[int, datetime]:
    """The number after which attempts are counted, and the moment it stands for.

    Numbers grow with time, so the place is found by halving: some fifteen looks at the primary key, instead
    of one more index to keep up at every attempt.
    """
    ((newest,),) = _rows("select coalesce(max(id), 0) from publishing_attempt")
    low = max(newest - ATTEMPTS_AT_MOST, 0)
    oldest = _after(low)
    if oldest is None or oldest[1] >= since:
        return low, max(since, oldest[1]) if oldest and low else since
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
    rows = _rows("select id, started_at from publishing_attempt where id > %s order by id limit 1", number)
    return rows[0] if rows else None


def blocked(most: int = 50) -> list[Blocked]:
    """Limits that are used up at this moment, those that a network named first."""
    return [Blocked(key, until, told) for key, until, told in _rows(BLOCKED, most)]


def _rows(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())
