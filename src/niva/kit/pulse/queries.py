"""Who is there and how late the work was: for the page and for the monitor."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection

from niva.kit.pulse.models import Beat, Minute

SILENT_AFTER: Final = timedelta(seconds=45)
"""Four beats missed: the worker is dead, cut off, or stands still."""
SHOWN_FOR: Final = timedelta(hours=1)
"""How long one that fell silent without a goodbye stays in sight."""


@dataclass(frozen=True, slots=True)
class Living:
    """A worker as it last told of itself. `silent`: it should have beaten again by now."""

    host: str
    pid: int
    version: str
    started_at: datetime
    beat_at: datetime
    silent: bool
    figures: dict[str, float]


def workers() -> list[Living]:
    """Those at work and those that fell silent within the hour, by the database's clock."""
    now = database_now()
    rows = Beat.objects.filter(ended_at=None, beat_at__gt=now - SHOWN_FOR).order_by("host", "started_at")
    return [
        Living(
            row.host, row.pid, row.version, row.started_at, row.beat_at,
            now - row.beat_at > SILENT_AFTER, row.figures,
        )
        for row in rows[:200]
    ]  # fmt: skip


def minutes(since: datetime) -> list[tuple[datetime, float, int]]:
    """(minute, seconds late, how many due), oldest first; minutes in which nobody looked are absent."""
    return list(
        Minute.objects.filter(minute__gte=since)
        .order_by("minute")
        .values_list("minute", "late_seconds", "due")
    )


def database_now() -> datetime:
    """The database's clock, which is the one that decides what is due."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (now,) = cursor.fetchone()
    found: datetime = now
    return found


def clock_off() -> float:
    """Seconds by which this process's clock is ahead of the database's, measured to half the way there."""
    before, asked = datetime.now(UTC), time.monotonic()
    theirs = database_now()
    half = timedelta(seconds=(time.monotonic() - asked) / 2)
    return round((before + half - theirs).total_seconds(), 3)
