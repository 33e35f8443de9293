"""What the engine keeps in PostgreSQL, on asyncpg: claims, attempts, outcomes. The SQL is in `statements`.

What a worker has learned is never lost to a database that restarts: writing it down is tried again until it
is written. What would be a new promise (a claim, an attempt, a lease) is tried once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import asyncpg

from niva.domains.publishing.delivery import statements as sql
from niva.domains.publishing.delivery.batch import Batcher
from niva.domains.publishing.delivery.clock import Clock
from niva.domains.publishing.delivery.content import fingerprint
from niva.domains.publishing.delivery.decide import Tried
from niva.domains.publishing.delivery.keyring import SealedKeys
from niva.domains.publishing.delivery.lease import LEASE, Leased
from niva.domains.publishing.delivery.lease import now as boot_time
from niva.domains.publishing.states import Outcome, State
from niva.networks.base.errors import LeaseLost
from niva.networks.base.types import Remote

log = logging.getLogger("niva.delivery")
T = TypeVar("T")

PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between tries to write down what is known; the last again
PATIENCE: Final = timedelta(minutes=10)  # with a database that is away, before what is known is given up


class ClientStopped(Exception):
    """A person stopped the client between the claim and the call: nothing was sent."""


@dataclass(slots=True)
class Work:
    """One claimed delivery with everything that sending it takes.

    `deaths`: how many workers in a row died while they had it. `late`: how far past its hour it may still go
    out. `stopped`: its client is stopped. `proven_at`: when a person last proved its keys. `unfit`: the code
    of why it is not what was scheduled, or "". `by_hand`: people publish there, nobody is called.
    """

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
    deaths: int
    late: timedelta
    stopped: bool
    unfit: str
    content: dict[str, Any]
    keys: SealedKeys | None
    proven_at: datetime | None = None
    tried: list[Tried] = field(default_factory=list)
    by_hand: bool = False

    def at(self, step: str) -> list[Tried]:
        return [one for one in self.tried if one.step == step]


@dataclass(frozen=True, slots=True)
class _Creation:
    """The network took a post: what is written down of it."""

    work: Work
    attempt_id: int
    result: dict[str, Any]
    remote: Remote
    at: datetime


# A plan that PostgreSQL keeps from when the tables were small reads them row by row once a burst has filled
# them: the statement that takes up accepted posts grew from 1 to 200 ms within 5,000 deliveries. To plan anew
# takes a millisecond, and a statement carries many deliveries.
PLANNED_ANEW: Final = {"jit": "off", "plan_cache_mode": "force_custom_plan"}


async def make_pool(dsn: str, *, size: int = 4) -> asyncpg.Pool:
    """A small pool whose connections speak JSON; idle ones are closed to keep the desk light."""
    return await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        init=_speak_json,
        reset=_leave_as_it_is,
        max_inactive_connection_lifetime=30,
        server_settings=PLANNED_ANEW,
    )


async def _leave_as_it_is(connection: asyncpg.Connection) -> None:
    """Nothing here changes a connection's settings: to reset them would double every round trip."""


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


