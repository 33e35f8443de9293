"""What was agreed about money: who bears what, the budget of a month, a month that is closed."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import bearing, queries
from niva.domains.clients.kind_words import answer_terms
from niva.domains.clients.models import Client
from niva.domains.clients.money import Budget, ClosedMonth
from niva.domains.clients.services import money as services
from niva.domains.people.errors import Invalid
from niva.web.clients.listing import actor_of
from niva.web.clients.words import in_language
from niva.web.money.forms import BudgetForm, MoneyTermsForm, MonthForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.templatetags.niva import language


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest, pk: int) -> HttpResponse:
    """What the contract says of money."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="goals")
    kept = bearing.terms_of(client)
    initial = {name: getattr(kept, name) for name in MoneyTermsForm.base_fields}
    form = MoneyTermsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_money_terms(actor, client_id=pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Kept. The prices are counted by it from now on, past days too."))
            return redirect("client_money", pk)
    published = [(in_language(one.words, language()), one.source) for one in answer_terms()]
    context = {"form": form, "client": client, "published": published}
    return render(request, "money/terms.html", context, status=422 if form.errors else 200)


def _month(told: str | None, today: dt.date) -> dt.date:
    """The month asked for, `2026-11`; what cannot be read is the month that runs."""
    try:
        return dt.date.fromisoformat(f"{(told or '')[:7]}-01")
    except ValueError:
        return today.replace(day=1)


def _plans(client: Client, month: dt.date) -> dict[str, object]:
    rows = Budget.objects.filter(client=client, month=month).values_list("kind", "plan")
    return dict(rows)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def budget(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan of one month by kinds; of a month without one the plan before it is offered."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="goals")
    month = _month(request.GET.get("month"), queries.today_of(client))
    plans = _plans(client, month)
    earlier = Budget.objects.filter(client=client, month__lt=month).order_by("-month").first()
    offered = bool(not plans and earlier)
    if offered and earlier:
        plans = _plans(client, earlier.month)
    form = BudgetForm(request.POST if request.method == "POST" else None, initial={"month": month, **plans})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_budget(actor, client_id=pk, month=form.cleaned_data["month"], plans=form.plans())
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The budget is kept."))
            return redirect("client_money", pk)
    months = (
        Budget.objects.filter(client=client).order_by("-month").values_list("month", flat=True).distinct()
    )
    closed = ClosedMonth.objects.filter(client=client).select_related("closed_by").order_by("-month")[:24]
    context = {
        "form": form, "client": client, "months": list(months[:24]), "offered": offered, "closed": closed,
        "month_form": MonthForm(auto_id="id_close_%s"),
    }  # fmt: skip
    return render(request, "money/budget.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def close_month(request: HttpRequest, pk: int) -> HttpResponse:
    """From now on its rows stay."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="goals")
    form = MonthForm(request.POST, auto_id="id_close_%s")
    if form.is_valid():
        try:
            services.close_month(actor, client_id=pk, month=form.cleaned_data["month"])
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The month is closed: what is written there stays as it is."))
            return redirect("client_budget", pk)
    month = queries.today_of(client).replace(day=1)
    context = {
        "form": BudgetForm(initial={"month": month, **_plans(client, month)}), "client": client,
        "months": [], "closed": ClosedMonth.objects.filter(client=client).order_by("-month")[:24],
        "month_form": form,
    }  # fmt: skip
    return render(request, "money/budget.html", context, status=422)
