"""The time by which deliveries live: the database's, for all workers the same.

Between its answers it is carried on by a clock that neither jumps nor stops in a sleeping machine. What this
machine takes for the time of day decides nothing: a worker whose clock is set wrong or jumps sends no post
late, holds none back and believes in nothing too early.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from niva.domains.publishing.delivery import lease


class Clock:
    """Call it for the time. Before the database has told it, the machine's own."""

    def __init__(self) -> None:
        self._moment: datetime | None = None
        self._at = 0.0

    def heard(self, moment: datetime, asked: float) -> None:
        """The database said `moment` to a question that was put at `asked` (`lease.now()`)."""
        self._moment, self._at = moment, asked

    def __call__(self) -> datetime:
        if self._moment is None:
            return datetime.now(UTC)
        return self._moment + timedelta(seconds=lease.now() - self._at)
