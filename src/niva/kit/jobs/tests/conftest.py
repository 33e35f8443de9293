"""A queue of its own for every test: real PostgreSQL, real commits, empty before and after."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.db import connection

from niva.kit.jobs import names
from niva.kit.jobs.django import dsn, in_thread
from niva.kit.jobs.testing import empty
from niva.kit.jobs.types import JobContext, Payload
from niva.kit.jobs.worker import Tuning

BRISK = Tuning(lease=2.0, grace=0.5, poll=0.5, first_pause=0.05, longest_pause=0.2)


@dataclass
class Recorder:
    """A handler that remembers what it was called with."""

    calls: list[tuple[JobContext, Payload]] = field(default_factory=list)

    async def __call__(self, ctx: JobContext, payload: Payload, /) -> None:
        self.calls.append((ctx, payload))

    @property
    def payloads(self) -> list[Payload]:
        return [payload for _, payload in self.calls]


@pytest.fixture
def queue(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a database whose queue is empty."""
    # threads keep no connection, or the test database could not be dropped
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    empty()
    yield dsn()
    empty()


def rows(columns: str = "status, attempts", table: str = names.QUEUE) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} ORDER BY id")
        return cursor.fetchall()


def sql(statement: str, *parameters: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something another process, thread or task brings about."""
    async with asyncio.timeout(15):
        while not await in_thread(condition):  # noqa: ASYNC110 - the database has no asyncio.Event
            await asyncio.sleep(0.01)
