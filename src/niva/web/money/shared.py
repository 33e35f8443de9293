"""Costs that clients share: what each bears and by which rule, a new one, a correction."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from niva.domains.clients import access, queries
from niva.domains.clients.models import Client, CostKind, Known
from niva.domains.clients.money import SharedBy
from niva.domains.clients.services import shared as services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid
from niva.flows import money_shared
from niva.web.clients.listing import actor_of
from niva.web.money.forms import SharedFixForm, SharedForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


def _bearers(actor: Actor) -> tuple[str, Sequence[Client]]:
    """The clients of the currency that most have; the others need a rate and are written by hand."""
    rows = list(queries.clients(actor))
    currencies = [one.currency for one in rows]
    most = max(set(currencies), key=lambda one: (currencies.count(one), one)) if rows else "RUB"
    return most, [one for one in rows if one.currency == most]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """All shared costs, and a form for one more."""
    actor = actor_of(request)
    access.demand_workspace(actor)
    currency, bearers = _bearers(actor)
    initial = {
        "month": timezone.localdate().replace(day=1), "kind": CostKind.TOOLS, "known": Known.COUNTED,
        "clients": [one.pk for one in bearers], "rule": SharedBy.EQUALLY,
    }  # fmt: skip
    form = SharedForm(request.POST if request.method == "POST" else None, initial=initial, bearers=bearers)
    if request.method == "POST" and form.is_valid():
        values = {
            name: form.cleaned_data[name] for name in ("what", "month", "amount", "kind", "known", "rule")
        }
        weights = money_shared.weights(
            actor, rule=values["rule"], month=values["month"], clients=form.cleaned_data["clients"],
            typed=form.typed(),
        )  # fmt: skip
        try:
            services.share(actor, currency=currency, weights=weights, **values)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Shared out: every client has his row."))
            return redirect("shared_costs")
    context = {"form": form, "rows": money_shared.listing(actor), "currency": currency, "bearers": bearers}
    return render(request, "money/shared.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, shared: int) -> HttpResponse:
    """What it comes to now: the differences become rows, nothing is rewritten."""
    actor = actor_of(request)
    access.demand_workspace(actor)
    row = services.access_shared(actor, shared)
    if row.corrects_id is not None:
        raise Conflict(_("This row corrects another one. Correct that one."), row)
    bearers = money_shared.borne_clients(actor, row.currency)
    now = services.parts_now(row)
    initial = {"amount": sum(now.values()), "clients": list(now)}
    form = SharedFixForm(request.POST if request.method == "POST" else None, initial=initial, bearers=bearers)
    if request.method == "POST" and form.is_valid():
        typed = {pk: part for pk, part in now.items() if part > 0} if row.rule == SharedBy.TYPED else {}
        weights = money_shared.weights(
            actor, rule=row.rule, month=row.month, clients=form.cleaned_data["clients"], typed=typed
        )
        try:
            services.correct(
                actor, shared_id=row.pk, amount=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"], weights=weights,
            )  # fmt: skip
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Corrected: the differences are rows of their own."))
            return redirect("shared_costs")
    context = {"form": form, "row": row}
    return render(request, "money/shared_correct.html", context, status=422 if form.errors else 200)
