"""How the engine is doing: for the health page, ``/healthz`` and the dead list."""
# ruff: noqa: S608 - only constants of names.py and of this file are put into SQL

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from niva.kit.jobs import names
from niva.kit.jobs.django import cursor
from niva.kit.jobs.types import JobId, Payload

ACCEPTED_LATENESS = timedelta(minutes=2)
"""A job may start that late before ``/healthz`` complains. Our choice."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The queue at one moment, by the database's clock."""

    now: datetime
    due: int
    waiting: int
    """For a later moment."""
    running: int
    dead: int
    oldest_due: datetime | None
    workers: int
    """Connected to this database."""

    @property
    def lateness(self) -> timedelta:
        """How long the oldest due job has been waiting."""
        return self.now - self.oldest_due if self.oldest_due else timedelta(0)

    @property
    def healthy(self) -> bool:
        return self.workers > 0 and self.lateness <= ACCEPTED_LATENESS


@dataclass(frozen=True, slots=True)
class KindLoad:
    kind: str
    due: int
    waiting: int
    running: int
    dead: int


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up. It stays until somebody revives or discards it."""

    id: JobId
    kind: str
    key: str | None
    payload: Payload
    tries: int
    failed_at: datetime
    error: str


_OVERVIEW = f"""
SELECT now(),
    count(*) FILTER (WHERE status = 'queued' AND execute_after <= now()),
    count(*) FILTER (WHERE status = 'queued' AND execute_after > now()),
    count(*) FILTER (WHERE status = 'picked'),
    count(*) FILTER (WHERE status = 'failed'),
    min(execute_after) FILTER (WHERE status = 'queued' AND execute_after <= now()),
    (SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE '{names.WORKER_APPLICATION} %%')
FROM {names.QUEUE}
"""

_BY_KIND = f"""
SELECT entrypoint,
    count(*) FILTER (WHERE status = 'queued' AND execute_after <= now()),
    count(*) FILTER (WHERE status = 'queued' AND execute_after > now()),
    count(*) FILTER (WHERE status = 'picked'),
    count(*) FILTER (WHERE status = 'failed')
FROM {names.QUEUE} GROUP BY entrypoint ORDER BY entrypoint
"""

_DEAD = f"""
SELECT id, entrypoint, headers->>'key', convert_from(payload, 'UTF8'), attempts, updated,
    COALESCE(headers->>'error', '')
FROM {names.QUEUE} WHERE status = 'failed'
"""
_DEAD_LATEST = _DEAD + " ORDER BY updated DESC, id DESC LIMIT %s"
_DEAD_ONE = _DEAD + " AND id = %s"

# A key that already waits again needs no revival: the dead one is simply let go.
_REVIVE = f"""
UPDATE {names.QUEUE} dead SET status = 'queued', execute_after = now(), attempts = 0, updated = now(),
    headers = dead.headers - 'error' - 'cancelled'
WHERE id = %s AND status = 'failed' AND NOT EXISTS (
    SELECT FROM {names.QUEUE} waiting
    WHERE waiting.status = 'queued' AND waiting.headers->>'key' = dead.headers->>'key')
"""


def overview(using: str = DEFAULT_DB_ALIAS) -> Overview:
    """One row of counts; reads the whole queue (10 ms for 50,000 waiting jobs)."""
    return Overview(*_rows(_OVERVIEW, [], using)[0])


def by_kind(using: str = DEFAULT_DB_ALIAS) -> list[KindLoad]:
    return [KindLoad(*row) for row in _rows(_BY_KIND, [], using)]


def dead_count(using: str = DEFAULT_DB_ALIAS) -> int:
    """How many jobs were given up: through the index of the dead alone."""
    ((count,),) = _rows(f"SELECT count(*) FROM {names.QUEUE} WHERE status = 'failed'", [], using)
    return int(count)


def dead_list(limit: int = 100, using: str = DEFAULT_DB_ALIAS) -> list[DeadJob]:
    """Jobs given up, the latest first."""
    return [_dead(row) for row in _rows(_DEAD_LATEST, [limit], using)]


def dead_job(job: JobId, using: str = DEFAULT_DB_ALIAS) -> DeadJob | None:
    """One of the dead list; None when it is not on it."""
    return next((_dead(row) for row in _rows(_DEAD_ONE, [job], using)), None)


def _dead(row: tuple[Any, ...]) -> DeadJob:
    number, kind, key, payload, tries, failed_at, error = row
    return DeadJob(JobId(number), kind, key, json.loads(payload or "{}"), tries, failed_at, error)


def revive(job: JobId, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Give a dead job all its tries again, now. False: not on the list, or its key waits already."""
    with cursor(using) as cur:
        cur.execute(_REVIVE, [job])
        revived = bool(cur.rowcount)
        if revived:
            cur.execute(f"SELECT {names.WAKE}")
    return revived


def discard(job: JobId, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Take a job off the dead list for good."""
    with cursor(using) as cur:
        cur.execute(f"DELETE FROM {names.QUEUE} WHERE id = %s AND status = 'failed'", [job])
        return bool(cur.rowcount)


def _rows(sql: str, parameters: list[Any], using: str) -> list[tuple[Any, ...]]:
    with cursor(using) as cur:
        cur.execute(sql, parameters)
        return list(cur.fetchall())
