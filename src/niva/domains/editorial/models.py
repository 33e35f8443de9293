"""The editorial office: stages of a client's pipeline, pieces on it, and how long each stayed where."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import niva.domains.editorial.assisting
import niva.domains.editorial.kaizen
import niva.domains.editorial.planning
import niva.domains.editorial.saved
import niva.domains.editorial.tasking  # noqa: F401  Django finds its models through here
from niva.domains.clients.models import Client, Role
from niva.domains.editorial.states import How, PieceState, Reason, StageKind, Unit
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.models import Post


class Stage(models.Model):
    """One step = one column = one person responsible. Defaults by kind are data in `stages.toml`.

    `hours`: working hours that it should take at most; `wip`: how many pieces may stand in it at once;
    `exits`: what must hold before a piece may go on: codes of `exits.py`, and free sentences that a person
    ticks. While `stand_in_until` (inclusive, the client's clock) has not passed, the stand-in is responsible.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="stages")
    kind = models.CharField(max_length=12, choices=StageKind.choices)
    name = models.CharField(_("name"), max_length=60, blank=True, help_text="empty: the name of its kind")
    position = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    stand_in = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    stand_in_until = models.DateField(null=True, blank=True)
    hours = models.PositiveSmallIntegerField(null=True, blank=True)
    wip = models.PositiveSmallIntegerField(null=True, blank=True)
    exits = models.JSONField(default=list, blank=True, help_text="[code or {text}]")
    instruction = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind"],
                condition=~Q(kind="other") & Q(archived_at__isnull=True),
                name="stage_kind_once",
            ),
            models.CheckConstraint(condition=Q(hours__isnull=True) | Q(hours__gte=1), name="stage_hours"),
            models.CheckConstraint(condition=Q(wip__isnull=True) | Q(wip__gte=1), name="stage_wip"),
        ]

    def __str__(self) -> str:
        return self.name or str(StageKind(self.kind).label)


class Piece(models.Model):
    """The editorial side of a post: where it stands, who has it, what is asked of it. Every post has one.

    Title, text, rubric, goal, communities and hour are the post's own; nothing is kept twice. `accepted_at`:
    when the editor first let it through the stage `editing`; `returns`: how often it was returned.
    `ticks`: what a person ticked among the exits of its present stage: {text or code: [who, when]}.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="pieces")
    post = models.OneToOneField(Post, models.CASCADE, related_name="piece")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="pieces")
    state = models.CharField(max_length=8, choices=PieceState.choices, default=PieceState.ACTIVE)
    responsible = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="pieces")
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    designer = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    unit = models.CharField(max_length=12, choices=Unit.choices, default=Unit.POST)
    audience = models.CharField(_("for whom"), max_length=200, blank=True)
    key_message = models.CharField(_("one key message"), max_length=400, blank=True)
    hook = models.CharField(_("hook"), max_length=300, blank=True)
    call = models.CharField(_("call to action"), max_length=300, blank=True)
    origin = models.CharField(_("where it comes from"), max_length=400, blank=True)
    urgent = models.BooleanField(default=False)
    ticks = models.JSONField(default=dict, blank=True)
    returns = models.PositiveSmallIntegerField(default=0)
    entered_at = models.DateTimeField(default=timezone.now, help_text="since when it stands in its stage")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=400, blank=True, help_text="why it is parked or rejected")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # The board reads only what stands on it.
            models.Index(
                fields=["workspace", "stage", "entered_at"],
                name="piece_board",
                condition=Q(state="active"),
            ),
            models.Index(fields=["client", "state"], name="piece_client"),
            models.Index(fields=["responsible"], name="piece_mine", condition=Q(state="active")),
            models.Index(fields=["author", "accepted_at"], name="piece_accepted"),
        ]

    def __str__(self) -> str:
        return str(self.post)


class Stay(models.Model):
    """A piece in a stage, from coming in until leaving it; the open one has no `left_at`."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    piece = models.ForeignKey(Piece, models.CASCADE, related_name="stays")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    responsible = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    how = models.CharField(max_length=8, choices=How.choices, blank=True)
    reason = models.CharField(max_length=8, choices=Reason.choices, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["entered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["piece"], condition=Q(left_at__isnull=True), name="stay_one_open"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=models.F("entered_at")),
                name="stay_forwards",
            ),
        ]
        indexes = [models.Index(fields=["client", "left_at"], name="stay_client")]

    def __str__(self) -> str:
        return f"{self.piece_id} in {self.stage_id} from {self.entered_at:%Y-%m-%d %H:%M}"
