"""The weekly half hour: what the figures say, where the jam is, what is on trial."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.clients.models import Client
from niva.domains.editorial import flowfigures
from niva.domains.editorial.flowfigures import Flow, clients_of
from niva.domains.editorial.kaizen import Ending, Measure
from niva.domains.editorial.services import changing
from niva.domains.editorial.services.pieces import colleagues
from niva.domains.editorial.states import StageKind
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.web.clients.listing import actor_of
from niva.web.kaizen import words
from niva.web.kaizen.cards import kaizen_cards, trial
from niva.web.kaizen.forms import ChangeForm, DecideForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

MOST_ROWS = 200
MOST_ENDED = 30
TRIAL = timedelta(days=14)


def _client(actor: Actor, word: str | None) -> Client | None:
    """The client of the address; none: all of them. Raises NotFound, Forbidden."""
    return (
        clients.client(actor, int(word), can="work") if word and word.isdigit() and len(word) < 18 else None
    )


@signed_in
@require_http_methods(["GET", "HEAD"])
def review(request: HttpRequest) -> HttpResponse:
    """The page of the half hour."""
    actor = actor_of(request)
    return _review(request, actor, _client(actor, request.GET.get("client")))


def _review(
    request: HttpRequest, actor: Actor, client: Client | None, status: int = 200, **more: Any
) -> HttpResponse:
    scope = clients_of(actor, client)
    flow, pk = Flow(scope), client.pk if client else None
    rows = changing.changes(actor, scope)
    if client is not None:
        rows = rows.filter(client=client)
    trials = [trial(one) for one in rows.filter(ending=Ending.TRIAL)]
    ended = rows.exclude(ending=Ending.TRIAL).order_by("-decided_at")[:MOST_ENDED]
    today = timezone.localdate()
    context = {
        "client": client,
        "clients": [one for one in clients.clients(actor) if access.may(actor, "work", client_id=one.pk)],
        "figures": [words.cycle(flow, pk), words.on_time(flow, pk), words.returned(flow, pk),
                    words.rounds(flow, pk)],
        "jam": flow.jam,
        "stages": [(one, words.rows_url(Measure.STAGE, pk, stage=one.kind)) for one in flow.stages],
        "reasons": [(words.reason_word(code), count, words.rows_url(Measure.RETURNS, pk, reason=code))
                    for code, count in flow.reasons],
        "trials": trials,
        "due": [one for one in trials if one.change.look_on <= today],
        "ended": [trial(one) for one in ended],
        "may_begin": bool(_places(actor)),
        "decide": more.get("decide") or DecideForm(),
        "deciding": more.get("deciding", 0),
    }  # fmt: skip
    return render(request, "kaizen/review.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD"])
def below_board(request: HttpRequest) -> HttpResponse:
    """Three cards that the board asks for when they come into sight, so that it does not wait for them."""
    actor = actor_of(request)
    cards = kaizen_cards(actor, _client(actor, request.GET.get("client")))
    return render(request, "kaizen/under_board.html", cards)


@signed_in
@require_http_methods(["GET", "HEAD"])
def rows(request: HttpRequest) -> HttpResponse:
    """What a figure was counted from."""
    actor = actor_of(request)
    client = _client(actor, request.GET.get("client"))
    figure = request.GET.get("figure", "")
    if figure not in Measure.values:
        raise NotFound("figure")
    scope, until = clients_of(actor, client), timezone.now()
    since = until - flowfigures.WINDOW
    context: dict[str, Any] = {"figure": figure, "name": Measure(figure).label, "client": client}
    stage, reason = request.GET.get("stage", ""), request.GET.get("reason", "")
    if figure == Measure.RETURNS:
        found = flowfigures.returned(scope, since, until)
        context["returns"] = [
            (one, words.reason_word(one.reason))
            for one in (found.filter(reason=reason) if reason else found)[:MOST_ROWS]
        ]
    elif figure == Measure.STAGE:
        if stage not in StageKind.values:
            raise NotFound("stage")
        found_stays = flowfigures.stood(scope, since, until, stage, still=True)
        stays = sorted(found_stays, key=lambda one: -one.hours)[:MOST_ROWS]
        titles = flowfigures.titles([one.piece_id for one in stays], scope)
        context["stays"] = [(one, titles.get(one.piece_id, "")) for one in stays]
        context["name"] = StageKind(stage).label
    else:
        out = flowfigures.published(scope, since, until)
        context["out"] = [one for one in out if figure != Measure.ON_TIME or one.on_time is not None][
            :MOST_ROWS
        ]
    return render(request, "kaizen/rows.html", context)


# Changes


def _places(actor: Actor) -> list[tuple[str, str]]:
    """Where he may begin a change."""
    found = [
        (str(one.pk), one.name)
        for one in clients.clients(actor)
        if access.may(actor, "edit", client_id=one.pk)
    ]
    return [("", actor.workspace.name), *found] if actor.everywhere else found


def _people(actor: Actor) -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in colleagues(actor, can="edit")]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Put a change on trial; the figure before is the desk's."""
    actor = actor_of(request)
    client = _client(actor, request.GET.get("client"))
    scope = clients_of(actor, client)
    jam = Flow(scope).jam if request.method != "POST" else None
    initial: dict[str, Any] = {
        "look_on": timezone.localdate() + TRIAL,
        "client": str(client.pk) if client else "",
        "measure": Measure.STAGE if jam else Measure.CYCLE,
        "stage": jam.kind if jam else "",
        "owner": str(actor.user.pk) if actor.user else "",
    }
    form = ChangeForm(
        _places(actor), _people(actor), request.POST if request.method == "POST" else None, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            changing.begin(
                actor,
                client_id=int(values["client"]) if values["client"] else None,
                problem=values["problem"], measure=values["measure"], stage=values["stage"],
                change=values["change"], look_on=values["look_on"],
                owner_id=int(values["owner"]) if values["owner"] else None,
            )  # fmt: skip
        except Invalid as error:
            show(form, error)
        else:
            return redirect("kaizen")
    context = {"form": form, "jam": jam}
    return render(request, "kaizen/change_form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def decide(request: HttpRequest, change: int) -> HttpResponse:
    """Keep it or roll it back."""
    actor = actor_of(request)
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            changing.decide(actor, change_id=change, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("kaizen")
    row = access.get(actor, changing.changes(actor, clients_of(actor)), change, can="edit")
    return _review(request, actor, row.client, 422, decide=form, deciding=change)
