"""PgQueuer's queries with the fence it lacks: a worker settles only jobs it still holds.

PgQueuer 1.6 settles by job id alone, so a worker that slept past its lease would delete or
requeue the row another worker is running. Every statement here also asks for our own worker
id. It also loses the result of jobs that finish while PostgreSQL restarts; here these results
wait for the next connection.
"""
# ruff: noqa: S608 - only constants of names.py and of this file are put into SQL

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain import errors, models, types
from pgqueuer.ports.driver import Driver

from niva.kit.jobs import names
from niva.kit.jobs.schema import SETTINGS
from niva.kit.jobs.types import Periodic

logger = logging.getLogger(__name__)

CONNECTION_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # "cannot switch to state": the connection died amid a statement
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)
"""The database went away (restart, network), as opposed to refusing a statement."""

_MINE = "status = 'picked' AND queue_manager_id = $1"
_CANCELLED = "COALESCE(headers, '{}') ? 'cancelled'"

_DONE = f"""
WITH gone AS (
    DELETE FROM {names.QUEUE} WHERE {_MINE} AND id = ANY($2::bigint[])
    RETURNING id, entrypoint, priority
)
INSERT INTO {names.LOG} (job_id, status, entrypoint, priority)
SELECT id, $3::{names.STATUS}, entrypoint, priority FROM gone
"""

_DROP_CANCELLED = f"DELETE FROM {names.QUEUE} WHERE {_MINE} AND id = $2 AND {_CANCELLED}"

# Of a job that comes again under one key only the newest failure is kept, so a periodic job
# that fails for a week leaves one line on the dead list.
_HOLD = f"""
WITH held AS (
    UPDATE {names.QUEUE} SET status = 'failed', updated = now(), attempts = attempts + 1,
        queue_manager_id = NULL, slot = NULL,
        headers = COALESCE(headers, '{{}}') || jsonb_build_object('error', $3::text)
    WHERE {_MINE} AND id = $2
    RETURNING id, entrypoint, priority, headers->>'key' AS key
), older AS (
    DELETE FROM {names.QUEUE} old USING held
    WHERE old.status = 'failed' AND old.headers->>'key' = held.key
      AND old.entrypoint = held.entrypoint AND old.id <> held.id
)
INSERT INTO {names.LOG} (job_id, status, entrypoint, priority)
SELECT id, 'failed', entrypoint, priority FROM held
"""

_RETRY = f"""
WITH back AS (
    UPDATE {names.QUEUE} SET status = 'queued', execute_after = now() + $3::interval,
        attempts = attempts + $4::int, updated = now(), queue_manager_id = NULL, slot = NULL,
        headers = COALESCE(headers, '{{}}')
            || CASE WHEN $5::text = '' THEN '{{}}'::jsonb ELSE jsonb_build_object('error', $5::text) END
    WHERE {_MINE} AND id = $2
    RETURNING id
)
SELECT {names.WAKE} FROM back
"""

# The key already has a younger job waiting: it takes over, with the count of failures.
_YIELD = f"""
WITH gone AS (
    DELETE FROM {names.QUEUE} WHERE {_MINE} AND id = $2
    RETURNING headers->>'key' AS key, attempts
)
UPDATE {names.QUEUE} waiting SET
    attempts = GREATEST(waiting.attempts, gone.attempts + $3::int),
    headers = waiting.headers
        || CASE WHEN $4::text = '' THEN '{{}}'::jsonb ELSE jsonb_build_object('error', $4::text) END
FROM gone WHERE waiting.status = 'queued' AND waiting.headers->>'key' = gone.key
"""

_BEAT = f"UPDATE {names.QUEUE} SET heartbeat = now() WHERE {_MINE} AND id = ANY($2::bigint[]) RETURNING id"

_HELD = f"""
UPDATE {names.QUEUE} SET heartbeat = now() WHERE {_MINE} AND id = $2 AND NOT {_CANCELLED} RETURNING id
"""

