"""What people type about money. What is wrong comes from the services, field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client, CostKind, Known, Payer
from niva.domains.clients.money import PaidAs, SharedBy
from niva.domains.communities.models import Community
from niva.web.clients.forms import CURRENCIES, DAY, FACT_KNOWN, AmountField, CostForm

MONTH = forms.DateInput(format="%Y-%m", attrs={"type": "month"})


class MonthField(forms.DateField):
    """A month, as browsers send it: 2026-11. Its first day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=MONTH, input_formats=["%Y-%m", "%Y-%m-%d", "%m.%Y"], **kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        day = super().to_python(value)
        return day.replace(day=1) if day else None


class RateField(AmountField):
    """A rate, exact to six digits after the point."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_digits, self.decimal_places = 16, 6
        self.validators = [forms.DecimalField(max_digits=16, decimal_places=6).validators[-1]]


class LedgerForm(CostForm):
    """A row of money with where it belongs, who bears it, and what it was in another currency."""

    community_id = forms.TypedChoiceField(label=_("Community"), required=False, coerce=int, empty_value=None)
    origin = forms.CharField(
        label=_("Campaign or post"),
        max_length=200,
        required=False,
        help_text=_("The campaign's name; of a post its number, as publication:12."),
    )
    payer = forms.ChoiceField(label=_("Who bears it"), choices=Payer.choices, required=False)
    currency = forms.ChoiceField(label=_("Paid in"), required=False)
    paid_amount = AmountField(label=_("Sum in that currency"), required=False)
    rate = RateField(
        label=_("Rate"), required=False, help_text=_("How much of the client's money one unit costs.")
    )
    rate_source = forms.CharField(
        label=_("Where the rate is from"),
        max_length=200,
        required=False,
        help_text=_("The bank and the day. Without a rate the sum stays unknown."),
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Community.objects.filter(client=client, archived_at__isnull=True).order_by("name")
        places = [(str(one.pk), one.name) for one in rows]
        self.fields["community_id"].choices = [("", _("none in particular")), *places]  # type: ignore[attr-defined]
        others = [choice for choice in CURRENCIES if choice[0] != client.currency]
        self.fields["currency"].choices = [("", _("the client's own money")), *others]  # type: ignore[attr-defined]

    @property
    def more(self) -> bool:
        """Whether the folded part has something in it or wrong with it."""
        names = ("community_id", "origin", "payer", "currency", "paid_amount", "rate", "rate_source")
        return any(self.errors.get(name) or self[name].value() for name in names)


class FixForm(forms.Form):
    amount = AmountField(label=_("Comes to"), help_text=_("0 takes the row out of the count."))
    reason = forms.CharField(label=_("Why"), max_length=300)


class FilterForm(forms.Form):
    since = forms.DateField(label=_("From"), required=False, widget=DAY)
    until = forms.DateField(label=_("To"), required=False, widget=DAY)
    kind = forms.ChoiceField(label=_("For what"), required=False)
    q = forms.CharField(label=_("In words"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("everything")), *CostKind.choices]  # type: ignore[attr-defined]


class MoneyTermsForm(forms.Form):
    paid_as = forms.ChoiceField(
        label=_("What the client pays"),
        choices=PaidAs.choices,
        widget=forms.RadioSelect,
        help_text=_("Under a fee what we pay our people is our inside cost: he does not pay it twice."),
    )
    work_on_paid = AmountField(
        label=_("Of our work for advertising, %"),
        required=False,
        help_text=_("Empty: not known. Then work is not shared out between paid and organic."),
    )
    baseline = forms.DecimalField(
        label=_("Came a day before us"),
        required=False,
        max_digits=10,
        decimal_places=4,
        localize=True,
        help_text=_("How many units came a day before the work began, like 0.3."),
    )
    baseline_known = forms.ChoiceField(label=_("How it is known"), choices=FACT_KNOWN, initial=Known.SAID)
    baseline_source = forms.CharField(label=_("Over which days, from where"), required=False, max_length=200)
    pacing_points = forms.IntegerField(
        label=_("Warn when spending is off its pace by, percent points"), min_value=1, max_value=100
    )
    answer_hours = AmountField(
        label=_("People are answered within, working hours"),
        required=False,
        help_text=_("Differs by region and contract, so it is yours to set."),
    )
    answer_source = forms.CharField(label=_("Where that term stands"), required=False, max_length=300)
    report_days = forms.IntegerField(
        label=_("A fundraiser is reported on within, days"), min_value=1, max_value=365
    )


class BudgetForm(forms.Form):
    """A sum for each kind of cost; empty: no plan for it."""

    month = MonthField(label=_("Month"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, word in CostKind.choices:
            self.fields[kind] = AmountField(label=word, required=False)

    @property
    def kinds(self) -> list[Any]:
        return [self[kind] for kind in CostKind.values]

    def plans(self) -> dict[str, Decimal | None]:
        return {kind: self.cleaned_data.get(kind) for kind in CostKind.values}


class MonthForm(forms.Form):
    month = MonthField(label=_("Month"))


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX, as the cabinet exports it."))
    source = forms.CharField(
        label=_("Which cabinet"),
        max_length=60,
        help_text=_("VK Ads, Yandex Direct. Call it the same every time: rows are known by it."),
    )
    sums = forms.ChoiceField(
        label=_("Sums are in"),
        choices=[("", _("see by the sums")), ("plain", _("money")), ("micros", _("millionths of money"))],
        required=False,
    )


class SharedForm(forms.Form):
    """A cost that clients share; shares of clients are fields share_<id>."""

    what = forms.CharField(label=_("What it is"), max_length=200)
    month = MonthField(label=_("Month"))
    amount = AmountField(label=_("Sum"))
    kind = forms.ChoiceField(
        label=_("For what"), choices=[one for one in CostKind.choices if one[0] != CostKind.FEE]
    )
    known = forms.ChoiceField(label=_("How it is known"), choices=FACT_KNOWN)
    rule = forms.ChoiceField(label=_("How it is shared"), choices=SharedBy.choices)
    clients = forms.TypedMultipleChoiceField(
        label=_("Who bears it"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, bearers: Sequence[Client], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.pk, one.name) for one in bearers]
        self.fields["clients"].choices = choices  # type: ignore[attr-defined]
        self.bearers = bearers
        for one in bearers:
            self.fields[f"share_{one.pk}"] = AmountField(label=one.name, required=False)

    @property
    def shares(self) -> list[Any]:
        return [self[f"share_{one.pk}"] for one in self.bearers]

    def typed(self) -> dict[int, Decimal]:
        found = {one.pk: self.cleaned_data.get(f"share_{one.pk}") for one in self.bearers}
        return {pk: share for pk, share in found.items() if share is not None}


class SharedFixForm(forms.Form):
    """What it comes to now, and who bears it."""

    amount = AmountField(label=_("Comes to"), help_text=_("0 takes it out of everybody's count."))
    reason = forms.CharField(label=_("Why"), max_length=300)
    clients = forms.TypedMultipleChoiceField(
        label=_("Who bears it"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, bearers: Sequence[Client], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clients"].choices = [(one.pk, one.name) for one in bearers]  # type: ignore[attr-defined]


# The figures of a kind


class PromiseForm(forms.Form):
    what = forms.CharField(label=_("What was promised"), max_length=300)
    said_on = forms.DateField(label=_("Said on"), widget=DAY)
    due = forms.DateField(label=_("To be done by"), widget=DAY, required=False)
    post_url = forms.CharField(label=_("Where it was said"), max_length=500, required=False)
    done_on = forms.DateField(label=_("Done on"), widget=DAY, required=False)
    proof = forms.CharField(
        label=_("What shows it"),
        max_length=500,
        required=False,
        help_text=_("An address: the post, a picture before and after."),
    )


class FundraiserForm(forms.Form):
    what = forms.CharField(label=_("For what"), max_length=200)
    goal = AmountField(label=_("To collect"))
    starts_on = forms.DateField(label=_("From"), widget=DAY)
    ends_on = forms.DateField(label=_("Until"), widget=DAY)
    collected = AmountField(label=_("Collected"), required=False, help_text=_("Empty: not known."))
    spent = AmountField(label=_("Spent"), required=False, help_text=_("Empty: not known."))
    documents = forms.CharField(
        label=_("Documents, an address a line"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    closing_url = forms.CharField(label=_("The post that reports it"), max_length=500, required=False)
    closed_on = forms.DateField(label=_("Reported on"), widget=DAY, required=False)


class VolunteerForm(forms.Form):
    label = forms.CharField(
        label=_("Initials or a number"),
        max_length=40,
        help_text=_("No names and no telephone numbers: for counting they are not needed."),
    )
    applied_on = forms.DateField(label=_("Applied"), widget=DAY)
    first_shift_on = forms.DateField(label=_("First shift"), widget=DAY, required=False)
    last_shift_on = forms.DateField(label=_("Last shift so far"), widget=DAY, required=False)


class PartForm(forms.Form):
    figure = forms.CharField(widget=forms.HiddenInput)
    month = MonthField(label=_("Month"))
    top = AmountField(label=_("How many"))
    bottom = AmountField(label=_("Of how many"))
    known = forms.ChoiceField(label=_("How it is known"), choices=FACT_KNOWN)
    source = forms.CharField(label=_("Where it is from"), max_length=200)
