"""The asynchronous side: a worker that runs jobs until it is told to stop.

It survives restarts of PostgreSQL: the connection is made anew with a growing pause and what
was finished meanwhile is written down then. It ends by itself only when the tables are missing
or on a fault of our own, so that the supervisor sees it. On SIGTERM it takes nothing new, lets
what runs finish for ``grace`` seconds and hands the rest back.

One job may run twice when a worker stands still (SIGSTOP, a sleeping laptop) for longer than
``lease`` seconds: see `niva.kit.jobs.types.JobContext.held`.
"""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.domain.types import Channel, QueueManagerId

from niva.kit.jobs import names
from niva.kit.jobs.engine import CONNECTION_ERRORS, FencedQueries, Settlement, fenced
from niva.kit.jobs.running import UNWIND_SECONDS, Runner, executor
from niva.kit.jobs.types import Handler, Periodic

logger = logging.getLogger(__name__)

RECOVERABLE = (*CONNECTION_ERRORS, asyncpg.PostgresError, FailingListenerError)
"""A new connection may help. Anything else is a fault of ours and ends the worker."""

PRUNE_EVERY = 600.0
KEEP_LOG = timedelta(days=2)
SETTLED_IN = 60.0
"""A connection that lived so many seconds was good: the next pause starts small again."""


class TablesMissing(RuntimeError):
    """`migrate` has not been run on this database, or not by this version."""


@dataclass(frozen=True)
class Tuning:
    """Seconds, all of them. The defaults are for real use; tests shorten them."""

    lease: float = 30.0
    """Without a sign of life for so long a worker's jobs are taken over (signs come every half of it)."""
    grace: float = 20.0
    """How long running jobs may go on once the worker is told to stop."""
    poll: float = 2.0
    """The longest time between looks at the queue when no message came."""
    first_pause: float = 0.25
    longest_pause: float = 15.0
    """Between attempts to reach PostgreSQL."""
    connect_timeout: float = 10.0


