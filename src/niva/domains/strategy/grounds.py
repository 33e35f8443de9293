"""What a strategy stands on, row by row: who, what we say, what proves it, where, and what may go wrong.

Every row belongs to one client, has its place in its list, and a `version` that grows with each change, so
that two people who change one row at a time are told of each other. Nothing is deleted: other parts of the
desk refer to these rows, so they are put away.
"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client, KeyTask
from niva.domains.people.models import User, Workspace

LINE = 200  # characters: what is read at a glance
WORDS = 2000  # a few sentences; longer texts belong to the step itself


class Ground(models.Model):
    """A row of the strategy. Its `client` is the border, as everywhere."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["position", "id"]


class Part(models.TextChoices):
    """What a person is to the decision that we hope for."""

    DECIDER = "decider", _("decides")
    INFLUENCER = "influencer", _("advises, has a say")
    USER = "user", _("works with it")
    PURCHASER = "purchaser", _("buys it in, compares offers")
    ACCOUNTANT = "accountant", _("pays, looks after the papers")
    BUYER = "buyer", _("buys for himself")
    RESIDENT = "resident", _("lives here, asks and complains")
    VOLUNTEER = "volunteer", _("helps with his hands")
    DONOR = "donor", _("gives money")
    WARD = "ward", _("gets the help")
    READER = "reader", _("reads and watches")
    PARTNER = "partner", _("partner, ally")
    OTHER = "other", _("another")


class Segment(Ground):
    """A group of people whom we talk to: who they are, what they fear, what they ask."""

    who = models.CharField(
        _("Who they are"),
        max_length=LINE,
        help_text=_("In words by which you would know them in the street."),
    )
    part = models.CharField(_("Their part in the decision"), max_length=12, choices=Part.choices)
    fears = models.CharField(_("What they fear"), max_length=WORDS, blank=True)
    asks = models.CharField(
        _("What they ask"),
        max_length=WORDS,
        blank=True,
        help_text=_("In their own words, a question a line."),
    )
    found_at = models.CharField(
        _("Where they are found"),
        max_length=WORDS,
        blank=True,
        help_text=_("Chats, communities, fairs, offices."),
    )

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "position"], name="segment_place")]
        constraints = [models.CheckConstraint(condition=~Q(who=""), name="segment_named")]

    def __str__(self) -> str:
        return self.who


class Asked(models.TextChoices):
    QUESTION = "question", _("a question")
    OBJECTION = "objection", _("an objection")
    LOST = "lost", _("a deal that was lost")
    COMPLAINT = "complaint", _("a complaint")


class Question(Ground):
    """What people really ask those who sell or answer: each is a theme for a post."""

    text = models.CharField(
        _("What was said"),
        max_length=WORDS,
        help_text=_("Word for word, as the sales people or the answerers tell it."),
    )
    kind = models.CharField(_("What it is"), max_length=10, choices=Asked.choices)
    segment = models.ForeignKey(
        Segment, models.SET_NULL, null=True, blank=True, related_name="questions", verbose_name=_("Who asks")
    )
    answer = models.CharField(_("The honest answer"), max_length=WORDS, blank=True)

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "position"], name="question_place")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="question_said")]

    def __str__(self) -> str:
        return self.text[:LINE]


class Permission(models.TextChoices):
    NOT_NEEDED = "not_needed", _("not needed")
    ASKED = "asked", _("asked for, no answer yet")
    GIVEN = "given", _("given")
    REFUSED = "refused", _("refused")
    UNKNOWN = "unknown", _("nobody asked")


class Proof(Ground):
    """Something that makes a claim believable, with where it comes from and whether it may be shown."""

    claim = models.CharField(_("What it proves"), max_length=LINE)
    figure = models.CharField(
        _("The figure"),
        max_length=LINE,
        blank=True,
        help_text=_("With its unit and period: 240 piglets in 2025."),
    )
    source = models.CharField(
        _("Where it comes from"),
        max_length=500,
        blank=True,
        help_text=_("A document, a person, a table of accounts."),
    )
    link = models.CharField(
        _("Link"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("To the case, the photo, the certificate."),
    )
    dated_on = models.DateField(_("Of which day"), null=True, blank=True)
    permission = models.CharField(
        _("Leave to show it"), max_length=12, choices=Permission.choices, default=Permission.UNKNOWN
    )

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "position"], name="proof_place")]
        constraints = [models.CheckConstraint(condition=~Q(claim=""), name="proof_claims")]

    def __str__(self) -> str:
        return self.claim


class Way(models.TextChoices):
    """The way of a person to us; the order of these is the order of the table."""

    LEARN = "learn", _("learns of us")
    COMPARE = "compare", _("compares")
    PROVE = "prove", _("wants proof")
    BUY = "buy", _("decides and buys")
    STAY = "stay", _("stays with us")


class Message(Ground):
    """One thought for one segment at one stage of its way, with what proves it."""

    segment = models.ForeignKey(
        Segment,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("For whom"),
        help_text=_("Empty: for everybody."),
    )
    stage = models.CharField(_("Where on the way"), max_length=8, choices=Way.choices)
    text = models.CharField(_("The message"), max_length=LINE * 2, help_text=_("One thought, one sentence."))
    proof = models.ForeignKey(
        Proof,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("What proves it"),
    )

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "stage", "position"], name="message_place")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="message_says")]

    def __str__(self) -> str:
        return self.text


