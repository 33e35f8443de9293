"""A plan goes out: XLSX or CSV of a range of days."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from niva.domains.people.errors import Invalid
from niva.flows import plan_out
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.plan.wish import month_of
from niva.web.sheets.bringing import plan_file
from niva.web.sheets.places import client_of, frame

DAY: Final = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class RangeForm(forms.Form):
    first = forms.DateField(
        label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    last = forms.DateField(
        label=_("To, with this day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    undated = forms.BooleanField(label=_("And ideas without a day"), required=False)


@signed_in
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The form; with a form of the file in the address, the file."""
    actor = actor_of(request)
    client, clients = client_of(request, actor, can="work")
    today = timezone.now().astimezone(ZoneInfo(client.time_zone)).date()
    first, last = month_of(today)
    asked = request.GET.get("as", "")
    form = RangeForm(
        request.GET if asked in ("xlsx", "csv") else None,
        initial={"first": first, "last": last, "undated": True},
    )
    if form.is_bound and form.is_valid():
        wanted: dict[str, dt.date] = {name: form.cleaned_data[name] for name in ("first", "last")}
        try:
            data = plan_out.export(
                actor, client_id=client.pk, undated=form.cleaned_data["undated"], form=asked, **wanted
            )
        except Invalid as error:
            show(form, error)
        else:
            return plan_file(data, f"plan-{client.pk}-{wanted['first']}-{wanted['last']}.{asked}")
    context = {**frame(actor, client, clients, "plan_export"), "form": form}
    return render(request, "sheets/export.html", context, status=422 if form.errors else 200)
