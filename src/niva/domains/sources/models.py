"""What is already said and recorded: sources, their transcripts, fragments, and what is made of them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Left
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client, Goal
from niva.domains.communities.models import Community
from niva.domains.editorial.models import Piece
from niva.domains.editorial.states import Unit
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.models import Asset
from niva.domains.sources.states import ClipState, Heard, Permission, Rights, SourceKind

# Characters of a source that the search looks into: a tsvector holds one megabyte of words at most.
SEARCHED = 250_000


class Source(models.Model):
    """Something that other pieces are made of. `path` is relative to the media folder, private.

    `transcript`: the words of all cues, kept for the search; `exact`: its moments were told, not reckoned.
    `notes`: what was mended or left out of the transcript's file: [{line, code, kept, text}].
    `parts`: what was planned: [{title}]; `marks`: moments marked during the recording: [{at, word}], ms.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="sources")
    kind = models.CharField(_("what it is"), max_length=10, choices=SourceKind.choices)
    title = models.CharField(_("title"), max_length=200)
    happened_on = models.DateField(_("date"), null=True, blank=True)
    people = models.CharField(_("who is in it"), max_length=300, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    text = models.TextField(_("text"), blank=True)
    rights = models.CharField(_("whose it is"), max_length=10, choices=Rights.choices)
    rights_words = models.CharField(_("the permission, in its own words"), max_length=1000, blank=True)
    rights_on = models.DateField(_("when it was given"), null=True, blank=True)
    parts = models.JSONField(default=list, blank=True)
    marks = models.JSONField(default=list, blank=True)
    path = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=40, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    duration = models.PositiveBigIntegerField(null=True, blank=True, help_text="milliseconds")
    width = models.PositiveIntegerField(default=0, help_text="0: there is no picture")
    height = models.PositiveIntegerField(default=0)
    has_sound = models.BooleanField(default=False)
    heard = models.CharField(max_length=8, choices=Heard.choices, blank=True)
    exact = models.BooleanField(default=True)
    notes = models.JSONField(default=list, blank=True)
    transcript = models.TextField(blank=True)
    words = models.GeneratedField(
        expression=SearchVector(
            Left(
                Concat(
                    "title",
                    Value(" "),
                    "people",
                    Value(" "),
                    "text",
                    Value(" "),
                    "transcript",
                    output_field=models.TextField(),
                ),
                SEARCHED,
            ),
            config="russian",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["client", "-created_at"], name="source_recent"),
            GinIndex(fields=["words"], name="source_words"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(rights="permitted") | (~Q(rights_words="") & Q(rights_on__isnull=False)),
                name="source_permission_quoted",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_video(self) -> bool:
        return bool(self.path and self.width)


class Cue(models.Model):
    """One line of a transcript: milliseconds from the beginning of the recording."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="cues")
    start = models.PositiveBigIntegerField()
    end = models.PositiveBigIntegerField()
    speaker = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=2000)

    class Meta:
        ordering = ["start", "id"]
        indexes = [models.Index(fields=["source", "start"], name="cue_order")]
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="cue_forwards")]

    def __str__(self) -> str:
        return f"{self.start}: {self.text[:60]}"


class Fragment(models.Model):
    """A part that may stand alone. `start`, `end`: milliseconds, None of what is text only.

    `ticks`: which of `states.Tick` it has; `version` grows with every change, so two people do not overwrite
    each other; `taken_at`: when something was last made of it.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, models.CASCADE, related_name="fragments")
    start = models.PositiveBigIntegerField(null=True, blank=True)
    end = models.PositiveBigIntegerField(null=True, blank=True)
    theme = models.CharField(_("what it is about"), max_length=200)
    strength = models.PositiveSmallIntegerField(_("strength"), default=3)
    quote = models.CharField(_("quote"), max_length=1000, blank=True)
    evergreen = models.BooleanField(_("stays true"), default=False)
    permission = models.CharField(
        _("permission of who speaks"),
        max_length=10,
        choices=Permission.choices,
        default=Permission.NOT_NEEDED,
    )
    ticks = models.JSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    taken_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["start", "id"]
        indexes = [models.Index(fields=["client", "-strength"], name="fragment_strongest")]
        constraints = [
            models.CheckConstraint(condition=Q(strength__range=(1, 5)), name="fragment_strength"),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(end__gt=F("start")),
                name="fragment_forwards",
            ),
        ]

    def __str__(self) -> str:
        return self.theme


class Derivative(models.Model):
    """A piece that was made of a source: by which row of the matrix, for which community, with what aim."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, models.CASCADE, related_name="derivatives")
    fragment = models.ForeignKey(Fragment, models.SET_NULL, null=True, blank=True, related_name="derivatives")
    row = models.CharField(max_length=20, help_text="of matrix.toml")
    community = models.ForeignKey(Community, models.SET_NULL, null=True, blank=True, related_name="+")
    goal = models.ForeignKey(Goal, models.SET_NULL, null=True, blank=True, related_name="+")
    aim = models.CharField(_("what it is to bring"), max_length=200)
    hook = models.CharField(_("hook"), max_length=300)
    call = models.CharField(_("call to action"), max_length=300)
    unit = models.CharField(max_length=12, choices=Unit.choices)
    minutes = models.PositiveSmallIntegerField(help_text="the norm of its work")
    piece = models.OneToOneField(Piece, models.SET_NULL, null=True, blank=True, related_name="derivative")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.hook


class Clip(models.Model):
    """A cut of a recording on its way. `focus`: what stays in the middle, a share of the width; None: whole.

    `code` of a failed one: see `kit.clips`. `touched_at`: the last sign of life.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, models.CASCADE, related_name="clips")
    fragment = models.ForeignKey(Fragment, models.CASCADE, null=True, blank=True, related_name="clips")
    derivative = models.ForeignKey(Derivative, models.SET_NULL, null=True, blank=True, related_name="clips")
    start = models.PositiveBigIntegerField()
    end = models.PositiveBigIntegerField()
    focus = models.FloatField(null=True, blank=True)
    subtitles = models.BooleanField(default=True)
    state = models.CharField(max_length=9, choices=ClipState.choices, default=ClipState.WAITING)
    progress = models.PositiveSmallIntegerField(default=0, help_text="percent")
    code = models.CharField(max_length=20, blank=True)
    asset = models.ForeignKey(Asset, models.SET_NULL, null=True, blank=True, related_name="+")
    touched_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="clip_forwards")]

    def __str__(self) -> str:
        return f"{self.source}: {self.start}–{self.end}"


class Hearing(models.Model):
    """A recording on its way to a transcript, piece by piece, so that nothing heard is asked for twice.

    `how`: `Heard.SERVICE` or `Heard.WHISPER`; `done`: milliseconds that were heard; `cues`: [[start, end,
    words]] of them, milliseconds; `exact`: the moments were told. `code` of a failed one: see
    `kit.openai_like`, `kit.recordings` and `kit.whisper`.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    source = models.OneToOneField(Source, models.CASCADE, related_name="hearing")
    how = models.CharField(max_length=8, choices=Heard.choices)
    state = models.CharField(max_length=9, choices=ClipState.choices, default=ClipState.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    cues = models.JSONField(default=list)
    exact = models.BooleanField(default=True)
    code = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.source}: {self.state}"
