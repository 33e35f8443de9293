"""Six weeks of readings at once, as the collector would have taken them one by one.

The practice network tells what each counter was at any past moment. What `metrics.services.ingest` does
with one reading is done here for all in memory: growth goes to the day of the reading, the last value stays.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection

from niva.domains.metrics import posts
from niva.domains.metrics import services as metrics
from niva.domains.metrics.models import Absence, Daily, Latest, Schedule, Subject
from niva.flows.demo.cast import Place
from niva.flows.demo.hours import HISTORY, reading_moments
from niva.flows.demo.posts import Out
from niva.kit.local_time import nearest
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.practice.payloads import CONDITIONAL
from niva.networks.practice.server.store import Store
from niva.networks.registry import get_network

DEFINITION = 1
_COPY = "copy metrics_reading (subject, subject_id, community_id, metric, definition, value, at) from stdin"


@dataclass(frozen=True, slots=True)
class Taken:
    """One value of one subject. Those of a subject come oldest first."""

    subject: Subject
    subject_id: int
    place: Place
    metric: str
    value: float
    at: dt.datetime


def write(store: Store, places: Sequence[Place], outs: Sequence[Out], now: dt.datetime) -> int:
    """All readings of publications and communities up to now; returns how many."""
    until = {place.community.pk: _until(place, now) for place in places}
    taken = [one for place in places for one in _of_page(store, place, until[place.community.pk])]
    for out in outs:
        taken += _of_post(store, out, until[out.place.community.pk])
    _raw(taken)
    _latest(taken)
    _daily(taken)
    posts.make(out.publication.pk for out in outs)
    _absences(places, taken, now)
    _schedules(places, outs, until, now)
    return len(taken)


def _until(place: Place, now: dt.datetime) -> dt.datetime:
    """The last reading: just now, or when the keys were taken back."""
    return now - dt.timedelta(minutes=95) if place.told.revoked else now


def _of_post(store: Store, out: Out, until: dt.datetime) -> Iterator[Taken]:
    published, zone = out.publication.published_at, out.place.community.time_zone
    for at in reading_moments(published, zone, until):
        for metric, value in store.numbers(out.remote, at.timestamp()).items():
            yield Taken(Subject.PUBLICATION, out.publication.pk, out.place, metric, float(value), at)


def _of_page(store: Store, place: Place, until: dt.datetime) -> Iterator[Taken]:
    """Followers, posts and letters at every midnight of the history, and now."""
    zone = place.community.time_zone
    first = (until - HISTORY).astimezone(ZoneInfo(zone)).date()
    days = [nearest(first + dt.timedelta(days=n), dt.time(23, 40), zone) for n in range(HISTORY.days + 1)]
    for at in [*(day for day in days if day < until), until]:
        moment = at.timestamp()
        lives = list(store.lives(place.page, moment))
        values = {
            "followers": store.followers(place.page, moment),
            "posts": len(lives),
            "messages": sum(life.letter_count(moment) for _, life in lives),
        }
        for metric, value in values.items():
            yield Taken(Subject.COMMUNITY, place.community.pk, place, metric, float(value), at)


def _raw(taken: Iterable[Taken]) -> None:
    rows = list(taken)
    with connection.cursor() as cursor:
        for month in {one.at.strftime("%Y-%m"): one.at for one in rows}.values():
            cursor.execute("select metrics_ensure_partition(%s)", [month])
        with cursor.copy(_COPY) as copy:
            for one in rows:
                copy.write_row(
                    (one.subject.value, one.subject_id, one.place.community.pk, one.metric,
                     DEFINITION, one.value, one.at)
                )  # fmt: skip


def _latest(taken: Iterable[Taken]) -> None:
    newest = {(one.subject, one.subject_id, one.metric): one for one in taken}
    Latest.objects.bulk_create(
        Latest(
            subject=one.subject,
            subject_id=one.subject_id,
            community=one.place.community,
            metric=one.metric,
            value=one.value,
            at=one.at,
        )
        for one in newest.values()
    )


def _daily(taken: Iterable[Taken]) -> None:
    """Growth by day; a community's first value is where it stood, a post's is growth from nothing."""
    before: dict[tuple[str, int, str], float] = {}
    gained: dict[tuple[int, Subject, str, dt.date], float] = defaultdict(float)
    level: dict[tuple[int, Subject, str, dt.date], float | None] = {}
    places: dict[int, Place] = {}
    for one in taken:
        community = one.place.community
        places[community.pk] = one.place
        start = one.value if one.subject == Subject.COMMUNITY else 0.0
        key = (one.subject.value, one.subject_id, one.metric)
        day = (community.pk, one.subject, one.metric, one.at.astimezone(ZoneInfo(community.time_zone)).date())
        gained[day] += one.value - before.get(key, start)
        level[day] = one.value if one.subject == Subject.COMMUNITY else None
        before[key] = one.value
    Daily.objects.bulk_create(
        Daily(
            community=places[pk].community, subject=subject, metric=metric, day=day,
            gained=growth, level=level[pk, subject, metric, day],
        )
        for (pk, subject, metric, day), growth in gained.items()
    )  # fmt: skip


def _absences(places: Sequence[Place], taken: Iterable[Taken], now: dt.datetime) -> None:
    """What the network never told of a community, with the reason it gives."""
    told = {(one.place.community.pk, one.subject, one.metric) for one in taken}
    wanted = [(Subject.PUBLICATION, metric) for metric in POST_METRICS]
    wanted += [(Subject.COMMUNITY, metric) for metric in COMMUNITY_METRICS]
    Absence.objects.bulk_create(
        Absence(
            community=place.community,
            subject=subject,
            metric=metric,
            reason=CONDITIONAL.get(metric, "not_given"),
            seen_at=now,
        )
        for place in places
        for subject, metric in wanted
        if (place.community.pk, subject, metric) not in told
    )


def _schedules(
    places: Sequence[Place], outs: Sequence[Out], until: dict[int, dt.datetime], now: dt.datetime
) -> None:
    """What is still young is read on; the rest has told all."""
    pace = get_network("practice").manifest.pace
    rows = [
        Schedule(
            subject=Subject.COMMUNITY,
            subject_id=place.community.pk,
            community=place.community,
            last_at=until[place.community.pk],
            next_at=now + dt.timedelta(seconds=20 + 5 * number),
        )
        for number, place in enumerate(places)
    ]
    for out in outs:
        every = metrics.interval(now - out.publication.published_at, pace=pace)
        rows.append(
            Schedule(
                subject=Subject.PUBLICATION,
                subject_id=out.publication.pk,
                community=out.place.community,
                last_at=until[out.place.community.pk],
                next_at=now + every if every else None,
            )
        )
    Schedule.objects.bulk_create(rows)
