"""What stands beside a goal on the client's page: supporting numbers, followers, recent publications.

Each function takes a fixed number of queries, whatever the client has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client, Goal
from niva.domains.clients.progress import Row, Target, Trend, trend
from niva.domains.clients.queries import today_of
from niva.domains.communities.models import Community
from niva.domains.metrics.models import Absence, Daily, Latest, Subject
from niva.domains.metrics.queries import Numbers, post_numbers
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication
from niva.flows.goal_fact import subject_of

LOOK_BACK_DAYS = 35  # the last week and four before it


@dataclass(frozen=True, slots=True)
class Support:
    """A supporting number: the last 7 full days against the usual. `trend` None: too little to compare.

    `week` None: nothing was read; `silent`: communities whose network does not give it.
    """

    metric: str
    week: Decimal | None
    trend: Trend | None
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recent:
    """One publication with its newest numbers."""

    publication: Publication
    numbers: Numbers


def supports(goal: Goal) -> list[Support]:
    """The goal's supporting numbers, in the order that was agreed. The goal must be visible to the caller."""
    today = today_of(goal.client)
    since = today - timedelta(days=LOOK_BACK_DAYS)
    wanted = Q()
    for metric in goal.supports:
        wanted |= Q(metric=metric, subject=subject_of(metric))
    if not wanted:
        return []
    sums = (
        Daily.objects.filter(wanted, community__client_id=goal.client_id, day__gte=since)
        .values("metric", "day")
        .annotate(gained=Sum("gained"))
    )
    days: dict[str, list[Row]] = {}
    for row in sums:
        days.setdefault(row["metric"], []).append(Row(row["day"], Decimal(str(round(row["gained"], 2)))))
    silent: dict[str, list[str]] = {}
    for metric, name in Absence.objects.filter(wanted, community__client_id=goal.client_id).values_list(
        "metric", "community__name"
    ):
        silent.setdefault(metric, []).append(name)
    return [
        _support(metric, days.get(metric, []), tuple(silent.get(metric, ())), today)
        for metric in goal.supports
    ]


def _support(metric: str, rows: list[Row], silent: tuple[str, ...], today: date) -> Support:
    first = min((row.day for row in rows), default=today)
    week = [row.amount for row in rows if today - timedelta(days=7) <= row.day < today]
    compared = trend(rows, Target(Decimal(1), first, today), today) if rows else None
    return Support(metric, sum(week, Decimal(0)) if rows else None, compared, silent)


def followers_by_day(
    actor: Actor, communities: Iterable[Community], days: int = 60
) -> dict[int, list[tuple[date, float]]]:
    """The level of followers at the end of each day that was read, by community, oldest first."""
    seen = [community.pk for community in communities]
    visible = access.visible(actor, Community.objects.filter(pk__in=seen))
    since = timezone.localdate() - timedelta(days=days)
    found: dict[int, list[tuple[date, float]]] = {}
    rows = Daily.objects.filter(
        community__in=visible,
        subject=Subject.COMMUNITY,
        metric="followers",
        day__gte=since,
        level__isnull=False,
    ).order_by("day")
    for row in rows:
        found.setdefault(row.community_id, []).append((row.day, float(row.level or 0)))
    return found


def latest_followers(actor: Actor, communities: Iterable[Community]) -> dict[int, float]:
    """The newest count of followers, by community; communities without a reading are missing."""
    visible = access.visible(actor, Community.objects.filter(pk__in=[c.pk for c in communities]))
    rows = Latest.objects.filter(subject=Subject.COMMUNITY, metric="followers", community__in=visible)
    return {row.community_id: row.value for row in rows}


def recent_publications(
    actor: Actor, *, client_id: int, community_id: int | None = None, limit: int = 6
) -> list[Recent]:
    """What went out last, with the newest numbers."""
    rows = Publication.objects.filter(client_id=client_id)
    if community_id is not None:
        rows = rows.filter(community_id=community_id)
    found: Sequence[Publication] = list(
        access.visible(actor, rows)
        .select_related("post", "community")
        .order_by("-published_at", "-id")[:limit]
    )
    numbers = post_numbers(actor, [publication.pk for publication in found]) if found else {}
    return [Recent(publication, numbers.get(publication.pk, Numbers())) for publication in found]


def publication_rows(actor: Actor, goal: Goal, limit: int = 500) -> list[Publication]:
    """The posts that a goal counted by publications rests on, the newest first."""
    rows = Publication.objects.filter(
        client_id=goal.client_id,
        removed_at__isnull=True,
        published_at__date__range=(goal.starts_on, goal.deadline),
    )
    return list(
        access.visible(actor, rows).select_related("post", "community").order_by("-published_at")[:limit]
    )


def metric_rows(actor: Actor, goal: Goal, limit: int = 1000) -> list[Daily]:
    """The days and communities that a goal counted by a metric rests on, the newest first."""
    client = access.get(actor, Client.objects.all(), goal.client_id)
    rows = Daily.objects.filter(
        community__client=client,
        metric=goal.metric,
        subject=subject_of(goal.metric),
        day__range=(goal.starts_on, goal.deadline),
    )
    return list(rows.select_related("community").order_by("-day", "community__name")[:limit])
