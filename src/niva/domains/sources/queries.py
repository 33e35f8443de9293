"""Named reads of sources: lists, what is left to take, what came of it. Through the one door, bounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.contrib.postgres.search import SearchQuery
from django.db.models import (
    BigIntegerField,
    Count,
    F,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.states import STILL_OURS, State
from niva.domains.sources.models import Clip, Derivative, Fragment, Source
from niva.domains.sources.states import EVERGREEN_DAYS, Permission, Rights

M = TypeVar("M", bound=Model)
MOST_WITHDRAWN: Final = 200  # publications that are named as having to come down
MOST_FREE: Final = 60  # fragments that the answer to "nothing to write about" names


def of_workers(actor: Actor, rows: QuerySet[M]) -> QuerySet[M]:
    """Those of the rows whose client lets this person into the newsroom. Raises Forbidden where none does."""
    access.demand_somewhere(actor, "work")
    return access.visible(actor, rows, can="work")


def again_before(now: datetime | None = None) -> datetime:
    """What stays true and was taken before this moment may be taken again."""
    return (now or timezone.now()) - timedelta(days=EVERGREEN_DAYS)


def can_be_taken(prefix: str = "") -> Q:
    """Fragments of which nothing was made yet, or long ago and they stay true; and that may be used."""
    return (
        Q(**{f"{prefix}taken_at__isnull": True})
        | Q(**{f"{prefix}evergreen": True, f"{prefix}taken_at__lt": again_before()})
    ) & Q(**{f"{prefix}permission__in": [Permission.NOT_NEEDED, Permission.GIVEN]})


def sources(
    actor: Actor, *, client_id: int | None = None, kind: str = "", text: str = ""
) -> QuerySet[Source]:
    """The list, the newest first, each with what was taken and what is left; to be paged.

    `all_count`, `free_count`, `best` (strength of the strongest free one), `pieces_count`, `used_ms`.
    """
    rows = of_workers(actor, Source.objects.select_related("client").defer("text", "transcript", "words"))
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if kind:
        rows = rows.filter(kind=kind)
    if text:
        rows = rows.filter(words=SearchQuery(text, config="russian", search_type="websearch"))
    return _counted(rows).order_by("-created_at", "-pk")


def _counted(rows: QuerySet[Source]) -> QuerySet[Source]:
    fragments = Fragment.objects.filter(source=OuterRef("pk")).order_by().values("source")
    pieces = Derivative.objects.filter(source=OuterRef("pk")).order_by().values("source")
    taken = fragments.filter(taken_at__isnull=False)
    free = fragments.filter(can_be_taken())
    return rows.annotate(
        all_count=_sub(fragments.annotate(found=Count("pk"))),
        used_count=_sub(taken.annotate(found=Count("pk"))),
        used_ms=_sub(taken.annotate(found=Sum(F("end") - F("start")))),
        free_count=_sub(free.annotate(found=Count("pk"))),
        best=_sub(free.annotate(found=Max("strength"))),
        pieces_count=_sub(pieces.annotate(found=Count("pk"))),
    )


def _sub(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows.values("found"), output_field=BigIntegerField()), 0)


def source(actor: Actor, source_id: int, *, can: str = "work") -> Source:
    """One source with its counts. Raises NotFound, Forbidden."""
    return access.get(
        actor, _counted(Source.objects.select_related("client").defer("words")), source_id, can=can
    )


def fragments(actor: Actor, source_id: int) -> QuerySet[Fragment]:
    """The fragments of a source in their order, `pieces_count` each. Raises NotFound, Forbidden."""
    row = access.get(actor, Source.objects.all(), source_id, can="work")
    return row.fragments.annotate(pieces_count=Count("derivatives")).order_by("start", "pk")


def free(actor: Actor, *, client_id: int | None = None) -> list[Fragment]:
    """The answer to "there is nothing to write about": what is left to take, the strongest first."""
    rows = of_workers(actor, Fragment.objects.select_related("source", "client"))
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    rows = rows.filter(can_be_taken()).exclude(source__rights=Rights.FORBIDDEN)
    return list(rows.order_by("-strength", "-evergreen", "created_at", "pk")[:MOST_FREE])


def derivatives(actor: Actor, source_id: int) -> QuerySet[Derivative]:
    """What was made of a source, with the pieces. Raises NotFound, Forbidden."""
    row = access.get(actor, Source.objects.all(), source_id, can="work")
    return row.derivatives.select_related(
        "fragment", "community", "goal", "piece__stage", "piece__post"
    ).order_by("piece__post__planned_at", "pk")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was made of what may not be used: `out` stands in a network, `waiting` is still to go there."""

    out: list[Publication]
    waiting: list[Delivery]


def withdrawn(actor: Actor, row: Source) -> Withdrawn:
    """Which pieces must come down or must not leave: of a forbidden source, or of a refused fragment."""
    made = Derivative.objects.filter(source=row, piece__isnull=False)
    if row.rights != Rights.FORBIDDEN:
        made = made.filter(fragment__permission=Permission.REFUSED)
    posts = made.values("piece__post")
    out = access.visible(actor, Publication.objects.filter(post__in=posts)).exclude(
        sight=Publication.Sight.REMOVED
    )
    waiting = access.visible(actor, Delivery.objects.filter(post__in=posts, state__in=STILL_OURS)).exclude(
        state=State.CANCELLED
    )
    return Withdrawn(
        list(out.select_related("community", "post").order_by("-published_at")[:MOST_WITHDRAWN]),
        list(waiting.select_related("community", "post").order_by("due_at")[:MOST_WITHDRAWN]),
    )


def clips(actor: Actor, source_id: int) -> QuerySet[Clip]:
    """The clips of a source, the latest first. Raises NotFound, Forbidden."""
    row = access.get(actor, Source.objects.all(), source_id, can="work")
    return row.clips.select_related("fragment", "asset", "derivative__piece")


@dataclass(frozen=True, slots=True)
class Taken:
    """How much of a source is used. Milliseconds; None where it has no length."""

    fragments: int
    used: int
    free: int
    used_ms: int
    whole_ms: int | None


def taken(row: Source) -> Taken:
    """Of a source that `sources` or `source` gave."""
    told = row.__dict__
    return Taken(told["all_count"], told["used_count"], told["free_count"], told["used_ms"], row.duration)
