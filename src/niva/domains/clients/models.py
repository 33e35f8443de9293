"""Client, the roles of people at it, its goal, the rows the goal is counted from, and what it all costs."""

from __future__ import annotations

import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.people.models import Membership, User, Workspace


def _monday_to_friday() -> list[int]:
    return [1, 2, 3, 4, 5]


class ClientKind(models.TextChoices):
    BUSINESS = "business", _("business")
    GOVERNMENT = "government", _("government body")
    NGO = "ngo", _("non-profit")
    MEDIA = "media", _("media")
    PERSON = "person", _("personal brand")


class KeyTask(models.TextChoices):
    """The one thing a client (or a single community) is for."""

    LEADS = "leads", _("leads")
    SALES = "sales", _("sales")
    VISIBLE_WORK = "visible_work", _("visible work")
    VOLUNTEERS = "volunteers", _("volunteers and openness")
    DONATIONS = "donations", _("donations")
    TRAFFIC = "traffic", _("traffic")
    TRUST = "trust", _("trust and reputation")
    SUPPORT = "support", _("answers to people")


class Role(models.TextChoices):
    """What a person is to one client. What each may do is data in `access.py`."""

    OWNER = "owner", _("owner")
    MANAGER = "manager", _("manager")
    STRATEGIST = "strategist", _("strategist")
    EDITOR = "editor", _("editor")
    AUTHOR = "author", _("author")
    DESIGNER = "designer", _("designer")
    ADVERTISER = "advertiser", _("advertiser")
    COMMUNITY_MANAGER = "community_manager", _("community manager")
    CLIENT = "client", _("client")


class Client(models.Model):
    """Whom the work is for: kind, key task, contract."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="clients")
    name = models.CharField(_("name"), max_length=120)
    about = models.CharField(_("in one line"), max_length=240, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=ClientKind.choices)
    key_task = models.CharField(_("key task"), max_length=16, choices=KeyTask.choices)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    currency = models.CharField(_("currency"), max_length=3, default="RUB")
    posts_per_week = models.PositiveSmallIntegerField(_("posts a week by contract"), null=True, blank=True)
    not_measured = models.JSONField(
        default=list,
        help_text="what was agreed not to count: [{what, why, since}], shown on the client's page",
    )
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="since when nothing of this client goes out"
    )
    stopped_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    stopped_reason = models.CharField(_("reason"), max_length=240, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="client_named"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def client_id(self) -> int:
        """So that the one door treats a client like everything that belongs to it."""
        return self.pk


class Silence(models.TextChoices):
    """What no answer means. The rule is to wait; anything else stands in the contract, and is quoted."""

    WAIT = "wait", _("wait")
    CONSENT = "consent", _("consent, as the contract says")


class Terms(models.Model):
    """What the contract says of approval. No row: nothing has to be approved.

    `days`: working days the client has for a decision; `urgent_hours`: clock hours on the urgent route;
    `opens`, `closes`, `weekdays` (ISO, 1 is Monday): when the client works, by his own clock; `link_days`:
    how long a link lives.
    """

    client = models.OneToOneField(Client, models.CASCADE, related_name="terms")
    needed = models.BooleanField(_("posts go out only when the client has approved"), default=True)
    approver_name = models.CharField(_("who decides"), max_length=120, blank=True)
    approver_email = models.EmailField(_("his e-mail"), blank=True)
    days = models.PositiveSmallIntegerField(_("working days to decide"), default=2)
    urgent_hours = models.PositiveSmallIntegerField(_("hours to decide what is urgent"), default=2)
    rounds = models.PositiveSmallIntegerField(_("rounds that the price includes"), default=2)
    link_days = models.PositiveSmallIntegerField(_("days a link lives"), default=14)
    opens = models.TimeField(_("works from"), default=datetime.time(10))
    closes = models.TimeField(_("until"), default=datetime.time(19))
    weekdays = models.JSONField(default=_monday_to_friday)
    silence = models.CharField(max_length=8, choices=Silence.choices, default=Silence.WAIT)
    clause = models.CharField(_("the contract's words on silence"), max_length=1000, blank=True)

    class Meta:
        verbose_name_plural = "terms"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(silence="consent") | ~models.Q(clause=""), name="terms_silence_quoted"
            ),
            models.CheckConstraint(condition=models.Q(closes__gt=models.F("opens")), name="terms_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.days}"


class ClientRole(models.Model):
    client = models.ForeignKey(Client, models.CASCADE, related_name="roles")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="client_roles")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "membership"], name="client_role_once")]

    def __str__(self) -> str:
        return f"{self.membership.user} = {self.role} @ {self.client}"


class Known(models.TextChoices):
    """How a figure is known. Missing is missing, never zero."""

    COUNTED = "counted", _("counted")
    ESTIMATED = "estimated", _("estimated")
    SAID = "said", _("said by the client")
    UNKNOWN = "unknown", _("unknown")


class Counting(models.TextChoices):
    """Where the fact of a goal comes from."""

    ROWS = "rows", _("rows entered by hand, by the API or by import")
    PUBLICATIONS = "publications", _("posts that are really out")
    METRIC = "metric", _("a number that the networks count")
    LEADS = "leads", _("people who came: the list of leads")


class LeadStage(models.TextChoices):
    """From how far along a lead counts for a goal."""

    NEW = "new", _("everybody who came")
    QUALIFIED = "qualified", _("qualified ones")
    SOLD = "sold", _("sales")


class Goal(models.Model):
    """One figure with its plan, deadline and price limit. Everything ends in the cost of its unit."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="goals")
    figure = models.CharField(_("what is counted"), max_length=80)
    unit_one = models.CharField(max_length=40, help_text="as said with 1")
    unit_few = models.CharField(max_length=40, help_text="as said with 2", blank=True)
    unit_many = models.CharField(max_length=40, help_text="as said with 5")
    plan = models.DecimalField(_("plan"), max_digits=14, decimal_places=2)
    starts_on = models.DateField(_("from"))
    deadline = models.DateField(_("deadline"))
    price_limit = models.DecimalField(
        _("price limit of one unit"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    counting = models.CharField(max_length=12, choices=Counting.choices, default=Counting.ROWS)
    metric = models.CharField(max_length=20, blank=True, help_text="word of networks.base.metrics")
    leads_from = models.CharField(
        _("which leads"), max_length=10, choices=LeadStage.choices, default=LeadStage.NEW, db_default="new"
    )
    supports = models.JSONField(default=list, help_text="2-4 supporting metrics, words of the metrics")
    is_main = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(plan__gt=0), name="goal_plan_positive"),
            models.CheckConstraint(
                condition=models.Q(deadline__gte=models.F("starts_on")), name="goal_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(price_limit__isnull=True) | models.Q(price_limit__gt=0),
                name="goal_price_positive",
            ),
            models.CheckConstraint(
                condition=~models.Q(counting="metric") | ~models.Q(metric=""), name="goal_metric_named"
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=models.Q(is_main=True, closed_at__isnull=True),
                name="goal_one_main",
            ),
        ]

    def __str__(self) -> str:
        return self.figure


