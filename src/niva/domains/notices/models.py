"""What the desk has to tell a person: one row a person and thing, shown in the desk, mailed in digests."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from niva.domains.clients.models import Client
from niva.domains.people.models import User, Workspace


class Notice(models.Model):
    """One thing for one person. `kind` is a stable word (`kinds.toml`); `facts` fill its sentence.

    `url`: the page where it is settled, a path of this desk. `key`: the same thing is told once while it is
    unread. `told_by`: {"mail": moment, "telegram": moment}, by which ways it has left the desk.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, blank=True)
    by = models.CharField(max_length=120, blank=True, help_text="who caused it, as he was called")
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    told_by = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_recent"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"],
                condition=Q(read_at__isnull=True) & ~Q(key=""),
                name="notice_once_unread",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"
