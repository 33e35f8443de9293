"""Rows that make sense of costs: the contract's money, budgets, closed months, costs that clients share.

Who bears a row of money, the client or we, is one rule: `bearing.py`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client, CostKind, Known
from niva.domains.people.models import User, Workspace


class PaidAs(models.TextChoices):
    """What the client pays by contract. Decides which rows of money are his."""

    PASSED_ON = "passed_on", _("everything that is spent is passed on to him")
    FEE = "fee", _("a fee that covers our people and tools")


class MoneyTerms(models.Model):
    """What the contract says of money. No row: everything that is spent is the client's.

    `work_on_paid`: percent of our work that goes into advertising and placements, None = nobody has said, so
    that work is not shared out. `pacing_points`: alarm when the share spent and the share of days gone differ
    by more percent points. `baseline`: units a day that came before we began, None = not known.
    `answer_hours`: within how many hours people are answered; differs by region, so it has its source.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.OneToOneField(Client, models.CASCADE, related_name="money_terms")
    paid_as = models.CharField(
        _("what the client pays"), max_length=10, choices=PaidAs.choices, default=PaidAs.PASSED_ON
    )
    work_on_paid = models.DecimalField(
        _("of our work for advertising, %"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    pacing_points = models.PositiveSmallIntegerField(_("warn when the pace is off by, points"), default=15)
    baseline = models.DecimalField(
        _("a day before us"), max_digits=10, decimal_places=4, null=True, blank=True
    )
    baseline_known = models.CharField(max_length=10, choices=Known.choices, default=Known.SAID)
    baseline_source = models.CharField(_("how that is known"), max_length=200, blank=True)
    answer_hours = models.DecimalField(
        _("people are answered within, hours"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    answer_source = models.CharField(_("where that term stands"), max_length=300, blank=True)
    report_days = models.PositiveSmallIntegerField(_("a fundraiser is reported on within, days"), default=14)

    class Meta:
        verbose_name_plural = "money terms"
        constraints = [
            models.CheckConstraint(
                condition=Q(work_on_paid__isnull=True) | Q(work_on_paid__gte=0, work_on_paid__lte=100),
                name="money_terms_work_share",
            ),
            models.CheckConstraint(
                condition=Q(baseline__isnull=True) | Q(baseline__gte=0), name="money_terms_baseline"
            ),
            models.CheckConstraint(
                condition=Q(pacing_points__gte=1, pacing_points__lte=100), name="money_terms_points"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.paid_as}"


class Budget(models.Model):
    """How much may go to one kind of cost in one month. `month`: its first day."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="budgets")
    month = models.DateField()
    kind = models.CharField(max_length=12, choices=CostKind.choices)
    plan = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "month", "kind"], name="budget_once"),
            models.CheckConstraint(condition=Q(plan__gte=0), name="budget_not_negative"),
            models.CheckConstraint(condition=Q(month__day=1), name="budget_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.kind}: {self.plan}"


class ClosedMonth(models.Model):
    """A month that was reported: its rows of money stay as they are, a correction is a row of a later day."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="closed_months")
    month = models.DateField()
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "month"], name="closed_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="closed_month_first"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class SharedBy(models.TextChoices):
    """The rule by which several clients bear one cost."""

    EQUALLY = "equally", _("equally")
    POSTS = "posts", _("by posts that came out in the month")
    PAY = "pay", _("by what people were paid for each in the month")
    TYPED = "typed", _("by shares that were typed in")


class SharedCost(models.Model):
    """A cost that several clients bear, split to the cent. Never changed: a correction is a row of its own.

    `weights`: client -> what the rule counted, as text; `corrects`: the row it mends, with the difference in
    `amount` and the reason; `month`: its first day.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="shared_costs")
    what = models.CharField(_("what it is"), max_length=200)
    month = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, default="RUB")
    kind = models.CharField(max_length=12, choices=CostKind.choices, default=CostKind.TOOLS)
    known = models.CharField(max_length=10, choices=Known.choices, default=Known.COUNTED)
    rule = models.CharField(max_length=8, choices=SharedBy.choices)
    weights = models.JSONField(default=dict)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, amount__gt=0) | Q(corrects__isnull=False),
                name="shared_cost_positive",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(reason=""), name="shared_cost_reason"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="shared_cost_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.what}: {self.amount}"

    @property
    def cost_key(self) -> str:
        """The key of the rows of money it was split into."""
        return f"shared:{self.pk}:{self.month:%Y-%m}"
