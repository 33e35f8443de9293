"""How a community stands technically: its standing now, every finding, the checks that led there, and what
people said of what no API tells."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.people.models import User, Workspace

STATES = [
    ("ok", _("in order")), ("done", _("in order, as said")), ("broken", _("broken")),
    ("todo", _("to be answered")), ("unknown", _("not seen")), ("not_applicable", _("does not apply")),
]  # fmt: skip


class Cause(models.TextChoices):
    NIGHT = "night", _("by itself")
    HAND = "hand", _("by hand")
    ANSWER = "answer", _("an answer")
    MENDED = "mended", _("mended from here")


class Owned(models.Model):
    """Belongs to a community, and through it to a client and a workspace, so that the one door finds it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class Condition(Owned):
    """The standing of one community now. `seen`: what was seen at `looked_at` (see `condition.seen`);
    `code`: why the last look, at `tried_at`, saw nothing; "" when it did.

    `busy_since`, `step`, `steps_done`, `steps`: a look that is on its way.
    """

    community = models.OneToOneField(Community, models.CASCADE, related_name="condition")
    seen = models.JSONField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True, db_index=True)
    code = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    busy_since = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=12, blank=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveSmallIntegerField(default=0)
    required = models.PositiveSmallIntegerField(default=0)
    unknown = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.community}: {self.done} of {self.required}"


class Finding(Owned):
    """One item of the checklist as it stands now; `since`: when it came into this state."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="findings")
    item = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=STATES)
    said = models.CharField(max_length=40, blank=True, help_text="code of the sentence that says why")
    params = models.JSONField(default=dict)
    required = models.BooleanField()
    weight = models.PositiveSmallIntegerField()
    asked = models.BooleanField(help_text="a person may say how it is")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "item"], name="finding_once")]
        indexes = [models.Index(fields=["client", "state"], name="finding_client_state")]

    def __str__(self) -> str:
        return f"{self.item}: {self.state}"


class Check(Owned):
    """One judgement, with the score it came to and what changed by it: [[item, before, after], ...].

    `code`: the look failed, and why; the score is then the old one.
    """

    community = models.ForeignKey(Community, models.CASCADE, related_name="checks")
    at = models.DateTimeField(default=timezone.now)
    cause = models.CharField(max_length=8, choices=Cause.choices)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=60, blank=True)
    done = models.PositiveSmallIntegerField()
    required = models.PositiveSmallIntegerField()
    unknown = models.PositiveSmallIntegerField(default=0)
    changed = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["community", "-at"], name="check_community_at")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.done}/{self.required}"


class Answer(Owned):
    """What a person said of an item that no API tells, with the proof; believed until `recheck_at`."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="answers")
    item = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=STATES)
    note = models.CharField(max_length=300, blank=True)
    proof_url = models.URLField(max_length=500, blank=True)
    answered_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    recheck_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "item"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.state}"
