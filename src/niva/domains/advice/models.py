"""Advice: one thing that the desk said of the future or told somebody to do, and what came of it.

It is written when it is said and never changed; only the outcome is added. So the desk keeps score of itself.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.people.models import Workspace


class AdviceKind(models.TextChoices):
    FORECAST = "forecast", _("forecast")
    BEST_TIME = "best_time", _("best time")
    ALARM = "alarm", _("alarm")
    LEVER = "lever", _("lever")
    FACTOR = "factor", _("what works")
    EXPERIMENT = "experiment", _("experiment")


class Verdict(models.TextChoices):
    """What came of it. `open`: its day has not come; `void`: nobody can say any more, with the reason."""

    OPEN = "open", _("waits for its day")
    HIT = "hit", _("came true")
    MISS = "miss", _("did not come true")
    VOID = "void", _("cannot be told")


class Advice(models.Model):
    """`figure`: what the number is of (a word of the dictionary, "goal:12"); `expected`, `low`, `high`: what
    was promised, in its units; `odds`: how often `came` should lie between low and high (0.8 = 8 of 10),
    None where no range was given. `about`: what was said, plain values for the sentence. `came`: what was.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="advice")
    community = models.ForeignKey(Community, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=AdviceKind.choices)
    key = models.CharField(
        max_length=120, help_text="the same thing is said once: 'forecast:goal:12:2026-11-01'"
    )
    figure = models.CharField(max_length=40)
    about = models.JSONField(default=dict)
    expected = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    odds = models.FloatField(null=True)
    said_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(help_text="the first day on which its outcome can be told")
    verdict = models.CharField(max_length=4, choices=Verdict.choices, default=Verdict.OPEN)
    came = models.FloatField(null=True)
    why = models.CharField(max_length=60, blank=True, help_text="a code: why it cannot be told")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(
        max_length=150, blank=True, help_text="a person's name; empty: the desk itself"
    )

    class Meta:
        verbose_name_plural = "advice"
        indexes = [
            models.Index(fields=["client", "kind", "-said_at"], name="advice_recent"),
            models.Index(fields=["due_on"], name="advice_due", condition=Q(verdict="open")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="advice_once"),
            models.CheckConstraint(
                condition=Q(verdict="open", settled_at__isnull=True)
                | (~Q(verdict="open") & Q(settled_at__isnull=False)),
                name="advice_settled_when",
            ),
        ]

    def __str__(self) -> str:
        return self.key
