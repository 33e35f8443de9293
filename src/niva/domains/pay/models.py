"""Agreements on KPI and pay, and the sheets that came of them. Money is Decimal, to the kopeck."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from niva.domains.clients.models import Client
from niva.domains.editorial.models import Piece
from niva.domains.editorial.states import Unit
from niva.domains.pay.rules import DEFAULT_STEPS, DEFAULT_WEIGHTS
from niva.domains.pay.states import Gate, Kind, Model, Period
from niva.domains.people.models import User, Workspace


def default_steps() -> list[dict[str, str]]:
    return [step.as_json() for step in DEFAULT_STEPS]


def default_weights() -> dict[str, str]:
    return {part: str(weight) for part, weight in DEFAULT_WEIGHTS.items()}


def monday_to_friday() -> list[int]:
    return [1, 2, 3, 4, 5]


def amount(**extra: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=12, decimal_places=2, **extra)


class Agreement(models.Model):
    """What one person is paid for, from a day to a day (both included, by the client's clock).

    Never rewritten: to change it, it ends on a day and another begins on the next. `client` None: all clients
    whose money is of `currency`. `fix` is for a calendar month, `bonus` for the settled period (a month, or
    the quarter). `steps`, `cap`, `over`: see `rules.bonus_share`; `parts`: weights of the mixed bonus, 100
    together; `weekdays`: ISO days that a norm for a day counts.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    model = models.CharField(max_length=10, choices=Model.choices)
    gate = models.CharField(max_length=10, choices=Gate.choices, default=Gate.ACCEPTED)
    period = models.CharField(max_length=8, choices=Period.choices, default=Period.MONTH)
    norm = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    fix = amount(default=Decimal(0))
    bonus = amount(default=Decimal(0))
    over = models.BooleanField(default=False, help_text="more than the norm pays more, up to the cap")
    cap = models.PositiveSmallIntegerField(default=120, help_text="percent")
    steps = models.JSONField(default=default_steps)
    parts = models.JSONField(default=default_weights)
    weekdays = models.JSONField(default=monday_to_friday)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["starts_on", "id"]
        indexes = [models.Index(fields=["workspace", "person"], name="agreement_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="agreement_forwards",
            ),
            models.CheckConstraint(condition=Q(norm__isnull=True) | Q(norm__gt=0), name="agreement_norm"),
            models.CheckConstraint(condition=Q(fix__gte=0, bonus__gte=0), name="agreement_not_negative"),
            models.CheckConstraint(condition=Q(cap__gte=100, cap__lte=300), name="agreement_cap"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_model_display()}"


class Rate(models.Model):
    """A kind of piece that an agreement covers: `rate` for one, `weight` of one against the norm."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="rates")
    unit = models.CharField(max_length=12, choices=Unit.choices)
    rate = amount(default=Decimal(0))
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(1))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "unit"], name="rate_unit_once"),
            models.CheckConstraint(condition=Q(rate__gte=0, weight__gt=0), name="rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.rate}"


class PaySheet(models.Model):
    """A month of a person in one currency, closed. Number 0 is the month's own; the rest are addenda.

    A draft has no row: it is computed. Once `paid_at` is set, a trigger of the database refuses every change
    of the sheet and of all that hangs on it.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    month = models.DateField(help_text="its first day")
    currency = models.CharField(max_length=3)
    number = models.PositiveSmallIntegerField(default=0)
    total = amount()
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="how the norms stood")
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-month", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "person", "month", "currency", "number"], name="sheet_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="sheet_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.month:%Y-%m}"


class PayLine(models.Model):
    """One line, frozen. `inputs`: what the formula took, `words`: the formula as it was said then.

    `key` names the line within its month: the same line of a draft has the same key.
    """

    sheet = models.ForeignKey(PaySheet, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, blank=True, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="+")
    inputs = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    words = models.CharField(max_length=600, blank=True)
    amount = amount()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["sheet", "key"], name="line_once")]

    def __str__(self) -> str:
        return f"{self.words}: {self.amount}"


class Counted(models.Model):
    """A piece that a closed sheet has counted. One piece, one row: nothing is ever paid twice."""

    sheet = models.ForeignKey(PaySheet, models.CASCADE, related_name="counted")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="+")
    piece = models.OneToOneField(Piece, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    unit = models.CharField(max_length=12, choices=Unit.choices)
    title = models.CharField(max_length=200)
    passed_on = models.DateField()
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(1))
    on_time = models.BooleanField(null=True, help_text="None: it had no planned hour")
    first_pass = models.BooleanField(default=True)
    error = models.BooleanField(default=False, help_text="returned after it was out")

    class Meta:
        ordering = ["passed_on", "id"]

    def __str__(self) -> str:
        return f"{self.title}: {self.passed_on}"


class Correction(models.Model):
    """A sum to add or to take off, with its reason; it becomes a line of the next sheet that is closed.

    `corrects`: the closed sheet that was wrong; `taken_in`: the sheet whose line it became.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    corrects = models.ForeignKey(PaySheet, models.PROTECT, related_name="corrections")
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="+")
    amount = amount()
    reason = models.CharField(max_length=400)
    taken_in = models.ForeignKey(PaySheet, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="correction_not_nothing"),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}: {self.reason}"
