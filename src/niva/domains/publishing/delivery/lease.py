"""Leases: who may act on a delivery now. The worker's own view of it, and what keeps it alive.

The clock here also runs while the machine sleeps.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

from niva.networks.base.errors import LeaseLost

log = logging.getLogger("niva.delivery")

# Long enough for a database that restarts, short enough for a post whose worker died.
LEASE: Final = timedelta(seconds=max(15.0, float(os.environ.get("NIVA_LEASE_SECONDS", "120"))))
# A call begun right before the end could still be on its way after it.
MARGIN_SECONDS: Final = min(10.0, LEASE.total_seconds() / 4)
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Seconds of a clock that neither jumps nor stops in a suspended machine or a stopped process."""
    return time.clock_gettime(_CLOCK)


class Hold:
    """How long the lease surely still holds. `asked_at` is taken *before* the database is asked."""

    __slots__ = ("until",)

    def __init__(self) -> None:
        self.until = 0.0

    def renewed(self, asked_at: float) -> None:
        self.until = asked_at + LEASE.total_seconds() - MARGIN_SECONDS

    def lose(self) -> None:
        self.until = 0.0

    async def check(self) -> None:
        """Called right before every request leaves. Raises LeaseLost: then nothing was sent."""
        if now() >= self.until:
            raise LeaseLost("the lease is over or too near its end")


class Leased(Protocol):
    """What is held: a delivery under one lease."""

    @property
    def id(self) -> int: ...
    @property
    def lease(self) -> UUID: ...


class Keeper:
    """Renews the leases of everything that is at work here, all in one statement, four times a lease.

    `renew`: lengthens what is still ours; returns the ids of those.
    """

    def __init__(self, renew: Callable[[Iterable[Leased]], Awaitable[set[int]]]) -> None:
        self._renew = renew
        self._held: dict[UUID, tuple[Leased, Hold]] = {}
        self._task: asyncio.Task[None] | None = None

    def take(self, work: Leased, hold: Hold) -> None:
        """Keep this lease alive until it is let go."""
        self._held[work.lease] = (work, hold)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep())

    def let_go(self, work: Leased) -> None:
        self._held.pop(work.lease, None)
        if not self._held and self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def held(self) -> list[Leased]:
        return [work for work, _ in self._held.values()]

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 4)
            asked, kept = now(), dict(self._held)
            try:
                still = await self._renew([work for work, _ in kept.values()])
            except Exception as error:  # each hold ends by its own clock if this goes on
                log.warning("leases not renewed", extra={"why": type(error).__name__, "held": len(kept)})
                continue
            for work, hold in kept.values():
                if work.id in still:
                    hold.renewed(asked)
                else:
                    hold.lose()
