"""Avatars and covers of a client: the picture, how it is framed, whose it is, and where it was put."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.people.models import User, Workspace


class ArtworkKind(models.TextChoices):
    AVATAR = "avatar", _("avatar")
    COVER = "cover", _("cover")


class Rights(models.TextChoices):
    """How it is proved that the picture may be used."""

    UNKNOWN = "", _("not said yet")
    OWN = "own", _("made by us or for us")
    LICENCE = "licence", _("a licence of a picture stock")
    PERMISSION = "permission", _("the author's written permission")


class Artwork(models.Model):
    """One avatar or cover. `framing`: {focus, zoom, whole} as `kit.framing` reads it.

    `rights_note`: where the proof lies; `faces_agree`: the people who can be recognised agreed, or none can.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="artworks")
    asset = models.ForeignKey("publishing.Asset", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=ArtworkKind.choices)
    framing = models.JSONField(default=dict, blank=True)
    rights = models.CharField(max_length=10, choices=Rights.choices, blank=True)
    rights_note = models.CharField(max_length=500, blank=True)
    faces_agree = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["client", "-created_at"], name="artwork_recent")]

    def __str__(self) -> str:
        return self.asset.name


class ArtworkUse(models.Model):
    """The artwork was put on a community, or could not be: `code` is the network's why, "" = it is there."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    artwork = models.ForeignKey(Artwork, models.CASCADE, related_name="uses")
    community = models.ForeignKey(Community, models.CASCADE, related_name="+")
    code = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.artwork} → {self.community}"
