"""What people type about clients. What is wrong comes from the services, field by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import (
    Client,
    ClientKind,
    CostKind,
    Counting,
    Goal,
    KeyTask,
    Known,
    LeadStage,
    Role,
)
from niva.domains.clients.offers import GoalOffer, KindOffer
from niva.domains.clients.services.clients import FIELDS as CLIENT_FIELDS
from niva.domains.clients.services.goals import FIELDS as GOAL_FIELDS
from niva.domains.clients.units import Unit
from niva.networks.base.metrics import POST_METRICS
from niva.web.clients.words import METRIC_WORDS, in_language
from niva.web.people.zones import zones

CURRENCIES = [("RUB", _("rouble, ₽")), ("USD", _("dollar, $")), ("EUR", _("euro, €")), ("KZT", _("tenge, ₸")),
              ("BYN", _("Belarusian rouble, Br"))]  # fmt: skip
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
# Rows are never written as "unknown": what nobody knows is not a row.
FACT_KNOWN = [choice for choice in Known.choices if choice[0] != Known.UNKNOWN]


class MoneyInput(forms.TextInput):
    """Text, not type=number: people paste «38 600,50»."""

    def __init__(self) -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off"})


class AmountField(forms.DecimalField):
    """A number as people write it: spaces between thousands, a comma or a point."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, widget=MoneyInput(), **kwargs)
        self.error_messages["invalid"] = _("Give a number, like 40 or 1 240,50.")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            for blank in (" ", "\u00a0", "\u202f"):
                value = value.replace(blank, "")
            value = value.replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return value


class ClientForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    about = forms.CharField(
        label=_("In one line"),
        max_length=240,
        required=False,
        help_text=_("Who they are, where, what they do."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=ClientKind.choices)
    key_task = forms.ChoiceField(
        label=_("Key task"),
        choices=KeyTask.choices,
        help_text=_("The one thing all the work is for. The goal and the reports start from it."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    posts_per_week = forms.IntegerField(
        label=_("Posts a week by contract"),
        required=False,
        min_value=1,
        max_value=500,
        help_text=_("Leave empty when the contract names no number."),
    )

    def __init__(self, *args: Any, offer: KindOffer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if offer is not None:
            ours = [(task, KeyTask(task).label) for task in offer.tasks]
            others = [choice for choice in KeyTask.choices if choice[0] not in offer.tasks]
            groups = [(_("Usual for this kind"), ours), (_("Others"), others)]
            self.fields["key_task"].choices = groups  # type: ignore[attr-defined]

    @staticmethod
    def values_of(client: Client) -> dict[str, Any]:
        return {name: getattr(client, name) for name in CLIENT_FIELDS}


class GoalForm(forms.Form):
    figure = forms.CharField(
        label=_("What is counted"),
        max_length=80,
        help_text=_("In the client's own words: applications, visits."),
    )
    plan = AmountField(label=_("Plan"))
    unit_one = forms.CharField(label=_("1 …"), max_length=40)
    unit_few = forms.CharField(
        label=_("2 …"),
        max_length=40,
        required=False,
        help_text=_("Leave empty where the language has two forms."),
    )
    unit_many = forms.CharField(label=_("18 …"), max_length=40, required=False)
    starts_on = forms.DateField(label=_("From"), widget=DAY)
    deadline = forms.DateField(label=_("Deadline"), widget=DAY)
    price_limit = AmountField(
        label=_("One may cost at most"), required=False, help_text=_("Leave empty when no limit was agreed.")
    )
    counting = forms.ChoiceField(label=_("Where the figure comes from"), choices=Counting.choices)
    metric = forms.ChoiceField(label=_("Which number"), required=False)
    leads_from = forms.ChoiceField(
        label=_("Which leads"),
        choices=LeadStage.choices,
        required=False,
        help_text=_("Only where people who came are counted."),
    )
    supports = forms.MultipleChoiceField(
        label=_("Supporting numbers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Two to four: they explain the figure, they are not the goal."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(metric, METRIC_WORDS[metric]) for metric in METRIC_WORDS]
        posts = [choice for choice in words if choice[0] in POST_METRICS]
        self.fields["metric"].choices = [("", _("not needed")), *words]  # type: ignore[attr-defined]
        self.fields["supports"].choices = [*posts, ("messages", METRIC_WORDS["messages"])]  # type: ignore[attr-defined]

    @staticmethod
    def values_of(goal: Goal) -> dict[str, Any]:
        return {name: getattr(goal, name) for name in GOAL_FIELDS}

    @staticmethod
    def values_of_offer(offer: GoalOffer) -> dict[str, Any]:
        """What the offer fills in; the plan, days and price are for people to agree."""
        unit: Unit = in_language(offer.unit, get_language())
        return {
            "figure": in_language(offer.figure, get_language()),
            "unit_one": unit.one,
            "unit_few": unit.few,
            "unit_many": unit.many,
            "counting": offer.counting,
            "metric": offer.metric,
            "supports": list(offer.supports),
        }


class FactForm(forms.Form):
    happened_on = forms.DateField(label=_("When"), widget=DAY)
    amount = AmountField(label=_("How many"), initial=Decimal(1))
    known = forms.ChoiceField(label=_("How it is known"), choices=FACT_KNOWN)
    note = forms.CharField(label=_("Who or what"), max_length=300, required=False)
    origin = forms.CharField(
        label=_("Where from"),
        max_length=200,
        required=False,
        help_text=_("A link or a few words: from which post."),
    )


class CorrectForm(forms.Form):
    amount = AmountField(label=_("Counts as"))
    note = forms.CharField(label=_("Why"), max_length=300)


class CostForm(forms.Form):
    spent_on = forms.DateField(label=_("When"), widget=DAY)
    amount = AmountField(label=_("Sum"), required=False, help_text=_("Leave empty when it is not known."))
    kind = forms.ChoiceField(label=_("For what"), choices=CostKind.choices)
    known = forms.ChoiceField(label=_("How it is known"), choices=Known.choices)
    note = forms.CharField(label=_("In words"), max_length=300, required=False)


class SilenceForm(forms.Form):
    what = forms.CharField(label=_("What is not measured"), max_length=80)
    why = forms.CharField(label=_("Why"), max_length=300)


class RoleForm(forms.Form):
    person = forms.TypedChoiceField(label=_("Person"), coerce=int)
    role = forms.ChoiceField(label=_("What this person does here"), choices=Role.choices)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]