_HAND_BACK_ALL = f"UPDATE {names.QUEUE} SET heartbeat = 'epoch' WHERE {_MINE}"

_ENSURE_PERIODIC = f"""
INSERT INTO {names.QUEUE} (entrypoint, payload, priority, execute_after, headers, status)
VALUES ($1, $2, 0, $3, jsonb_build_object('key', $4::text), 'queued')
ON CONFLICT ((headers->>'key')) WHERE status = 'queued' DO UPDATE SET
    entrypoint = EXCLUDED.entrypoint, payload = EXCLUDED.payload,
    execute_after = LEAST({names.QUEUE}.execute_after, EXCLUDED.execute_after)
"""

_PRUNE = f"DELETE FROM {names.LOG} WHERE created < now() - $1::interval"

# PgQueuer asks this over all kinds at once and so reads every planned job after each batch: with
# 50,000 planned and 50 jobs a second the database was busy for 76 % of the time. One step down
# the (kind, due) index for each kind costs the same however much is planned.
_NEXT_DUE = f"""
SELECT min(next.execute_after) - now() AS eta
FROM unnest($1::text[]) AS kinds(kind) CROSS JOIN LATERAL (
    SELECT execute_after FROM {names.QUEUE}
    WHERE entrypoint = kinds.kind AND status = 'queued' AND execute_after > now()
    ORDER BY execute_after LIMIT 1
) next
"""

_DUE_OR_RUNNING = f"""
SELECT count(*) AS n FROM {names.QUEUE}
WHERE entrypoint = ANY($1) AND (status = 'picked' OR status = 'queued' AND execute_after <= now())
"""


class HandBack(errors.RetryRequested):
    """The worker stops: the job goes back as it was, the try does not count."""


class Postponed(errors.RetryRequested):
    """The handler asked to be run later; does not count."""


class Failed(errors.RetryRequested):
    """A failure that counts and will be tried again."""


