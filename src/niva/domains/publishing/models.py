"""Post, variant, revision, media; delivery, attempt, publication. What repeats them is in `repeating`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import niva.domains.publishing.approving
import niva.domains.publishing.artwork
import niva.domains.publishing.converting
import niva.domains.publishing.repeating  # noqa: F401  Django finds its models through here
from niva.domains.clients.models import Client, Goal
from niva.domains.communities.models import Community
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.states import Outcome, State
from niva.domains.strategy.models import Rubric

STATE_CHOICES = [(state.value, state.value) for state in State]
OUTCOME_CHOICES = [(outcome.value, outcome.value) for outcome in Outcome]


def opening(text: str, most: int = 60) -> str:
    """The first line of a text as a name of it: whole words, at most `most` characters and an ellipsis."""
    line = text.strip().split("\n")[0]
    if len(line) <= most:
        return line
    head = line[: most + 1].rpartition(" ")[0] or line[:most]
    return head.rstrip(" ,.;:—–-") + "…"


class Asset(models.Model):
    """An uploaded file, probed and re-encoded by us. `path` is relative to the media folder."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=10, help_text="image, video, animation")
    mime = models.CharField(max_length=40)
    name = models.CharField(max_length=200, help_text="as the person called it")
    path = models.CharField(max_length=200)
    thumb = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(help_text="bytes")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    duration = models.FloatField(null=True, blank=True, help_text="seconds")
    sha256 = models.CharField(max_length=64)
    alt = models.CharField(max_length=2000, blank=True)
    facts = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="of a video: codec, fps, poster...; see kit.videos"
    )
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["client", "-created_at"], name="asset_recent")]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """The piece. Its text and media are common; variants may differ per community.

    `version` grows with every save: who saves on top of a newer version learns of it (409).
    `planned_at` is when it is meant to go out; a delivery's `due_at` is what will really happen.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="posts")
    goal = models.ForeignKey(Goal, models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(_("title"), max_length=200, blank=True)
    rubric = models.ForeignKey(Rubric, models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField(_("text"), blank=True)
    link_url = models.CharField(_("link"), max_length=2000, blank=True)
    link_card = models.JSONField(default=dict, blank=True, help_text="{title, description, image} as read")
    poll = models.JSONField(
        null=True, blank=True, help_text="{question, options, multiple, anonymous, closes_in}"
    )
    first_comment = models.TextField(_("first comment"), blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    again_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="agains",
        help_text="the evergreen post that this one shows once more",
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "planned_at"], name="post_planned"),
            models.Index(fields=["client", "-updated_at"], name="post_recent"),
        ]

    def __str__(self) -> str:
        return self.title or opening(self.text)


class PostMedia(models.Model):
    """A file in a post, in its place."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="media")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    alt = models.CharField(max_length=2000, blank=True)
    framing = models.JSONField(
        default=dict,
        db_default={},
        blank=True,
        help_text="what a person decided: {focus, whole} of a picture, {cover_at, cover} of a video",
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["post", "asset"], name="post_media_once")]

    def __str__(self) -> str:
        return f"{self.position}: {self.asset}"


class Variant(models.Model):
    """The post's form for one community. None = as in the post."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="variants")
    community = models.ForeignKey(Community, models.CASCADE, related_name="variants")
    own_text = models.TextField(null=True, blank=True)
    own_first_comment = models.TextField(null=True, blank=True)
    own_media = models.JSONField(
        null=True, blank=True, help_text="asset ids, when not all or in another order"
    )
    own_thread = models.JSONField(
        null=True, blank=True, help_text="a chain of posts: {parts, numbered}, see chain.py"
    )
    options = models.JSONField(default=dict, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True, help_text="when this one leaves at another hour")
    in_queue = models.BooleanField(
        default=False,
        db_default=False,
        help_text="the queue chose its slot, so it may close up",
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["post", "community"], name="variant_once")]

    def __str__(self) -> str:
        return f"{self.post} → {self.community}"


class Revision(models.Model):
    """An immutable state of a variant. Deliveries (and later approvals) are bound to its hash."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField(
        help_text="see services.freeze: text, media, link, poll, first_comment, options, thread"
    )
    sha256 = models.CharField(max_length=64)
    text_mark = models.CharField(
        max_length=16,
        default="",
        db_default="",
        help_text="kit.text.likeness.mark: equal texts share it",
    )
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variant", "number"], name="revision_number")]

    def __str__(self) -> str:
        return f"{self.variant} № {self.number}"


