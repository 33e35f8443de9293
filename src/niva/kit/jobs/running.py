"""Running one job: the handler's task, its time limit, and what its end means."""

import asyncio
import json
import logging
import traceback
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import Literal

from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain import models

from niva.kit.jobs.engine import CONNECTION_ERRORS, Failed, FencedQueries, HandBack, Postponed
from niva.kit.jobs.types import GiveUp, Handler, JobContext, JobError, JobId, Payload, Periodic, RetryLater

logger = logging.getLogger(__name__)

REFUSED_PAUSE = timedelta(seconds=1)

UNWIND_SECONDS = 5.0
"""How long a cancelled handler may take to clean up after itself."""

Interruption = Literal["stopping", "lost", "too long"]


class JobFailed(Exception):
    """Tells the engine to put the job on the dead list. Its text is fit to be stored."""


@dataclass
class Lease:
    """What `JobContext.held` asks, and whether it was ever refused."""

    queries: FencedQueries
    job: int
    refused: bool = False

    async def held(self) -> bool:
        held = await self.queries.held(self.job)
        self.refused = self.refused or not held
        return held


@dataclass
class Run:
    """A handler at work and, if somebody interrupted it, why."""

    lease: Lease
    task: asyncio.Task[None]
    interruption: Interruption | None = None

    def interrupt(self, why: Interruption) -> None:
        if self.interruption is None and not self.task.done():
            self.interruption = why
            self.task.cancel()


@dataclass
class Runner:
    """Everything the jobs of one worker's connection share."""

    queries: FencedQueries
    periodic: dict[str, Periodic]
    stopping: asyncio.Event
    runs: dict[int, Run] = field(default_factory=dict)

    def interrupt_all(self, why: Interruption) -> None:
        for run in list(self.runs.values()):
            run.interrupt(why)

    def lost(self, jobs: set[int]) -> None:
        """The lease of these is gone: somebody else runs them, stop."""
        for job in jobs & self.runs.keys():
            logger.warning("job %d was taken over by another worker while it ran here; stopping it", job)
            self.runs[job].interrupt("lost")

    async def run(self, job: models.Job, kind: str, handler: Handler) -> None:
        """Run one picked job. Returns: done. Raises a retry request or JobFailed: the engine records it."""
        key = _text((job.headers or {}).get("key"))
        await self._put_off_next(key)
        if job.attempts >= handler.tries:
            text = f"given up: its worker died {job.attempts} times while running it"
            logger.error("job failed kind=%s id=%d, %s", kind, job.id, text)
            raise JobFailed(text)
        lease = Lease(self.queries, job.id)
        context = self._context(job, kind, key, handler, lease)
        payload: Payload = json.loads(job.payload or b"{}")
        run = Run(lease, asyncio.create_task(_call(handler, context, payload), name=f"job {job.id} {kind}"))
        self.runs[job.id] = run
        try:
            await self._wait(run, handler.timeout)
        finally:
            del self.runs[job.id]
        self._judge(run, job, kind, handler)

    async def _put_off_next(self, key: str | None) -> None:
        """The next occurrence of a periodic job."""
        if key not in self.periodic:
            return
        try:
            await self.queries.ensure_periodic([self.periodic[key]])
        except CONNECTION_ERRORS as error:
            self.queries.on_broken()
            raise HandBack(timedelta(0), "no database") from error

    def _context(
        self, job: models.Job, kind: str, key: str | None, handler: Handler, lease: Lease
    ) -> JobContext:
        return JobContext(
            id=JobId(job.id),
            kind=kind,
            key=key,
            attempt=job.attempts + 1,
            last_attempt=job.attempts + 1 >= handler.tries,
            due=job.execute_after.astimezone(UTC),
            stopping=self.stopping,
            held=lease.held,
        )

    @staticmethod
    async def _wait(run: Run, seconds: float) -> None:
        try:
            await asyncio.wait({run.task}, timeout=seconds)
            if not run.task.done():
                run.interrupt("too long")
                await asyncio.wait({run.task}, timeout=UNWIND_SECONDS)
        except asyncio.CancelledError:
            run.task.cancel()  # the engine itself is being torn down; its queries hand the job back
            raise

    def _judge(self, run: Run, job: models.Job, kind: str, handler: Handler) -> None:
        if run.interruption == "lost":
            return  # nothing to record: the fence ignores a worker without a lease
        if not run.task.done() or run.task.cancelled():
            if run.interruption == "stopping":
                raise HandBack(timedelta(0), "the worker stops")
            failure: BaseException = TimeoutError()
            text = f"took longer than {handler.timeout:g} s" if run.interruption else "cancelled itself"
        elif (raised := run.task.exception()) is None:
            if run.lease.refused:
                # it did not act; if another has the job by now, the fence ignores this
                raise HandBack(REFUSED_PAUSE, "the lease could not be renewed")
            return
        else:
            failure, text = raised, describe(raised)
        if isinstance(failure, RetryLater):
            raise Postponed(failure.after, text)
        self._failed(job, kind, handler, failure, text)

    @staticmethod
    def _failed(job: models.Job, kind: str, handler: Handler, failure: BaseException, text: str) -> None:
        failures = job.attempts + 1
        final = isinstance(failure, GiveUp) or failures >= handler.tries
        logger.log(
            logging.ERROR if final else logging.WARNING,
            "job failed kind=%s id=%d try=%d of %d, %s: %s\n%s",
            kind,
            job.id,
            failures,
            handler.tries,
            "given up" if final else f"again in {handler.pause_after(failures)}",
            text,
            "".join(traceback.format_tb(failure.__traceback__)).rstrip(),
        )
        if final:
            raise JobFailed(text)
        raise Failed(handler.pause_after(failures), text)


async def _call(handler: Handler, context: JobContext, payload: Payload) -> None:
    await handler.call(context, payload)


@dataclass
class HandlerExecutor(AbstractEntrypointExecutor):
    """The engine's hook for one kind."""

    kind: str
    handler: Handler
    runner: Runner

    async def execute(self, job: models.Job, context: models.Context) -> None:
        await self.runner.run(job, self.kind, self.handler)


def executor(kind: str, handler: Handler, runner: Runner) -> HandlerExecutor:
    async def never(job: models.Job) -> None:
        """The engine wants a function here; HandlerExecutor runs the handler instead."""

    parameters = EntrypointExecutorParameters(func=never, concurrency_limit=handler.limit, on_failure="hold")
    return HandlerExecutor(parameters, kind, handler, runner)


def describe(failure: BaseException) -> str:
    """A failure in one line without values: class and place, plus the text if it was written for people."""
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    text = f": {failure}" if isinstance(failure, JobError) else ""
    cause = failure.__cause__ or failure.__context__
    because = f", after {type(cause).__name__}" if cause else ""
    return f"{type(failure).__name__}{place}{because}{text}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
