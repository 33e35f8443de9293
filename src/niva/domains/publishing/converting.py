"""Videos being written anew for a network: one row for each file and each set of bounds."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ConversionState(models.TextChoices):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Conversion(models.Model):
    """A video on its way into a network's bounds. The target's name holds the hash of the file and of the
    bounds (`mark`), so that nothing is ever made twice, whoever uploaded it and however often a worker dies.

    `code` of a failed one: broken, too_heavy, too_slow. `touched_at`: the last sign of life.
    """

    asset = models.ForeignKey("publishing.Asset", models.CASCADE, related_name="conversions")
    mark = models.CharField(max_length=12)
    bounds = models.JSONField(help_text="kit.transcode.Bounds")
    state = models.CharField(max_length=8, choices=ConversionState.choices, default=ConversionState.WAITING)
    progress = models.PositiveSmallIntegerField(default=0, help_text="percent")
    result = models.JSONField(default=dict, blank=True, help_text="{path, size, width, height, duration}")
    code = models.CharField(max_length=20, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "mark"], name="conversion_once")]

    def __str__(self) -> str:
        return f"{self.asset}: {self.state}"