class GoalFact(models.Model):
    """One row that a goal's fact is counted from: a lead, an application, a sum of visits of a day."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="goal_facts")
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="facts")
    happened_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=1)
    known = models.CharField(max_length=10, choices=Known.choices, default=Known.COUNTED)
    note = models.CharField(max_length=300, blank=True)
    origin = models.CharField(
        max_length=200, blank=True, help_text="the trace: a link, 'publication:12', ..."
    )
    key = models.CharField(
        max_length=120, blank=True, help_text="the sender's own id: the same row only once"
    )
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["goal", "happened_on"], name="goal_fact_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "key"], condition=~models.Q(key=""), name="goal_fact_key_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_on}: {self.amount}"


class CostKind(models.TextChoices):
    """`FEE`: what the client pays us for our work; see `bearing.py` for what it covers."""

    FEE = "fee", _("our fee")
    PEOPLE = "people", _("people")
    ADS = "ads", _("advertising")
    PLACEMENTS = "placements", _("placements")
    TOOLS = "tools", _("tools")
    OTHER = "other", _("other")


class Payer(models.TextChoices):
    """Who bears a row of money, where the contract's rule is not to decide it."""

    RULE = "", _("as the contract says")
    CLIENT = "client", _("the client")
    US = "us", _("we ourselves")


class Cost(models.Model):
    """Money spent for a client; with the goal's fact it makes the cost of a unit.

    `amount` is in the client's currency. What was paid in another one stands in `paid_amount` and `currency`
    with the `rate` (units of the client's money for one) and where it is from; without a rate the row's sum
    is unknown, never added up as if the currencies were one.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="costs")
    spent_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    kind = models.CharField(max_length=12, choices=CostKind.choices)
    known = models.CharField(max_length=10, choices=Known.choices, default=Known.COUNTED)
    note = models.CharField(max_length=300, blank=True)
    key = models.CharField(
        max_length=40,
        blank=True,
        db_default="",
        default="",
        help_text=(
            "what wrote it down: 'pay:12' a pay sheet, 'shared:3:2026-11' a shared cost; may be below zero"
        ),
    )
    community = models.ForeignKey(
        "communities.Community", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(
        max_length=200, blank=True, db_default="", default="", help_text="'publication:12', a campaign's name"
    )
    payer = models.CharField(
        _("who bears it"), max_length=8, choices=Payer.choices, blank=True, db_default="", default=""
    )
    currency = models.CharField(
        max_length=3, blank=True, db_default="", default="", help_text="where it is not the client's own"
    )
    paid_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    rate = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)
    rate_source = models.CharField(max_length=200, blank=True, db_default="", default="")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["client", "spent_on"], name="cost_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(currency="") | models.Q(paid_amount__isnull=False),
                name="cost_of_other_money",
            ),
            models.CheckConstraint(
                condition=models.Q(currency="")
                | models.Q(known="unknown")
                | models.Q(rate__gt=0) & ~models.Q(rate_source=""),
                name="cost_rate_with_source",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0) | ~models.Q(key=""), name="cost_not_negative"
            ),
            models.UniqueConstraint(
                fields=["client", "key"], condition=~models.Q(key=""), name="cost_key_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spent_on}: {self.amount}"


# Both stand on what is above, and Django finds models from here.
import niva.domains.clients.kinds  # noqa: E402
import niva.domains.clients.money  # noqa: E402, F401
