"""The month of everybody, the month of a person, and what is done with a sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.editorial.task_states import BlockReason
from niva.domains.pay import queries, rules, uncounted
from niva.domains.pay.export import workbook
from niva.domains.pay.models import PaySheet
from niva.domains.pay.queries import Draft
from niva.domains.pay.services import sheets
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.flows import pay as flow
from niva.web.clients.listing import actor_of
from niva.web.pay.forms import CorrectionForm
from niva.web.pay.rows import SheetView, export_of, missing_views, month_views, of_draft
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def month_named(word: str) -> date:
    """2026-11 as its first day. Raises NotFound for anything else."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", word):
        raise NotFound("month")
    return date(int(word[:4]), int(word[5:]), 1)


def _wished(request: HttpRequest) -> date:
    try:
        return month_named(request.GET.get("month", ""))
    except NotFound:
        return timezone.localdate().replace(day=1)


def around(month: date) -> dict[str, Any]:
    """The month and its neighbours, as words of addresses."""
    span = rules.month_of(month)
    before, after = span.first - timedelta(days=1), span.last + timedelta(days=1)
    return {
        "month": span.first,
        "month_word": f"{month:%Y-%m}",
        "before": f"{before:%Y-%m}",
        "after": f"{after:%Y-%m}" if after <= timezone.localdate() else "",
    }


@signed_in
@require_http_methods(["GET", "HEAD"])
def everybody(request: HttpRequest) -> HttpResponse:
    """Everybody's month whom he settles; who settles nobody's sees his own."""
    actor = actor_of(request)
    month = _wished(request)
    if not queries.may_pay_somewhere(actor):
        _demand_work(actor)
        return redirect("pay_month", actor.user.pk if actor.user else 0, f"{month:%Y-%m}")
    drafts = queries.months_of_people(actor, month)
    rows = [_row(one) for one in drafts]
    totals: dict[str, Any] = {}
    for row in rows:
        totals[row.currency] = totals.get(row.currency, 0) + row.total
    own = actor.user is not None and any(one.person_id == actor.user.pk for one in _agreed(drafts))
    context = around(month) | {"rows": rows, "totals": sorted(totals.items()), "own": own, "me": actor.user}
    return render(request, "pay/everybody.html", context)


def _agreed(drafts: Sequence[Draft]) -> list[Any]:
    return [agreement for draft in drafts for agreement in draft.agreements]


def _row(draft: Draft) -> SheetView:
    """A line of the list: a closed sheet by its own sum, without its lines."""
    view = of_draft(draft)
    if draft.sheet is not None:
        view.state, view.total, view.sheet = (
            "paid" if draft.sheet.paid_at else "closed", draft.sheet.total + draft.addenda, draft.sheet,
        )  # fmt: skip
    return view


def _demand_work(actor: Actor) -> None:
    """A person of the team; the client of a client has no business here."""
    if not any(access.may(actor, "work", client_id=pk) for pk in actor.client_roles):
        access.demand_workspace(actor)


@signed_in
@require_http_methods(["GET", "HEAD"])
def of_person(request: HttpRequest, person: int, month: str) -> HttpResponse:
    """One person's month, line by line."""
    actor = actor_of(request)
    if not queries.may_pay_somewhere(actor):
        _demand_work(actor)
    return _page(request, actor, person, month_named(month))


def _page(
    request: HttpRequest, actor: Actor, person: int, month: date, status: int = 200,
    correction: CorrectionForm | None = None, corrected: int = 0, **more: Any,
) -> HttpResponse:  # fmt: skip
    drafts = queries.month_of_person(actor, person, month)
    own = actor.user is not None and actor.user.pk == person
    settles = [one for one in _agreed(drafts) if not queries.may_settle(actor, one)] == []
    views = month_views(actor, person, month, drafts)
    name = drafts[0].person if drafts else actor.user
    context = around(month) | {
        "person": name,
        "own": own,
        "settles": settles and queries.may_pay_somewhere(actor),
        "views": views,
        "whys": BlockReason.choices,
        "typed": more.get("typed", {}),
        "problems": more.get("problems", []),
        "missing": missing_views(uncounted.missing(actor, drafts, month)),
        "yourself": flow.for_yourself(actor, person_id=person, month=month) if own else None,
        "correction": correction or CorrectionForm(_bearers(actor, drafts)),
        "corrected": corrected,
        "over": rules.month_of(month).last < timezone.localdate(),
    }
    return render(request, "pay/month.html", context, status=status)


