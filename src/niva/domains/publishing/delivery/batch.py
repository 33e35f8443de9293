"""Many small writes as few large ones: what is asked while a statement runs goes into the next one.

No timer and no size to tune: alone, a write goes out at once; under load a statement carries as many as came
in during the one before. Sending 1,000 posts a second is not possible with a round trip for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

import asyncpg

In = TypeVar("In")
Out = TypeVar("Out")
MOST: Final = 200  # rows of one statement: keeps what one failure costs, and its memory, small


class Batcher(Generic[In, Out]):
    """`run` takes several items and returns as many results in their order.

    When PostgreSQL refuses a batch (one row breaks a constraint), its items are tried one by one, so that
    each caller gets the result or the error of his own item.
    """

    def __init__(self, run: Callable[[Sequence[In]], Awaitable[Sequence[Out]]]) -> None:
        self._run = run
        self._waiting: list[tuple[In, asyncio.Future[Out]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, item: In) -> Out:
        future: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                results = await self._run([item for item, _ in batch])
            except asyncpg.PostgresError as error:
                if len(batch) == 1:
                    _fail(batch, error)
                else:
                    await self._one_by_one(batch)
            except BaseException as error:
                _fail(batch, error)
                if not isinstance(error, Exception):
                    raise
            else:
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():
                        future.set_result(result)

    async def _one_by_one(self, batch: Sequence[tuple[In, asyncio.Future[Out]]]) -> None:
        for item, future in batch:
            try:
                (result,) = await self._run([item])
            except Exception as error:
                _fail([(item, future)], error)
            else:
                if not future.done():
                    future.set_result(result)


def _fail(batch: Sequence[tuple[In, asyncio.Future[Out]]], error: BaseException) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
