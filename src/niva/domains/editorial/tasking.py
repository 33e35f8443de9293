"""Tasks with their briefs, what was said and handed over in them, and times when somebody had to wait."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.editorial.states import Reason
from niva.domains.editorial.task_states import BlockReason, TaskState
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.models import Asset


class Task(models.Model):
    """One thing that one person is asked for. `kind` and the fields of `brief` come from `briefs.toml`.

    `norm_minutes`: the work of it, not the wait; `checklist`: [{text, done, by, at}]; `version` grows with
    every change: who presses a button on top of a newer one learns of it.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="tasks")
    piece = models.ForeignKey("editorial.Piece", models.CASCADE, null=True, blank=True, related_name="tasks")
    kind = models.CharField(max_length=12, help_text="a brief of briefs.toml")
    title = models.CharField(_("title"), max_length=200)
    brief = models.JSONField(default=dict)
    set_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    assignee = models.ForeignKey(User, models.SET_NULL, null=True, related_name="tasks")
    due_at = models.DateTimeField(_("deadline"))
    norm_minutes = models.PositiveIntegerField(default=0)
    checklist = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=TaskState.choices, default=TaskState.OPEN)
    returns = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    handed_at = models.DateTimeField(null=True, blank=True, help_text="when it was last handed over")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="task_named"),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "cancelled"], closed_at__isnull=False)
                | (~Q(state__in=["accepted", "cancelled"]) & Q(closed_at__isnull=True)),
                name="task_closed_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["assignee", "due_at"], name="task_mine", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["set_by", "due_at"], name="task_set", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["client", "due_at"], name="task_client"),
            models.Index(fields=["piece"], name="task_piece"),
        ]

    def __str__(self) -> str:
        return self.title


class TaskStep(models.Model):
    """One line of a task's history: who did what, and why. `verb`: of ARROWS, or set, changed, given."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=12)
    state = models.CharField(max_length=9, choices=TaskState.choices, help_text="after it")
    reason = models.CharField(max_length=8, choices=Reason.choices, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    to = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.verb}"


class TaskNote(models.Model):
    """What was said in a task. Names after @ stay in the text as typed."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=120)
    text = models.CharField(max_length=4000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="task_note_says_something")]

    def __str__(self) -> str:
        return self.text[:60]


class TaskFile(models.Model):
    """A file of a task or of a piece, by its name; what was handed in under it are its versions."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    piece = models.ForeignKey("editorial.Piece", models.CASCADE, null=True, blank=True, related_name="files")
    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True, related_name="files")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(piece__isnull=False) | Q(task__isnull=False), name="task_file_of_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaskFileVersion(models.Model):
    """One state of a file; none is overwritten. A picture or a video is an `asset`; other documents lie at
    `path` under the media folder and are only given out to be saved."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    file = models.ForeignKey(TaskFile, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="task_file_version_number"),
            models.CheckConstraint(
                condition=Q(asset__isnull=False) | ~Q(path=""), name="task_file_version_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} № {self.number}"


class Block(models.Model):
    """A time in which a person could not go on with a piece or a task. `until` None: it still lasts.

    Pay shows it beside the person's number, so that nobody is blamed for what others did not do.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    piece = models.ForeignKey("editorial.Piece", models.CASCADE, null=True, blank=True, related_name="blocks")
    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True, related_name="blocks")
    who = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", help_text="whose time stands still"
    )
    reason = models.CharField(max_length=8, choices=BlockReason.choices)
    note = models.CharField(max_length=400, blank=True)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    said_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(piece__isnull=False) | Q(task__isnull=False), name="block_of_something"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="block_forwards"
            ),
            models.UniqueConstraint(
                fields=["task"], condition=Q(until__isnull=True), name="block_one_open_of_task"
            ),
            models.UniqueConstraint(
                fields=["piece"],
                condition=Q(until__isnull=True, task__isnull=True),
                name="block_one_open_of_piece",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "since"], name="block_client"),
            models.Index(fields=["who", "since"], name="block_who"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.since:%Y-%m-%d}"
