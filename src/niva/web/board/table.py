"""The plan as a table: filters, sorting, columns, saved filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial import table
from niva.domains.editorial.saved import SavedFilter
from niva.domains.editorial.services import keeping
from niva.domains.editorial.services.pieces import colleagues
from niva.domains.editorial.states import PieceState, StageKind, Unit
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.strategy.models import Rubric
from niva.networks.registry import all_networks
from niva.web.board import table_wish
from niva.web.board.table_html import cells_of
from niva.web.board.table_rows import rows_of
from niva.web.board.table_words import ACTION_WORDS, COLUMN_WORDS
from niva.web.looks import network_name
from niva.web.people.doors import signed_in

MOST_CHOICES: Final = 200  # names in one list of a filter


@signed_in
@require_safe
def pieces(request: HttpRequest) -> HttpResponse:
    """The page: 50 rows of what the address asks for."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    clients = workable(actor)
    wish = table_wish.read(request.GET)
    if wish.client_id is not None and wish.client_id not in {one.pk for one in clients}:
        raise NotFound("client")
    numbers = table.pieces(actor, wish, zone=zone_of(actor, clients, wish)).values_list("pk", flat=True)
    page = Paginator(numbers, table.PER_PAGE).get_page(request.GET.get("page"))
    columns = keeping.columns_of(actor)
    rows = rows_of(actor, table.shown(actor, page.object_list))
    context = {
        "page": page,
        "rows": [(row, cells_of(row, columns)) for row in rows],
        "base": reverse("pieces"),
        "back": quote(table_wish.write(wish)),
        "wish": wish,
        "query": table_wish.write(wish),
        "columns": columns,
        "head": [_head(name, wish) for name in columns],
        "all_columns": [(name, COLUMN_WORDS[name], name in columns) for name in table.COLUMNS],
        "saved": _saved(actor, wish, clients),
        "actions": list(ACTION_WORDS.items()),
        "may_write": any(access.may(actor, "work", client_id=one.pk) for one in clients),
        "more_open": bool(
            wish.unit or wish.network or wish.rubric or wish.since or wish.until or wish.urgent
            or wish.undated or wish.overdue
        ),
        **choices(actor, clients, wish),
    }  # fmt: skip
    return render(request, "board/table.html", context)


def workable(actor: Actor) -> list[Client]:
    """The clients whose newsroom this person works in. Raises Forbidden for who works in none."""
    rows = list(access.visible(actor, Client.objects.filter(archived_at__isnull=True), can="work"))
    if not rows and not actor.everywhere:
        raise Forbidden("work")
    return rows


def zone_of(actor: Actor, clients: Sequence[Client], wish: table.Filter) -> str:
    """Whose calendar the days of a filter are of: the client's, or one's own where there are several."""
    for one in clients:
        if one.pk == wish.client_id:
            return one.time_zone
    return actor.user.time_zone if actor.user else actor.workspace.time_zone


def choices(actor: Actor, clients: Sequence[Client], wish: table.Filter) -> dict[str, Any]:
    """What the lists of the filter offer."""
    rubrics = access.visible(actor, Rubric.objects.filter(archived_at__isnull=True), can="work")
    if wish.client_id is not None:
        rubrics = rubrics.filter(client_id=wish.client_id)
    names = rubrics.order_by("name").values_list("name", flat=True).distinct()[:MOST_CHOICES]
    return {
        "clients": clients,
        "kinds": [(kind.value, kind.label) for kind in StageKind],
        "units": [(unit.value, unit.label) for unit in Unit],
        "states": [
            *((state.value, state.label) for state in PieceState),
            (table.ALIVE, _("in work or done")),
            (table.ANY, _("whatever state")),
        ],
        "people": colleagues(actor)[:MOST_CHOICES],
        "rubrics": list(dict.fromkeys(names)),
        "networks": sorted(((key, network_name(key)) for key in all_networks()), key=lambda pair: pair[1]),
    }


def _head(name: str, wish: table.Filter) -> dict[str, Any]:
    """The head of a column: its word, how to sort by it, which way it is sorted now."""
    on = wish.sort.removeprefix("-") == name
    turned = f"-{name}" if wish.sort == name else name
    return {
        "name": name,
        "word": COLUMN_WORDS[name],
        "query": table_wish.write(wish, sort=turned if turned != "at" else "")
        if name in table.SORTS
        else None,
        "sorted": ("descending" if wish.sort.startswith("-") else "ascending") if on else "",
    }


def _saved(actor: Actor, wish: table.Filter, clients: Sequence[Client]) -> list[dict[str, Any]]:
    """Filters under their names; a shared one about a client that this person does not see is left out."""
    mine = {one.pk for one in clients}
    found = []
    for one in keeping.filters_of(actor):
        about = table_wish.read(QueryDict(one.query))
        if about.client_id is not None and about.client_id not in mine:
            continue
        found.append({"row": one, "on": about == wish, "own": _is_own(actor, one)})
    return sorted(found, key=lambda each: not each["own"])


def _is_own(actor: Actor, row: SavedFilter) -> bool:
    return actor.user is not None and row.owner_id == actor.user.pk


@signed_in
@require_POST
def columns(request: HttpRequest) -> HttpResponse:
    """Keep which columns this person wants to see."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    workable(actor)
    keeping.choose_columns(actor, columns=request.POST.getlist("column"))
    return back(request)


@signed_in
@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    workable(actor)
    query = table_wish.write(table_wish.read(QueryDict(request.POST.get("query", "")[:2000])))
    try:
        keeping.save_filter(
            actor, name=request.POST.get("name", ""), query=query, shared=bool(request.POST.get("shared"))
        )
    except Invalid as error:
        for sentence in error.errors["name"]:
            messages.error(request, sentence)
    return back(request)


@signed_in
@require_POST
def delete_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    workable(actor)
    keeping.delete_filter(actor, filter_id=filter_id)
    return back(request)


def back(request: HttpRequest) -> HttpResponse:
    """To the table as it was asked for."""
    query = table_wish.write(table_wish.read(QueryDict(request.POST.get("query", "")[:2000])))
    return redirect(f"{reverse('pieces')}?{query}" if query else reverse("pieces"))
