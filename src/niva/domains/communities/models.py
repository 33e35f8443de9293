"""Community, its keys (sealed), developer apps, and the weekly slots in which it publishes."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client, KeyTask
from niva.domains.people.models import Workspace
from niva.domains.strategy.models import Rubric


class CommunityState(models.TextChoices):
    NEW = "new", _("not connected")
    CONNECTED = "connected", _("connected")
    NEEDS_LOGIN = "needs_login", _("needs a new sign-in")


class DeveloperApp(models.Model):
    """An application registered with a network, through which people let the desk in (OAuth)."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="developer_apps")
    network = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    server = models.CharField(max_length=200, blank=True, help_text="for networks of many servers: which one")
    app_id = models.CharField(max_length=200)
    sealed = models.BinaryField(help_text="kit.seal of {client_secret}")
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Community(models.Model):
    """A page, group or channel on a network, with its own task and time zone."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="communities")
    network = models.CharField(_("network"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    task = models.CharField(_("task"), max_length=16, choices=KeyTask.choices)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    state = models.CharField(max_length=12, choices=CommunityState.choices, default=CommunityState.NEW)
    state_reason = models.CharField(max_length=60, blank=True, help_text="code of the network's error")
    remote_id = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=500, blank=True)
    late_minutes = models.PositiveIntegerField(
        _("still goes out when late, minutes"),
        default=180,
        help_text="a post that is later than this waits for a person's word",
    )
    by_hand = models.BooleanField(
        default=False,
        db_default=False,
        help_text="people publish there; the desk makes the task at the hour and takes the link as proof",
    )
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "communities"
        indexes = [models.Index(fields=["workspace", "network"], name="community_network")]

    def __str__(self) -> str:
        return self.name

    @property
    def takes_posts(self) -> bool:
        """Whether what is scheduled for it comes to anything: it lets the desk in, or people do it."""
        return self.by_hand or self.state == CommunityState.CONNECTED


class Feed(models.Model):
    """The RSS feed of a community whose network imports one. `token` is its secret address.

    Whoever has the address reads what is published anyway; it is kept secret so that nobody takes it for a
    site, and can be renewed. `fetched_at`, `fetched_by`: when a robot was here last, and its name for itself.
    """

    community = models.OneToOneField(Community, models.CASCADE, related_name="feed")
    token = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    fetched_at = models.DateTimeField(null=True, blank=True)
    fetched_by = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"feed of {self.community}"


class Credential(models.Model):
    """The keys of one community, sealed. `version` grows with every change, so one worker renews them."""

    community = models.OneToOneField(Community, models.CASCADE, related_name="credential")
    app = models.ForeignKey(DeveloperApp, models.PROTECT, null=True, blank=True, related_name="+")
    sealed = models.BinaryField()
    facts = models.JSONField(default=dict)
    lacks = models.JSONField(default=list, help_text="abilities that the keys do not carry")
    expires_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"keys of {self.community}"


class Slot(models.Model):
    """A weekly place for a post in one community, in the community's own time zone."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="slots")
    weekday = models.PositiveSmallIntegerField(help_text="0 = Monday")
    at = models.TimeField()
    note = models.CharField(max_length=80, blank=True, help_text="what usually goes here")
    rubric = models.ForeignKey(
        Rubric, models.SET_NULL, null=True, blank=True, related_name="+", help_text="only posts of it"
    )

    class Meta:
        ordering = ["weekday", "at"]
        constraints = [
            models.UniqueConstraint(fields=["community", "weekday", "at"], name="slot_once"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="slot_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.at:%H:%M}"
