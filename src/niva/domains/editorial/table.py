"""The plan as a table: which pieces a person asked for, in which order; a bounded number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.editorial.states import PieceState, StageKind, Unit
from niva.domains.people.actor import Actor
from niva.domains.publishing.approving import Approval
from niva.domains.publishing.models import Delivery, Publication, Variant
from niva.domains.publishing.queries import SAYING
from niva.kit import full_text

PER_PAGE: Final = 50
MOST_AT_ONCE: Final = 5000  # pieces of one bulk edit
# All columns in the order in which they stand; the title is always there. HANDBOOK 8.2 is their source.
COLUMNS: Final = (
    "at", "places", "title", "rubric", "goal", "audience", "unit", "hook", "call", "author", "designer",
    "responsible", "stage", "state", "approval", "link", "origin",
)  # fmt: skip
DEFAULT_COLUMNS: Final = ("at", "places", "title", "rubric", "author", "responsible", "stage", "state")
# Stages of a piece that is on its way by itself: its hour cannot pass unnoticed there.
AHEAD: Final = tuple(
    kind
    for kind in StageKind.values
    if kind not in (StageKind.SCHEDULED, StageKind.PUBLISHED, StageKind.DISTRIBUTION, StageKind.REVIEW)
)
SORTS: Final[dict[str, tuple[Any, ...]]] = {
    "at": (F("at"),),
    "title": (Lower("post__title"),),
    "client": (Lower("client__name"),),
    "rubric": (Lower("post__rubric__name"),),
    "goal": (Lower("post__goal__figure"),),
    "unit": (F("unit"),),
    "author": (Lower("author__name"),),
    "designer": (Lower("designer__name"),),
    "responsible": (Lower("responsible__name"),),
    "stage": (F("stage__position"), F("entered_at")),
    "since": (F("entered_at"),),
}
ANY: Final = "any"
ALIVE: Final = "alive"  # on the board or done: what counts for the plan
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for. Empty: whatever stands on the board. Days are of `zone`'s calendar, both included.

    `rubric`: a name, the same at every client, or NONE; `state`: of PieceState, ALIVE or ANY;
    `sort`: a key of SORTS, with a minus in front for the other way round.
    """

    client_id: int | None = None
    kind: str = ""
    person_id: int | None = None
    mine: bool = False
    rubric: str = ""
    network: str = ""
    unit: str = ""
    since: date | None = None
    until: date | None = None
    undated: bool = False
    overdue: bool = False
    urgent: bool = False
    state: str = PieceState.ACTIVE
    text: str = ""
    sort: str = "at"

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out that stands on the board."""
        return replace(self, sort="at") != Filter()


def pieces(actor: Actor, wish: Filter, *, zone: str) -> QuerySet[Piece]:
    """The pieces of a filter in its order, those alone whose newsroom this person works in."""
    rows = access.visible(actor, Piece.objects.filter(post__deleted_at__isnull=True), can="work")
    rows = _placed(actor, _named(rows, wish), wish, zone)
    if wish.text:
        rows = rows.filter(_saying(wish.text))
    return _sorted(rows, wish.sort)


def _named(rows: QuerySet[Piece], wish: Filter) -> QuerySet[Piece]:
    """What is compared with columns as they are."""
    if wish.client_id is not None:
        rows = rows.filter(client_id=wish.client_id)
    if wish.kind:
        rows = rows.filter(stage__kind=wish.kind)
    if wish.unit:
        rows = rows.filter(unit=wish.unit)
    if wish.state == ALIVE:
        rows = rows.filter(state__in=(PieceState.ACTIVE, PieceState.DONE))
    elif wish.state != ANY:
        rows = rows.filter(state=wish.state)
    if wish.urgent:
        rows = rows.filter(urgent=True)
    if wish.rubric == NONE:
        rows = rows.filter(post__rubric__isnull=True)
    elif wish.rubric:
        rows = rows.filter(post__rubric__name__iexact=wish.rubric)
    return rows


def _placed(actor: Actor, rows: QuerySet[Piece], wish: Filter, zone: str) -> QuerySet[Piece]:
    """Whose it is, where it goes and when."""
    if wish.mine and actor.user is not None:
        rows = rows.filter(responsible=actor.user)
    if wish.person_id is not None:
        who = wish.person_id
        rows = rows.filter(Q(responsible=who) | Q(author=who) | Q(designer=who))
    if wish.network:
        there = Variant.objects.filter(post=OuterRef("post_id"), community__network=wish.network)
        rows = rows.filter(Exists(there))
    rows = rows.annotate(at=hour())
    if wish.undated:
        return rows.filter(at__isnull=True)
    if wish.overdue:
        rows = rows.filter(at__lt=timezone.now(), stage__kind__in=AHEAD, state=PieceState.ACTIVE)
    if wish.since is not None:
        rows = rows.filter(at__gte=midnight(wish.since, zone))
    if wish.until is not None:
        rows = rows.filter(at__lt=midnight(wish.until + timedelta(days=1), zone))
    return rows


def hour() -> Coalesce:
    """When a piece is meant to go out: the post's hour, else the first of its communities' own."""
    own = Variant.objects.filter(post=OuterRef("post_id"), planned_at__isnull=False)
    first = own.values("post_id").annotate(first=Min("planned_at")).values("first")
    return Coalesce("post__planned_at", Subquery(first))


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _saying(text: str) -> Q:
    """Whose own words, or those of the post or of one of its forms, answer the question."""
    sources = (*SAYING, ("editorial_piece", "post_id"))
    return Q(post__in=full_text.saying(full_text.query_of(text), *sources))


def _sorted(rows: QuerySet[Piece], sort: str) -> QuerySet[Piece]:
    name = sort.removeprefix("-")
    fields = SORTS.get(name, SORTS["at"])
    if sort.startswith("-"):
        order = [one.desc(nulls_last=True) for one in fields]
    else:
        order = [one.asc(nulls_last=True) for one in fields]
    return rows.order_by(*order, "pk")


def shown(actor: Actor, numbers: Iterable[int]) -> list[Piece]:
    """These pieces in this order with all that the table shows of them, each with its hour as `at`.

    Five queries, however many: the numbers of a page are found first and the wide rows read for it alone.
    """
    order = list(numbers)
    rows = access.visible(actor, Piece.objects.filter(pk__in=order), can="work").annotate(at=hour())
    rows = rows.select_related(
        "post__rubric", "post__goal", "client", "stage", "author", "designer", "responsible"
    ).prefetch_related(
        Prefetch(
            "post__variants", Variant.objects.defer("own_text", "own_thread").select_related("community")
        ),
        Prefetch("post__deliveries", Delivery.objects.order_by("occurrence", "pk")),
        Prefetch("post__publications", Publication.objects.defer("seen_text").order_by("published_at")),
        Prefetch("post__approvals", Approval.objects.defer("origin").order_by("pk")),
    )
    found = {piece.pk: piece for piece in rows}
    return [found[pk] for pk in order if pk in found]


def within(actor: Actor, ids: Iterable[int], *, can: str = "work") -> QuerySet[Piece]:
    """Those of the numbers that are this person's to work on; strangers' are left out without a word."""
    rows = Piece.objects.filter(pk__in=list(ids), post__deleted_at__isnull=True)
    return access.visible(actor, rows, can=can)


def valid(wish: Filter) -> Filter:
    """The same without what names nothing."""
    return replace(
        wish,
        kind=wish.kind if wish.kind in StageKind.values else "",
        unit=wish.unit if wish.unit in Unit.values else "",
        state=wish.state if wish.state in (*PieceState.values, ALIVE, ANY) else PieceState.ACTIVE,
        sort=wish.sort if wish.sort.removeprefix("-") in SORTS else "at",
        text=full_text.tidy(wish.text),
    )