_UNCOUNTED = {HandBack.__name__, Postponed.__name__}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a job, kept until the database has it."""

    verb: Literal["done", "hold", "retry"]
    job: int
    status: str = "successful"
    delay: timedelta = timedelta(0)
    counted: bool = True
    error: str = ""


@dataclass
class FencedQueries(Queries):
    """Queries of one worker over one connection."""

    worker_id: UUID = field(kw_only=True)
    unsettled: list[Settlement] = field(kw_only=True)
    """Shared by all connections of the worker: what the database could not be told yet."""
    on_lost: Callable[[set[int]], None] = field(kw_only=True)
    """Called with jobs whose lease is gone."""
    on_broken: Callable[[], None] = field(kw_only=True)
    """Called when the connection failed a write: only a new one can deliver what is unsettled."""

    async def log_jobs(
        self, job_status: list[tuple[models.Job, types.JOB_STATUS, models.TracebackRecord | None]]
    ) -> None:
        """Settle finished jobs. The engine calls this in batches a tenth of a second apart."""
        settlements = [self._settlement(*entry) for entry in job_status]
        done = [one for one in settlements if one.verb == "done"]
        rest = [one for one in settlements if one.verb != "done"]
        try:
            for status in {one.status for one in done}:
                ids = [one.job for one in done if one.status == status]
                await self.driver.execute(_DONE, self.worker_id, ids, status)
        except CONNECTION_ERRORS:
            self.unsettled.extend(done)
            self.on_broken()
        for one in rest:
            await self.settle(one)

    @staticmethod
    def _settlement(
        job: models.Job, status: types.JOB_STATUS, record: models.TracebackRecord | None
    ) -> Settlement:
        if status == "failed":
            return Settlement("hold", job.id, error=record.exception_message if record else "")
        if status == "canceled":
            # The engine says this of tasks it tore down at exit and would delete the job.
            return Settlement("retry", job.id, counted=False)
        return Settlement("done", job.id, status=status)

    async def retry_job(
        self, job: models.Job, delay: timedelta, traceback_record: models.TracebackRecord | None
    ) -> None:
        counted = traceback_record is None or traceback_record.exception_type not in _UNCOUNTED
        error = traceback_record.exception_message if traceback_record and counted else ""
        await self.settle(Settlement("retry", job.id, delay=delay, counted=counted, error=error))

    async def settle(self, one: Settlement) -> None:
        """Write a settlement down, or keep it for the next connection when there is none."""
        try:
            await self._settle(one)
        except CONNECTION_ERRORS:
            self.unsettled.append(one)
            self.on_broken()

    async def _settle(self, one: Settlement) -> None:
        me = self.worker_id
        if one.verb == "done":
            await self.driver.execute(_DONE, me, [one.job], one.status)
            return
        await self.driver.execute(_DROP_CANCELLED, me, one.job)
        if one.verb == "hold":
            await self.driver.execute(_HOLD, me, one.job, one.error)
            return
        step = int(one.counted)
        try:
            await self.driver.execute(_RETRY, me, one.job, one.delay, step, one.error)
        except asyncpg.UniqueViolationError:
            await self.driver.execute(_YIELD, me, one.job, step, one.error)

    async def settle_leftovers(self) -> None:
        """At the start of a connection: tell what could not be told, give back what was interrupted.

        Nothing runs in this worker at that moment, so whatever still bears its id is stale;
        an old heartbeat lets any worker, this one too, take it at once.
        """
        waiting, self.unsettled[:] = list(self.unsettled), []
        for one in waiting:
            await self.settle(one)
        await self.driver.execute(_HAND_BACK_ALL, self.worker_id)

    async def update_heartbeat(self, job_ids: list[types.JobId]) -> None:
        asked = set(job_ids)
        try:
            rows = await self.driver.fetch(_BEAT, self.worker_id, list(asked))
        except CONNECTION_ERRORS:
            self.on_broken()
            return
        if lost := {int(job) for job in asked} - {int(str(row["id"])) for row in rows}:
            self.on_lost(lost)

    async def next_deferred_eta(self, entrypoints: list[types.QueueEntrypoint]) -> timedelta | None:
        """Time until the next planned job is due; None without one."""
        (row,) = await self.driver.fetch(_NEXT_DUE, entrypoints)
        eta = row["eta"]
        return eta if isinstance(eta, timedelta) else None

    async def held(self, job: int) -> bool:
        """Renew the lease of one job; False when it is gone, cancelled, or cannot be proved."""
        try:
            return bool(await self.driver.fetch(_HELD, self.worker_id, job))
        except CONNECTION_ERRORS:
            return False

    async def ensure_periodic(self, periodic: Iterable[Periodic]) -> None:
        """Have one next occurrence of each waiting; a shortened period takes effect at once."""
        for one in periodic:
            moment = one.next_after(datetime.now(UTC))
            body = json.dumps(one.payload).encode()
            await self.driver.execute(_ENSURE_PERIODIC, one.kind, body, moment, one.key)

    async def prune(self, older_than: timedelta) -> None:
        """Forget log lines older than that; nobody but figures reads them."""
        await self.driver.execute(_PRUNE, older_than)

    async def busy(self, kinds: list[str]) -> bool:
        """Whether any job of these kinds is due or running."""
        rows = await self.driver.fetch(_DUE_OR_RUNNING, kinds)
        return int(str(rows[0]["n"])) > 0


def fenced(driver: Driver, **own: Any) -> FencedQueries:
    """Queries over our table names, whatever the environment says."""
    return FencedQueries(
        driver,
        qbe=qb.QueryBuilderEnvironment(SETTINGS),
        qbq=qb.QueryQueueBuilder(SETTINGS),
        qbs=qb.QuerySchedulerBuilder(SETTINGS),
        **own,
    )
