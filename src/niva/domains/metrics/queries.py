"""Named reads of numbers. Every function returns what was counted, and None where nothing was: never zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Sum
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.metrics.models import (
    Absence,
    Daily,
    Latest,
    PostNumbers,
    Reading,
    Schedule,
    Source,
    Subject,
)
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication


@dataclass(frozen=True, slots=True)
class Point:
    """One day of one community: `gained` that day, `level` at its end (communities' own numbers)."""

    day: date
    gained: float
    level: float | None


@dataclass(slots=True)
class Numbers:
    """The latest numbers of one publication. `absent`: metric -> reason; what is in neither is unread.

    `sources`: metric -> "hand" or "import", of values that the network did not tell itself.
    """

    values: dict[str, float] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    at: datetime | None = None
    next_at: datetime | None = None


def community_series(
    actor: Actor, *, community_id: int, metric: str, days: int = 28, subject: str = Subject.COMMUNITY
) -> list[Point]:
    """The days of one community's metric, oldest first; days without a reading are not in the list."""
    community = access.get(actor, Community.objects.all(), community_id)
    since = timezone.localdate() - timedelta(days=days - 1)
    rows = Daily.objects.filter(community=community, subject=subject, metric=metric, day__gte=since)
    return [Point(row.day, row.gained, row.level) for row in rows.order_by("day")]


def post_numbers(actor: Actor, publication_ids: Iterable[int]) -> dict[int, Numbers]:
    """The latest numbers of publications, in four queries whatever their count; strangers' are left out."""
    visible = access.visible(actor, Publication.objects.filter(pk__in=list(publication_ids)))
    communities = dict(visible.values_list("pk", "community_id"))
    found = {pk: Numbers() for pk in communities}
    for row in Latest.objects.filter(subject=Subject.PUBLICATION, subject_id__in=communities):
        numbers = found[row.subject_id]
        numbers.values[row.metric] = row.value
        if row.source != Source.NETWORK:
            numbers.sources[row.metric] = row.source
        numbers.at = max(numbers.at or row.at, row.at)
    for plan in Schedule.objects.filter(subject=Subject.PUBLICATION, subject_id__in=communities):
        found[plan.subject_id].next_at = plan.next_at
    absences = Absence.objects.filter(
        subject=Subject.PUBLICATION, community_id__in=set(communities.values())
    ).values_list("community_id", "metric", "reason")
    for community_id, metric, reason in absences:
        for pk, its_community in communities.items():
            if its_community == community_id:
                found[pk].absent[metric] = reason
    return found


def paid_among(actor: Actor, publication_ids: Iterable[int]) -> set[int]:
    """Those publications that somebody paid to have shown."""
    rows = access.visible(actor, PostNumbers.objects.filter(pk__in=list(publication_ids), paid=True))
    return set(rows.values_list("pk", flat=True))


def publication_series(actor: Actor, *, publication_id: int, metric: str) -> list[tuple[datetime, float]]:
    """The raw readings of one publication, oldest first."""
    publication = access.get(actor, Publication.objects.all(), publication_id)
    rows = Reading.objects.filter(
        subject=Subject.PUBLICATION,
        subject_id=publication.pk,
        metric=metric,
        at__gte=publication.published_at - timedelta(hours=1),
    ).order_by("at")
    return list(rows.values_list("at", "value"))


def post_totals(actor: Actor, *, client_id: int, since: date, until: date) -> dict[str, float]:
    """What all posts of a client gained in these days (both included), by metric; unread ones are missing."""
    client = access.get(actor, Client.objects.all(), client_id)
    rows = (
        Daily.objects.filter(community__client=client, subject=Subject.PUBLICATION, day__range=(since, until))
        .values("metric")
        .annotate(total=Sum("gained"))
    )
    return {row["metric"]: row["total"] for row in rows}


def metric_by_day(
    actor: Actor, *, client_id: int, metric: str, since: date, until: date
) -> list[tuple[date, float]]:
    """What all posts of a client gained day by day; for goals that a network counts."""
    client = access.get(actor, Client.objects.all(), client_id)
    rows = (
        Daily.objects.filter(
            community__client=client, subject=Subject.PUBLICATION, metric=metric, day__range=(since, until)
        )
        .values("day")
        .annotate(total=Sum("gained"))
        .order_by("day")
    )
    return [(row["day"], row["total"]) for row in rows]


def counted_anew(
    actor: Actor, *, client_id: int, since: date, until: date
) -> list[tuple[date, Community, str]]:
    """Days (both ends included) on which a network began to count a number otherwise, oldest first: values
    before and after are of two kinds, and the step between them is in no growth. As (day, community, metric).
    """
    client = access.get(actor, Client.objects.all(), client_id)
    rows = Daily.objects.filter(community__client=client, day__range=(since, until), anew=True)
    return [
        (row.day, row.community, row.metric) for row in rows.select_related("community").order_by("day", "pk")
    ]


def published_by_day(
    actor: Actor, *, client_id: int, since: datetime, until: datetime
) -> list[tuple[date, int]]:
    """How many publications went out day by day (UTC days), removed ones left out."""
    client = access.get(actor, Client.objects.all(), client_id)
    rows = (
        Publication.objects.filter(client=client, published_at__range=(since, until))
        .exclude(sight=Publication.Sight.REMOVED)
        .values("published_at__date")
        .annotate(total=Count("id"))
        .order_by("published_at__date")
    )
    return [(row["published_at__date"], row["total"]) for row in rows]


def latest_of_communities(actor: Actor, community_ids: Iterable[int]) -> dict[int, dict[str, float]]:
    """The newest numbers of communities themselves, by community and metric."""
    visible = access.visible(actor, Community.objects.filter(pk__in=list(community_ids)))
    found: dict[int, dict[str, float]] = {}
    rows = Latest.objects.filter(subject=Subject.COMMUNITY, community_id__in=visible.values("pk"))
    for row in rows:
        found.setdefault(row.community_id, {})[row.metric] = row.value
    return found
