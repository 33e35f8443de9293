"""What the templates of the board show, prepared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Role
from niva.domains.communities.models import Community
from niva.domains.editorial import queries
from niva.domains.editorial.queries import PAGE, Board, Card, Column, Wanted
from niva.domains.editorial.services.moves import may_move
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import Reason, StageKind
from niva.domains.people.actor import Actor
from niva.domains.strategy.models import Rubric
from niva.kit.text import initials
from niva.web.board import words
from niva.web.board.drawn import NONE, Pen
from niva.web.board.wish import query
from niva.web.looks import network_name
from niva.web.templatetags.niva import netmark
from niva.words import describe


@dataclass(slots=True)
class Kard:
    """One card as it is drawn. `movable`: this person may move it; `html`: all of it."""

    pk: int
    stage_id: int
    title: str
    url: str
    nets: SafeString
    client: str
    client_name: str
    stood: str
    late: bool
    urgent: bool
    movable: bool
    back: str = ""
    failed: str = ""
    own_stage: str = ""
    html: SafeString = NONE


@dataclass(slots=True)
class Pillar:
    """One column as it is drawn."""

    key: str
    name: str
    count: int
    shown: int
    wip: int | None
    over: bool
    full: bool
    jam: bool
    exits: str
    person: str
    nobody: str
    instruction: str
    stand_ins: list[str]
    several: bool = False
    cards: list[Kard] = field(default_factory=list)
    rest: int = 0
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter that is a link."""

    name: str
    query: str
    on: bool
    mark: SafeString | str = ""


def context_of(actor: Actor, wanted: Wanted) -> dict[str, Any]:
    """All that the board shows. Raises NotFound, Forbidden."""
    if wanted.client_id is not None:
        # The first look at a client puts the ordinary stages down.
        stages_of(access.get(actor, Client.objects.all(), wanted.client_id, can="work"))
    board = queries.board(actor, wanted)
    drawer = _Drawer(actor, wanted)
    jam = board.jam.column.key if board.jam else ""
    pillars = [drawer.pillar(column, jam=column.key == jam) for column in board.columns]
    client = board.client
    return {
        "board": board,
        "page": PAGE,
        "client": client,
        "wanted": wanted,
        "query": query(wanted),
        "summary": words.summary(board),
        "pillars": pillars,
        "may_manage": client is not None and access.may(actor, "manage", client_id=client.pk),
        "writes": any(access.may(actor, "write", client_id=one.pk) for one in board.clients),
        "move_base": reverse("board_move", args=[0]).replace("/0/", "/"),
        **_filters(actor, board, wanted),
    }


def kards(actor: Actor, wanted: Wanted, cards: Iterable[Card]) -> list[Kard]:
    """More cards of a column."""
    drawer = _Drawer(actor, wanted)
    return [drawer.kard(card) for card in cards]


class _Drawer:
    """Looks up once what every card repeats."""

    def __init__(self, actor: Actor, wanted: Wanted) -> None:
        self.actor, self.plain = actor, wanted.client_id is not None
        self.pen = Pen(wanted)
        self.marks: dict[str, SafeString] = {}
        self.base = _piece_base()

    def pillar(self, column: Column, *, jam: bool) -> Pillar:
        stage = column.stages[0]
        many = len(column.people) > 1
        return Pillar(
            key=column.key,
            name=words.name_of(column),
            count=column.count,
            shown=column.shown,
            wip=column.wip,
            over=bool(column.over),
            full=column.wip is not None and column.count >= column.wip,
            jam=jam,
            exits=words.exits_of(column),
            person=_("%(n)d people") % {"n": len(column.people)} if many else str(*column.people),
            nobody=str(Role(stage.role).label) if stage.role and self.plain else _("nobody in particular"),
            instruction=stage.instruction if self.plain else "",
            stand_ins=words.stand_ins(column),
            cards=[self.kard(card) for card in column.cards],
            rest=column.shown - len(column.cards),
            several=many,
            closed=_("Own stages differ from client to client. Look at one client to move cards here.")
            if not self.plain and column.kind == StageKind.OTHER
            else "",
        )

    def kard(self, card: Card) -> Kard:
        piece = card.piece
        back = card.came_back
        reason = str(Reason(back.reason).label) if back and back.reason else ""
        drawn = Kard(
            pk=piece.pk,
            stage_id=piece.stage_id,
            title=str(piece.post) or _("untitled"),
            url=self.base.replace("/0/", f"/{piece.pk if 'pieces' in self.base else piece.post_id}/"),
            nets=SafeString("".join(self.mark(network) for network in card.networks)),
            client=initials(piece.client.name),
            client_name=piece.client.name,
            stood=words.stood(card.hours, card.day_hours),
            late=card.late,
            urgent=piece.urgent,
            movable=may_move(self.actor, piece),
            back=f"{reason}: {back.note}" if back and back.note and reason else reason,
            failed=describe(card.failed.code, {"detail": card.failed.detail}).what if card.failed else "",
            own_stage=str(piece.stage) if not self.plain and piece.stage.kind == StageKind.OTHER else "",
        )
        drawn.html = self.pen.draw(drawn)
        return drawn

    def mark(self, network: str) -> SafeString:
        if network not in self.marks:
            self.marks[network] = netmark(network)
        return self.marks[network]


def _piece_base() -> str:
    """The page of a piece with a 0 in the place of its number; the post's own where there is none."""
    try:
        return reverse("piece", args=[0])
    except NoReverseMatch:
        return reverse("post_show", args=[0])


def _filters(actor: Actor, board: Board, wanted: Wanted) -> dict[str, Any]:
    chosen = [board.client] if board.client else board.clients
    communities = Community.objects.filter(client__in=chosen, archived_at__isnull=True)
    networks = (
        access.visible(actor, communities, can="work").order_by("network").values_list("network", flat=True)
    )
    found: dict[str, Any] = {
        "clients": [
            Choice(_("All clients"), query(wanted, client_id=None, rubric_id=None), wanted.client_id is None),
            *(
                Choice(one.name, query(wanted, client_id=one.pk, rubric_id=None), one.pk == wanted.client_id)
                for one in sorted(board.clients, key=lambda one: one.pk != wanted.client_id)
            ),
        ],
        "networks": [
            Choice(
                network_name(one),
                query(wanted, network="" if one == wanted.network else one),
                one == wanted.network,
                netmark(one),
            )
            for one in networks.distinct()
        ],
        "whose": [
            Choice(_("Everybody's"), query(wanted, mine=False), not wanted.mine),
            Choice(_("Mine"), query(wanted, mine=True), wanted.mine),
        ],
        "rubrics": [],
    }
    if board.client is not None:
        rows = access.visible(actor, Rubric.objects.filter(client=board.client, archived_at__isnull=True))
        found["rubrics"] = [
            Choice(
                one.name,
                query(wanted, rubric_id=None if one.pk == wanted.rubric_id else one.pk),
                one.pk == wanted.rubric_id,
            )
            for one in rows
        ]
    return found


def more_context(actor: Actor, wanted: Wanted, *, key: str, after: int) -> dict[str, Any]:
    """The next cards of one column, and what stays behind them."""
    cards, total = queries.more(actor, wanted, key=key, after=after)
    return {
        "cards": kards(actor, wanted, cards),
        "rest": max(total - after - len(cards), 0),
        "after": after + PAGE,
        "key": key,
        "query": query(wanted),
    }
