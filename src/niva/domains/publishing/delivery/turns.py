"""Turns over all workers of a desk that may last as long as a network takes to answer.

A row lock would hold a database connection for all that time, and each who waits another one: with a pool of
four, four posts of one slow account would stop the worker. Here all turns of one process stand on one shared
connection, as PostgreSQL's session locks, and nobody waits inside a statement.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg

_CLASS: Final = 0x6E697661  # "niva": the first of the two numbers of every lock taken here
_IDS: Final = 2**31
BROKEN: Final = (
    OSError,
    asyncpg.InternalClientError,  # "cannot switch to state": it died amid a statement
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
)


class Turns:
    """`with turns.line()`: ask the database on the shared connection; `take` and `give_back`: a turn."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._users = 0
        self._connection: Any = None
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[None]:
        """The connection is taken from the pool for the first user and given back after the last."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if self._users == 0:
                await asyncio.shield(self._hang_up())

    async def _hang_up(self) -> None:
        async with self._one_at_a_time:
            if self._users == 0 and self._connection is not None:
                connection, self._connection = self._connection, None
                with suppress(*BROKEN):  # whatever lock is left: the pool gives connections on as they are
                    await connection.execute("select pg_advisory_unlock_all()")
                await self.pool.release(connection)

    async def ask(self, query: str, *values: Any) -> Any:
        """The first row, or None. Raises one of BROKEN when the connection broke; the next has a new one."""
        async with self._one_at_a_time:
            if self._connection is None:
                self._connection = await self.pool.acquire()
            try:
                return await self._connection.fetchrow(query, *values)
            except BROKEN:
                broken, self._connection = self._connection, None
                await self.pool.release(broken)
                raise

    async def take(self, number: int) -> bool:
        """Whether the turn is ours now; False: another process has it."""
        row = await self.ask("select pg_try_advisory_lock($1, $2)", _CLASS, number % _IDS)
        return bool(row[0])

    async def give_back(self, number: int) -> None:
        with suppress(*BROKEN):  # a lost session has no locks
            await self.ask("select pg_advisory_unlock($1, $2)", _CLASS, number % _IDS)
