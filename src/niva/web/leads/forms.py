"""What people type about leads. What is wrong comes from the services, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.leads import utm
from niva.domains.leads.funnel import STEPS
from niva.domains.leads.models import ClientSays, DoorKind, FunnelTerms, StepOwner
from niva.domains.leads.sealing import LONGEST
from niva.domains.leads.states import Reason, Status
from niva.kit.local_time import nearest
from niva.web.clients.forms import AmountField

MOMENT = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
NOBODY = ("", _("nobody yet"))
# Every medium of the closed list, so that nobody has to know its Latin word.
MEDIUM_WORDS = {
    "social": _("a usual post"),
    "cpc": _("advertising paid by the click"),
    "cpm": _("advertising paid by the view"),
    "seeding": _("bought in somebody else's community"),
    "blogger": _("a blogger"),
    "mailing": _("a mailing"),
    "bio": _("the profile"),
    "comment": _("a comment"),
    "pr": _("the press, mutual mention"),
}


class MomentField(forms.DateTimeField):
    """A moment by the client's own clock: the browser names no zone."""

    def __init__(self, *, zone: str, **kwargs: Any) -> None:
        super().__init__(widget=MOMENT, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)
        self.zone = zone

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        for one in self.input_formats or ():
            try:
                local = datetime.strptime(str(value), str(one))  # noqa: DTZ007 the zone is the client's
            except ValueError:
                continue
            return nearest(local.date(), local.time(), self.zone)
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(ZoneInfo(self.zone)) if isinstance(value, datetime) else value


class LeadForm(forms.Form):
    """A lead typed in by hand."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST["name"], required=False)
    contact = forms.CharField(
        label=_("Contact"),
        max_length=LONGEST["contact"],
        required=False,
        help_text=_("Phone, mail or a link to the page. Kept encrypted."),
    )
    text = forms.CharField(
        label=_("What he wrote or asked for"),
        max_length=LONGEST["text"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    link = forms.CharField(
        label=_("Link to the post that brought him"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://…"}),
    )
    how_heard = forms.CharField(label=_("How did he hear of us"), max_length=240, required=False)
    by = forms.ChoiceField(
        label=_("How he came"),
        choices=[("message", _("wrote to the community")), ("hand", _("called, came or wrote elsewhere"))],
    )
    status = forms.ChoiceField(label=_("How far it is"), choices=Status.choices)
    reason = forms.ChoiceField(
        label=_("Why nothing came of it"), choices=[("", "—"), *Reason.choices], required=False
    )
    amount = AmountField(label=_("Sum"), required=False)
    consent = forms.ChoiceField(
        label=_("Consent to keep his data"),
        choices=[("", _("not known")), ("yes", _("he gave it")), ("no", _("he did not"))],
        required=False,
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["came_at"] = MomentField(label=_("When he came"), zone=zone)


class MoveForm(forms.Form):
    """One press of a status button."""

    to = forms.ChoiceField(choices=Status.choices)
    was = forms.CharField(max_length=10, required=False)
    reason = forms.ChoiceField(choices=[("", "—"), *Reason.choices], required=False)
    words = forms.CharField(max_length=400, required=False)


class ChangeForm(forms.Form):
    amount = AmountField(label=_("Sum"), required=False)
    margin = AmountField(
        label=_("Margin"), required=False, help_text=_("What is left of it after what was sold was paid for.")
    )
    owner_id = forms.TypedChoiceField(
        label=_("Who answers him"), coerce=int, empty_value=None, required=False
    )
    how_heard = forms.CharField(label=_("How did he hear of us"), max_length=240, required=False)
    link = forms.CharField(
        label=_("Link to the post that brought him"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://…"}),
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner_id"].choices = [NOBODY, *people]  # type: ignore[attr-defined]
        self.fields["first_answered_at"] = MomentField(label=_("First answered"), zone=zone, required=False)


class SaysForm(forms.Form):
    what = forms.ChoiceField(label=_("What the client says"), choices=ClientSays.choices)
    how = forms.CharField(
        label=_("How it is known"),
        max_length=160,
        required=False,
        help_text=_("He called, he wrote, on which day."),
    )


class DoorForm(forms.Form):
    """A new door. The words of consent are offered, and are for a lawyer to look through."""

    kind = forms.ChoiceField(label=_("What"), choices=DoorKind.choices)
    name = forms.CharField(label=_("Where it will stand"), max_length=80)
    owner_id = forms.TypedChoiceField(
        label=_("Who answers those who come by it"), coerce=int, empty_value=None, required=False
    )
    title = forms.CharField(label=_("Headline"), max_length=120, required=False)
    intro = forms.CharField(label=_("Under the headline"), max_length=400, required=False)
    thanks = forms.CharField(label=_("Said afterwards"), max_length=400, required=False)
    consent = forms.CharField(
        label=_("Words of consent"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Beside a box that is empty until he ticks it. Let a lawyer look through them."),
    )
    policy = forms.CharField(label=_("Page on personal data"), max_length=300, required=False)
    confirm = forms.CharField(
        label=_("VK's confirmation string"),
        max_length=40,
        required=False,
        help_text=_("Only for a webhook of VK: from the settings of its Callback API."),
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner_id"].choices = [NOBODY, *people]  # type: ignore[attr-defined]


class TermsForm(forms.Form):
    """What was agreed about leads."""

    answer_hours = forms.DecimalField(
        label=_("First answer within working hours"), max_digits=5, decimal_places=1, min_value=0
    )
    double_days = forms.IntegerField(
        label=_("The same contact is one lead for days"), min_value=0, max_value=365
    )
    names_shown = forms.BooleanField(label=_("The client sees names and contacts whole"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for step in STEPS:
            self.fields[f"owner_{step}"] = forms.ChoiceField(choices=StepOwner.choices)

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        owners = {step: data[f"owner_{step}"] for step in STEPS}
        return {**{name: data[name] for name in self.base_fields}, "owners": owners}

    @staticmethod
    def values_of(terms: FunnelTerms, owners: dict[str, str]) -> dict[str, Any]:
        plain = {name: getattr(terms, name) for name in TermsForm.base_fields}
        return plain | {f"owner_{step}": word for step, word in owners.items()}


class LinkForm(forms.Form):
    """A link for a post, marked so that its leads are known again."""

    url = forms.CharField(
        label=_("Where the link leads"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://…"}),
    )
    post = forms.TypedChoiceField(label=_("In which post"), coerce=str, required=True)
    medium = forms.ChoiceField(
        label=_("How it is shown"), choices=[(one, MEDIUM_WORDS[one]) for one in utm.MEDIUMS]
    )
    campaign = forms.CharField(
        label=_("Campaign"),
        max_length=80,
        help_text=_("Goal, audience, period: leads_families_2026_11. Latin letters, figures, underscores."),
    )

    def __init__(self, *args: Any, posts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = list(posts)  # type: ignore[attr-defined]


class TableForm(forms.Form):
    file = forms.FileField(
        label=_("Table"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods"}),
        help_text=_("XLSX or CSV out of a CRM, a sheet or a form."),
    )
