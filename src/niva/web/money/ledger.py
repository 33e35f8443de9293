"""The ledger: every row of money, filtered, added up, taken away as CSV; a row more, a correction."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from niva.domains.clients import access, bearing, queries
from niva.domains.clients.models import Client, Cost, Known, Payer
from niva.domains.clients.money import ClosedMonth
from niva.domains.clients.services import rows as services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.kit.sheets import harmless
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.money.forms import FilterForm, FixForm, LedgerForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

A_PAGE = 50
MOST_IN_CSV = 20_000


def _filtered(request: HttpRequest, actor: Actor, client: Client) -> tuple[FilterForm, QuerySet[Cost]]:
    """What the address asks for; a filter that cannot be read filters nothing and says so."""
    form = FilterForm(request.GET, auto_id="id_filter_%s")
    values = form.cleaned_data if form.is_valid() else {}
    rows = queries.costs(actor, client.pk, values.get("since"), values.get("until"))
    rows = rows.select_related("created_by", "community")
    if values.get("kind"):
        rows = rows.filter(kind=values["kind"])
    if values.get("q"):
        rows = rows.filter(Q(note__icontains=values["q"]) | Q(origin__icontains=values["q"]))
    return form, rows


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """All rows; a new one at the bottom for those who may."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="goals" if request.method == "POST" else "see")
    initial = {"spent_on": queries.today_of(client), "known": Known.COUNTED}
    form = LedgerForm(
        request.POST if request.method == "POST" else None,
        auto_id="id_cost_%s",
        initial=initial,
        client=client,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.add_cost(actor=actor, client_id=pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The expense is written down."))
            return redirect("client_ledger", pk)
    filters, rows = _filtered(request, actor, client)
    shown = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    told = rows.exclude(known=Known.UNKNOWN).aggregate(total=Sum("amount"))
    context = contexts.frame(actor, client, "numbers")
    context |= {
        "rows": shown, "lines": _lines(client, list(shown)), "filters": filters, "form": form,
        "total": told["total"] or Decimal(0), "count": shown.paginator.count,
        "unknown": rows.filter(known=Known.UNKNOWN).count(), "everywhere": actor.everywhere,
        "query": urlencode({name: value for name, value in request.GET.items() if name != "page" and value}),
    }  # fmt: skip
    return render(request, "money/ledger.html", context, status=422 if form.errors else 200)


def _lines(client: Client, rows: list[Cost]) -> list[dict[str, Any]]:
    """Rows with who bears each and how it may be mended."""
    paid_as = bearing.paid_as_of(client)
    closed = set(ClosedMonth.objects.filter(client=client).values_list("month", flat=True))
    return [
        {
            "row": one,
            "ours": bearing.bearer(one, paid_as) == Payer.US,
            "mends": one.key.startswith(services.FIX),
            "closed": one.spent_on.replace(day=1) in closed,
            "editable": not one.key.startswith(("pay:", "shared:", services.FIX)),
        }
        for one in rows
    ]


@signed_in
@require_http_methods(["GET", "HEAD"])
def as_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The same rows as a table: points in numbers, a mark of UTF-8 for Excel."""
    actor = actor_of(request)
    client = queries.client(actor, pk)
    _form, rows = _filtered(request, actor, client)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="costs-{client.pk}.csv"'
    out = csv.writer(answer)
    out.writerow(
        ["id", "day", "kind", "amount", "currency", "known", "borne_by", "community", "origin", "note",
         "paid_amount", "paid_currency", "rate", "rate_source", "key"]
    )  # fmt: skip
    paid_as = bearing.paid_as_of(client)
    for one in rows[:MOST_IN_CSV]:
        words = [one.community.name if one.community else "", one.origin, one.note]
        amount = "" if one.known == Known.UNKNOWN else one.amount
        out.writerow(
            [one.pk, one.spent_on, one.kind, amount, client.currency, one.known,
             bearing.bearer(one, paid_as).value, *(harmless(word) for word in words), one.paid_amount,
             one.currency, one.rate, harmless(one.rate_source), one.key]
        )  # fmt: skip
    return answer


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int, cost: int) -> HttpResponse:
    """What a row comes to from today on; the row itself stays."""
    actor = actor_of(request)
    rows = Cost.objects.filter(client_id=pk).select_related("client")
    row = access.get(actor, rows, cost, can="goals")
    form = FixForm(request.POST if request.method == "POST" else None, initial={"amount": row.amount})
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_cost(actor=actor, cost_id=row.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Corrected: both rows stay in sight."))
            return redirect("client_ledger", pk)
    context = {"form": form, "cost": row, "client": row.client}
    return render(request, "money/correct.html", context, status=422 if form.errors else 200)
