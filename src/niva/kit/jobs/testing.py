"""For tests and demo data: look at the queue, and run what is due to the end, in plain synchronous code."""
# ruff: noqa: S608 - only constants of names.py are put into SQL

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from niva.kit.jobs import names
from niva.kit.jobs.django import cursor, dsn
from niva.kit.jobs.types import Handler, Payload, Periodic


@dataclass(frozen=True, slots=True)
class WaitingJob:
    kind: str
    payload: Payload
    at: datetime
    key: str | None


def waiting() -> list[WaitingJob]:
    """Jobs not begun, in the order of their time. Sees the open transaction too."""
    with cursor() as cur:
        cur.execute(
            "SELECT entrypoint, convert_from(payload, 'UTF8'), execute_after, headers->>'key' "
            f"FROM {names.QUEUE} WHERE status = 'queued' ORDER BY execute_after, id"
        )
        return [WaitingJob(kind, json.loads(body), at, key) for kind, body, at, key in cur.fetchall()]


def empty() -> None:
    """Forget all jobs: the flush after a transactional test leaves the engine's tables alone."""
    with cursor() as cur:
        cur.execute(f"TRUNCATE {names.QUEUE}, {names.LOG}")


def work(handlers: Mapping[str, Handler], *, periodic: Sequence[Periodic] = (), seconds: float = 30) -> None:
    """Run a real worker until nothing of these kinds is due; the caller's rows must be committed.

    Raises TimeoutError when that takes longer than ``seconds``.
    """
    from niva.kit.jobs.worker import Worker

    worker = Worker(dsn(), handlers, periodic=periodic)
    asyncio.run(asyncio.wait_for(worker.run_until_idle(), seconds))
