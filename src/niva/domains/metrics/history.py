"""A file with posts from before the desk: kept while a person looks, so that nothing has to be sent twice."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.people.models import User, Workspace


class HistoryImport(models.Model):
    """`table`: the rows as JSON, compressed, until they are brought or forgotten; `choices`: {columns:
    {place: word}, zone, day_first, as_of}. `made`: posts that were made; `numbers`: values written."""

    class State(models.TextChoices):
        SHOWN = "shown"
        BROUGHT = "brought"
        BACK = "back"  # taken back: what it had made is gone

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    community = models.ForeignKey(Community, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    table = models.BinaryField(null=True)
    choices = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.SHOWN)
    made = models.PositiveIntegerField(default=0)
    numbers = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    brought_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name
