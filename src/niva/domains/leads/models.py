"""A lead: a person who came, with the trace to the post that brought him; his history; the doors he came by.

Personal data (contact, name, what he wrote) is sealed at rest as keys of networks are. `marks` are names
made of
his contacts with our key: by them doubles are found without opening anybody's contact.
"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client, Goal
from niva.domains.communities.models import Community
from niva.domains.leads.states import Reason, Status
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.models import Publication


class Source(models.TextChoices):
    """By which door he came into the desk."""

    FORM = "form", _("our form")
    WEBHOOK = "webhook", _("a form of a site")
    CSV = "csv", _("a table")
    HAND = "hand", _("typed in")
    MESSAGE = "message", _("a message to the community")
    API = "api", _("the API")


class ClientSays(models.TextChoices):
    """What the client himself says of a lead."""

    NOTHING = "nothing", _("nothing yet")
    CAME = "really_came", _("really came")
    BOUGHT = "really_bought", _("really bought")
    NOT_OURS = "not_ours", _("not my buyer")


CONFIRMED = frozenset({ClientSays.CAME, ClientSays.BOUGHT})


class DoorKind(models.TextChoices):
    FORM = "form", _("form")
    WEBHOOK = "webhook", _("webhook")


class Door(models.Model):
    """An address by which leads come from outside: a form of ours, or a webhook for somebody else's.

    Of its secret only the fingerprint is kept; that of a form is no secret to those who see the form, so it
    is
    kept sealed as well and can be shown again. `consent`: the words to which a person says yes, with
    `policy`,
    the page that tells the rest. `confirm`: what VK wants to hear when it asks whether the address is ours.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="lead_doors")
    kind = models.CharField(max_length=8, choices=DoorKind.choices)
    name = models.CharField(_("name"), max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField(null=True, blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(_("headline"), max_length=120, blank=True)
    intro = models.CharField(_("under the headline"), max_length=400, blank=True)
    thanks = models.CharField(_("said afterwards"), max_length=400, blank=True)
    consent = models.CharField(_("consent"), max_length=600, blank=True)
    policy = models.CharField(_("page on personal data"), max_length=300, blank=True)
    confirm = models.CharField(_("VK's confirmation string"), max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    taken = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="filled in by robots, or with nothing in them")

    class Meta:
        ordering = ["revoked_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(kind="form") | ~Q(consent=""), name="door_form_asks_consent"),
        ]

    def __str__(self) -> str:
        return self.name


class Lead(models.Model):
    """One person who came. `came_at`: when he did, not when it was written down.

    `utm_*` are normalised (`utm.py`), `utm_raw` is what came. `sealed`: {contact, name, text, more}; None
    when
    it was erased, or never there. `furthest`: the rank he reached (`states.RANKS`). `counts`: he is a lead
    and
    the first of his contact; `double_of`: the first one. `paid`: somebody paid for what brought him, None:
    not
    known. `consent_given` None: nobody asked, or nobody wrote it down. `key`: the sender's own id.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="leads")
    goal = models.ForeignKey(Goal, models.SET_NULL, null=True, blank=True, related_name="leads")
    community = models.ForeignKey(Community, models.SET_NULL, null=True, blank=True, related_name="+")
    publication = models.ForeignKey(Publication, models.SET_NULL, null=True, blank=True, related_name="leads")
    door = models.ForeignKey(Door, models.SET_NULL, null=True, blank=True, related_name="+")
    came_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source.choices)
    utm_source = models.CharField(max_length=120, blank=True)
    utm_medium = models.CharField(max_length=120, blank=True)
    utm_campaign = models.CharField(max_length=120, blank=True)
    utm_content = models.CharField(max_length=120, blank=True)
    utm_term = models.CharField(max_length=120, blank=True)
    utm_raw = models.JSONField(default=dict, blank=True)
    utm_unknown = models.JSONField(default=list, blank=True)
    how_heard = models.CharField(_("how did he hear of us"), max_length=240, blank=True)
    sealed = models.BinaryField(null=True, blank=True)
    marks = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    consent_given = models.BooleanField(null=True, blank=True)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_words = models.CharField(max_length=600, blank=True)
    consent_url = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    furthest = models.PositiveSmallIntegerField(default=0)
    counts = models.BooleanField(default=True)
    double_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="doubles")
    apart = models.BooleanField(default=False, help_text="a person said that it is no double")
    paid = models.BooleanField(null=True, blank=True)
    amount = models.DecimalField(_("sum"), max_digits=14, decimal_places=2, null=True, blank=True)
    margin = models.DecimalField(_("margin"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="RUB")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    first_answered_at = models.DateTimeField(null=True, blank=True)
    client_says = models.CharField(max_length=14, choices=ClientSays.choices, default=ClientSays.NOTHING)
    client_said_at = models.DateTimeField(null=True, blank=True)
    client_said_by = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=120, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["client", "-came_at", "-id"], name="lead_recent"),
            models.Index(fields=["client", "status", "-came_at"], name="lead_status"),
            models.Index(fields=["client", "came_at"], name="lead_waits",
                         condition=Q(first_answered_at__isnull=True, counts=True)),
            GinIndex(fields=["marks"], name="lead_marks"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], condition=~Q(key=""), name="lead_key_once"),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gte=0), name="lead_amount"),
            models.CheckConstraint(condition=~Q(status="refused") | ~Q(reason=""), name="lead_refused_why"),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class LeadStep(models.Model):
    """One line of a lead's history. `was` and `now`: statuses, empty where the step was another one."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="steps")
    at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=200, help_text="as he was called then")
    what = models.CharField(max_length=16, help_text="came, moved, changed, says, erased, apart")
    was = models.CharField(max_length=16, blank=True)
    now = models.CharField(max_length=16, blank=True)
    words = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.lead}: {self.was} → {self.now}"


class StepOwner(models.TextChoices):
    """Who answers for a step of the funnel."""

    US = "us", _("we")
    SITE = "site", _("the site")
    MANAGERS = "managers", _("the client's managers")
    NOBODY = "nobody", _("nobody yet")


class FunnelTerms(models.Model):
    """What was agreed with a client about his leads. No row: the defaults.

    `answer_hours`: working hours until the first answer; `double_days`: how long a contact that comes again
    is
    the same lead; `owners`: {step: StepOwner}; `names_shown`: the client sees names and contacts whole.
    """

    client = models.OneToOneField(Client, models.CASCADE, related_name="funnel_terms")
    answer_hours = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal(2))
    double_days = models.PositiveSmallIntegerField(default=30)
    owners = models.JSONField(default=dict)
    names_shown = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "funnel terms"
        constraints = [models.CheckConstraint(condition=Q(answer_hours__gt=0), name="funnel_answer_hours")]

    def __str__(self) -> str:
        return f"{self.client}: {self.answer_hours}"
