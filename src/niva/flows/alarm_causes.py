"""What the desk's own rows know of a day: candidates for why a number was out of the ordinary. Never proof.

Each is a code with plain facts; the pages put them into words. That nothing was found is said, too: a jump of
followers for which the desk knows no cause is exactly what a client should be told.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Final

from django.db.models import F, Q, Sum

from niva.domains.clients.models import Client, Cost, CostKind
from niva.domains.communities.models import Community, CommunityState
from niva.domains.metrics.models import Daily, PostNumbers, Reading, Schedule, Subject
from niva.domains.people.actor import machine
from niva.domains.publishing.models import Publication
from niva.domains.strategy.calendar import happenings
from niva.flows.alarm_series import Series

Cause = dict[str, Any]
FAR: Final = 3.0
"""A post went far when it was seen so many times oftener than its community's usual one."""
OF_POSTS: Final = 30
"""Posts before it that make the usual one."""
REACHES: Final = timedelta(days=3)
"""A post still brings people so many days after it went out."""
PURGE: Final = (10.0, 0.005)
"""A fall of followers looks like a purge when it is so many times the usual change of a day and at least this
part of all: networks take dead accounts away in one go, people leave a few a day."""
PAUSE: Final = 3.0
"""A pause in publishing is so many times longer than the usual one."""
EXPLAIN_A_RISE: Final = frozenset(
    {"far_post", "paid_post", "paid", "event", "new_definition", "late_numbers"}
)


def causes_of(client: Client, series: Series, day: date, direction: str) -> list[Cause]:
    """Candidates in the order of their likelihood; empty where the desk knows of none."""
    found: list[Cause] = []
    community = series.community
    if community is not None:
        found += _purge(series, day, direction)
        found += _definitions(community, series.word, day)
        found += _readings(community, series, day, direction)
        if direction == "up":
            found += _far_posts(community, day)
        else:
            found += _pause(community, day)
    if direction == "up":
        found += _paid(client, community, day)
    found += _events(client, day)
    return found


def _purge(series: Series, day: date, direction: str) -> list[Cause]:
    if series.word != "followers" or direction != "down" or day not in series.days:
        return []
    place = series.days.index(day)
    usual = median([abs(value) for value in series.values[max(0, place - 60) : place]] or [0.0])
    lost = -series.values[place]
    before = (
        Daily.objects.filter(
            community=series.community, subject=Subject.COMMUNITY, metric="followers", day__lt=day
        )
        .exclude(level=None).order_by("-day").values_list("level", flat=True).first()
    )  # fmt: skip
    times, part = PURGE
    if not before or lost < times * max(usual, 1.0) or lost < part * before:
        return []
    return [{"code": "purge", "lost": round(lost), "before": round(before), "usual": round(usual)}]


def _definitions(community: Community, word: str, day: date) -> list[Cause]:
    """The network counts otherwise since then: the readings of the two days bear different versions."""
    since = datetime.combine(day - timedelta(days=2), time(), UTC)
    rows = Reading.objects.filter(at__gte=since, at__lt=since + timedelta(days=4))
    if word == "followers":
        rows = rows.filter(subject=Subject.COMMUNITY, subject_id=community.pk, metric=word)
    else:
        posts = Publication.objects.filter(
            community=community, published_at__gte=since - timedelta(days=14)
        ).values_list("pk", flat=True)[:50]
        metrics = ("reach", "views") if word in ("reach", "views") else ("likes", "comments")
        rows = rows.filter(subject=Subject.PUBLICATION, subject_id__in=list(posts), metric__in=metrics)
    versions = sorted(set(rows.values_list("definition", flat=True)))
    return [{"code": "new_definition"}] if len(versions) > 1 else []


def _readings(community: Community, series: Series, day: date, direction: str) -> list[Cause]:
    """Days that were not read before it, a key that is dead, readings that fail now."""
    found: list[Cause] = []
    earlier = [one for one in series.days if one < day]
    silent = (day - earlier[-1]).days - 1 if earlier else 0
    if silent > 0:
        found.append({"code": "late_numbers" if direction == "up" else "not_read", "days": silent})
    if direction == "down" and community.state == CommunityState.NEEDS_LOGIN:
        found.append({"code": "dead_key"})
    failing = Schedule.objects.filter(community=community, failures__gt=0).exclude(code="")
    if direction == "down" and not found and failing.exists():
        found.append({"code": "readings_fail"})
    return found


def _far_posts(community: Community, day: date) -> list[Cause]:
    rows = PostNumbers.objects.filter(community=community, removed=False)
    recent = rows.filter(day__range=(day - REACHES, day)).select_related("publication__post")
    found: list[Cause] = []
    for row in recent.order_by("-day")[:20]:
        counter = "reach" if row.reach is not None else "views"
        seen = getattr(row, counter)
        if seen is None:
            continue
        others = rows.filter(published_at__lt=row.published_at, **{f"{counter}__isnull": False})
        usual = list(others.order_by("-published_at").values_list(counter, flat=True)[:OF_POSTS])
        if len(usual) >= 5 and (typical := median(usual)) > 0 and seen >= FAR * typical:
            post = row.publication.post
            found.append(
                {"code": "far_post", "post": post.pk, "name": str(post)[:80], "seen": round(seen),
                 "usual": round(typical)}
            )  # fmt: skip
        elif row.paid:
            post = row.publication.post
            found.append({"code": "paid_post", "post": post.pk, "name": str(post)[:80]})
    return found[:3]


def _pause(community: Community, day: date) -> list[Cause]:
    until = datetime.combine(day + timedelta(days=1), time(), UTC)
    out = Publication.objects.filter(community=community, published_at__lt=until)
    moments = list(out.order_by("-published_at").values_list("published_at", flat=True)[:20])
    if len(moments) < 5:
        return []
    gaps = [(late - early) / timedelta(days=1) for late, early in pairwise(moments)]
    pause = (until - moments[0]) / timedelta(days=1)
    if pause < PAUSE * max(median(gaps), 0.5):
        return []
    return [{"code": "pause", "days": round(pause)}]


def _paid(client: Client, community: Community | None, day: date) -> list[Cause]:
    """Advertising and placements that were paid in these days, the community's own or of no community."""
    rows = Cost.objects.filter(
        Q(community__isnull=True) | Q(community=community), client=client, amount__gt=0,
        kind__in=(CostKind.ADS, CostKind.PLACEMENTS), spent_on__range=(day - timedelta(days=2), day),
    )  # fmt: skip
    total = rows.aggregate(total=Sum(F("amount")))["total"]
    return [{"code": "paid", "amount": float(total), "currency": client.currency}] if total else []


def _events(client: Client, day: date) -> list[Cause]:
    found = happenings(machine(client.workspace), client, day - timedelta(days=1), day + timedelta(days=1))
    return [{"code": "event", "name": one.name, "day": one.day.isoformat()} for one in found[:2]]
