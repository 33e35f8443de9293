"""Raw readings (append-only, a partition a month), the latest value per subject, and daily sums.

`subject` is "publication" or "community", `subject_id` its id. A value that a network does not give is not a
row here but an `Absence` with its reason: missing is never zero.
"""

from __future__ import annotations

from django.db import models

from niva.domains.communities.models import Community


class Subject(models.TextChoices):
    PUBLICATION = "publication"
    COMMUNITY = "community"


class Source(models.TextChoices):
    """Who told a value."""

    NETWORK = "network"
    HAND = "hand"  # a person typed it in
    IMPORT = "import"  # it stood in a table that a person exported elsewhere


class Reading(models.Model):
    """One measured value. The table is partitioned by month of `at`; see migrations and services.ingest."""

    pk = models.CompositePrimaryKey("subject", "subject_id", "metric", "at")
    subject = models.CharField(max_length=12, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    community_id = models.BigIntegerField()
    metric = models.CharField(max_length=20)
    definition = models.PositiveSmallIntegerField(default=1, help_text="version of the metric's definition")
    value = models.FloatField()
    at = models.DateTimeField()
    source = models.CharField(
        max_length=8, default="network", db_default="network", help_text="network, hand, import"
    )

    class Meta:
        managed = False
        db_table = "metrics_reading"

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id} {self.metric} = {self.value:g}"


class Latest(models.Model):
    """The newest value per subject and metric, kept at ingest."""

    subject = models.CharField(max_length=12, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    community = models.ForeignKey(Community, models.CASCADE, related_name="+")
    metric = models.CharField(max_length=20)
    value = models.FloatField()
    at = models.DateTimeField()
    source = models.CharField(
        max_length=8, default="network", db_default="network", help_text="network, hand, import"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "subject_id", "metric"], name="latest_once"),
        ]
        indexes = [models.Index(fields=["community", "subject", "metric"], name="latest_community")]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id} {self.metric} = {self.value:g}"


class Daily(models.Model):
    """Per community, day (in its own time zone) and metric: how much came that day, and the level at its end.

    For counters of posts `gained` is the sum of growth of all its publications that day; for levels of the
    community itself (followers) `gained` is the change and `level` the last value.
    """

    community = models.ForeignKey(Community, models.CASCADE, related_name="+")
    subject = models.CharField(max_length=12, choices=Subject.choices)
    metric = models.CharField(max_length=20)
    day = models.DateField()
    gained = models.FloatField(default=0)
    level = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "subject", "metric", "day"], name="daily_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.metric} +{self.gained:g}"


class Absence(models.Model):
    """A metric that a community's network does not give, with the reason as a stable code."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="absences")
    subject = models.CharField(max_length=12, choices=Subject.choices)
    metric = models.CharField(max_length=20)
    reason = models.CharField(max_length=60)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "subject", "metric"], name="absence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.metric}: {self.reason}"


class Schedule(models.Model):
    """When a publication or a community is to be read next: ever less often as a post grows old."""

    subject = models.CharField(max_length=12, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    community = models.ForeignKey(Community, models.CASCADE, related_name="+")
    next_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "subject_id"], name="schedule_once")]
        indexes = [
            models.Index(fields=["next_at"], name="schedule_due", condition=models.Q(next_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id} at {self.next_at}"
