"""What people type about pay: an agreement, its last day, a correction, why a norm was missed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.editorial.services.pieces import colleagues
from niva.domains.editorial.states import Unit
from niva.domains.pay import rules
from niva.domains.pay.models import Agreement
from niva.domains.pay.services.agreements import Price
from niva.domains.pay.states import Gate, Model, Part, Period
from niva.domains.people.actor import Actor
from niva.web.clients.forms import CURRENCIES, DAY, AmountField

STEPS: Final = 4
WEEKDAYS: Final = [
    ("1", _("Monday")), ("2", _("Tuesday")), ("3", _("Wednesday")), ("4", _("Thursday")),
    ("5", _("Friday")), ("6", _("Saturday")), ("7", _("Sunday")),
]  # fmt: skip


class TermsForm(forms.Form):
    """What is paid, and how; the kinds of pieces are fields rate_<unit> and weight_<unit>."""

    model = forms.ChoiceField(label=_("How it pays"), choices=Model.choices)
    gate = forms.ChoiceField(label=_("A piece counts when it is"), choices=Gate.choices)
    norm = AmountField(label=_("Norm"), required=False, help_text=_("How many pieces; not reach, not sales."))
    period = forms.ChoiceField(label=_("Norm for"), choices=Period.choices)
    fix = AmountField(label=_("Fixed pay a month"), required=False)
    bonus = AmountField(
        label=_("Bonus for the norm"), required=False, help_text=_("For a month, or for the quarter.")
    )
    over = forms.BooleanField(label=_("More than the norm pays more"), required=False)
    cap = forms.IntegerField(label=_("but at most, %"), initial=120, min_value=100, max_value=300)
    weekdays = forms.MultipleChoiceField(
        label=_("Working days"), choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_on = forms.DateField(label=_("From"), widget=DAY)
    ends_on = forms.DateField(
        label=_("To"), widget=DAY, required=False, help_text=_("Empty: until it is ended.")
    )
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for unit, word in Unit.choices:
            self.fields[f"rate_{unit}"] = AmountField(label=word, required=False)
            self.fields[f"weight_{unit}"] = AmountField(label=_("Weight"), required=False)
        for number in range(STEPS):
            self.fields[f"at_{number}"] = AmountField(label=_("From, % done"), required=False)
            self.fields[f"pays_{number}"] = AmountField(label=_("pays, % of the bonus"), required=False)
        for part, word in Part.choices:
            self.fields[f"part_{part}"] = AmountField(label=word, required=False)

    def prices(self) -> list[Price]:
        """The kinds that have a rate; with a bonus or by weights a rate of 0 will do."""
        values = self.cleaned_data
        return [
            Price(unit, values[f"rate_{unit}"], values[f"weight_{unit}"] or Decimal(1))
            for unit in Unit.values
            if values.get(f"rate_{unit}") is not None
        ]

    def terms(self) -> dict[str, Any]:
        """What `agreements.agree` takes, but for the person, the client and the prices."""
        values = self.cleaned_data
        steps = [
            rules.Step(values[f"at_{n}"], values[f"pays_{n}"]).as_json()
            for n in range(STEPS)
            if values.get(f"at_{n}") is not None
        ]
        parts = {part: str(values.get(f"part_{part}") or 0) for part in Part.values}
        names = ("model", "gate", "norm", "period", "over", "cap", "starts_on", "ends_on", "note")
        found = {name: values.get(name) for name in names}
        found |= {name: values.get(name) or Decimal(0) for name in ("fix", "bonus")}
        found["weekdays"] = [int(one) for one in values.get("weekdays") or ()]
        return found | {"steps": steps, "parts": parts}

    @property
    def unit_fields(self) -> list[tuple[Any, Any]]:
        return [(self[f"rate_{unit}"], self[f"weight_{unit}"]) for unit in Unit.values]

    @property
    def step_fields(self) -> list[tuple[Any, Any]]:
        return [(self[f"at_{n}"], self[f"pays_{n}"]) for n in range(STEPS)]

    @property
    def part_fields(self) -> list[Any]:
        return [self[f"part_{part}"] for part in Part.values]


class AgreementForm(TermsForm):
    """A new agreement: whose, and for which client."""

    person = forms.ChoiceField(label=_("Who"))
    client = forms.ChoiceField(label=_("Client"), required=False)
    currency = forms.ChoiceField(
        label=_("Currency"), choices=CURRENCIES, help_text=_("Of one client: always the client's own.")
    )
    field_order = ("person", "client", "model", "gate")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(one.pk), one.name) for one in colleagues(actor, can="pay")]
        self.fields["person"].choices = people  # type: ignore[attr-defined]
        mine = [one for one in clients.clients(actor) if access.may(actor, "pay", client_id=one.pk)]
        choices = [(str(one.pk), one.name) for one in mine]
        every = [("", _("All clients of this currency"))] if actor.everywhere else []
        self.fields["client"].choices = [*choices, *every]  # type: ignore[attr-defined]


class EndForm(forms.Form):
    ends_on = forms.DateField(label=_("Last day"), widget=DAY)


class CorrectionForm(forms.Form):
    """A sum to add or take off, with its reason."""

    amount = AmountField(label=_("Sum"), help_text=_("With a minus: to take off."))
    reason = forms.CharField(label=_("Why"), max_length=400)
    client = forms.ChoiceField(label=_("Whose money"), required=False)
    now = forms.BooleanField(
        label=_("At once, as an addendum to this sheet; otherwise a line of the next one"), required=False
    )

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client"].choices = [*choices, ("", _("no client's"))]  # type: ignore[attr-defined]


def initial_of(agreement: Agreement | None) -> dict[str, Any]:
    """What the fields begin with: the defaults, or what is in force now."""
    one = agreement or Agreement()
    found: dict[str, Any] = {
        name: getattr(one, name)
        for name in ("model", "gate", "period", "norm", "fix", "bonus", "over", "cap", "note", "ends_on")
    }
    found["weekdays"] = [str(day) for day in one.weekdays]
    for number, step in enumerate(one.steps[:STEPS]):
        found[f"at_{number}"] = Decimal(step["at"])
        found[f"pays_{number}"] = None if step["pays"] == "done" else Decimal(step["pays"])
    found |= {f"part_{part}": Decimal(weight) for part, weight in one.parts.items()}
    found |= {f"weight_{unit}": weight for unit, weight in WEIGHTS.items()}
    if agreement is None:
        return found | {"rate_post": Decimal(0), "model": Model.PIECE}
    for rate in agreement.rates.all():
        found |= {f"rate_{rate.unit}": rate.rate, f"weight_{rate.unit}": rate.weight}
    return found


# What a piece of each kind weighs against the norm, unless it is agreed otherwise.
WEIGHTS: Final[Mapping[str, Decimal]] = {
    Unit.POST: Decimal(1),
    Unit.CARD: Decimal(1),
    Unit.REEL: Decimal(2),
    Unit.INTERVIEW: Decimal(3),
    Unit.ARTICLE: Decimal(4),
}
