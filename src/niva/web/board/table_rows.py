"""A row of the table as the page shows it: prepared here, so that the template only sets it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.domains.clients import access
from niva.domains.clients.working import working_times
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import moves
from niva.domains.editorial.states import PieceState
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication
from niva.domains.publishing.queries import DRAFT
from niva.domains.publishing.states import State
from niva.kit.working_time import working_hours
from niva.web.board.table_words import APPROVAL_CSS, VOID

MOST_STATES = 2  # of one piece in its cell
DAY_HOURS = 9  # working hours that are told as a day


@dataclass(frozen=True, slots=True)
class Row:
    """`stood`: how long it has been in its stage, in words; `late`: longer than the stage allows."""

    piece: Piece
    url: str
    at: datetime | None
    passed: bool
    places: list[tuple[str, str]]
    states: list[str]
    off: str | Promise
    approval: tuple[str, str | Promise] | None
    links: list[tuple[str, str]]
    stood: str
    late: bool
    may: frozenset[str] = field(default_factory=frozenset)


def rows_of(actor: Actor, pieces: Iterable[Piece]) -> list[Row]:
    """One query for the working times of all the clients; the pieces come from `table.shown`."""
    found = list(pieces)
    times = working_times({piece.client_id: piece.client for piece in found}.values())
    now = timezone.now()
    rows = []
    for piece in found:
        hours = working_hours(piece.entered_at, now, times[piece.client_id])
        at = getattr(piece, "at", piece.post.planned_at)
        states = _states(piece)
        rows.append(
            Row(
                piece=piece,
                url=page_of(piece),
                at=at,
                passed=at is not None and at < now and states == [DRAFT],
                places=[(one.community.network, one.community.name) for one in piece.post.variants.all()],
                states=states[:MOST_STATES],
                off="" if piece.state == PieceState.ACTIVE else PieceState(piece.state).label,
                approval=_approval(piece),
                links=[(one.url, _network_of(piece, one.community_id)) for one in _alive(piece)],
                stood=_stood(hours),
                late=piece.stage.hours is not None and hours > piece.stage.hours,
                may=_may(actor, piece),
            )
        )
    return rows


def page_of(piece: Piece) -> str:
    """The page of the piece, or of its post where there is none."""
    try:
        return reverse("piece", args=[piece.pk])
    except NoReverseMatch:
        return reverse("post_show", args=[piece.post_id])


def _states(piece: Piece) -> list[str]:
    """The states of its deliveries, each once, what needs a person first; a draft where there are none."""
    last = {one.variant_id: one.state for one in piece.post.deliveries.all()}
    states = list(dict.fromkeys(last.values())) or [DRAFT]
    return sorted(states, key=lambda state: state in (State.QUEUED, State.PUBLISHED, State.CANCELLED, DRAFT))


def _alive(piece: Piece) -> list[Publication]:
    return [one for one in piece.post.publications.all() if one.url and one.removed_at is None]


def _network_of(piece: Piece, community_id: int) -> str:
    for one in piece.post.variants.all():
        if one.community_id == community_id:
            return str(one.community.network)
    return ""


def _approval(piece: Piece) -> tuple[str, str | Promise] | None:
    rows = list(piece.post.approvals.all())
    if not rows:
        return None
    last = rows[-1]
    if last.voided_at is not None:
        return APPROVAL_CSS["void"], VOID
    return APPROVAL_CSS[last.decision], last.get_decision_display()


def _stood(hours: float) -> str:
    days = int(hours // DAY_HOURS)
    if days:
        return ngettext("%(n)d working day", "%(n)d working days", days) % {"n": days}
    if hours < 1:
        return _("less than an hour")
    return _("%(n)d h") % {"n": int(hours)}


def _may(actor: Actor, piece: Piece) -> frozenset[str]:
    """Which of its cells this person may change here."""
    found = {"at", "author", "rubric"} if access.may(actor, "write", client_id=piece.client_id) else set()
    if moves.may_move(actor, piece):
        found.add("stage")
    return frozenset(found)
