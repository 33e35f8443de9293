"""Experiments: two ways to do the same in one community, told apart by lot. They are kept for ever."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.models import Publication


class State(models.TextChoices):
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped before its end")
    ENDED = "ended", _("ended")


class Way(models.TextChoices):
    FIRST = "first", _("the first way")
    SECOND = "second", _("the second way")


class Stand(models.TextChoices):
    """What came out. Empty while it runs, and where it was stopped before anything could be told."""

    FIRST = "first", _("the first way is better")
    SECOND = "second", _("the second way is better")
    NONE = "none", _("no difference that could be told")


class MeasureOf(models.TextChoices):
    """The counters of a post that can be compared."""

    VIEWS = "views", _("Views")
    REACH = "reach", _("Reach")
    LIKES = "likes", _("Likes")
    COMMENTS = "comments", _("Comments")
    REPOSTS = "reposts", _("Reposts")
    CLICKS = "clicks", _("Visits by the link")


class Experiment(models.Model):
    """`first`, `second`: the ways in people's words. `age`: hours at which posts are compared. `posts_each`:
    planned for each way. `effect`: the smallest that is worth knowing (0.2: a fifth more). `sigma`: the
    spread of logarithms of this community's posts when it was planned; `own_spread`: whether there was
    enough history to know it. `seed` made the lot. `ratio`, `low`, `high`, `words`: what came out, kept as it
    was said."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="experiments")
    community = models.ForeignKey(Community, models.CASCADE, related_name="+")
    question = models.CharField(_("what we want to know"), max_length=200)
    first = models.CharField(_("the first way"), max_length=80)
    second = models.CharField(_("the second way"), max_length=80)
    measure = models.CharField(_("by what it is judged"), max_length=10, choices=MeasureOf.choices)
    age = models.PositiveSmallIntegerField(_("when posts are compared"))
    posts_each = models.PositiveSmallIntegerField(_("posts of each way"))
    effect = models.FloatField()
    sigma = models.FloatField()
    own_spread = models.BooleanField(default=True)
    seed = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    stand = models.CharField(max_length=6, choices=Stand.choices, blank=True)
    ratio = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    words = models.CharField(max_length=600, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="running", closed_at__isnull=True)
                | (~models.Q(state="running") & models.Q(closed_at__isnull=False)),
                name="experiment_closed_when",
            ),
            models.CheckConstraint(
                condition=models.Q(effect__gt=0) & models.Q(sigma__gt=0) & models.Q(posts_each__gt=0),
                name="experiment_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.question


class Assignment(models.Model):
    """One coming post of the plan: by the lot it goes the one way or the other. `due_at`: the
    community's slot that it takes, empty where there are no slots."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="assignments")
    number = models.PositiveSmallIntegerField()
    block = models.PositiveSmallIntegerField()
    way = models.CharField(max_length=6, choices=Way.choices)
    due_at = models.DateTimeField(null=True)
    publication = models.ForeignKey(Publication, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="assignment_once"),
            models.UniqueConstraint(
                fields=["experiment", "publication"],
                condition=models.Q(publication__isnull=False),
                name="assignment_post_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.way}"
