"""What the desk has to tell a person: one row a person and thing, shown in the desk, mailed in digests."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.people.models import User, Workspace


class Notice(models.Model):
    """One thing for one person. `kind` is a stable word (`kinds.toml`); `facts` fill its sentence.

    `url`: the page where it is settled, a path of this desk. `key`: the same thing is told once while it is
    unread. `at_once`: it is not to wait for the digest. `told_by`: {"mail": moment, "telegram": moment}, by
    which ways it has left the desk.
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
    at_once = models.BooleanField(default=False)
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


def _working_days() -> list[int]:
    return [1, 2, 3, 4, 5]


class Ways(models.Model):
    """How one person is told things in one workspace. No row: a digest by mail at nine on working days.

    `digest_at`, `evening_at` are by the person's own clock, `weekdays` ISO (1 is Monday). `digest_on`,
    `evening_on`: the last day for which each has gone, so that none goes twice. `chat`: his Telegram chat
    with the desk's bot; `code_hash`: of the code that connects it, good until `code_until`.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="ways")
    by_mail = models.BooleanField(_("by mail"), default=True)
    by_telegram = models.BooleanField(_("by Telegram"), default=True)
    digest_at = models.TimeField(_("morning digest at"), default=datetime.time(9))
    weekdays = models.JSONField(default=_working_days)
    at_once = models.BooleanField(_("what cannot wait, at once"), default=True)
    evening = models.BooleanField(_("remind me of the day's note in the evening"), default=False)
    evening_at = models.TimeField(_("at"), default=datetime.time(18, 30))
    digest_on = models.DateField(null=True, blank=True)
    evening_on = models.DateField(null=True, blank=True)
    chat = models.BigIntegerField(null=True, blank=True)
    chat_name = models.CharField(max_length=120, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "ways"
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="ways_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.digest_at:%H:%M}"


class DeskBot(models.Model):
    """The workspace's own Telegram bot, by which the desk talks to its people. Its token is sealed."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="desk_bot")
    sealed = models.BinaryField()
    facts = models.JSONField(default=dict)
    username = models.CharField(max_length=64)
    saved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"@{self.username}"


class DayNote(models.Model):
    """What a person wrote at the end of his day; it greets him the next morning."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    day = models.DateField(help_text="by his own clock")
    text = models.CharField(max_length=2000)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user", "day"], name="day_note_once"),
            models.CheckConstraint(condition=~Q(text=""), name="day_note_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.text[:40]}"