class Store:
    """See the module. Everything that may be asked for many times at once goes out in batches."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.clock = Clock()
        self._open = Batcher(self._open_many)
        self._create = Batcher(self._create_many)
        self._finish = Batcher(self._finish_many)

    async def claim(self, delivery_id: int) -> Work | None:
        """Take this one with a fresh lease. None: not due, not ours to send, or another worker has it."""
        works = await self._take(sql.CLAIM, delivery_id)
        return works[0] if works else None

    async def claim_due(self, most: int, busy: Mapping[int, int], each: int) -> list[Work]:
        """At most `most` whose hour has come, and no more than `each` of one community at once.

        `busy`: how many of which community are at work here already.
        """
        return await self._take(sql.CLAIM_DUE, most, list(busy), list(busy.values()), each)

    async def claim_suspects(self, most: int, deaths: int) -> list[Work]:
        """At most `most` of those under which a worker died, at most `deaths` times before this claim."""
        return await self._take(sql.CLAIM_SUSPECTS, most, deaths)

    async def _take(self, statement: str, *arguments: object) -> list[Work]:
        lease, asked = uuid.uuid4(), boot_time()
        rows = await self.pool.fetch(statement, lease, LEASE, *arguments)
        if rows:
            self.clock.heard(rows[0]["taken_at"], asked)
        return [_work(row, lease) for row in rows]

    async def next_wake(self) -> timedelta | None:
        """How long until the next one is due; None: nothing is planned."""
        eta: timedelta | None = await self.pool.fetchval(sql.NEXT_WAKE)
        return eta

    async def anything_due(self, *, beside: Iterable[int] = ()) -> bool:
        """Whether a delivery's moment has come, those of the communities `beside` aside."""
        return bool(await self.pool.fetchval(sql.DUE_NOW, list(beside)))

    async def put_back(self, waiting: Sequence[tuple[Work, datetime]]) -> None:
        """The limits of their networks leave no room before the given moments."""
        await self.pool.execute(
            sql.PUT_BACK,
            [work.id for work, _ in waiting],
            [work.lease for work, _ in waiting],
            [again for _, again in waiting],
        )

    async def renew(self, works: Iterable[Leased]) -> set[int]:
        """Lengthen the leases. Returns the ids of those that still hold."""
        held = list(works)
        rows = await self.pool.fetch(sql.RENEW, [w.id for w in held], [w.lease for w in held], LEASE)
        return {row["id"] for row in rows}

    async def hand_back(self, works: Iterable[Leased]) -> None:
        """This worker stops: others may take them at once."""
        held = list(works)
        await self.pool.execute(sql.HAND_BACK, [w.id for w in held], [w.lease for w in held])

    async def open_attempt(self, work: Work, step: str, key: uuid.UUID) -> tuple[Tried, bool]:
        """The attempt row, committed before the call, and whether the lease was lengthened with it.

        Raises LeaseLost, ClientStopped.
        """
        number = len(work.at(step)) + 1
        try:
            row = await self._open((work, step, number, key))
        except asyncpg.UniqueViolationError as error:
            raise LeaseLost(f"another worker is at {step}") from error
        if row is None:
            if await self.pool.fetchval(sql.STOPPED, work.client_id):
                raise ClientStopped
            raise LeaseLost("the lease ended")
        tried = Tried(row["id"], step, number, key, work.revision_id, Outcome.OPEN, row["started_at"])
        work.tried.append(tried)
        return tried, row["renewed"]

    async def _open_many(
        self, asked: Sequence[tuple[Work, str, int, uuid.UUID]]
    ) -> list[asyncpg.Record | None]:
        rows = await self.pool.fetch(
            sql.OPEN,
            [work.id for work, *_ in asked],
            [work.lease for work, *_ in asked],
            [step for _, step, _, _ in asked],
            [number for _, _, number, _ in asked],
            [key for *_, key in asked],
            [work.revision_id for work, *_ in asked],
            LEASE,
        )
        opened = {(row["delivery_id"], row["step"]): row for row in rows}
        return [opened.get((work.id, step)) for work, step, _, _ in asked]

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
        values = (attempt_id, outcome, code[:60], storable(detail)[:500], storable(result))
        try:
            return await persist(lambda: self.pool.fetchval(sql.CLOSE, *values)) is not None
        except asyncpg.UniqueViolationError:
            return False  # another attempt at this step is done: the first truth stays

    async def created(
        self, work: Work, attempt_id: int, result: dict[str, Any], remote: Remote, now: datetime
    ) -> bool:
        """The network took the post: attempt, delivery and publication in one statement.

        Needs no living lease: whoever learned the truth writes it down. False: the network answered with
        the id of another publication, so the answer proves nothing.
        """
        fact = _Creation(work, attempt_id, result, remote, now)
        try:
            known = await persist(lambda: self._create(fact))
        except asyncpg.UniqueViolationError:  # another worker has just written the same down: look again
            known = await persist(lambda: self._create(fact))
        if known:
            work.state = State.ACCEPTED
        return known

    async def _create_many(self, facts: Sequence[_Creation]) -> list[bool]:
        rows = await self.pool.fetch(
            sql.CREATED,
            [fact.work.id for fact in facts],
            [fact.attempt_id for fact in facts],
            [fact.work.lease for fact in facts],
            [fact.work.revision_id for fact in facts],
            [storable(fact.remote.id) for fact in facts],
            [storable(fact.remote.url)[:500] for fact in facts],
            [json.dumps(storable(dict(fact.remote.extra))) for fact in facts],
            [json.dumps(storable(fact.result)) for fact in facts],
            [fact.at for fact in facts],
            LEASE,
        )
        known = {row["delivery_id"] for row in rows}
        return [fact.work.id in known for fact in facts]

    async def halt(
        self, work: Work, state: State, *, code: str, detail: str = "", wake_at: datetime | None, tries: int
    ) -> None:
        """Let go of it in `state`; with `wake_at` it will be taken up again by itself."""
        values = (work.id, work.lease, state, code[:60], storable(detail)[:500], wake_at, tries)
        await persist(lambda: self.pool.execute(sql.HALT, *values))

    async def needs_login(
        self, work: Work, *, code: str, detail: str, instead: State, again_at: datetime
    ) -> bool:
        """Only a person can go on, and the community says so: both or neither.

        False: somebody has signed in since the claim; then it is taken up again `again_at`, until then in
        the state `instead`.
        """
        return await persist(
            lambda: self._needs_login(work, code[:60], storable(detail)[:500], instead, again_at)
        )

    async def _needs_login(
        self, work: Work, code: str, detail: str, instead: State, again_at: datetime
    ) -> bool:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(sql.LOCK_COMMUNITY, work.community_id)
            proven_at = await connection.fetchval(sql.PROVEN_AT, work.community_id)
            stale = bool(proven_at == work.proven_at)
            state, wake = (State.NEEDS_LOGIN, None) if stale else (instead, again_at)
            halt = (work.id, work.lease, state, code, detail, wake, work.tries)
            if await connection.fetchval(sql.HALT, *halt) and stale:
                await connection.execute(sql.NEEDS_LOGIN, work.community_id, code)
            return stale

    async def finish(
        self, work: Work, state: State, *, sight: str, seen: bool, code: str = "", detail: str = ""
    ) -> int | None:
        """The delivery is over; returns the publication's id, None when another worker finished it."""
        values = (work.id, work.lease, state, code[:60], storable(detail)[:500], sight, seen)
        return await persist(lambda: self._finish(values))

    async def _finish_many(self, ends: Sequence[tuple[Any, ...]]) -> list[int | None]:
        rows = await self.pool.fetch(sql.FINISH, *(list(column) for column in zip(*ends, strict=True)))
        publications = {row["delivery_id"]: row["id"] for row in rows}
        return [publications.get(end[0]) for end in ends]

    async def relieve(self, work: Work) -> None:
        """Its attempt was not sent after all: whoever asks a person about it meanwhile need not."""
        await persist(lambda: self.pool.execute(sql.RELIEVE, work.id))

    async def looked(self, attempt_id: int, looks: int) -> None:
        """One more look for what became of it; the first also says that nobody is at it any more."""
        await persist(lambda: self.pool.execute(sql.LOOKED, attempt_id, looks))


