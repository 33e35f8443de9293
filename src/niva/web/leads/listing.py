"""The list of a client's leads; typing one in; importing a table."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.clients.models import Client
from niva.domains.leads import queries
from niva.domains.leads.models import Lead, Source
from niva.domains.leads.sealing import Person
from niva.domains.leads.services.taking import Came, Consent
from niva.domains.leads.states import NOT_LEADS, Status
from niva.domains.metrics.periods import Period, month_of
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.flows import lead_came, leads_in
from niva.kit.sheets import LARGEST, harmless
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.leads.forms import LeadForm, TableForm
from niva.web.leads.rows import lines
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

A_PAGE = 50
SHOWN = 200  # rows of a preview; the rest is counted
MONTHS = 12


@signed_in
@require_safe
def leads(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who came in a month, the newest first; filters in the address."""
    actor = actor_of(request)
    client = clients.client(actor, pk)
    period, month = period_of(request, client)
    rows = queries.leads(actor, pk).filter(queries.within(client, period.since, period.until))
    status, source = request.GET.get("status", ""), request.GET.get("source", "")
    chosen = _chosen(rows, status, source)
    page = Paginator(chosen, A_PAGE).get_page(request.GET.get("page"))
    context = contexts.frame(actor, client, "numbers")
    context |= {
        "page": page,
        "lines": lines(actor, pk, page.object_list),
        "tally": queries.count(client, period.since, period.until),
        "unknown": queries.unknown_spellings(page.object_list),
        "month": month,
        "months": months_of(client),
        "status": status,
        "source": source,
        "statuses": [*Status.choices, ("double", _("repeats")), ("no_lead", _("spam and tests"))],
        "sources": Source.choices,
        "works": access.may(actor, "work", client_id=pk),
        "whole": queries.whole(actor, pk),
        "period": period,
        "any": queries.with_a_list([pk]),
    }
    return render(request, "leads/list.html", context)


def _chosen(rows: QuerySet[Lead], status: str, source: str) -> QuerySet[Lead]:
    if status == "double":
        rows = rows.filter(double_of__isnull=False)
    elif status == "no_lead":
        rows = rows.filter(reason__in=NOT_LEADS)
    elif status in Status.values:
        rows = rows.filter(Q(status=status) & ~Q(reason__in=NOT_LEADS))
    return rows.filter(source=source) if source in Source.values else rows


def period_of(request: HttpRequest, client: Client) -> tuple[Period, str]:
    """The month that the address names, else this one by the client's clock."""
    asked = request.GET.get("month", "")
    today = clients.today_of(client)
    if re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", asked):
        return month_of(date(int(asked[:4]), int(asked[5:]), 1)), asked
    return month_of(today), f"{today:%Y-%m}"


def months_of(client: Client) -> list[tuple[str, date]]:
    """The last twelve months, this one first."""
    first, found = clients.today_of(client).replace(day=1), []
    for _number in range(MONTHS):
        found.append((f"{first:%Y-%m}", first))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody called or wrote: he is written down by hand."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="work")
    posted = request.POST if request.method == "POST" else None
    form = LeadForm(posted, zone=client.time_zone, initial={"came_at": timezone.now(), "by": "message"})
    if posted is not None and form.is_valid():
        try:
            lead = _take(actor, client, form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("lead", pk, lead.pk)
    context = {"client": client, "form": form}
    return render(request, "leads/new.html", context, status=422 if form.errors else 200)


def _take(actor: Actor, client: Client, data: dict[str, Any]) -> Lead:
    consent = {"yes": True, "no": False}.get(data["consent"])
    came = Came(
        source=data["by"],
        person=Person(contact=data["contact"], name=data["name"], text=data["text"]),
        came_at=data["came_at"],
        how_heard=data["how_heard"],
        consent=Consent(consent),
        status=data["status"],
        reason=data["reason"],
        amount=data["amount"],
        link=data["link"],
        owner=actor.user,
    )
    taken = lead_came.came(actor, client_id=client.pk, came=came)
    return taken.lead


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest, pk: int) -> HttpResponse:
    """A table, shown as it was understood. Nothing is written here."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="work")
    posted = request.method == "POST"
    form = TableForm(request.POST, request.FILES) if posted else TableForm()
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            text = leads_in.text_of(file.read(LARGEST + 1), file.name)
            found = leads_in.understand_table(actor, client_id=pk, text=text)
        except Invalid as error:
            show(form, error)
        else:
            return render(request, "leads/preview.html", _preview(client, found))
    context = {"client": client, "form": form}
    return render(request, "leads/import.html", context, status=422 if form.errors else 200)


def _preview(client: Client, found: leads_in.Preview) -> dict[str, Any]:
    zone = ZoneInfo(client.time_zone)
    shown = [
        (row, row.came.came_at.astimezone(zone) if row.came.came_at else None, Status(row.came.status).label)
        for row in found.rows[:SHOWN]
    ]
    return {
        "client": client,
        "found": found,
        "lines": shown,
        "more": max(0, len(found.rows) - SHOWN),
        "errors": found.errors[:SHOWN],
        "new": found.count("new"),
        "doubles": found.count("double"),
        "same": found.count("same"),
    }


@signed_in
@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """The person has seen it and said yes."""
    try:
        kept = leads_in.take_in(actor_of(request), client_id=pk, text=request.POST.get("text", ""))
    except Invalid as error:
        messages.error(request, error.sentence)
        return redirect("lead_import", pk)
    if kept:
        said = ngettext("%(n)s lead is kept.", "%(n)s leads are kept.", kept) % {"n": kept}
        messages.success(request, said)
    else:
        messages.info(request, _("All of it was here already: nothing has changed."))
    return redirect("client_leads", pk)


@signed_in
@require_safe
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """A table to fill in."""
    client = clients.client(actor_of(request), pk, can="work")
    written = io.StringIO()
    table = csv.writer(written, delimiter=";", lineterminator="\r\n")
    heads = leads_in.heads((get_language() or "ru").startswith("ru"))
    table.writerow([harmless(one) for one in heads])
    # The mark tells Excel that it is UTF-8.
    answer = HttpResponse("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="leads-{client.pk}.csv"'
    return answer
