"""What the board reads: columns with their counts, cards, where the jam is; few queries, always as many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole
from niva.domains.clients.working import working_times
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.states import How, PieceState, StageKind
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden
from niva.domains.people.models import User
from niva.domains.publishing.models import Delivery, Variant
from niva.domains.publishing.repeating import Series
from niva.domains.publishing.states import BY_HAND, FIRES, State
from niva.kit.working_time import WorkingTime, working_hours

PAGE: Final = 12  # cards of a column at once: more than fit on a screen
# What a card needs of its piece: of thousands of fields most would be read for nothing.
_SHOWN: Final = (
    "workspace", "client", "post", "stage", "responsible", "state", "urgent", "entered_at",
    "post__title", "post__text",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the board is looked at. `mine`: only what this person has."""

    client_id: int | None = None
    mine: bool = False
    network: str = ""
    rubric_id: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out cards of the columns it shows."""
        return bool(self.mine or self.network or self.rubric_id)


@dataclass(slots=True)
class Card:
    """A piece on the board. `hours`: working hours it has stood there; `late`: more than its stage allows."""

    piece: Piece
    hours: float
    late: bool
    day_hours: float
    networks: list[str] = field(default_factory=list)
    came_back: Stay | None = None
    failed: Delivery | None = None


@dataclass(slots=True)
class Column:
    """A stage of one client, or one kind of stage of all of them. `count`: all cards in it, `shown`: those
    that the filter lets through; `wip`: how many it should hold, None where any stage in it has no limit.
    """

    key: str
    kind: str
    stages: list[Stage]
    people: list[User] = field(default_factory=list)
    count: int = 0
    shown: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def wip(self) -> int | None:
        limits = [one.wip for one in self.stages]
        return None if None in limits else sum(limit for limit in limits if limit)

    @property
    def over(self) -> int:
        return max(self.count - self.wip, 0) if self.wip is not None else 0


@dataclass(frozen=True, slots=True)
class Jam:
    """The column that holds most beyond its limit; `hours`: the median that its cards have stood there."""

    column: Column
    hours: float


@dataclass(slots=True)
class Board:
    """`total`: cards on the board that the filter lets through."""

    columns: list[Column]
    clients: list[Client]
    client: Client | None
    total: int
    jam: Jam | None


def clients_of(actor: Actor) -> list[Client]:
    """The clients in whose newsroom he works. Raises Forbidden when he is at clients, but at none so."""
    rows = list(access.visible(actor, Client.objects.filter(archived_at__isnull=True), can="work"))
    if not rows and actor.client_roles and not actor.everywhere:
        raise Forbidden("work")
    return rows


def on_board(rows: QuerySet[Piece]) -> QuerySet[Piece]:
    """Of these pieces what stands on a board: in work, its post not binned, no pattern of repeats."""
    # Said as "there is none", not as a join without a row: of that the planner expects nearly nothing to be
    # left, and looks every single piece up by its number.
    pattern = Exists(Series.objects.filter(post=OuterRef("post_id")))
    return rows.filter(~pattern, state=PieceState.ACTIVE, post__deleted_at__isnull=True)


def wanted_pieces(actor: Actor, clients: Iterable[Client], wanted: Wanted) -> QuerySet[Piece]:
    """The cards of these clients (his own ones) that the filter lets through."""
    rows = on_board(access.visible(actor, Piece.objects.filter(client__in=clients), can="work"))
    if wanted.mine:
        rows = rows.filter(responsible=actor.user)
    if wanted.rubric_id:
        rows = rows.filter(post__rubric_id=wanted.rubric_id)
    if wanted.network:
        rows = rows.filter(
            Exists(Variant.objects.filter(post=OuterRef("post"), community__network=wanted.network))
        )
    return rows


def board(actor: Actor, wanted: Wanted) -> Board:
    """The whole board. Raises NotFound, Forbidden."""
    clients = clients_of(actor)
    client = None
    if wanted.client_id is not None:
        client = access.get(actor, Client.objects.all(), wanted.client_id, can="work")
    chosen = [client] if client else clients
    columns = _columns(actor, chosen, one=client is not None)
    rows = wanted_pieces(actor, chosen, wanted)
    _count(columns, wanted_pieces(actor, chosen, Wanted()), rows if wanted.is_narrow else None)
    name = "stage_id" if client else "stage__kind"
    rows = rows.filter(stage__archived_at__isnull=True)
    places = Window(
        RowNumber(), partition_by=F(name), order_by=[F("urgent").desc(), F("entered_at"), F("pk")]
    )
    numbers = list(rows.annotate(place=places).filter(place__lte=PAGE).values_list("pk", flat=True))
    by_stage = {stage.pk: column for column in columns for stage in column.stages}
    for card in cards_of(actor, numbers, [stage for column in columns for stage in column.stages]):
        if (column := by_stage.get(card.piece.stage_id)) is not None:
            column.cards.append(card)
    return Board(columns, clients, client, sum(one.shown for one in columns), _jam(columns, chosen))


def columns_of(actor: Actor, client: Client) -> list[Column]:
    """The stages of one client with who is responsible and how many cards stand there, without the cards."""
    columns = _columns(actor, [client], one=True)
    _count(columns, wanted_pieces(actor, [client], Wanted()), None)
    return columns


def more(actor: Actor, wanted: Wanted, *, key: str, after: int) -> tuple[list[Card], int]:
    """The next cards of one column, and how many there are in all. Raises NotFound, Forbidden."""
    clients = clients_of(actor)
    if wanted.client_id is not None:
        clients = [access.get(actor, Client.objects.all(), wanted.client_id, can="work")]
    rows = wanted_pieces(actor, clients, wanted)
    rows = (
        rows.filter(stage_id=int(key)) if key.isdecimal() and len(key) < 19 else rows.filter(stage__kind=key)
    )
    total = rows.count()
    numbers = rows.order_by("-urgent", "entered_at", "pk").values_list("pk", flat=True)[after : after + PAGE]
    return cards_of(actor, list(numbers)), total


def _columns(actor: Actor, clients: Sequence[Client], *, one: bool) -> list[Column]:
    rows = list(
        access.visible(actor, Stage.objects.filter(client__in=clients, archived_at__isnull=True), can="work")
        .select_related("owner", "stand_in")
        .order_by("position", "pk")
    )
    known = {one.pk: one for one in clients}
    for stage in rows:
        stage.client = known[stage.client_id]
    roles = _roles(clients)
    if one:
        columns = [Column(str(stage.pk), stage.kind, [stage]) for stage in rows]
    else:
        kinds = [kind for kind in StageKind.values if any(stage.kind == kind for stage in rows)]
        columns = [Column(kind, kind, [stage for stage in rows if stage.kind == kind]) for kind in kinds]
    for column in columns:
        found = [who for stage in column.stages if (who := person_of(stage, roles)) is not None]
        column.people = list({who.pk: who for who in found}.values())
    return columns


def _roles(clients: Sequence[Client]) -> dict[tuple[int, str], User]:
    """(client, role) -> the first person who has it there."""
    rows = ClientRole.objects.filter(client__in=clients).select_related("membership__user").order_by("-pk")
    return {(row.client_id, row.role): row.membership.user for row in rows}


def person_of(stage: Stage, roles: dict[tuple[int, str], User], today: date | None = None) -> User | None:
    """Who is responsible for a stage as such: the stand-in while his time lasts, the owner, its role."""
    if stands_in(stage, today):
        return stage.stand_in
    return stage.owner or roles.get((stage.client_id, stage.role))


def stands_in(stage: Stage, today: date | None = None) -> bool:
    """Whether somebody stands in for the stage's own person today, by the client's clock."""
    if stage.stand_in_id is None or stage.stand_in_until is None:
        return False
    return (
        today or timezone.now().astimezone(ZoneInfo(stage.client.time_zone)).date()
    ) <= stage.stand_in_until


def _count(columns: Sequence[Column], all_rows: QuerySet[Piece], shown: QuerySet[Piece] | None) -> None:
    def by_stage(rows: QuerySet[Piece]) -> dict[int, int]:
        return dict(rows.values("stage_id").annotate(n=Count("pk")).values_list("stage_id", "n"))

    counts = by_stage(all_rows)
    seen = counts if shown is None else by_stage(shown)
    for column in columns:
        column.count = sum(counts.get(stage.pk, 0) for stage in column.stages)
        column.shown = sum(seen.get(stage.pk, 0) for stage in column.stages)


def _jam(columns: Sequence[Column], clients: Sequence[Client]) -> Jam | None:
    worst = max(columns, key=lambda one: one.over, default=None)
    if worst is None or not worst.over:
        return None
    # The middle of them by the day they came is the middle by working time, but for clients' own hours.
    rows = on_board(Piece.objects.filter(stage__in=worst.stages)).order_by("entered_at")
    middle = slice((worst.count - 1) // 2, worst.count // 2 + 1)
    times, now = working_times(clients), timezone.now()
    hours = [
        working_hours(since, now, times[client])
        for client, since in rows.values_list("client_id", "entered_at")[middle]
    ]
    return Jam(worst, median(hours)) if hours else None


def cards_of(actor: Actor, numbers: Collection[int], stages: Iterable[Stage] = ()) -> list[Card]:
    """Cards of these pieces with all that is shown on them, the urgent first, then who has stood longest.

    `stages`: those in which all of them stand, with their clients; without them they are read.
    """
    known = {stage.pk: stage for stage in stages}
    rows = access.visible(actor, Piece.objects.filter(pk__in=numbers), can="work").only(*_SHOWN)
    rows = rows.select_related("post", *([] if known else ["client", "stage"]))
    pieces = list(rows.order_by("-urgent", "entered_at", "pk"))
    if known:  # one that was moved into a new stage this very moment comes with the next look
        pieces = [piece for piece in pieces if piece.stage_id in known]
    for piece in pieces if known else ():
        piece.stage = known[piece.stage_id]
        piece.client = piece.stage.client
    times = working_times({piece.client_id: piece.client for piece in pieces}.values())
    at = timezone.now()
    cards = {piece.post_id: _card(piece, times[piece.client_id], at) for piece in pieces}
    for post_id, network in (
        Variant.objects.filter(post__in=cards)
        .order_by("post_id", "pk")
        .values_list("post_id", "community__network")
    ):
        if network not in cards[post_id].networks:
            cards[post_id].networks.append(network)
    back = Stay.objects.filter(
        piece__in=[piece.pk for piece in pieces], how=How.BACK, left_at=F("piece__entered_at")
    )
    by_piece = {card.piece.pk: card for card in cards.values()}
    for stay in back:
        by_piece[stay.piece_id].came_back = stay
    for delivery in _failed(cards):
        cards[delivery.post_id].failed = delivery
    return list(cards.values())


def _card(piece: Piece, when: WorkingTime, now: datetime) -> Card:
    hours = working_hours(piece.entered_at, now, when)
    late = piece.stage.hours is not None and hours > piece.stage.hours
    return Card(piece, hours, late, when.day_hours)


def _failed(post_ids: Collection[int]) -> QuerySet[Delivery]:
    """What burns of these posts, as on the page of today: what people let be does not."""
    return (
        Delivery.objects.filter(post__in=post_ids, state__in=FIRES, acknowledged_at__isnull=True)
        .exclude(state=State.REMOVED, code="taken_down")
        .exclude(state=State.HELD, code=BY_HAND)
        .order_by("-due_at")
    )