class Competitor(Ground):
    """Somebody else whom the same people look at, and what he leaves undone."""

    name = models.CharField(_("Who"), max_length=LINE)
    links = models.CharField(
        _("Links"), max_length=WORDS, blank=True, help_text=_("Their communities, one a line.")
    )
    does = models.CharField(_("What they do"), max_length=WORDS, blank=True)
    gap = models.CharField(
        _("What they leave undone"),
        max_length=WORDS,
        blank=True,
        help_text=_("The gap that is ours to fill."),
    )

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "position"], name="competitor_place")]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="competitor_named")]

    def __str__(self) -> str:
        return self.name


class NetworkTask(Ground):
    """A network that we are in for a reason, with the one task it has there."""

    network = models.CharField(_("Network"), max_length=20, help_text=_("One task in each."))
    task = models.CharField(_("Its own task"), max_length=16, choices=KeyTask.choices)
    reason = models.CharField(
        _("Why we are there"),
        max_length=WORDS,
        help_text=_("Who of our people is there, and how it is known."),
    )

    class Meta(Ground.Meta):
        constraints = [
            models.UniqueConstraint(
                "client", "network", condition=Q(archived_at__isnull=True), name="network_task_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="network_task_reasoned"),
        ]

    def __str__(self) -> str:
        return self.network


class Format(Ground):
    """A form that the content takes, and what else is made of it."""

    name = models.CharField(
        _("Format"), max_length=LINE, help_text=_("Video with the director, cards, an answer to a question.")
    )
    becomes = models.CharField(
        _("What else is made of it"),
        max_length=WORDS,
        blank=True,
        help_text=_("One recording: an article, three clips, five quotes, a letter."),
    )
    per_month = models.PositiveSmallIntegerField(
        _("How many a month"), null=True, blank=True, validators=[MaxValueValidator(1000)]
    )
    hours = models.DecimalField(_("Hours for one"), max_digits=5, decimal_places=1, null=True, blank=True)
    who = models.CharField(_("Who makes it"), max_length=LINE, blank=True)

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "position"], name="format_place")]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="format_named"),
            models.CheckConstraint(
                condition=Q(hours__isnull=True) | Q(hours__gt=0), name="format_takes_time"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Venue(models.TextChoices):
    OWN = "own", _("our own: mailing, chat, pinned link")
    STAFF = "staff", _("pages of employees")
    MENTIONED = "mentioned", _("people and firms named in the piece")
    PARTNER = "partner", _("partners' community")
    MUTUAL = "mutual", _("mutual mention")
    CHAT = "chat", _("topical chat")
    MEDIA = "media", _("media, guest article")
    ANSWERS = "answers", _("questions and answers")
    OFFLINE = "offline", _("notice board, counter, signature")


class Place(Ground):
    """Where a piece is carried to after it is out: whom to ask, its rule, when it may be done again."""

    name = models.CharField(_("Place"), max_length=LINE)
    kind = models.CharField(_("What it is"), max_length=10, choices=Venue.choices)
    link = models.CharField(
        _("Link"), max_length=500, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    contact = models.CharField(_("Whom to ask"), max_length=LINE, blank=True)
    rule = models.CharField(
        _("The rule of the place"),
        max_length=WORDS,
        blank=True,
        help_text=_("What is welcome, what is thrown out, what it costs."),
    )
    again_on = models.DateField(_("Allowed again from"), null=True, blank=True)

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "position"], name="venue_place")]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="venue_named")]

    def __str__(self) -> str:
        return self.name


class Checkpoint(Ground):
    """A threshold or a day on which we look whether to go on: what, how much, and what we do then."""

    what = models.CharField(
        _("What we look at"),
        max_length=LINE,
        help_text=_("Price of an application, answers within an hour, or: the whole strategy."),
    )
    threshold = models.CharField(
        _("The threshold"),
        max_length=LINE,
        blank=True,
        help_text=_("Dearer than 1,500 ₽; fewer than 5 a week."),
    )
    due_on = models.DateField(_("When we look"), null=True, blank=True)
    then = models.CharField(_("What we do then"), max_length=WORDS, blank=True)

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "due_on"], name="checkpoint_due")]
        constraints = [models.CheckConstraint(condition=~Q(what=""), name="checkpoint_named")]

    def __str__(self) -> str:
        return self.what


class Risk(Ground):
    """What may go wrong, by what we shall see it early, and what we do."""

    risk = models.CharField(_("What may go wrong"), max_length=LINE)
    sign = models.CharField(_("By what we see it early"), max_length=WORDS, blank=True)
    answer = models.CharField(_("What we do"), max_length=WORDS, blank=True)

    class Meta(Ground.Meta):
        indexes = [models.Index(fields=["client", "position"], name="risk_place")]
        constraints = [models.CheckConstraint(condition=~Q(risk=""), name="risk_named")]

    def __str__(self) -> str:
        return self.risk
