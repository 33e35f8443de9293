"""A client's decision: bound to the hashes of exact revisions, and remarks at the very place."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.people.models import User, Workspace


class Decision(models.TextChoices):
    """What became of a request. `edited`: yes, with a small edit that the client wrote himself; `silence`:
    the contract says in so many words that silence is consent, and the term has passed; `waived`: nobody
    asked the client, a manager let it out and said why."""

    OPEN = "open", _("waits for a decision")
    APPROVED = "approved", _("approved")
    EDITED = "edited", _("approved with a small edit")
    RETURNED = "returned", _("returned")
    SILENCE = "silence", _("approved by the contract's clause on silence")
    WAIVED = "waived", _("let out without approval")
    WITHDRAWN = "withdrawn", _("withdrawn")


YES = (Decision.APPROVED, Decision.EDITED, Decision.SILENCE, Decision.WAIVED)
# What the client himself was asked and answered (or was silent about): a round of his.
ANSWERS = (Decision.APPROVED, Decision.EDITED, Decision.RETURNED, Decision.SILENCE)


class KnownBy(models.TextChoices):
    """How a decision is known that somebody of ours wrote down for the client."""

    PHONE = "phone", _("by phone")
    MESSENGER = "messenger", _("in a messenger")
    MAIL = "mail", _("by mail")
    MEETING = "meeting", _("at a meeting")


class Approval(models.Model):
    """One request for a decision on a post as it stood: round after round, none is ever overwritten.

    The link's secret is only in the link; here is its hash. A later edit of text, pictures or place makes the
    decision void (`voided_at`): it was about something else. `origin` is kept as evidence: address and
    browser of who decided by the link.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="approvals")
    post = models.ForeignKey("publishing.Post", models.CASCADE, related_name="approvals")
    round = models.PositiveSmallIntegerField(default=1)
    urgent = models.BooleanField(default=False)
    message = models.CharField(max_length=1000, blank=True, help_text="what the client is asked to look at")
    approver_name = models.CharField(max_length=120)
    approver_email = models.EmailField(blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    link_nonce = models.CharField(
        max_length=32, default="", help_text="with the installation's own key it gives the secret again"
    )
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    silent_until = models.DateTimeField(
        null=True, blank=True,
        help_text="when the working days of the terms that held on the day of asking are over",
    )  # fmt: skip
    opened_at = models.DateTimeField(null=True, blank=True, help_text="when the link was first looked at")
    reminded = models.JSONField(default=list, blank=True, help_text="which reminders have gone: hours before")
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="a person with an account; by the link: None",
    )  # fmt: skip
    decided_as = models.CharField(max_length=120, blank=True, help_text="the name of who decided")
    note = models.CharField(max_length=2000, blank=True, help_text="his words, or why nobody asked him")
    known_by = models.CharField(
        max_length=10, choices=KnownBy.choices, blank=True, default="",
        help_text="empty: the client pressed the button himself",
    )  # fmt: skip
    proof = models.ForeignKey(
        "publishing.Asset", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="a screenshot of his words",
    )  # fmt: skip
    clause = models.CharField(
        max_length=1000, blank=True, help_text="the contract's words on silence, quoted"
    )
    origin = models.JSONField(default=dict, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(decision="open"), name="approval_one_open"),
            models.CheckConstraint(
                condition=Q(decision="open", decided_at__isnull=True)
                | (~Q(decision="open") & Q(decided_at__isnull=False)),
                name="approval_decided_when",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-asked_at"], name="approval_client"),
            models.Index(fields=["due_at"], name="approval_open", condition=Q(decision="open")),
        ]

    def __str__(self) -> str:
        return f"{self.post} № {self.round}"


class ApprovedRevision(models.Model):
    """Which exact revision for which community a request is about.

    `content` is kept once more, and the community's name: evidence must outlive a community that was taken
    off the post. `asked` with `asked_sha256`: what the client was asked, where he approved it with an edit.
    """

    approval = models.ForeignKey(Approval, models.CASCADE, related_name="revisions")
    variant = models.ForeignKey("publishing.Variant", models.SET_NULL, null=True, related_name="+")
    revision = models.ForeignKey("publishing.Revision", models.SET_NULL, null=True, related_name="+")
    community = models.ForeignKey("communities.Community", models.SET_NULL, null=True, related_name="+")
    community_name = models.CharField(max_length=200, default="")
    network = models.CharField(max_length=30, default="")
    sha256 = models.CharField(max_length=64)
    content = models.JSONField(default=dict)
    asked_sha256 = models.CharField(max_length=64, blank=True, default="")
    asked = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["approval", "variant"], name="approved_revision_once")]

    def __str__(self) -> str:
        return f"{self.approval}: {self.sha256[:12]}"


class Remark(models.Model):
    """A comment on a post, at a place of it or on the whole; answers hang under it by `parent`.

    `place`: {} the whole; {"kind": "text", "variant": id or null, "start", "end", "quote", …} a stretch of
    the text, in characters, with what `kit.text.anchor` needs to find it again; {"kind": "media", "asset",
    "x", "y"} a point of a picture in fractions of its width and height; in a video also "at", seconds; see
    `places`. `inside`: for those who work on it; the client sees only the others.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    post = models.ForeignKey("publishing.Post", models.CASCADE, related_name="remarks")
    approval = models.ForeignKey(Approval, models.SET_NULL, null=True, blank=True, related_name="remarks")
    revision = models.ForeignKey(
        "publishing.Revision", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="answers")
    inside = models.BooleanField(default=True)
    text = models.CharField(max_length=4000)
    place = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="remark_says_something")]
        indexes = [models.Index(fields=["post", "at"], name="remark_post")]

    def __str__(self) -> str:
        return self.text[:60]
