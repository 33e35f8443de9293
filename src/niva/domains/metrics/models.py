"""Raw readings (append-only, a partition a month), the latest value per subject, and daily sums.

`subject` is "publication" or "community", `subject_id` its id. A value that a network does not give is not a
row here but an `Absence` with its reason: missing is never zero.
"""

from __future__ import annotations

from django.db import models

import niva.domains.metrics.history  # noqa: F401  Django finds its models through here
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.people.models import Workspace
from niva.domains.publishing.models import Publication
from niva.domains.strategy.models import Rubric


class Subject(models.TextChoices):
    PUBLICATION = "publication"
    COMMUNITY = "community"


class Source(models.TextChoices):
    """Who told a value."""

    NETWORK = "network"
    HAND = "hand"  # a person typed it in
    IMPORT = "import"  # it stood in a table that a person exported elsewhere
    HISTORY = "history"  # it came with a post from before the desk: a level, not the growth of its day


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
    definition = models.PositiveSmallIntegerField(default=1, db_default=1)
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
    community itself (followers) `gained` is the change and `level` the last value. A fall makes it smaller
    and stays there. `anew`: on this day the network began to count otherwise (another version of the metric's
    definition), so the step from the old count to the new is in no day's growth.
    """

    community = models.ForeignKey(Community, models.CASCADE, related_name="+")
    subject = models.CharField(max_length=12, choices=Subject.choices)
    metric = models.CharField(max_length=20)
    day = models.DateField()
    gained = models.FloatField(default=0)
    level = models.FloatField(null=True, blank=True)
    anew = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "subject", "metric", "day"], name="daily_once"),
        ]
        # Pages ask for days: what lies before them must not be read.
        indexes = [models.Index(fields=["community", "day"], name="daily_days")]

    def __str__(self) -> str:
        return f"{self.day} {self.metric} +{self.gained:g}"


class Counters(models.Model):
    """What the networks count of one post, side by side. None: not read or not given, never zero."""

    views = models.FloatField(null=True)
    reach = models.FloatField(null=True)
    likes = models.FloatField(null=True)
    comments = models.FloatField(null=True)
    reposts = models.FloatField(null=True)
    saves = models.FloatField(null=True)
    clicks = models.FloatField(null=True)
    votes = models.FloatField(null=True)

    class Meta:
        abstract = True


class Format(models.TextChoices):
    """The form of a post as it went out, by what its revision holds; see `posts.format_of`."""

    TEXT = "text"
    LINK = "link"
    PHOTO = "photo"
    ALBUM = "album"  # several pictures
    VIDEO = "video"
    CLIP = "clip"  # upright and short
    STORY = "story"
    POLL = "poll"
    THREAD = "thread"


class PostNumbers(Counters):
    """One publication with all that pages group it by and its newest numbers; kept at ingest.

    `day`, `weekday` (ISO, 1 is Monday) and `hour` are of the community's own clock when it went out. `paid`:
    somebody paid for its being shown, so it is not compared with the others. `length`: characters.
    """

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="numbers")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="+", db_index=False)
    community = models.ForeignKey(Community, models.CASCADE, related_name="+", db_index=False)
    rubric = models.ForeignKey(Rubric, models.SET_NULL, null=True, related_name="+")
    format = models.CharField(max_length=8, choices=Format.choices)
    paid = models.BooleanField(default=False)
    removed = models.BooleanField(default=False)
    published_at = models.DateTimeField()
    day = models.DateField()
    weekday = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    length = models.PositiveIntegerField(default=0)
    files = models.PositiveSmallIntegerField(default=0)
    with_link = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "numbers of posts"
        indexes = [
            models.Index(fields=["client", "day"], name="post_numbers_client"),
            models.Index(fields=["community", "day"], name="post_numbers_community"),
            models.Index(fields=["workspace", "day"], name="post_numbers_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.day}"


AGES = (1, 24, 72, 168, 672)
"""Hours after a post went out at which it is compared with others: an hour, 1, 3, 7 and 28 days."""


class PostAtAge(Counters):
    """The numbers of one publication when it was so many hours old: between two readings by a straight line,
    absent until a reading at that age or later came in, and where the nearer of the two readings is further
    away than half the age (at least an hour): see `rollups`."""

    pk = models.CompositePrimaryKey("publication_id", "age")
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="at_ages", db_index=False)
    age = models.PositiveSmallIntegerField(help_text="hours, one of AGES")

    class Meta:
        verbose_name_plural = "posts at ages"

    def __str__(self) -> str:
        return f"{self.publication_id} after {self.age} h"


class Archived(models.Model):
    """A month of raw readings that was written to a file and proven; `dropped_at`: and left the database."""

    month = models.DateField(unique=True, help_text="its first day, UTC")
    file = models.CharField(max_length=500)
    rows = models.BigIntegerField()
    total = models.FloatField(help_text="the sum of all its values")
    sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "archived months"

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


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
