"""The worker's side: a row every few seconds, from the loop that does the work.

A loop that stands still stops beating, which is the point. Each beat opens a connection of its own: it must
not wait behind the work, and an idle connection would cost the server more than a new one now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import asyncpg

from niva.kit.pulse import process

log = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=10)
KEEP: Final = timedelta(days=8)
"""How long minutes are kept, and the rows of workers that are gone."""
_PRUNE_EVERY: Final = 360  # beats: an hour

_BEAT: Final = """
insert into pulse_beat (id, host, pid, version, started_at, beat_at, figures)
values ($1, $2, $3, $4, now() - $5::interval, now(), $6::jsonb)
on conflict (id) do update set beat_at = now(), ended_at = null, figures = excluded.figures
"""
_END: Final = "update pulse_beat set ended_at = now() where id = $1"
_MINUTE: Final = """
insert into pulse_minute (minute, late_seconds, due) values (date_trunc('minute', now()), $1, $2)
on conflict (minute) do update set
    late_seconds = greatest(pulse_minute.late_seconds, excluded.late_seconds),
    due = greatest(pulse_minute.due, excluded.due)
"""
_UNENDED: Final = "select id, pid from pulse_beat where host = $1 and ended_at is null and id <> $2"
_PRUNE: Final = (
    "delete from pulse_minute where minute < now() - $1::interval",
    "delete from pulse_beat where beat_at < now() - $1::interval",
)


class Sample(NamedTuple):
    """How late the oldest due piece of work is, and how many are due."""

    late_seconds: float
    due: int


Sampler = Callable[["asyncpg.Connection[Any]"], Awaitable[Sample]]


@dataclass
class Pulse:
    """One process's beats. `sample` is asked at every beat; `more` adds figures of the caller's own."""

    dsn: str
    version: str
    sample: Sampler | None = None
    more: Callable[[], dict[str, float]] = dict
    every: timedelta = EVERY
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    _begun: float = field(default_factory=time.monotonic)
    _late: float = 0.0
    _count: int = 0

    async def run(self) -> None:
        """Beat until cancelled. A database that is away is no failure: the next beat finds it or not."""
        while True:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self.beat()
            asked = time.monotonic()
            await asyncio.sleep(self.every.total_seconds())
            self._late = max(time.monotonic() - asked - self.every.total_seconds(), 0.0)

    async def beat(self) -> None:
        """One row now. Raises what a database that is away raises."""
        async with self._connection() as connection:
            figures = {**process.figures_of(), **self.more(), "loop_late_seconds": round(self._late, 3)}
            figures["clock_off"] = await clock_off(connection)
            age = timedelta(seconds=time.monotonic() - self._begun)
            host = socket.gethostname()[:120]
            told = json.dumps(figures)
            await connection.execute(_BEAT, self.id, host, os.getpid(), self.version, age, told)
            if self.sample is not None:
                await connection.execute(_MINUTE, *await self.sample(connection))
            if self._count == 0:
                await self._bury(connection, host)
            if self._count % _PRUNE_EVERY == 0:
                for statement in _PRUNE:
                    await connection.execute(statement, KEEP)
            self._count += 1

    async def _bury(self, connection: asyncpg.Connection[Any], host: str) -> None:
        """Whoever was killed on this machine said no goodbye; who starts after it says it instead.

        One of our own number is dead as well: a container that starts again keeps its name and numbers.
        """
        rows = await connection.fetch(_UNENDED, host, self.id)
        dead = [row["id"] for row in rows if row["pid"] == os.getpid() or not _lives(row["pid"])]
        for one in dead:
            await connection.execute(_END, one)

    async def end(self) -> None:
        """Say goodbye, so that nobody looks for a worker that was merely stopped."""
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with self._connection() as connection:
                await connection.execute(_END, self.id)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        connection = await asyncpg.connect(self.dsn, timeout=5, command_timeout=5)
        try:
            yield connection
        finally:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.InterfaceError):
                await connection.close(timeout=2)


async def clock_off(connection: asyncpg.Connection[Any]) -> float:
    """Seconds by which this machine's clock is ahead of the database's, measured to half the way there."""
    before, asked = datetime.now(UTC), time.monotonic()
    theirs: datetime = await connection.fetchval("select clock_timestamp()")
    half = timedelta(seconds=(time.monotonic() - asked) / 2)
    return round((before + half - theirs).total_seconds(), 3)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is there, and somebody else's
    return True


@contextlib.asynccontextmanager
async def beating(pulse: Pulse) -> AsyncIterator[None]:
    """Beats for as long as the block runs, and says goodbye at its end."""
    task = asyncio.create_task(pulse.run(), name="pulse")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the pulse stopped", exc_info=error)
        await pulse.end()
