"""One row of a strategy: changed on a page of its own, put away, taken back, moved up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.people.errors import Conflict, Invalid
from niva.domains.strategy import ledger, queries
from niva.domains.strategy.queries import Whole
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.strategy import contexts
from niva.web.strategy.forms import row_form


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, table: str, row: int) -> HttpResponse:
    """Other words in a row. Who was slower sees both and loses nothing."""
    actor = actor_of(request)
    found = ledger.table_of(table)
    present = queries.row(actor, client_id=pk, table=table, row_id=row)
    posted = request.method == "POST"
    whole = queries.whole(actor, client_id=pk, can="strategy" if posted else "work")
    form = row_form(found, actor, pk, whole.guide, data=request.POST if posted else None, row=present)
    more: dict[str, Any] = {"version": present.version}
    status = 200
    if posted:
        more["version"] = seen = _seen(request, present.version)
        status = 422
        if form.is_valid():
            try:
                ledger.change(
                    actor, client_id=pk, table=table, row_id=row, version=seen, values=form.cleaned_data
                )
            except Conflict as conflict:
                present.refresh_from_db()
                more = {"version": present.version, "sentence": str(conflict)}
                status = 409
            except Invalid as error:
                show(form, error)
            else:
                return redirect(_back(whole, table))
    context = contexts.frame(actor, whole) | {
        "form": form,
        "table": table,
        "view": contexts.row_view(present, found),
        "back": _back(whole, table),
    }
    return render(request, "strategy/row.html", context | more, status=status)


@require_POST
@signed_in
def archive(request: HttpRequest, pk: int, table: str, row: int) -> HttpResponse:
    """Out of the lists; what refers to it keeps it."""
    actor = actor_of(request)
    ledger.archive(actor, client_id=pk, table=table, row_id=row)
    return redirect(_back(queries.whole(actor, client_id=pk), table))


@require_POST
@signed_in
def restore(request: HttpRequest, pk: int, table: str, row: int) -> HttpResponse:
    """Back in its place."""
    actor = actor_of(request)
    ledger.restore(actor, client_id=pk, table=table, row_id=row)
    return redirect(_back(queries.whole(actor, client_id=pk), table))


@require_POST
@signed_in
def earlier(request: HttpRequest, pk: int, table: str, row: int) -> HttpResponse:
    """One place up."""
    actor = actor_of(request)
    ledger.earlier(actor, client_id=pk, table=table, row_id=row)
    return redirect(_back(queries.whole(actor, client_id=pk), table))


def _seen(request: HttpRequest, otherwise: int) -> int:
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return otherwise


def _back(whole: Whole, table: str) -> str:
    """The step that has this table, else the overview: another guide may not have it."""
    for one in whole.guide.steps:
        if one.kind == table:
            return reverse("strategy_step", args=[whole.client.pk, one.code])
    return reverse("strategy", args=[whole.client.pk])
