"""The worker's own view of its lease: a clock that also runs while the machine sleeps."""

from __future__ import annotations

import time
from typing import Final

from niva.domains.publishing.delivery.store import LEASE
from niva.networks.base.errors import LeaseLost

# A call begun right before the end could still be on its way after it.
MARGIN_SECONDS: Final = 10.0
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Seconds of a clock that neither jumps nor stops in a suspended machine or a stopped process."""
    return time.clock_gettime(_CLOCK)


class Hold:
    """How long the lease surely still holds. `asked_at` is taken *before* the database is asked."""

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
