"""The engine's SQL, on asyncpg: every statement that a delivery lives by, and nothing else.

Fences: a claim is one conditional UPDATE; an attempt row is inserted only under a living lease; the table
itself allows one open and one done attempt per step.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from niva.domains.publishing.delivery.decide import Tried
from niva.domains.publishing.delivery.keyring import SealedKeys
from niva.domains.publishing.states import Outcome, State
from niva.kit.jobs import names
from niva.networks.base.errors import LeaseLost
from niva.networks.base.types import Remote

# Long enough for a stumble of the database, short enough that a dead worker's posts are not late. At least
# 15 s: a call may leave only while 10 s of it remain (`lease.MARGIN_SECONDS`).
LEASE: Final = timedelta(seconds=max(15.0, float(os.environ.get("NIVA_LEASE_SECONDS", "120"))))

_CLAIM = """
with mine as (
    update publishing_delivery d set
        lease = $2, lease_until = now() + $3::interval, wake_at = now() + $3::interval,
        state = case when d.state = 'queued' or d.state = 'waiting' then 'sending' else d.state end,
        state_at = case when d.state in ('queued', 'waiting') then now() else d.state_at end
    where d.id = $1 and d.wake_at <= now() + interval '1 second'
      and d.state in ('queued', 'waiting', 'unknown', 'sending', 'accepted')
      and (d.lease_until is null or d.lease_until <= now())
    returning d.*
), stale as (
    update publishing_attempt a set outcome = 'unknown', code = 'worker_died', finished_at = now()
    from mine where a.delivery_id = mine.id and a.outcome = 'open'
    returning a.id
)
select mine.id, mine.workspace_id, mine.community_id, mine.client_id, mine.post_id, mine.revision_id,
       mine.state, mine.due_at, mine.tries, r.content, c.network, c.state as community_state,
       c.late_minutes, l.stopped_at is not null as stopped,
       k.sealed, k.facts, k.expires_at, k.version, p.app_id, p.sealed as app_sealed, p.facts as app_facts,
       p.server as app_server,
       (select coalesce(jsonb_agg(jsonb_build_object(
            'id', a.id, 'step', a.step, 'number', a.number, 'key', a.key, 'revision_id', a.revision_id,
            'outcome', case when a.outcome = 'open' then 'unknown' else a.outcome end,
            'started_at', a.started_at, 'looks', a.looks, 'result', a.result) order by a.id), '[]'::jsonb)
        from publishing_attempt a where a.delivery_id = mine.id) as tried
from mine
join publishing_revision r on r.id = mine.revision_id
join communities_community c on c.id = mine.community_id
join clients_client l on l.id = mine.client_id
left join communities_credential k on k.community_id = c.id
left join communities_developerapp p on p.id = k.app_id
"""

_RENEW = """
update publishing_delivery set lease_until = now() + $3::interval, wake_at = now() + $3::interval
where id = $1 and lease = $2 and lease_until > now() returning id
"""

_OPEN = """
with held as (
    update publishing_delivery set lease_until = now() + $3::interval, wake_at = now() + $3::interval,
        state = case when state = 'unknown' then 'sending' else state end
    where id = $1 and lease = $2 and lease_until > now()
      and not exists (select from clients_client l where l.id = client_id and l.stopped_at is not null)
    returning id
)
insert into publishing_attempt
    (delivery_id, step, number, key, revision_id, outcome, code, detail, started_at, looks)
select id, $4, $5, $6, $7, 'open', '', '', now(), 0 from held
returning id, started_at
"""

_STOPPED = "select 1 from clients_client where id = $1 and stopped_at is not null"

_CLOSE = """
update publishing_attempt set outcome = $2, code = $3, detail = $4, result = $5, finished_at = now()
where id = $1 and outcome in ('open', 'unknown') returning id
"""

_CREATED = """
update publishing_delivery set state = 'accepted', state_at = now(), tries = 0, code = '', detail = '',
    lease = $2, lease_until = now() + $3::interval, wake_at = now() + $3::interval
where id = $1 and state not in ('accepted', 'published', 'removed')
"""

_PUBLICATION = """
insert into publishing_publication (workspace_id, client_id, delivery_id, community_id, post_id, revision_id,
    remote_id, url, extra, sight, published_at, removed_by_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'unseen', $10, false)
