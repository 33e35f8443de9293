"""What a source brought: pieces, working hours, reach and goal units for each hour of recording.

What nobody told is None here, never zero: no numbers read, no working time known, no length of the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from django.db.models import QuerySet, Sum
from django.utils import timezone

from niva.domains.clients.models import GoalFact
from niva.domains.editorial.tasking import Task
from niva.domains.metrics.queries import post_numbers
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication
from niva.domains.sources import queries
from niva.domains.sources.models import Derivative, Source

COMPARED: Final = timedelta(days=90)  # of fresh pieces beside which these are set
MOST_FRESH: Final = 300  # publications of them
SHOWN: Final = ("reach", "views")  # the first one that a network tells


@dataclass(frozen=True, slots=True)
class Yield:
    """`hours`: of recording; `norm_hours`: of work by the norms; `reach`: of what is out, with how many of
    `out` told it; `each` and `fresh`: the middle reach of a piece made of it, and of a piece written anew.
    """

    pieces: int
    out: int
    hours: float | None
    norm_hours: float
    reach: float | None
    told: int
    units: Decimal | None
    each: float | None
    fresh: float | None

    def an_hour(self, figure: float | Decimal | None) -> float | None:
        """A figure for each hour of recording."""
        if figure is None or not self.hours:
            return None
        return float(figure) / self.hours


def of_source(actor: Actor, source: Source) -> Yield:
    """In a fixed number of queries. Raises NotFound, Forbidden."""
    made = list(queries.derivatives(actor, source.pk))
    posts = [one.piece.post_id for one in made if one.piece is not None]
    out = list(_out(source).filter(post_id__in=posts).values_list("pk", flat=True))
    fresh = list(
        _out(source)
        .filter(published_at__gte=timezone.now() - COMPARED)
        .exclude(post__piece__derivative__isnull=False)
        .order_by("-published_at")
        .values_list("pk", flat=True)[:MOST_FRESH]
    )
    numbers = _reach(actor, out)
    beside = _reach(actor, fresh)
    return Yield(
        pieces=len(made),
        out=len(out),
        hours=source.duration / 3_600_000 if source.duration else None,
        norm_hours=_norm_hours(made),
        reach=sum(numbers) if numbers else None,
        told=len(numbers),
        units=_units(source, out),
        each=median(numbers) if numbers else None,
        fresh=median(beside) if beside else None,
    )


def _out(source: Source) -> QuerySet[Publication]:
    rows = Publication.objects.filter(workspace_id=source.workspace_id, client_id=source.client_id)
    return rows.exclude(sight=Publication.Sight.REMOVED)


def _norm_hours(made: list[Derivative]) -> float:
    """By the tasks where there are any, by the matrix's norms elsewhere."""
    pieces = {one.piece_id: one.minutes for one in made if one.piece_id is not None}
    told = (
        Task.objects.filter(piece__in=list(pieces))
        .values_list("piece")
        .annotate(minutes=Sum("norm_minutes"))
        .values_list("piece", "minutes")
    )
    by_task = {piece: minutes for piece, minutes in told if minutes}
    minutes: int = sum(by_task.get(one.piece_id or 0, one.minutes) for one in made)
    return minutes / 60


def _reach(actor: Actor, publications: list[int]) -> list[float]:
    """One figure of each publication that tells any."""
    found = []
    for numbers in post_numbers(actor, publications).values():
        figure = next((numbers.values[name] for name in SHOWN if name in numbers.values), None)
        if figure is not None:
            found.append(figure)
    return found


def _units(source: Source, publications: list[int]) -> Decimal | None:
    """Goal units whose trace leads to one of these; None where no fact names any."""
    if not publications:
        return None
    rows = GoalFact.objects.filter(client_id=source.client_id)
    total: Decimal | None = rows.filter(origin__in=[f"publication:{pk}" for pk in publications]).aggregate(
        all=Sum("amount")
    )["all"]
    return total
