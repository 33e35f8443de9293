"""Ideas by the matrix rubric × business detail, and pieces out of the year's events."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial.models import Piece
from niva.domains.editorial.planning import Facet
from niva.domains.editorial.services import pieces
from niva.domains.editorial.states import PieceState
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.states import OUT
from niva.domains.strategy import calendar
from niva.domains.strategy.details import Detail, details_of
from niva.domains.strategy.models import Rubric
from niva.domains.strategy.queries import rubrics
from niva.kit.local_time import nearest

OFFERED: Final = 6  # empty cells that are offered at once
NOON: Final = dt.time(12)


@dataclass(frozen=True, slots=True)
class Cell:
    """`planned`: pieces that are not out yet, `out`: those that are."""

    rubric: Rubric
    detail: Detail
    planned: int
    out: int

    @property
    def empty(self) -> bool:
        return not self.planned and not self.out


@dataclass(frozen=True, slots=True)
class Matrix:
    """`unplaced`: pieces of the client that have no detail; what is parked or rejected is not counted."""

    details: list[Detail]
    rows: list[tuple[Rubric, list[Cell]]]
    offers: list[Cell]
    unplaced: int


def matrix(actor: Actor, *, client_id: int) -> Matrix:
    """The grid of a client. Five queries, whatever the count. Raises NotFound, Forbidden."""
    client = access.get(actor, Client.objects.all(), client_id, can="work")
    details, mine = details_of(client), list(rubrics(actor, client_id=client.pk))
    alive = Piece.objects.filter(client=client, post__deleted_at__isnull=True).exclude(
        state__in=[PieceState.PARKED, PieceState.REJECTED]
    )
    out = Q(piece__post__deliveries__state__in=OUT)
    counted = (
        Facet.objects.filter(piece__in=alive)
        .values("piece__post__rubric_id", "detail")
        .annotate(every=Count("piece_id", distinct=True), out=Count("piece_id", filter=out, distinct=True))
    )
    found = {(one["piece__post__rubric_id"], one["detail"]): (one["every"], one["out"]) for one in counted}
    rows = []
    for rubric in mine:
        cells = []
        for detail in details:
            every, gone = found.get((rubric.pk, detail.code), (0, 0))
            cells.append(Cell(rubric, detail, every - gone, gone))
        rows.append((rubric, cells))
    return Matrix(details, rows, _offers(rows), alive.filter(facet__isnull=True).count())


def _offers(rows: list[tuple[Rubric, list[Cell]]]) -> list[Cell]:
    """Empty cells, from every rubric one before any gives two; the rubric with the fewest pieces first."""
    waiting = [
        [cell for cell in cells if cell.empty]
        for _rubric, cells in sorted(rows, key=lambda row: sum(one.planned + one.out for one in row[1]))
    ]
    found: list[Cell] = []
    for turn in range(max(map(len, waiting), default=0)):
        # Another detail for each rubric, so that the offers do not all ask the same question.
        found += [cells[(turn + n) % len(cells)] for n, cells in enumerate(waiting) if turn < len(cells)]
    return list(dict.fromkeys(found))[:OFFERED]


@transaction.atomic
def from_cell(actor: Actor, *, client_id: int, rubric_id: int, detail: str, title: str = "") -> Piece:
    """An idea for an empty (or any) cell; without a title the detail's own question is it."""
    client = access.get(actor, Client.objects.all(), client_id, can="write")
    known = {one.code: one for one in details_of(client)}
    if detail not in known:
        raise Invalid.one("detail", _("This client has no such detail any more. Reload the page."))
    rubric = access.get(actor, Rubric.objects.filter(client=client), rubric_id)
    said = title.strip() or f"{rubric}: {known[detail].ask or known[detail].said}"
    piece = pieces.propose(actor, client_id=client.pk, title=said[:200], rubric_id=rubric.pk)
    Facet.objects.create(piece=piece, client=client, detail=detail)
    return piece


@transaction.atomic
def from_event(
    actor: Actor, *, client_id: int, day: dt.date, code: str = "", own_id: int | None = None
) -> Piece:
    """An idea for a day of the calendar, with its day as the hour it is meant for. Raises NotFound."""
    client = access.get(actor, Client.objects.all(), client_id, can="write")
    for one in calendar.happenings(actor, client, day, day):
        if (own_id and one.own_id == own_id) or (code and one.code == code):
            return pieces.propose(
                actor,
                client_id=client.pk,
                title=one.name[:200],
                origin=_("the calendar: %(day)s") % {"day": f"{day:%d.%m.%Y}"},
                planned_at=nearest(day, NOON, client.time_zone),
            )
    raise NotFound("event")