class Delivery(models.Model):
    """One variant going out to one community. The truth about it; the job queue only wakes us.

    Unique per variant and occurrence (0, or the n-th repetition), so scheduling twice cannot send twice.
    A worker holds it by `lease` until `lease_until`; `wake_at` is when it should next be taken up (None =
    never by itself). `tries` counts failures in a row.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    community = models.ForeignKey(Community, models.CASCADE, related_name="deliveries")
    post = models.ForeignKey(Post, models.CASCADE, related_name="deliveries")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="deliveries")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    occurrence = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=STATE_CHOICES, default=State.QUEUED)
    tries = models.PositiveIntegerField(default=0, help_text="failures in a row that may pass by themselves")
    deaths = models.PositiveSmallIntegerField(
        default=0, help_text="workers in a row that died while they had it; see delivery/dispatch.py"
    )
    wake_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=60, blank=True, help_text="why it is in this state: a network's code")
    detail = models.CharField(max_length=500, blank=True)
    acknowledged_at = models.DateTimeField(
        null=True, blank=True, help_text="a person saw the fire and lets it be; cleared by every new state"
    )
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    state_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["variant", "occurrence"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="delivery_state"),
        ]
        indexes = [
            models.Index(fields=["workspace", "due_at"], name="delivery_calendar"),
            models.Index(fields=["client", "due_at"], name="delivery_client"),
            models.Index(fields=["post"], name="delivery_post"),
            # The dispatcher looks only at what is alive: a million finished rows must not weigh on it.
            models.Index(fields=["wake_at"], name="delivery_wake", condition=Q(wake_at__isnull=False)),
            # Those under which a worker died, or has to be found dead.
            models.Index(
                fields=["wake_at"],
                name="delivery_suspects",
                condition=Q(wake_at__isnull=False) & (Q(deaths__gt=0) | Q(lease__isnull=False)),
            ),
            # One account's share of it: put off together when its network says "later".
            models.Index(
                fields=["community", "wake_at"], name="delivery_lane", condition=Q(wake_at__isnull=False)
            ),
            models.Index(
                fields=["workspace", "state"],
                name="delivery_fires",
                condition=Q(state__in=["unknown", "needs_login", "rejected", "held", "removed", "waiting"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} at {self.due_at:%Y-%m-%d %H:%M}"


class Bucket(models.Model):
    """How much of a network's limit is used up: one row per account or developer app and limit.

    `full_at` is the moment at which the bucket will be full again (the "theoretical arrival time" of the
    generic cell rate algorithm, ITU-T I.371): one number holds the whole bucket. `blocked_until`: what the
    network itself answered; it wins over our own count. `pause`: seconds of the last pause for which the
    network named no end; the next one grows from it. See `delivery/buckets.py`.
    """

    key = models.CharField(max_length=120, primary_key=True)
    full_at = models.DateTimeField(default=timezone.now)
    blocked_until = models.DateTimeField(null=True, blank=True)
    pause = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.key


class Attempt(models.Model):
    """One try at one step. Committed before the call; the key stays the same until the revision changes.

    The two partial unique constraints are the fence: one open and one done attempt per step, ever.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    step = models.CharField(max_length=30)
    number = models.PositiveIntegerField()
    key = models.UUIDField()
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=OUTCOME_CHOICES, default=Outcome.OPEN)
    code = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    result = models.JSONField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveSmallIntegerField(default=0, help_text="how often it was looked up")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "step", "number"], name="attempt_number"),
            models.UniqueConstraint(
                fields=["delivery", "step"], condition=Q(outcome="open"), name="attempt_one_open"
            ),
            models.UniqueConstraint(
                fields=["delivery", "step"], condition=Q(outcome="done"), name="attempt_one_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.step} № {self.number}: {self.outcome}"


class Publication(models.Model):
    """What is really out there."""

    class Sight(models.TextChoices):
        UNSEEN = "unseen", _("not looked at yet")
        ALIVE = "alive", _("seen alive")
        CHANGED = "changed", _("looks other than sent")
        UNTOLD = "untold", _("the network does not let us look")
        REMOVED = "removed", _("removed")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    delivery = models.OneToOneField(Delivery, models.CASCADE, related_name="publication")
    community = models.ForeignKey(Community, models.CASCADE, related_name="publications")
    post = models.ForeignKey(Post, models.CASCADE, related_name="publications")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    remote_id = models.CharField(max_length=300)
    url = models.CharField(max_length=500, blank=True)
    extra = models.JSONField(default=dict)
    sight = models.CharField(max_length=8, choices=Sight.choices, default=Sight.UNSEEN)
    published_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_text = models.TextField(
        blank=True, default="", db_default="", help_text="what stands there, where it is not what was sent"
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by_us = models.BooleanField(default=False)
    followed_at = models.DateTimeField(
        null=True, blank=True, help_text="since when its numbers are read and later looks are planned"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "remote_id"], name="publication_once")]
        indexes = [
            models.Index(fields=["client", "-published_at"], name="publication_client"),
            models.Index(fields=["community", "-published_at"], name="publication_recent"),
            models.Index(fields=["id"], name="publication_unfollowed", condition=Q(followed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.url or self.remote_id