async def persist(write: Callable[[], Awaitable[T]]) -> T:
    """Write down what is known, as often as it takes while the database is away. Writes may be repeated."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE.total_seconds()
    tries = 0
    while True:
        try:
            return await write()
        except Exception as error:
            if not database_is_away(error) or loop.time() > until:
                raise
            log.warning("not written down yet", extra={"why": type(error).__name__, "tries": tries + 1})
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1


_AWAY: Final = (
    OSError,
    asyncpg.InternalClientError,  # "cannot switch to state": the connection died amid a statement
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it stops, starts or recovers
    asyncpg.InsufficientResourcesError,  # its disk is full, or it has no connection left
    asyncpg.TransactionRollbackError,  # deadlock: the other one went first
    asyncpg.ObjectNotInPrerequisiteStateError,  # it takes no connections, or a lock is held
    asyncpg.ReadOnlySQLTransactionError,  # it is a standby for the moment: a switch-over
    asyncpg.InvalidAuthorizationSpecificationError,  # it does not know us for the moment
    asyncpg.PostgresSystemError,  # its disk fails
    asyncpg.InternalServerError,  # likewise, where it has no word for it: a file that may not grow
)


def database_is_away(error: BaseException) -> bool:
    """It cannot answer now, as opposed to refusing a statement or a value."""
    closed = isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    return closed or isinstance(error, _AWAY)


def storable(value: Any) -> Any:
    """What a network said, without the two things that PostgreSQL takes in no text: NUL and half a pair."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {storable(name): storable(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(one) for one in value]
    return value


def _work(row: asyncpg.Record, lease: uuid.UUID) -> Work:
    return Work(
        id=row["id"],
        lease=lease,
        workspace_id=row["workspace_id"],
        client_id=row["client_id"],
        community_id=row["community_id"],
        community_state=row["community_state"],
        network=row["network"],
        post_id=row["post_id"],
        revision_id=row["revision_id"],
        state=row["state"],
        due_at=row["due_at"],
        tries=row["tries"],
        deaths=row["deaths"],
        late=timedelta(minutes=row["late_minutes"]),
        stopped=row["stopped"],
        unfit=_unfit(row),
        content=row["content"],
        keys=SealedKeys.of(row),
        proven_at=row["proven_at"],
        tried=[_tried(one) for one in row["tried"] or ()],
        by_hand=row["by_hand"],
    )


def _unfit(row: asyncpg.Record) -> str:
    """Whether the rows still say what they said when it was scheduled; else the code of what differs."""
    if row["post_deleted"]:
        return "post_deleted"
    if row["community_client_id"] != row["client_id"]:
        return "community_moved"
    return "" if fingerprint(row["content"]) == row["sha256"] else "revision_changed"


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
