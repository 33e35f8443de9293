"""Who is alive, and how late the work was in every minute of the last days."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Beat(models.Model):
    """One process that works in the background. `ended_at`: it said goodbye; without it, it may have died.

    `figures`: numbers of the process itself, see `process.figures_of`; `clock_off` in them: seconds by which
    its clock is ahead of the database's.
    """

    id = models.UUIDField(primary_key=True)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class Minute(models.Model):
    """The worst lateness that any worker saw in one minute, and how much was due. No row: nobody looked."""

    minute = models.DateTimeField(primary_key=True)
    late_seconds = models.FloatField()
    due = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M} {self.late_seconds:.0f} s"
