"""The register of small changes: what was wrong, by which figure, what is tried, and how it ended."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.editorial.states import StageKind
from niva.domains.people.models import User, Workspace


class Measure(models.TextChoices):
    """The figures of the flow by which a change is judged; formulas are in `flowfigures.py`."""

    CYCLE = "cycle", _("days from idea to publication")
    STAGE = "stage", _("hours in a stage")
    RETURNS = "returns", _("share of pieces that were returned")
    ON_TIME = "on_time", _("share published on time")
    ROUNDS = "rounds", _("share with more than two rounds")


class Ending(models.TextChoices):
    TRIAL = "trial", _("on trial")
    KEPT = "kept", _("kept")
    ROLLED_BACK = "rolled_back", _("rolled back")


class Change(models.Model):
    """One change on trial. `client` None: of the whole workspace.

    `before`, `after`: the evidence as the desk counted it: {value, rows, since, until}; value is None where
    nothing could be counted. `look_on`: the day on which it is decided.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, null=True, blank=True, related_name="+")
    problem = models.CharField(max_length=400)
    measure = models.CharField(max_length=10, choices=Measure.choices)
    stage = models.CharField(max_length=12, choices=StageKind.choices, blank=True)
    change = models.CharField(max_length=400)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    starts_on = models.DateField()
    look_on = models.DateField()
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    ending = models.CharField(max_length=12, choices=Ending.choices, default=Ending.TRIAL)
    words = models.CharField(max_length=600, blank=True, help_text="what was learnt")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["look_on", "id"]
        indexes = [models.Index(fields=["workspace", "ending", "look_on"], name="change_trial")]
        constraints = [
            models.CheckConstraint(condition=Q(look_on__gt=models.F("starts_on")), name="change_looks_later"),
            models.CheckConstraint(
                condition=Q(ending="trial", decided_at__isnull=True)
                | (~Q(ending="trial") & Q(decided_at__isnull=False)),
                name="change_decided",
            ),
            models.CheckConstraint(
                condition=Q(measure="stage") & ~Q(stage="") | ~Q(measure="stage"), name="change_stage_named"
            ),
        ]

    def __str__(self) -> str:
        return self.change
