"""A job of the worker run to its end inside a test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

from django.db import connections

from niva.kit.jobs.django import THREADS, in_thread


def work(job: Callable[[int], Awaitable[None]], number: int) -> None:
    """As the worker does it; the threads' connections do not outlive the test's database."""

    async def go() -> None:
        try:
            await job(number)
        finally:
            together = threading.Barrier(THREADS)  # so that each of the threads closes its own

            def close() -> None:
                together.wait(10)
                connections.close_all()

            await asyncio.gather(*(in_thread(close) for _ in range(THREADS)))

    asyncio.run(go())
