"""The strategy step by step: the overview, a step with its text and rows, leaving one out, the shares."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.strategy import ledger, queries, services, writing
from niva.domains.strategy.events import FREE_SHARE
from niva.domains.strategy.guided import LONGEST_ANSWER
from niva.domains.strategy.ledger import TABLES
from niva.domains.strategy.queries import Whole
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.strategy import contexts
from niva.web.strategy.forms import GuideForm, SharesForm, SkipForm, row_form


@signed_in
@require_http_methods(["GET", "HEAD"])
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """All steps with their state. Who does not work here (the client himself) is led to the owner's page."""
    actor = actor_of(request)
    clients.client(actor, pk)
    if not access.may(actor, "work", client_id=pk):
        return redirect("strategy_page", pk)
    whole = queries.whole(actor, client_id=pk)
    context = contexts.frame(actor, whole) | {
        "steps": contexts.step_views(whole),
        "next": whole.next.step.code if whole.next else "",
        "guides": GuideForm(initial={"guide": whole.guide.code}),
        "beside": [(contexts.title_of(one.step), one.text) for one in whole.beside],
        "visions": list(queries.visions(actor, client_id=pk)[:3]),
    }
    return render(request, "strategy/overview.html", context)


@require_POST
@signed_in
def guide(request: HttpRequest, pk: int) -> HttpResponse:
    """Another guide; what was written stays."""
    actor = actor_of(request)
    writing.choose_guide(actor, client_id=pk, guide=request.POST.get("guide", ""))
    return redirect("strategy", pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step. POST saves its text: by htmx while it is typed, by the button without it."""
    actor = actor_of(request)
    whole = queries.whole(actor, client_id=pk, can="strategy" if request.method == "POST" else "work")
    whole.stand(step)
    if request.method != "POST":
        return _page(request, actor, whole, step)
    text = request.POST.get("text", "")
    seen = _number(request.POST.get("over") or request.POST.get("version"))
    try:
        answer = writing.write(actor, client_id=pk, step=step, text=text, version=seen)
    except Conflict as conflict:
        return _typed(request, actor, whole, step, text, 409, theirs=conflict.current, sentence=str(conflict))
    except Invalid as invalid:
        return _typed(request, actor, whole, step, text, 422, errors=invalid.errors["text"])
    if request.headers.get("HX-Request"):
        return render(request, "strategy/saved.html", {"answer": answer, "version": answer.version})
    place = whole.guide.place(step) + 1
    if request.POST.get("do") == "next" and place < len(whole.steps):
        return redirect("strategy_step", pk, whole.steps[place].step.code)
    return redirect("strategy", pk)


def _typed(
    request: HttpRequest, actor: Actor, whole: Whole, step: str, text: str, status: int, **more: Any
) -> HttpResponse:
    """What could not be saved, with everything that was typed and, at a conflict, what stands there now.

    The version stays the one that was seen: typing on must not overwrite, only a press of the button may.
    """
    more["version"] = _number(request.POST.get("version"))
    if request.headers.get("HX-Request"):
        return render(request, "strategy/saved.html", {"typed": text, **more}, status=status)
    return _page(request, actor, whole, step, status=status, typed=text, **more)


@require_POST
@signed_in
def skip(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Left out, with a reason."""
    actor = actor_of(request)
    whole = queries.whole(actor, client_id=pk, can="strategy")
    whole.stand(step)
    form = SkipForm(request.POST)
    if form.is_valid():
        writing.skip(actor, client_id=pk, step=step, note=form.cleaned_data["note"])
        return redirect("strategy", pk)
    return _page(request, actor, whole, step, status=422, skip_form=form)


@require_POST
@signed_in
def take_up(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Wanted after all."""
    writing.take_up(actor_of(request), client_id=pk, step=step)
    return redirect("strategy_step", pk, step)


@require_POST
@signed_in
def add(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One more row of the step's table."""
    actor = actor_of(request)
    whole = queries.whole(actor, client_id=pk, can="strategy")
    table = ledger.table_of(whole.stand(step).step.kind)
    form = row_form(table, actor, pk, whole.guide, data=request.POST)
    if form.is_valid():
        try:
            ledger.add(actor, client_id=pk, table=table.word, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The row is added."))
            return redirect("strategy_step", pk, step)
    return _page(request, actor, whole, step, status=422, row_form=form)


@require_POST
@signed_in
def shares(request: HttpRequest, pk: int) -> HttpResponse:
    """The shares of all rubrics at once: together a hundred at most."""
    actor = actor_of(request)
    whole = queries.whole(actor, client_id=pk, can="strategy")
    form = SharesForm(request.POST, rubrics=list(queries.rubrics(actor, client_id=pk)))
    if form.is_valid():
        try:
            services.set_shares(actor, client_id=pk, shares=form.shares)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The shares are kept."))
            return redirect("strategy_step", pk, "rubrics")
    return _page(request, actor, whole, "rubrics", status=422, shares_form=form)


def _page(
    request: HttpRequest, actor: Actor, whole: Whole, code: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    pk = whole.client.pk
    stand = whole.stand(code)
    place = whole.guide.place(code)
    views = contexts.step_views(whole)
    answer = stand.answer
    context = contexts.frame(actor, whole) | {
        "step": views[place],
        "steps": views,
        "before": views[place - 1] if place else None,
        "after": views[place + 1] if place + 1 < len(views) else None,
        "answer": answer,
        "text": more.get("typed", answer.text if answer else ""),
        "version": answer.version if answer else 0,
        "skip_form": SkipForm(),
        "longest": LONGEST_ANSWER,
    }
    if stand.step.kind in TABLES:
        context |= _rows(actor, whole, stand.step.kind)
    if stand.step.kind == "rubrics":
        context |= _shares(actor, pk)
    return render(request, "strategy/step.html", context | more, status=status)


def _rows(actor: Actor, whole: Whole, kind: str) -> dict[str, Any]:
    pk, table = whole.client.pk, TABLES[kind]
    rows = contexts.rows_for(actor, pk, table)
    found: dict[str, Any] = {
        "table": kind,
        "rows": contexts.row_views(rows, table),
        "put_away": contexts.row_views(contexts.rows_for(actor, pk, table, archived=True), table),
        "row_form": row_form(table, actor, pk, whole.guide),
    }
    if kind == "messages":
        found["matrix"] = contexts.matrix(rows)  # type: ignore[arg-type]
    if kind == "networks":
        found["hints"] = contexts.network_hints(actor, whole.client, rows)  # type: ignore[arg-type]
    if kind == "places":
        found["free_places"] = contexts.free_again(rows)
    if kind == "checkpoints":
        found["figures"] = contexts.figures(whole)
    return found


def _shares(actor: Actor, pk: int) -> dict[str, Any]:
    rubrics = list(queries.rubrics(actor, client_id=pk))
    left = queries.shares_left(rubrics)
    return {
        "rubrics": rubrics,
        "shares_form": SharesForm(rubrics=rubrics),
        "sum": 100 - left,
        "left": max(left, 0),
        "over": max(-left, 0),
        "advised": FREE_SHARE,
        "shared": any(one.share for one in rubrics),
    }


def _number(text: str | None) -> int:
    """A version as the form sent it; what is none is 0, as if nothing had been seen."""
    try:
        return int(text or 0)
    except ValueError:
        return 0
