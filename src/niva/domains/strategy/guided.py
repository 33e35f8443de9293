"""A client's strategy as a whole: its guide, what was written at each step, and the vision it began with."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.people.models import User, Workspace

LONGEST_ANSWER = 20_000  # characters of one step: some seven pages, and more than anybody reads
LONGEST_VISION = 300_000  # characters of a pasted text: a book of 150 pages


class Strategy(models.Model):
    """By which guide a strategy is written. No row: the guide of the client's kind, nothing begun."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.OneToOneField(Client, models.CASCADE, related_name="strategy")
    guide = models.CharField(max_length=20)
    whole_for_client = models.BooleanField(
        _("The client sees competitors and risks, too"),
        default=False,
        help_text=_("Otherwise his page leaves them out: they are written for those who work."),
    )
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "strategies"

    def __str__(self) -> str:
        return str(self.client)


class Answer(models.Model):
    """What was written at one step. The code of a step means the same in every guide, so a change of the
    guide loses nothing. `skipped`: the step was left out, and `note` says why."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="strategy_answers")
    step = models.CharField(max_length=20)
    text = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    skipped = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "step"], name="strategy_answer_once"),
            models.CheckConstraint(
                condition=Q(skipped=False) | ~Q(note=""), name="answer_skipped_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.step}"


class Vision(models.Model):
    """One version of what the client's marketer sees: a text, a document, or both. Never changed."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="visions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the client")
    said_by = models.CharField(_("Whose vision"), max_length=120, blank=True)
    text = models.TextField(_("Text"), blank=True)
    name = models.CharField(max_length=200, blank=True, help_text="the file's name as the person had it")
    path = models.CharField(max_length=200, blank=True, help_text="relative to the media folder")
    kind = models.CharField(max_length=5, blank=True, help_text="pdf, docx, txt, md: found from the content")
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="vision_version_once"),
            models.CheckConstraint(condition=~Q(text="") | ~Q(path=""), name="vision_holds_something"),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.number}"
