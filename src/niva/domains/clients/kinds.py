"""What clients of different kinds are judged by, where nothing in the networks tells it: promises of a public
body, fundraisers and first shifts of a non-profit, and parts of a whole that people type in.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client, Known
from niva.domains.people.models import User, Workspace


class Promise(models.Model):
    """What was promised in public, and whether it was done. `proof`: a link to what shows it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="promises")
    said_on = models.DateField(_("said on"))
    what = models.CharField(_("what was promised"), max_length=300)
    post_url = models.URLField(_("where it was said"), max_length=500, blank=True)
    due = models.DateField(_("until"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    proof = models.URLField(_("what shows it"), max_length=500, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(due__isnull=True) | Q(due__gte=F("said_on")), name="promise_due_after_said"
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(done_on__gte=F("said_on")),
                name="promise_done_after_said",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Fundraiser(models.Model):
    """Money collected for one thing: what came, what it went to, and the post that reports it.

    `collected`, `spent`: None = not known, which is no zero. `documents`: links, one a line.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="fundraisers")
    what = models.CharField(_("for what"), max_length=200)
    goal = models.DecimalField(_("to collect"), max_digits=14, decimal_places=2)
    collected = models.DecimalField(_("collected"), max_digits=14, decimal_places=2, null=True, blank=True)
    spent = models.DecimalField(_("spent"), max_digits=14, decimal_places=2, null=True, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    documents = models.TextField(_("documents, a link a line"), blank=True)
    closing_url = models.URLField(_("the post that reports it"), max_length=500, blank=True)
    closed_on = models.DateField(_("reported on"), null=True, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(goal__gt=0), name="fundraiser_goal"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="fundraiser_days"),
            models.CheckConstraint(
                condition=Q(collected__isnull=True) | Q(collected__gte=0), name="fundraiser_collected"
            ),
            models.CheckConstraint(
                condition=Q(spent__isnull=True) | Q(spent__gte=0), name="fundraiser_spent"
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Volunteer(models.Model):
    """One person who applied. `label`: initials or a number, nothing that tells who it is."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="volunteers")
    label = models.CharField(_("initials or a number"), max_length=40)
    applied_on = models.DateField(_("applied"))
    first_shift_on = models.DateField(_("first shift"), null=True, blank=True)
    last_shift_on = models.DateField(_("last shift so far"), null=True, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_shift_on__isnull=True) | Q(first_shift_on__gte=F("applied_on")),
                name="volunteer_first_shift",
            ),
            models.CheckConstraint(
                condition=Q(last_shift_on__isnull=True)
                | Q(first_shift_on__isnull=False, last_shift_on__gte=F("first_shift_on")),
                name="volunteer_last_shift",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Part(models.Model):
    """So many of so many in one month, typed in with how it is known: answers in time, readings to the end.

    `figure`: a key of `kinds.toml` whose `way` is "typed"; `month`: its first day.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="typed_parts")
    figure = models.CharField(max_length=40)
    month = models.DateField()
    top = models.DecimalField(max_digits=14, decimal_places=2)
    bottom = models.DecimalField(max_digits=14, decimal_places=2)
    known = models.CharField(max_length=10, choices=Known.choices, default=Known.COUNTED)
    source = models.CharField(_("where it is from"), max_length=200)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "figure", "month"], name="typed_part_once"),
            models.CheckConstraint(condition=Q(bottom__gt=0, top__gte=0), name="typed_part_of_something"),
            models.CheckConstraint(condition=Q(month__day=1), name="typed_part_month"),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.month:%Y-%m}: {self.top}/{self.bottom}"