class Worker:
    """Runs the jobs it has handlers for, at most ``concurrency`` (2 or more) at once."""

    def __init__(
        self,
        dsn: str,
        handlers: Mapping[str, Handler],
        *,
        periodic: Sequence[Periodic] = (),
        concurrency: int = 100,
        services: Sequence[AbstractAsyncContextManager[Any]] = (),
        tuning: Tuning | None = None,
        also_busy: Callable[[], Awaitable[bool]] | None = None,
        on_stop: Callable[[], None] | None = None,
    ) -> None:
        if missing := {one.kind for one in periodic} - handlers.keys():
            raise ValueError(f"no handler for periodic jobs: {', '.join(sorted(missing))}")
        self.dsn = dsn
        self.handlers = dict(handlers)
        self.periodic = {one.key: one for one in periodic}
        self.concurrency = max(concurrency, 2)
        self.services = services
        self.tuning = tuning or Tuning()
        self.also_busy, self.on_stop = also_busy, on_stop
        self.id: UUID = uuid4()
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._entered = asyncio.Event()
        self._unsettled: list[Settlement] = []

    def stop(self) -> None:
        """Finish what runs and end; a second call hands what runs back at once."""
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()
        if self.on_stop is not None:
            self.on_stop()

    async def run(self) -> None:
        """Work until `stop`. Raises when the tables are missing or a service cannot be entered."""
        _quiet_engine()
        async with AsyncExitStack() as stack:
            for service in self.services:
                await stack.enter_async_context(service)
            self._entered.set()
            logger.info("worker %s runs %d kinds of jobs", self.id, len(self.handlers))
            await self._keep_connected()
        logger.info("worker %s has stopped", self.id)

    async def run_until_idle(self) -> None:
        """Work until nothing of the worker's kinds is due or running, nor its services busy (tests, demo)."""
        working = asyncio.create_task(self.run())
        connection = await asyncpg.connect(self.dsn)
        try:
            queries = self._queries(connection, on_lost=lambda _: None, on_broken=lambda: None)
            while not working.done() and (
                not self._entered.is_set()
                or await queries.busy(list(self.handlers))
                or (self.also_busy is not None and await self.also_busy())
            ):
                await asyncio.wait({working}, timeout=0.02)
        finally:
            await connection.close()
            self.stop()
            await working

    async def _keep_connected(self) -> None:
        pause = self.tuning.first_pause
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                await self._connection()
            except RECOVERABLE as error:
                if time.monotonic() - begun > SETTLED_IN:
                    pause = self.tuning.first_pause
                why = type(error).__name__
                logger.warning("worker %s has no database (%s); again in %.2g s", self.id, why, pause)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
                pause = min(pause * 2, self.tuning.longest_pause)

    async def _connection(self) -> None:
        """Work over one connection until told to stop (returns) or until it breaks (raises)."""
        async with _connected(self.dsn, self.tuning.connect_timeout) as connection:
            runner: Runner
            broken = asyncio.Event()
            queries = self._queries(connection, on_lost=lambda jobs: runner.lost(jobs), on_broken=broken.set)
            runner = Runner(queries, self.periodic, self._stopping)
            manager = self._manager(queries, runner)
            await _expect_tables(manager)
            await queries.settle_leftovers()
            await queries.ensure_periodic(self.periodic.values())
            connection.add_termination_listener(lambda _: broken.set())
            pruning = asyncio.create_task(self._prune(queries))
            try:
                await self._work(manager, runner, broken)
            finally:
                pruning.cancel()
                await asyncio.wait({pruning})
            if broken.is_set():
                raise ConnectionResetError

    async def _work(self, manager: QueueManager, runner: Runner, broken: asyncio.Event) -> None:
        working = asyncio.create_task(
            manager.run(
                dequeue_timeout=timedelta(seconds=self.tuning.poll),
                batch_size=max(1, min(10, self.concurrency // 2)),
                max_concurrent_tasks=self.concurrency,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=timedelta(seconds=self.tuning.lease),
                log_aggregation_interval=timedelta(0),
            )
        )
        try:
            await _first_of(working, self._stopping, broken)
            manager.shutdown.set()
            await _first_of(working, self._hurry, within=self.tuning.grace)
            if not working.done():
                runner.interrupt_all("stopping")
                await asyncio.wait({working}, timeout=UNWIND_SECONDS)
        finally:
            working.cancel()
            await asyncio.wait({working}, timeout=UNWIND_SECONDS)
        if working.done() and not working.cancelled():
            working.result()

    def _queries(self, connection: "asyncpg.Connection[Any]", **notify: Any) -> FencedQueries:
        return fenced(AsyncpgDriver(connection), worker_id=self.id, unsettled=self._unsettled, **notify)

    def _manager(self, queries: FencedQueries, runner: Runner) -> QueueManager:
        manager = QueueManager(queries, Channel(names.CHANNEL))
        manager.queue_manager_id = QueueManagerId(self.id)
        for kind, handler in self.handlers.items():
            manager.register_executor(kind, executor(kind, handler, runner))
        return manager

    @staticmethod
    async def _prune(queries: FencedQueries) -> None:
        while True:
            await asyncio.sleep(PRUNE_EVERY)
            with contextlib.suppress(*RECOVERABLE):
                await queries.prune(KEEP_LOG)


async def run_worker(
    dsn: str,
    handlers: Mapping[str, Handler],
    *,
    periodic: Sequence[Periodic] = (),
    concurrency: int = 100,
    services: Sequence[AbstractAsyncContextManager[Any]] = (),
    tuning: Tuning | None = None,
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Run a worker as the main thing of this process, until SIGTERM or SIGINT (twice: at once).

    ``services`` (an HTTP session, say) are entered before the first job and left after the last.
    ``on_stop`` is called as soon as the worker is told to stop.
    """
    worker = Worker(
        dsn,
        handlers,
        periodic=periodic,
        concurrency=concurrency,
        services=services,
        tuning=tuning,
        on_stop=on_stop,
    )
    with _signals(worker):
        await worker.run()


@contextlib.contextmanager
def _signals(worker: Worker) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@contextlib.asynccontextmanager
async def _connected(dsn: str, seconds: float) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(
        dsn,
        timeout=seconds,
        command_timeout=60,
        server_settings={"application_name": f"{names.WORKER_APPLICATION} {os.getpid()}", "jit": "off"},
    )
    try:
        yield connection
    finally:
        with contextlib.suppress(*CONNECTION_ERRORS):
            await connection.close(timeout=5)


async def _expect_tables(manager: QueueManager) -> None:
    try:
        await manager.verify_structure()
    except RuntimeError as error:
        raise TablesMissing("the job engine's tables are missing or old: run the migrations") from error


async def _first_of(task: asyncio.Task[None], *events: asyncio.Event, within: float | None = None) -> None:
    """Wait until the task ends, an event is set, or the time is over."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait({task, *waits}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


class _OwnFailuresOnly(logging.Filter):
    """Failed jobs are logged by `niva.kit.jobs.running`, without values; not by the engine again."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(("Exception while processing", "Retry requested"))


def _quiet_engine() -> None:
    engine = logging.getLogger("pgqueuer")
    if not any(isinstance(one, _OwnFailuresOnly) for one in engine.filters):
        engine.addFilter(_OwnFailuresOnly())
