"""A plan that came as a table, its rows, the links by which a client reads it, and where an idea sits."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.editorial.states import StageKind
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.models import Post


class ImportState(models.TextChoices):
    """`reading` and `checking`, `writing`, `undoing` are work of a job; the others wait for a person."""

    READING = "reading", _("being read")
    MAPPING = "mapping", _("waits for the columns")
    CHECKING = "checking", _("being checked")
    READY = "ready", _("checked, nothing is written yet")
    WRITING = "writing", _("being written")
    DONE = "done", _("written")
    UNDOING = "undoing", _("being taken back")
    UNDONE = "undone", _("taken back")
    FAILED = "failed", _("could not be read")


class Verdict(models.TextChoices):
    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    SAME = "same", _("as it is")
    REFUSED = "refused", _("refused")


class PlanImport(models.Model):
    """One upload of a plan. `file`: the bytes until they are read; `table`: zlib of JSON, [[line, cells]] of
    each sheet; `head`: the line of the heads in the file, 0 when none was found.

    `mapping`: place of the column -> our field; `choices`: {day_first, lenient: a row comes in without the
    cells that cannot be understood, rubrics: unknown ones are made, stage: id for the new ones, heads: plain
    head -> field as chosen, by: id of the person who said yes}. `code`: why it failed, of
    `kit.sheets.NotASheet`. `done` of `total`: rows of the work that runs now.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="plan_imports")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=ImportState.choices, default=ImportState.READING)
    code = models.CharField(max_length=20, blank=True)
    file = models.BinaryField(null=True)
    table = models.BinaryField(null=True)
    sheets = models.JSONField(default=list, help_text="[{name, hidden, rows, cut}]")
    sheet = models.PositiveSmallIntegerField(default=0)
    head = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    counts = models.JSONField(default=dict, help_text="verdict -> rows")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name


class PlanRow(models.Model):
    """One row of an import as understood. Not written before the person says yes: then `taken_at` is set.

    `key`: what makes it the same row in another file, see `flows.plan_in`; `owns`: this row made its post, so
    no other row of that key may make one. `wrong`: [{field, code, cell}]; `before`: what a changed post said
    before; `version`: the post's version that this row left behind, so that an undo sees who came later.
    """

    plan = models.ForeignKey(PlanImport, models.CASCADE, related_name="rows")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    cells = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    wrong = models.JSONField(default=list)
    post = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    owns = models.BooleanField(default=False)
    taken_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "line"], name="plan_row_line"),
            models.UniqueConstraint(
                fields=["client", "key"], condition=Q(owns=True), name="plan_row_made_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}: {self.line}"


class PlanLink(models.Model):
    """A secret address by which somebody without an account reads a client's plan.

    Shown is what stands in the stage of kind `since` or later; `token_hash` is the fingerprint of the secret.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="plan_links")
    name = models.CharField(_("for whom"), max_length=120)
    token_hash = models.CharField(max_length=64, unique=True)
    since = models.CharField(max_length=12, choices=StageKind.choices, default=StageKind.BRIEF)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name


class Facet(models.Model):
    """Which detail of the business a piece shows: the column of the matrix that it was thought of in."""

    piece = models.OneToOneField("editorial.Piece", models.CASCADE, related_name="facet")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    detail = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["client", "detail"], name="facet_detail")]

    def __str__(self) -> str:
        return self.detail
