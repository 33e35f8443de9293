"""The writing assistant: which service a workspace has given it, and what it proposed for posts.

Off until the owner of the workspace switches it on. Whatever a machine wrote is a Proposal, and stays marked
as such until a person has accepted or rejected it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.models import Post

LONGEST_ASKED = 20_000  # characters that may be sent at once: a long interview's piece and the wish
LONGEST_PROPOSED = 40_000


class Assistant(models.Model):
    """The service of one workspace. `sealed`: kit.seal of {"key"}; it is never shown again."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="assistant")
    is_on = models.BooleanField(_("The assistant may be asked"), default=False)
    base = models.CharField(_("Address of the service"), max_length=300, blank=True)
    model = models.CharField(_("Model for texts"), max_length=120, blank=True)
    speech_model = models.CharField(_("Model for speech"), max_length=120, blank=True)
    sealed = models.BinaryField(null=True, blank=True)
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_on=False) | (~Q(base="") & (~Q(model="") | ~Q(speech_model=""))),
                name="assistant_on_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.base


class Wish(models.TextChoices):
    """What may be asked for."""

    HOOKS = "hooks", _("first lines to choose from")
    SHORTER = "shorter", _("the same, shorter")
    TONE = "tone", _("the same in another tone")
    HEADLINE = "headline", _("headlines to choose from")
    CALL = "call", _("calls to action to choose from")
    FROM_FRAGMENT = "fragment", _("a post from a fragment")


class Verdict(models.TextChoices):
    WAITING = "waiting", _("written by a machine, nobody has accepted it")
    ACCEPTED = "accepted", _("accepted by a person")
    REJECTED = "rejected", _("rejected by a person")


class Proposal(models.Model):
    """What a machine wrote for a post. `asked`: exactly what was sent. `put_in`: whether its words went into
    the post's text before anybody accepted them, so that the post carries the mark."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, models.CASCADE, related_name="proposals")
    wish = models.CharField(max_length=10, choices=Wish.choices)
    asked = models.CharField(max_length=LONGEST_ASKED)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    model = models.CharField(max_length=120)
    text = models.CharField(max_length=LONGEST_PROPOSED)
    cut = models.BooleanField(default=False, help_text="the service stopped for want of room")
    put_in = models.BooleanField(default=False)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, default=Verdict.WAITING)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["post"], condition=Q(verdict="waiting"), name="proposal_waiting"),
            models.Index(fields=["post", "-asked_at"], name="proposal_of_post"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="waiting") | Q(decided_at__isnull=False), name="proposal_decided_when"
            ),
        ]

    def __str__(self) -> str:
        return str(self.post)
