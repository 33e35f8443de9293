"""The synchronous side: put jobs off from Django code, inside its transaction.

Everything here uses Django's own connection, so a job exists exactly when the rows it
speaks of do: commit makes both, rollback neither. The only file of the kit's engine that
imports ``django.db``.
"""
# ruff: noqa: S608 - only constants of names.py and of this file are put into SQL

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.db.backends.utils import CursorWrapper

from niva.kit.jobs import names
from niva.kit.jobs.types import CancelOutcome, JobId, Payload

P = ParamSpec("P")
T = TypeVar("T")

MAX_PAYLOAD = 16 * 1024
"""Bytes of JSON. A job names rows; it does not carry them."""

THREADS = 4
"""Threads (and so database connections) that ORM work of one worker may use at once."""

_ENQUEUE = f"""
INSERT INTO {names.QUEUE} (entrypoint, payload, priority, execute_after, headers, status)
VALUES (%s, %s, %s, COALESCE(%s, now()), %s::jsonb, 'queued')
ON CONFLICT ((headers->>'key')) WHERE status = 'queued' DO UPDATE SET
    entrypoint = EXCLUDED.entrypoint, payload = EXCLUDED.payload, priority = EXCLUDED.priority,
    execute_after = EXCLUDED.execute_after, headers = EXCLUDED.headers, attempts = 0, updated = now()
RETURNING id
"""

_ENQUEUE_MANY = f"""
INSERT INTO {names.QUEUE} (entrypoint, payload, priority, execute_after, headers, status)
SELECT %s, convert_to(body, 'UTF8'), %s, due, jsonb_build_object('key', key), 'queued'
FROM unnest(%s::text[], %s::timestamptz[], %s::text[]) AS job(body, due, key)
ON CONFLICT ((headers->>'key')) WHERE status = 'queued' DO UPDATE SET
    entrypoint = EXCLUDED.entrypoint, payload = EXCLUDED.payload, priority = EXCLUDED.priority,
    execute_after = EXCLUDED.execute_after, headers = EXCLUDED.headers, attempts = 0, updated = now()
"""

_PASSED_ON = ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")

_BY_ID = "id = %s"
_BY_KEY = "headers->>'key' = %s"


@contextmanager
def cursor(using: str = DEFAULT_DB_ALIAS) -> Iterator[CursorWrapper]:
    """A cursor on Django's connection, so that queries join the caller's transaction."""
    with connections[using].cursor() as opened:
        yield opened


def enqueue(
    kind: str,
    payload: Payload,
    *,
    at: datetime | None = None,
    key: str | None = None,
    priority: int = 0,
    using: str = DEFAULT_DB_ALIAS,
) -> JobId:
    """Have ``kind`` run with ``payload`` at the moment ``at`` (aware; None: now), higher ``priority`` first.

    With ``key`` at most one job of that key waits: a second call moves the waiting one and
    gives it the new kind, payload and a fresh count of tries. A job that already runs is not
    touched, so a second one then waits beside it.

    Raises ValueError for a naive time or a payload over 16 KB, TypeError for one that is not JSON.
    """
    if at is not None and at.tzinfo is None:
        raise ValueError("the time of a job must carry its time zone")
    body = json.dumps(payload, ensure_ascii=False).encode()
    if len(body) > MAX_PAYLOAD:
        raise ValueError(f"a job's payload is {len(body)} bytes; at most {MAX_PAYLOAD} are allowed")
    headers = json.dumps({"key": key} if key is not None else {})
    with cursor(using) as cur:
        cur.execute(_ENQUEUE, [kind, body, priority, at, headers])
        return JobId(_one(cur.fetchone()))


def cancel(job: JobId | str, *, using: str = DEFAULT_DB_ALIAS) -> CancelOutcome:
    """Cancel the job with that id (int) or key (str).

    A waiting job is removed. One that runs is left to finish, but is not retried: what it
    must not do any more is for its handler to look up in its own tables.
    """
    where = _BY_ID if isinstance(job, int) else _BY_KEY
    with cursor(using) as cur:
        # Twice: between the two statements a job may go from waiting to running or back.
        for _ in range(2):
            cur.execute(f"DELETE FROM {names.QUEUE} WHERE {where} AND status = 'queued'", [job])
            if cur.rowcount:
                return CancelOutcome.REMOVED
            cur.execute(
                f"UPDATE {names.QUEUE} SET headers = COALESCE(headers, '{{}}') || '{{\"cancelled\": true}}' "
                f"WHERE {where} AND status = 'picked'",
                [job],
            )
            if cur.rowcount:
                return CancelOutcome.RUNNING
    return CancelOutcome.ABSENT


def reschedule(key: str, at: datetime, *, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Move the waiting job of that key to ``at`` (aware) and wake the workers. False: none waits."""
    if at.tzinfo is None:
        raise ValueError("the time of a job must carry its time zone")
    with cursor(using) as cur:
        cur.execute(
            f"UPDATE {names.QUEUE} SET execute_after = %s, updated = now() "
            f"WHERE {_BY_KEY} AND status = 'queued'",
            [at, key],
        )
        moved = bool(cur.rowcount)
        if moved:
            cur.execute(f"SELECT {names.WAKE}")
    return moved


def enqueue_many(
    kind: str,
    jobs: Sequence[tuple[Payload, datetime, str]],
    *,
    priority: int = 0,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Many jobs of one kind in one statement: (payload, aware moment, key) each; see `enqueue`."""
    if not jobs:
        return
    bodies = [json.dumps(payload, ensure_ascii=False) for payload, _, _ in jobs]
    with cursor(using) as cur:
        cur.execute(
            _ENQUEUE_MANY, [kind, priority, bodies, [at for _, at, _ in jobs], [key for *_, key in jobs]]
        )


def notify(channel: str, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Wake whoever listens on ``channel``, when the transaction commits; many calls in it are one."""
    with cursor(using) as cur:
        cur.execute("SELECT pg_notify(%s, '')", [channel])


async def in_thread(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run synchronous (ORM) code from a handler in one of a few threads.

    Connections that broke or outlived ``CONN_MAX_AGE`` are closed before and after, as Django
    does around a request. Own the transaction inside ``fn``. When the awaiting task is
    cancelled, ``fn`` still runs to its end.
    """

    def clean() -> T:
        close_old_connections()
        try:
            return fn(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads(), clean)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="jobs")


def dsn(using: str = DEFAULT_DB_ALIAS) -> str:
    """Django's database as a URL for the worker, so that both surely look at the same one."""
    parameters = connections[using].get_connection_params()
    user, password = (quote(str(parameters.get(name) or ""), safe="") for name in ("user", "password"))
    login = f"{user}:{password}" if password else user
    query = {name: str(parameters[name]) for name in _PASSED_ON if parameters.get(name)}
    name = quote(str(parameters["dbname"]), safe="")
    return f"postgresql://{login}@/{name}?{urlencode(query, quote_via=quote)}"


def _one(row: tuple[Any, ...] | None) -> int:
    if row is None:
        raise RuntimeError("the job engine's INSERT returned no id")
    return int(row[0])
