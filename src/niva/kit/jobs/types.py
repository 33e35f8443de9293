"""What a job is to the code that uses the engine. Pure: no database, no engine."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NewType, Protocol

JobId = NewType("JobId", int)
Payload = dict[str, Any]


class JobError(Exception):
    """A failure whose text was written for people and may be stored and logged.

    The text of any other exception is never stored: it may carry an address with a token in it.
    """


class RetryLater(JobError):
    """Raise in a handler: run me again after a pause, this try does not count as a failure."""

    def __init__(self, after: timedelta, reason: str = "") -> None:
        super().__init__(reason or "asked to be run later")
        self.after = max(after, timedelta(0))


class GiveUp(JobError):
    """Raise in a handler: no further try can help, put the job on the dead list now."""


class CancelOutcome(StrEnum):
    REMOVED = "removed"
    """It waited and will not run."""
    RUNNING = "running"
    """It runs now: it is not interrupted, but it will not be retried."""
    ABSENT = "absent"
    """No such job waits or runs."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler may know of its own run."""

    id: JobId
    kind: str
    key: str | None
    attempt: int
    """1 for the first try."""
    last_attempt: bool
    """Another failure now puts the job on the dead list."""
    due: datetime
    stopping: asyncio.Event
    """Set when the worker wants to stop: a long handler should come to an end."""
    held: Callable[[], Awaitable[bool]] = field(repr=False)
    """Renews the lease and tells whether this worker still has it. Ask at the last moment
    before an act that must not happen twice: a worker that slept past its lease gets False, so
    does one whose job was cancelled or that cannot reach the database. After a False return (or
    raise) without acting: the job is then not taken for done but handed back."""


class HandlerCall(Protocol):
    async def __call__(self, ctx: JobContext, payload: Payload, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Handler:
    """How jobs of one kind are run.

    ``limit``: at most so many at once over *all* workers (0: no limit). ``tries``: failures
    until the job is put on the dead list. ``timeout``: seconds one try may take. The pause
    after the n-th failure is ``first_pause * 3**(n-1)``, at most ``longest_pause``.
    """

    call: HandlerCall
    limit: int = 0
    tries: int = 8
    timeout: float = 600
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(hours=1)

    def pause_after(self, failures: int) -> timedelta:
        """How long to wait after so many failures in a row (1 or more)."""
        factor: int = 3 ** min(failures - 1, 20)
        return min(self.first_pause * factor, self.longest_pause)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job of ``kind`` that comes again and again, once for all workers together.

    Either ``every`` (moments are multiples of it since 1970, so all workers agree) or
    ``cron`` (five fields, UTC). Missed moments are not made up for: after a night without
    a worker it runs once. A long run does not hold up the next; use ``Handler(limit=1)`` for that.
    """

    kind: str
    every: timedelta | None = None
    cron: str | None = None
    payload: Payload = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        if (self.every is None) == (self.cron is None):
            raise ValueError("give either every or cron")
        if self.every is not None and self.every < timedelta(seconds=1):
            raise ValueError("every must be at least one second")
        self.next_after(datetime.now(UTC))  # a wrong cron expression is found at start, not at night

    @property
    def key(self) -> str:
        return f"periodic:{self.name or self.kind}"

    def next_after(self, now: datetime) -> datetime:
        """The first moment later than ``now``."""
        if self.every is not None:
            step = self.every.total_seconds()
            return datetime.fromtimestamp((now.timestamp() // step + 1) * step, UTC)
        from croniter import croniter  # type: ignore[import-untyped]

        moment: datetime = croniter(self.cron, now.astimezone(UTC)).get_next(datetime)
        return moment
