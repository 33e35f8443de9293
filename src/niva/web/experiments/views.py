"""Experiments of a client: the list, a new one, the page of one with its plan."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import queries as clients
from niva.domains.clients.models import Client
from niva.domains.communities import queries as communities
from niva.domains.communities.models import Community
from niva.domains.experiments import queries, services
from niva.domains.experiments.models import Experiment, State
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.experiments import words
from niva.web.experiments.forms import EFFECTS, PlanForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


@signed_in
@require_safe
def client_experiments(request: HttpRequest, pk: int) -> HttpResponse:
    """All of them, for ever."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="work")
    rows = [(one, _said(one)) for one in queries.of_client(actor, client.pk)]
    places = communities.of_client(actor, client.pk)
    context = contexts.frame(actor, client, "numbers") | {"rows": rows, "places": places.count()}
    return render(request, "experiments/list.html", context)


def _said(row: Experiment) -> str:
    return row.words if row.state != State.RUNNING else words.says(row, queries.result_of(row))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def experiment_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan one. With parameters in the address the same page counts how many posts it would take."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="write")
    places = list(communities.of_client(actor, client.pk))
    typed = request.POST if request.method == "POST" else None
    form = PlanForm(places, typed, initial=_initial(request, places))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("experiment", client.pk, _plan(actor, form, places).pk)
        except Invalid as error:
            show(form, error)
    context = contexts.frame(actor, client, "numbers") | {"form": form, "places": places}
    context |= _takes(form, places)
    return render(request, "experiments/new.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest, places: list[Community]) -> dict[str, Any]:
    said = {name: request.GET[name] for name in PlanForm.base_fields if request.GET.get(name)}
    return {"age": 72, "effect": "0.5", "community": places[0].pk if places else None} | said


def _place(form: PlanForm, places: list[Community]) -> Community | None:
    asked = str(form["community"].value() or "")
    return next((one for one in places if str(one.pk) == asked), None)


def _takes(form: PlanForm, places: list[Community]) -> dict[str, Any]:
    """How many posts each difference takes here, by what is chosen in the form."""
    from niva.numbers.experiments import needed

    place, age = _place(form, places), str(form["age"].value())
    measure = str(form["measure"].value() or form.fields["measure"].choices[0][0])  # type: ignore[attr-defined]
    known = dict(form.fields["measure"].choices)  # type: ignore[attr-defined]
    if place is None or measure not in known or age not in ("24", "72", "168"):
        return {}
    spread = queries.spread_of(place, measure, int(age))
    slots = place.slots.count()
    rows = []
    for effect, word in EFFECTS:
        each = needed(spread.sigma, float(effect))
        weeks = round(each * 2 / slots) if each and slots else None
        rows.append((word, each, weeks))
    return {"takes": rows, "spread": spread, "place": place, "measure_word": known[measure]}


def _plan(actor: Actor, form: PlanForm, places: list[Community]) -> Experiment:
    from niva.numbers.experiments import needed

    data = form.cleaned_data
    place = _place(form, places)
    each = data["posts_each"]
    if each is None and place is not None:
        spread = queries.spread_of(place, data["measure"], data["age"])
        each = needed(spread.sigma, data["effect"])
        if each is None or each > services.MOST_EACH:
            sentence = _("That would take more posts than anybody waits for. Take a larger one.")
            raise Invalid.one("effect", sentence)
    return services.plan(
        actor, community_id=data["community"], question=data["question"], first=data["first"],
        second=data["second"], measure=data["measure"], age=data["age"], effect=data["effect"],
        posts_each=each or 0,
    )  # fmt: skip


@signed_in
@require_safe
def experiment(request: HttpRequest, pk: int, experiment: int) -> HttpResponse:
    """The plan one can follow, what is read, what it says."""
    actor = actor_of(request)
    client, row = _row(actor, pk, experiment, can="work")
    lines = queries.lines_of(row)
    result = queries.result_of(row, lines)
    running = row.state == State.RUNNING
    context = contexts.frame(actor, client, "numbers") | {
        "row": row,
        "lines": lines,
        "says": words.says(row, result) if running else row.words,
        "read": words.read_words(result),
        "done": sum(line.value is not None for line in lines),
        "running": running,
        "told": str(result.stand) != "going",
        "free": list(queries.free_posts(row)[:50]) if running else [],
        "next": next((line for line in lines if line.assignment.publication_id is None), None),
    }
    return render(request, "experiments/show.html", context)


def _row(actor: Actor, pk: int, experiment: int, *, can: str) -> tuple[Client, Experiment]:
    client = clients.client(actor, pk, can=can)
    row = queries.experiment(actor, experiment, can=can)
    if row.client_id != client.pk:
        raise NotFound("experiment")
    return client, row


@require_POST
@signed_in
def experiment_take(request: HttpRequest, pk: int, experiment: int) -> HttpResponse:
    """Give a line its post, or give all lines theirs by the hours."""
    actor = actor_of(request)
    _client, row = _row(actor, pk, experiment, can="write")
    number, publication = (request.POST.get(name, "") for name in ("number", "publication"))
    try:
        if number.isdigit() and len(number) < 6:
            which = int(publication) if publication.isdigit() and len(publication) < 18 else None
            services.take(actor, experiment_id=row.pk, number=int(number), publication_id=which)
        elif not services.match(actor, experiment_id=row.pk):
            messages.info(request, _("No post went out within an hour and a half of a free line."))
    except Invalid as error:
        messages.error(request, error.sentence)
    except Conflict as error:
        messages.error(request, str(error))
    return redirect("experiment", pk, experiment)


@require_POST
@signed_in
def experiment_close(request: HttpRequest, pk: int, experiment: int) -> HttpResponse:
    """End it with what can be said now; kept for ever."""
    actor = actor_of(request)
    _client, row = _row(actor, pk, experiment, can="write")
    try:
        result = queries.result_of(row)
        if str(result.stand) == "going":
            row.state = State.STOPPED  # for its words only: it is written by `close`
        services.close(actor, experiment_id=row.pk, words=words.says(row, result))
    except Conflict as error:
        messages.error(request, str(error))
    return redirect("experiment", pk, experiment)