on conflict do nothing returning id
"""

_HALT = """
update publishing_delivery set state = $3::varchar, code = $4, detail = $5, wake_at = $6, tries = $7,
    state_at = case when state = $3::varchar then state_at else now() end, lease = null, lease_until = null
where id = $1 and lease = $2 returning id
"""

_FINISH = """
with closed as (
    update publishing_delivery set state = $3, state_at = now(), wake_at = null, lease = null,
        lease_until = null, code = $4, detail = $5, tries = 0
    where id = $1 and lease = $2 returning id
)
update publishing_publication set sight = $6, seen_at = case when $7 then now() else seen_at end
from closed where delivery_id = closed.id returning publishing_publication.id
"""

# The same row as kit.jobs.django.enqueue makes, for code that has asyncpg at hand instead of Django.
_WAKE = f"""
insert into {names.QUEUE} (entrypoint, payload, priority, execute_after, headers, status)
values ($1, $2, 0, $3, jsonb_build_object('key', $4::text), 'queued')
on conflict ((headers->>'key')) where status = 'queued' do update set
    entrypoint = excluded.entrypoint, payload = excluded.payload, execute_after = excluded.execute_after,
    headers = excluded.headers, attempts = 0, updated = now()
"""  # noqa: S608 - a constant of names.py


class ClientStopped(Exception):
    """A person stopped the client between the claim and the call: nothing was sent."""


@dataclass(slots=True)
class Work:
    """One claimed delivery with everything that sending it takes."""

    id: int
    lease: uuid.UUID
    workspace_id: int
    client_id: int
    community_id: int
    community_state: str
    network: str
    post_id: int
    revision_id: int
    state: str
    due_at: datetime
    tries: int
    late: timedelta  # past its hour, up to which it may still go out
    stopped: bool  # its client is stopped: nothing of it may leave
    content: dict[str, Any]
    keys: SealedKeys | None
    tried: list[Tried] = field(default_factory=list)

    def at(self, step: str) -> list[Tried]:
        return [one for one in self.tried if one.step == step]


async def make_pool(dsn: str, *, size: int = 4) -> asyncpg.Pool:
    """A small pool whose connections speak JSON; idle ones are closed to keep the desk light."""
    return await asyncpg.create_pool(
        dsn, min_size=0, max_size=size, init=_speak_json, max_inactive_connection_lifetime=30
    )


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


class Store:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def claim(self, delivery_id: int) -> Work | None:
        """Take it with a fresh lease, or None: not due, not ours to send, or another worker has it."""
        lease = uuid.uuid4()
        row = await self.pool.fetchrow(_CLAIM, delivery_id, lease, LEASE)
        if row is None:
            return None
        return Work(
            id=row["id"], lease=lease, workspace_id=row["workspace_id"], client_id=row["client_id"],
            community_id=row["community_id"], community_state=row["community_state"],
            network=row["network"], post_id=row["post_id"], revision_id=row["revision_id"],
            state=row["state"], due_at=row["due_at"], tries=row["tries"],
            late=timedelta(minutes=row["late_minutes"]), stopped=row["stopped"], content=row["content"],
            keys=SealedKeys.of(row),
            tried=[_tried(one) for one in row["tried"]],
        )  # fmt: skip

    async def renew(self, work: Work) -> bool:
        """Lengthen the lease. False: it is lost."""
        return await self.pool.fetchval(_RENEW, work.id, work.lease, LEASE) is not None

    async def open_attempt(self, work: Work, step: str, key: uuid.UUID) -> Tried:
        """The attempt row, committed before the call. Raises LeaseLost, ClientStopped."""
        number = len(work.at(step)) + 1
        try:
            row = await self.pool.fetchrow(
                _OPEN, work.id, work.lease, LEASE, step, number, key, work.revision_id
            )
        except asyncpg.UniqueViolationError as error:
            raise LeaseLost(f"another worker is at {step}") from error
        if row is None:
            if await self.pool.fetchval(_STOPPED, work.client_id):
                raise ClientStopped
            raise LeaseLost("the lease ended")
        tried = Tried(row["id"], step, number, key, work.revision_id, Outcome.OPEN, row["started_at"])
        work.tried.append(tried)
        return tried

    async def close_attempt(
        self,
        attempt_id: int,
        outcome: Outcome,
        *,
        code: str = "",
        detail: str = "",
        result: dict[str, Any] | None = None,
    ) -> bool:
        """Write down how it ended. False: it was settled already."""
        try:
            return (
                await self.pool.fetchval(
                    _CLOSE, attempt_id, outcome, code[:60], storable(detail)[:500], storable(result)
                )
                is not None
            )
        except asyncpg.UniqueViolationError:
            return False  # another attempt at this step is done: the first truth stays

    async def created(
        self, work: Work, attempt_id: int, result: dict[str, Any], remote: Remote, now: datetime
    ) -> bool:
        """The network took the post: attempt, delivery and publication in one transaction.

        Needs no living lease: whoever learned the truth writes it down. False: the network answered with
        the id of another publication, so the answer proves nothing.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            known = await connection.fetchval(
                _PUBLICATION, work.workspace_id, work.client_id, work.id, work.community_id, work.post_id,
                work.revision_id, storable(remote.id), storable(remote.url)[:500],
                storable(dict(remote.extra)), now,
            )  # fmt: skip
            if known is None and not await connection.fetchval(
                "select 1 from publishing_publication where delivery_id = $1", work.id
            ):
                return False
            with contextlib.suppress(asyncpg.UniqueViolationError):
                async with connection.transaction():  # another attempt with this key is done already
                    await connection.execute(_CLOSE, attempt_id, Outcome.DONE, "", "", storable(result))
            await connection.execute(_CREATED, work.id, work.lease, LEASE)
        work.state = State.ACCEPTED
        return True

    async def halt(
        self, work: Work, state: State, *, code: str, detail: str = "", wake_at: datetime | None, tries: int
    ) -> None:
        """Let go of it in `state`; with `wake_at` it will be taken up again by itself."""
        async with self.pool.acquire() as connection, connection.transaction():
            held = await connection.fetchval(
                _HALT, work.id, work.lease, state, code[:60], storable(detail)[:500], wake_at, tries
            )
            if held and wake_at is not None:
                await self.wake(connection, work.id, wake_at)
            if held and state == State.NEEDS_LOGIN:
                await connection.execute(
                    "update communities_community set state = 'needs_login', state_reason = $2 where id = $1",
                    work.community_id, code[:60],
                )  # fmt: skip

    async def finish(
        self, work: Work, state: State, *, sight: str, seen: bool, code: str = "", detail: str = ""
    ) -> int | None:
        """The delivery is over; returns the publication's id, None when another worker finished it."""
        found: int | None = await self.pool.fetchval(
            _FINISH, work.id, work.lease, state, code[:60], storable(detail)[:500], sight, seen
        )
        return found

    async def looked(self, attempt_id: int, looks: int) -> None:
        await self.pool.execute(
            "update publishing_attempt set looks = $2, outcome = 'unknown' "
            "where id = $1 and outcome in ('open', 'unknown')",
            attempt_id,
            looks,
        )

    async def wake(self, connection: asyncpg.Connection, delivery_id: int, at: datetime) -> None:
        """Have a worker take the delivery up at `at`."""
        payload = json.dumps({"delivery": delivery_id}).encode()
        await connection.execute(_WAKE, "deliver", payload, at, f"delivery:{delivery_id}")

    async def overdue(self, *, older_than: timedelta, most: int = 500) -> list[int]:
        """Deliveries that should have been taken up and were not: their job or their worker is lost."""
        rows = await self.pool.fetch(
            "select id from publishing_delivery where wake_at is not null and wake_at < now() - $1::interval "
            "order by wake_at limit $2",
            older_than,
            most,
        )
        return [row["id"] for row in rows]


def storable(value: Any) -> Any:
    """What a network said, without the two things that PostgreSQL takes in no text: NUL and half a pair."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {storable(name): storable(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(one) for one in value]
    return value


def _tried(raw: dict[str, Any]) -> Tried:
    return Tried(
        id=raw["id"],
        step=raw["step"],
        number=raw["number"],
        key=uuid.UUID(raw["key"]),
        revision_id=raw["revision_id"],
        outcome=raw["outcome"],
        started_at=datetime.fromisoformat(raw["started_at"]),
        looks=raw["looks"],
        result=raw["result"],
    )
