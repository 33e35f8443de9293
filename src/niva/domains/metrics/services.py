"""Taking readings in: raw rows, the latest value and the day's sum in one transaction; when to read next.

Several workers may read at once: the latest row is locked while its growth is added to the day, so none is
counted twice. The work itself is one call of the database, `metrics_take` (see migrations/0006).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from niva.domains.communities.models import Community
from niva.domains.metrics import posts, rollups
from niva.domains.metrics.models import AGES, Schedule, Subject
from niva.networks.base.types import Absent, Measure, Readings

# How old a post is -> how often it is read. Views come early; a year-old post tells nothing new.
_PACE: Final = (
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(hours=6)),
    (timedelta(days=30), timedelta(days=1)),
    (timedelta(days=90), timedelta(days=7)),
)
COMMUNITY_EVERY: Final = timedelta(hours=6)
AFTER_FAILURE: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What a network told about one subject at one moment."""

    community_id: int
    subject: Subject
    subject_id: int
    readings: Readings
    at: datetime


def ingest(
    *, community: Community, subject: Subject, subject_id: int, readings: Readings, at: datetime
) -> None:
    """Take in what a network told about one subject at `at`. The same moment twice changes nothing."""
    ingest_many([Told(community.pk, subject, subject_id, readings, at)])


@transaction.atomic
def ingest_many(batch: Sequence[Told]) -> None:
    """Take in many at once, in any order; one transaction.

    Raw rows, newest values, days and the numbers of posts are right afterwards. What is older than the newest
    value of its metric goes to the day it belongs to. The same subject, metric and moment twice: the first
    stays.
    """
    values = [(told, one) for told in batch for one in told.readings if isinstance(one, Measure)]
    if values:
        _take(values)
    absent = [(told, one) for told in batch for one in told.readings if isinstance(one, Absent)]
    if absent:
        _note_absent(absent)


def _take(values: Sequence[tuple[Told, Measure]]) -> None:
    left: dict[str, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "select what, which from metrics_take(%s::bigint[], %s::text[], %s::bigint[], %s::text[], "
            "%s::int[], %s::float8[], %s::timestamptz[], %s)",
            [
                [told.community_id for told, _ in values],
                [told.subject.value for told, _ in values],
                [told.subject_id for told, _ in values],
                [one.metric for _, one in values],
                [one.definition for _, one in values],
                [one.value for _, one in values],
                [told.at for told, _ in values],
                list(AGES),
            ],
        )
        for what, which in cursor.fetchall():
            left[what].append(which)
    if left["post"]:
        posts.make(left["post"])
    if left["age"]:
        posts.refresh(left["age"])
    if left["late"]:
        _take_late([values[place - 1] for place in left["late"]])


def _take_late(values: Sequence[tuple[Told, Measure]]) -> None:
    """Older than what is known: the days between which it falls share their growth anew."""
    keys = [(told.community_id, (told.subject.value, told.subject_id, one.metric)) for told, one in values]
    with rollups.reckoned(keys), connection.cursor() as cursor:
        cursor.executemany(
            "insert into metrics_reading (subject, subject_id, community_id, metric, definition, value, at) "
            "values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            [
                (told.subject, told.subject_id, told.community_id, m.metric, m.definition, m.value, told.at)
                for told, m in values
            ],
        )


def _note_absent(absent: Sequence[tuple[Told, Absent]]) -> None:
    """With the reason; the moment is written again once an hour, not with every post of the community."""
    rows = {
        (told.community_id, told.subject.value, one.metric): (one.reason, told.at) for told, one in absent
    }
    columns = [list(column) for column in zip(*(key + rows[key] for key in sorted(rows)), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into metrics_absence as a (community_id, subject, metric, reason, seen_at) "
            "select * from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[]) "
            "on conflict (community_id, subject, metric) do update "
            "set reason = excluded.reason, seen_at = excluded.seen_at "
            "where a.reason <> excluded.reason or a.seen_at < excluded.seen_at - interval '1 hour'",
            columns,
        )


def interval(age: timedelta, *, pace: float = 1.0) -> timedelta | None:
    """How long until a post of that age is read again; None: it has told all. `pace`: see Manifest."""
    for younger_than, every in _PACE:
        if age * pace < younger_than:
            return every / pace
    return None


def watch(*, subject: Subject, subject_id: int, community_id: int, at: datetime) -> None:
    """Have a subject read from `at` on. Watching twice changes nothing."""
    Schedule.objects.get_or_create(
        subject=subject, subject_id=subject_id, defaults={"community_id": community_id, "next_at": at}
    )


def watch_many(*, subject: Subject, subjects: Sequence[tuple[int, int]], at: datetime) -> None:
    """Have many subjects of one kind, as (id, community id), read from `at` on; see `watch`."""
    Schedule.objects.bulk_create(
        [
            Schedule(subject=subject, subject_id=pk, community_id=community, next_at=at)
            for pk, community in subjects
        ],
        ignore_conflicts=True,
    )


def stop_watching(*, subject: Subject, subject_id: int, reason: str) -> None:
    """It will not be read any more (removed, or its community is gone)."""
    Schedule.objects.filter(subject=subject, subject_id=subject_id).update(next_at=None, code=reason)


def put_off(*, subject: Subject, subject_id: int, until: datetime) -> None:
    """It is not its turn yet: a limit of the network. No failure."""
    Schedule.objects.filter(subject=subject, subject_id=subject_id).update(next_at=until)


def watch_again(*, subject: Subject, subject_id: int, at: datetime) -> None:
    """What was given up is there again: read it from `at` on."""
    Schedule.objects.filter(subject=subject, subject_id=subject_id).update(next_at=at, code="", failures=0)


def was_read(*, subject: Subject, subject_id: int, at: datetime, every: timedelta | None) -> None:
    """A reading came in; the next in `every`."""
    Schedule.objects.filter(subject=subject, subject_id=subject_id).update(
        last_at=at, next_at=at + every if every else None, failures=0, code=""
    )


def was_not_read(*, subject: Subject, subject_id: int, at: datetime, code: str) -> None:
    """The network gave nothing this time: again after a pause that grows."""
    row = Schedule.objects.filter(subject=subject, subject_id=subject_id).first()
    if row is not None:
        row.failures += 1
        row.code = code[:60]
        row.next_at = at + min(AFTER_FAILURE * 2 ** min(row.failures - 1, 8), LONGEST)
        row.save(update_fields=["failures", "code", "next_at"])