def _bearers(actor: Actor, drafts: Sequence[Draft]) -> list[tuple[str, str]]:
    return [
        (str(one.pk), one.name)
        for one in clients.clients(actor)
        if access.may(actor, "pay", client_id=one.pk)
    ]


def _address(person: int, month: date) -> str:
    return reverse("pay_month", args=[person, f"{month:%Y-%m}"])


@require_POST
@signed_in
def close(request: HttpRequest, person: int, month: str) -> HttpResponse:
    """Freeze a month; what is missing is said on the page, and nothing typed is lost."""
    actor, first = actor_of(request), month_named(month)
    whys = {}
    for name, value in request.POST.items():
        if re.fullmatch(r"why_\d{1,18}", name):
            pk = name.removeprefix("why_")
            whys[int(pk)] = (str(value), str(request.POST.get(f"note_{pk}", "")))
    try:
        sheet = flow.close(
            actor, person_id=person, month=first, currency=request.POST.get("currency", ""), whys=whys,
            url=_address(person, first),
        )  # fmt: skip
    except Invalid as error:
        problems = error.sentences
        return _page(request, actor, person, first, 422, problems=problems, typed=whys)
    messages.info(
        request,
        _("The sheet is closed: %(name)s was told, and the sum stands among the costs of the clients.")
        % {"name": sheet.person.name},
    )
    return redirect("pay_month", person, month)


@require_POST
@signed_in
def paid(request: HttpRequest, sheet: int) -> HttpResponse:
    """The money has gone out."""
    actor = actor_of(request)
    row = queries.sheet(actor, sheet)
    flow.mark_paid(actor, sheet_id=sheet, url=_address(row.person_id, row.month))
    return redirect(_address(row.person_id, row.month))


@require_POST
@signed_in
def reopen(request: HttpRequest, sheet: int) -> HttpResponse:
    """Open a closed month that is not paid yet."""
    actor = actor_of(request)
    row = queries.sheet(actor, sheet)
    sheets.reopen(actor, sheet_id=sheet)
    return redirect(_address(row.person_id, row.month))


@require_POST
@signed_in
def correct(request: HttpRequest, sheet: int) -> HttpResponse:
    """A correction: a line of the next sheet, or an addendum."""
    actor = actor_of(request)
    row = queries.sheet(actor, sheet)
    drafts = queries.month_of_person(actor, row.person_id, row.month)
    form = CorrectionForm(_bearers(actor, drafts), request.POST)
    if form.is_valid():
        values = form.cleaned_data
        client_id = int(values["client"]) if values["client"] else None
        try:
            sheets.correct(
                actor, sheet_id=sheet, amount=values["amount"], reason=values["reason"],
                client_id=client_id, now=values["now"],
            )  # fmt: skip
        except Invalid as error:
            show(form, error)
        else:
            return redirect(_address(row.person_id, row.month))
    return _page(request, actor, row.person_id, row.month, 422, correction=form, corrected=row.pk)


@signed_in
@require_http_methods(["GET", "HEAD"])
def xlsx(request: HttpRequest, sheet: int) -> HttpResponse:
    """A closed sheet as a spreadsheet whose sums are formulas; its person may have it, too."""
    actor = actor_of(request)
    row: PaySheet = queries.sheet(actor, sheet, settle=False)
    answer = HttpResponse(workbook(*export_of(actor, row)), content_type=XLSX)
    name = f"pay-{row.month:%Y-%m}-{row.person_id}-{row.currency}-{row.number}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
