"""Named reads of experiments: how they stand by the posts that have been read at the age."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import QuerySet
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.experiments.models import Assignment, Experiment, Way
from niva.domains.metrics.models import PostAtAge, PostNumbers
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication

if TYPE_CHECKING:
    from niva.numbers.experiments import Result

HISTORY: Final = timedelta(days=182)
USUAL_SPREAD: Final = 0.6
"""The spread of logarithms of a community's reach where its own history is too short. A careful guess: of the
thirteen real accounts that the desk's evidence is made on, three quarters spread less (the middle one 0.27,
the widest 1.14, each post against the median of the twenty before it)."""
_EIGHT_OF_TEN: Final = 2.5631  # normal deviates between the ends of a range that holds 8 of 10


@dataclass(frozen=True, slots=True)
class Spread:
    """`sigma`: of logarithms; `own`: by the community's own posts."""

    sigma: float
    own: bool
    posts: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the plan; `value`: its post's number at the age, None: not read yet, or no post."""

    assignment: Assignment
    value: float | None


def of_client(actor: Actor, client_id: int) -> QuerySet[Experiment]:
    """A client's experiments, running ones first, then the newest."""
    rows = Experiment.objects.filter(client_id=client_id).select_related("community", "created_by")
    return access.visible(actor, rows, can="work").order_by("-state", "-created_at", "-id")


def experiment(actor: Actor, experiment_id: int, *, can: str = "work") -> Experiment:
    """One. Raises NotFound, Forbidden."""
    rows = Experiment.objects.select_related("community", "client", "closed_by", "created_by")
    return access.get(actor, rows, experiment_id, can=can)


def spread_of(community: Community, measure: str, age: int) -> Spread:
    """How far this community's posts differ from one another, by half a year of unpaid ones."""
    import numpy as np

    from niva.numbers.spread import ordinary

    rows = PostAtAge.objects.filter(
        age=age, publication__numbers__community=community, publication__numbers__paid=False,
        publication__numbers__removed=False,
        publication__numbers__published_at__gte=timezone.now() - HISTORY,
    ).values_list(measure, flat=True)  # fmt: skip
    values = np.array([value for value in rows if value is not None], dtype=float)
    usual = ordinary(values)
    if usual is None or usual.high <= usual.low:
        return Spread(USUAL_SPREAD, False, len(values))
    sigma = math.log((usual.high + 0.5) / (usual.low + 0.5)) / _EIGHT_OF_TEN
    return Spread(max(sigma, 0.05), True, usual.rests_on)


def lines_of(row: Experiment) -> list[Line]:
    """The plan with what is known of each post: two queries."""
    lines = list(row.assignments.select_related("publication__post"))
    read = PostAtAge.objects.filter(
        publication__in=[line.publication_id for line in lines if line.publication_id], age=row.age
    )
    values = dict(read.values_list("publication_id", row.measure))
    return [Line(line, values.get(line.publication_id or 0)) for line in lines]


def result_of(row: Experiment, lines: list[Line] | None = None) -> Result:
    """How it stands by now, without writing anything. It is over when every line has its post read."""
    from niva.numbers.experiments import judge, rho

    lines = lines_of(row) if lines is None else lines
    blocks: dict[int, tuple[list[float], list[float]]] = {}
    waiting: set[int] = set()
    for line in lines:
        pair = blocks.setdefault(line.assignment.block, ([], []))
        if line.value is None:
            waiting.add(line.assignment.block)
        else:
            pair[0 if line.assignment.way == Way.FIRST else 1].append(line.value)
    whole = [blocks[number] for number in sorted(blocks) if number not in waiting]
    return judge(whole, rho(row.sigma), over=not waiting)


def free_posts(row: Experiment) -> QuerySet[Publication]:
    """Posts of its community that went out since it was planned and stand at no line yet, oldest first."""
    taken = row.assignments.filter(publication__isnull=False).values("publication_id")
    since = PostNumbers.objects.filter(
        community_id=row.community_id, published_at__gte=row.created_at, removed=False
    ).values("publication_id")
    rows = Publication.objects.filter(pk__in=since).exclude(pk__in=taken).select_related("post")
    return rows.order_by("published_at", "pk")
