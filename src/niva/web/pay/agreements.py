"""Agreements: the list, a new one, a change from a day on, the last day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.pay import queries
from niva.domains.pay.services import agreements as services
from niva.domains.people.errors import Forbidden, Invalid
from niva.web.clients.listing import actor_of
from niva.web.pay.forms import AgreementForm, EndForm, TermsForm, initial_of
from niva.web.pay.rows import unit_word
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


def _first_of_month() -> date:
    return timezone.localdate().replace(day=1)


@signed_in
@require_http_methods(["GET", "HEAD"])
def listing(request: HttpRequest) -> HttpResponse:
    """Those in force first, then what has ended."""
    actor = actor_of(request)
    if not queries.may_pay_somewhere(actor):
        raise Forbidden("pay")
    today = timezone.localdate()
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for one in queries.agreements(actor):
        over = one.ends_on is not None and one.ends_on < today
        units = [(unit_word(rate.unit), rate.rate) for rate in one.rates.all()]
        rows[over].append({"agreement": one, "units": units, "settles": queries.may_settle(actor, one)})
    return render(request, "pay/agreements.html", {"running": rows[False], "ended": rows[True][:100]})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Agree on something new."""
    actor = actor_of(request)
    if not queries.may_pay_somewhere(actor):
        raise Forbidden("pay")
    initial = initial_of(None) | {"starts_on": _first_of_month(), "person": request.GET.get("person", "")}
    form = AgreementForm(actor, request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.agree(
                actor,
                person_id=int(values["person"]),
                client_id=int(values["client"]) if values["client"] else None,
                prices=form.prices(),
                currency=values["currency"],
                **form.terms(),
            )
        except Invalid as error:
            show(form, error)
        else:
            return redirect("agreements")
    context = {"form": form, "agreement": None}
    return render(request, "pay/agreement_form.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, agreement: int) -> HttpResponse:
    """From a day on it is so: the old one ends the day before."""
    actor = actor_of(request)
    row = queries.agreement(actor, agreement)
    initial = initial_of(row) | {"starts_on": max(timezone.localdate(), row.starts_on)}
    form = TermsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.terms()
        day = values.pop("starts_on")
        try:
            services.change_from(
                actor, agreement_id=row.pk, day=day, prices=form.prices(), currency=row.currency, **values
            )
        except Invalid as error:
            show(form, error)
        else:
            return redirect("agreements")
    context = {"form": form, "agreement": row, "end": EndForm(initial={"ends_on": timezone.localdate()})}
    return render(request, "pay/agreement_form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def end(request: HttpRequest, agreement: int) -> HttpResponse:
    """Its last day."""
    actor = actor_of(request)
    row = queries.agreement(actor, agreement)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            services.end(actor, agreement_id=row.pk, day=form.cleaned_data["ends_on"])
        except Invalid as error:
            show(form, error)
        else:
            return redirect("agreements")
    initial = initial_of(row) | {"starts_on": timezone.localdate()}
    context = {"form": TermsForm(initial=initial), "agreement": row, "end": form}
    return render(request, "pay/agreement_form.html", context, status=422)


@require_POST
@signed_in
def drop(request: HttpRequest, agreement: int) -> HttpResponse:
    """Take out one that was made by mistake."""
    actor = actor_of(request)
    services.drop(actor, agreement_id=queries.agreement(actor, agreement).pk)
    return redirect("agreements")
