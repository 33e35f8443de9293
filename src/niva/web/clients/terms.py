"""What the contract says of approval, under «People and contract»."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from niva.domains.clients import queries
from niva.domains.clients.models import Silence
from niva.domains.clients.services import terms as services
from niva.domains.clients.services.terms import BOUNDS
from niva.domains.people.errors import Invalid
from niva.domains.publishing.services.holding import going
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

WEEKDAYS: Final = (
    (1, gettext_lazy("Monday")),
    (2, gettext_lazy("Tuesday")),
    (3, gettext_lazy("Wednesday")),
    (4, gettext_lazy("Thursday")),
    (5, gettext_lazy("Friday")),
    (6, gettext_lazy("Saturday")),
    (7, gettext_lazy("Sunday")),
)
_CLOCK: Final = {"type": "time"}


def _number(name: str, label: Any, hint: Any = "") -> forms.IntegerField:
    least, most = BOUNDS[name]
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=hint)


class TermsForm(forms.Form):
    needed = forms.BooleanField(
        label=gettext_lazy("Posts go out only when the client has approved them"), required=False
    )
    approver_name = forms.CharField(
        label=gettext_lazy("Who decides"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("One person. Several never agree in time."),
    )
    approver_email = forms.EmailField(label=gettext_lazy("His e-mail"), required=False)
    days = _number("days", gettext_lazy("Working days to decide"))
    urgent_hours = _number(
        "urgent_hours",
        gettext_lazy("Hours to decide what is urgent"),
        gettext_lazy("By the clock, nights too."),
    )
    opens = forms.TimeField(
        label=gettext_lazy("Works from"), widget=forms.TimeInput(format="%H:%M", attrs=_CLOCK)
    )
    closes = forms.TimeField(
        label=gettext_lazy("until"), widget=forms.TimeInput(format="%H:%M", attrs=_CLOCK)
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rounds = _number(
        "rounds", gettext_lazy("Rounds that the price includes"), gettext_lazy("Both sides see the count.")
    )
    link_days = _number("link_days", gettext_lazy("Days a link lives"))
    silence = forms.ChoiceField(
        label=gettext_lazy("If the client is silent"),
        choices=[
            (Silence.WAIT, gettext_lazy("The post does not go out and waits for him")),
            (Silence.CONSENT, gettext_lazy("It counts as approved when his working days are over")),
        ],
        widget=forms.RadioSelect,
        help_text=gettext_lazy("The second only where the contract says so in so many words."),
    )
    clause = forms.CharField(
        label=gettext_lazy("The contract's words on silence, quoted"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The client sees them under the three buttons, and they stand in the evidence."
        ),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest, pk: int) -> HttpResponse:
    """The terms as a form; what is scheduled already is told, because it goes out as it stands."""
    actor = actor_of(request)
    row = queries.client(actor, pk, can="manage")
    kept = services.terms_of(row)
    initial = {name: getattr(kept, name) for name in TermsForm.base_fields}
    if kept.pk is None:
        initial["needed"] = True
    form = TermsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_terms(actor, client_id=pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The terms are kept. New requests follow them."))
            return redirect("client_people", pk)
    context = contexts.frame(actor, row, "people")
    context |= {"form": form, "scheduled": going(pk).count(), "is_new": kept.pk is None}
    return render(request, "clients/terms.html", context, status=422 if form.errors else 200)
