"""The rows: every number opens to what it was counted from."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access, queries
from niva.domains.clients.models import Client, Cost, Counting, Goal, GoalFact, Known
from niva.domains.clients.services import rows as services
from niva.domains.leads import queries as leads
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.flows import client_numbers
from niva.flows.goal_fact import standing
from niva.web.clients import contexts
from niva.web.clients.forms import CorrectForm, CostForm, FactForm
from niva.web.clients.listing import actor_of
from niva.web.leads import rows as lead_rows
from niva.web.money.forms import LedgerForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

A_PAGE = 50
MOST_LEADS = 500


@signed_in
@require_http_methods(["GET", "HEAD"])
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Facts and costs of the goal that is open."""
    actor = actor_of(request)
    return _rows(request, actor, queries.client(actor, pk), queries.main_goals(actor, [pk]).get(pk))


@signed_in
@require_http_methods(["GET", "HEAD"])
def goal_rows(request: HttpRequest, pk: int, goal: int) -> HttpResponse:
    """The rows of one goal, closed ones too."""
    actor = actor_of(request)
    row = queries.goal(actor, pk, goal)
    return _rows(request, actor, row.client, row)


def _rows(
    request: HttpRequest, actor: Actor, client: Client, goal: Goal | None,
    fact_form: FactForm | None = None, cost_form: CostForm | None = None,
) -> HttpResponse:  # fmt: skip
    context = contexts.frame(actor, client, "rows")
    today = queries.today_of(client)
    context["shown_goal"] = goal
    if goal is not None:
        found = standing(goal)
        context |= {"view": contexts.goal_view(found), "cost": contexts.cost_view(actor, found)}
        context |= _fact_rows(actor, goal, request.GET.get("page"))
    since, until = (goal.starts_on, goal.deadline) if goal else (None, None)
    costs = Paginator(queries.costs(actor, client.pk, since, until), A_PAGE)
    context |= {
        "costs": costs.get_page(request.GET.get("costs")),
        "fact_form": fact_form or FactForm(initial={"happened_on": today, "known": Known.COUNTED}),
        "cost_form": cost_form
        or CostForm(auto_id="id_cost_%s", initial={"spent_on": today, "known": Known.COUNTED}),
    }
    bad = bool((fact_form and fact_form.errors) or (cost_form and cost_form.errors))
    return render(request, "clients/rows.html", context, status=422 if bad else 200)


def _fact_rows(actor: Actor, goal: Goal, page: str | None) -> dict[str, Any]:
    if goal.counting == Counting.PUBLICATIONS:
        return {"publications": client_numbers.publication_rows(actor, goal)}
    if goal.counting == Counting.METRIC:
        return {"days": client_numbers.metric_rows(actor, goal)}
    if goal.counting == Counting.LEADS:
        return {"leads": lead_rows.lines(actor, goal.client_id, leads.rows_of_goal(goal)[:MOST_LEADS])}
    facts = Paginator(queries.facts(actor, goal.pk), A_PAGE).get_page(page)
    for fact in facts:
        fact.is_correction = fact.origin.startswith(services.CORRECTS)  # type: ignore[attr-defined]
        fact.is_link = fact.origin.startswith(("https://", "http://"))  # type: ignore[attr-defined]
    return {"facts": facts, "by_hand": True}


@require_POST
@signed_in
def add_fact(request: HttpRequest, pk: int, goal: int) -> HttpResponse:
    """One more row."""
    actor = actor_of(request)
    row = queries.goal(actor, pk, goal, can="goals")
    form = FactForm(request.POST)
    if form.is_valid():
        try:
            services.add_fact(actor=actor, goal_id=row.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The row is written down."))
            return redirect("client_rows", pk)
    return _rows(request, actor, row.client, row, fact_form=form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def correct_fact(request: HttpRequest, pk: int, fact: int) -> HttpResponse:
    """A correcting row with its reason; the old row stays in sight."""
    actor = actor_of(request)
    facts = GoalFact.objects.filter(client_id=pk).select_related("goal__client")
    row = access.get(actor, facts, fact, can="goals")
    now = services.counts_as(row)
    form = CorrectForm(request.POST if request.method == "POST" else None, initial={"amount": now})
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_fact(actor=actor, fact_id=row.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Corrected: both rows stay in sight."))
            return redirect("client_rows", pk)
    context = {"form": form, "fact": row, "client": row.goal.client, "now": now}
    return render(request, "clients/correct.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def add_cost(request: HttpRequest, pk: int) -> HttpResponse:
    """One more row of money."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="goals")
    form = CostForm(request.POST, auto_id="id_cost_%s")
    if form.is_valid():
        try:
            services.add_cost(actor=actor, client_id=pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The expense is written down."))
            return redirect("client_rows", pk)
    goal = queries.main_goals(actor, [pk]).get(pk)
    return _rows(request, actor, client, goal, cost_form=form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit_cost(request: HttpRequest, pk: int, cost: int) -> HttpResponse:
    """Change a row of money; the audit trail keeps what it was."""
    actor = actor_of(request)
    rows = Cost.objects.filter(client_id=pk).select_related("client")
    row = access.get(actor, rows, cost, can="goals")
    initial = {name: getattr(row, name) for name in services.COST_FIELDS}
    form = LedgerForm(request.POST if request.method == "POST" else None, initial=initial, client=row.client)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_cost(actor=actor, cost_id=row.pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Saved. What it was before stays in the audit trail."))
            return redirect("client_rows", pk)
    context = {"form": form, "cost": row, "client": row.client}
    return render(request, "clients/cost_form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def delete_cost(request: HttpRequest, pk: int, cost: int) -> HttpResponse:
    """Take a row of money out."""
    actor = actor_of(request)
    row = access.get(actor, Cost.objects.filter(client_id=pk), cost, can="goals")
    services.delete_cost(actor=actor, cost_id=row.pk)
    messages.info(request, _("The expense is taken out; the audit trail keeps it."))
    return redirect("client_rows", pk)
