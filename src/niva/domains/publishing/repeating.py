"""Series, its occurrences, and evergreen posts: what goes out more than once.

Every occurrence is a post of its own, copied from the pattern: it has its own page, its own text where a
person changed it, its own deliveries and numbers. That no occurrence is made twice is the unique constraint
on (series, day); that none is sent twice is, as for every post, the one on deliveries.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from niva.domains.clients.models import Client
from niva.domains.people.models import User, Workspace


class Series(models.Model):
    """A post that goes out again by a rule. `post`: the pattern, which itself never goes out.

    `rule`: an RRULE of RFC 5545 with its end inside (UNTIL or COUNT); `starts_on` and `at` are wall-clock,
    the zone is each community's own. `ended_at`: nothing more is made.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="series")
    post = models.OneToOneField("publishing.Post", models.CASCADE, related_name="series")
    rule = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="the day of the last occurrence, counted from the rule")
    at = models.TimeField()
    after = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="what this one goes on",
    )
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "series"
        indexes = [
            models.Index(fields=["client", "ends_on"], name="series_client"),
            # The periodic job reads only what still makes occurrences.
            models.Index(fields=["ends_on"], name="series_alive", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return str(self.post)


class Occurrence(models.Model):
    """One day of a series, as the rule gives it (RECURRENCE-ID of RFC 5545): made into a post, or skipped.

    `print`: fingerprint of what the pattern gave it; a post that reads otherwise was changed by a person.
    """

    series = models.ForeignKey(Series, models.CASCADE, related_name="occurrences")
    day = models.DateField()
    post = models.OneToOneField(
        "publishing.Post", models.SET_NULL, null=True, blank=True, related_name="occurrence"
    )
    print = models.CharField(max_length=64, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["series", "day"], name="occurrence_once")]

    def __str__(self) -> str:
        return f"{self.series_id}: {self.day}"


class Evergreen(models.Model):
    """A post that may be used again: rests `rest_days`, until a day or so many times on each community."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="evergreens")
    post = models.OneToOneField("publishing.Post", models.CASCADE, related_name="evergreen")
    rest_days = models.PositiveSmallIntegerField(default=60)
    valid_until = models.DateField(null=True, blank=True)
    most_times = models.PositiveSmallIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rest_days__gte=1), name="evergreen_rests")]

    def __str__(self) -> str:
        return str(self.post)


def shown_again(path: str = "post__") -> Q:
    """Posts (reached by `path`) that only show once more what was made already: copies of evergreens, what a
    series made of its pattern, and the patterns of what went on from them.

    What had been scheduled before it began to repeat is older than its pattern, and is a piece of its own.
    """

    def at(name: str, value: object) -> Q:
        return Q(**{f"{path}{name}": value})

    of_series = at("occurrence__isnull", False) & (
        at("occurrence__series__after__isnull", False) | at("pk__gt", F(f"{path}occurrence__series__post"))
    )
    return at("again_of__isnull", False) | at("series__after__isnull", False) | of_series
