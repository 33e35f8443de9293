"""Taking readings in: raw rows, the latest value and the day's sum in one transaction; when to read next.

Several workers may read at once: the latest row is locked while its growth is added to the day, so none is
counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F

from niva.domains.communities.models import Community
from niva.domains.metrics.models import Absence, Daily, Latest, Schedule, Source, Subject
from niva.networks.base.types import Absent, Measure, Readings

DEFINITION: Final = 1  # version of the metrics' definitions, written beside every value

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


@transaction.atomic
def ingest(
    *, community: Community, subject: Subject, subject_id: int, readings: Readings, at: datetime
) -> None:
    """Take in what a network told about one subject at `at`. The same moment twice changes nothing."""
    measures = [one for one in readings if isinstance(one, Measure)]
    if measures:
        _write_raw(community.pk, subject, subject_id, measures, at)
        for measure in measures:
            _advance(community, subject, subject_id, measure, at)
        Absence.objects.filter(
            community=community, subject=subject, metric__in=[one.metric for one in measures]
        ).delete()
    for absent in (one for one in readings if isinstance(one, Absent)):
        Absence.objects.update_or_create(
            community=community,
            subject=subject,
            metric=absent.metric,
            defaults={"reason": absent.reason, "seen_at": at},
        )


def _write_raw(
    community_id: int, subject: Subject, subject_id: int, measures: Iterable[Measure], at: datetime
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select metrics_ensure_partition(%s)", [at])
        cursor.executemany(
            "insert into metrics_reading (subject, subject_id, community_id, metric, definition, value, at) "
            "values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            [(subject, subject_id, community_id, m.metric, DEFINITION, m.value, at) for m in measures],
        )


def _advance(community: Community, subject: Subject, subject_id: int, measure: Measure, at: datetime) -> None:
    """Move the latest value on and add its growth to the day. An older reading changes neither."""
    latest, fresh = Latest.objects.select_for_update().get_or_create(
        subject=subject,
        subject_id=subject_id,
        metric=measure.metric,
        defaults={"community": community, "value": measure.value, "at": at},
    )
    if not fresh and at <= latest.at:
        return
    # A post begins at nothing, so its first value is growth; a community was there before us.
    growth = measure.value if fresh else measure.value - latest.value
    if fresh and subject == Subject.COMMUNITY:
        growth = 0
    if not fresh:
        latest.value, latest.at, latest.source = measure.value, at, Source.NETWORK
        latest.save(update_fields=["value", "at", "source"])
    day = at.astimezone(ZoneInfo(community.time_zone)).date()
    level = measure.value if subject == Subject.COMMUNITY else None
    row, made = Daily.objects.select_for_update().get_or_create(
        community=community,
        subject=subject,
        metric=measure.metric,
        day=day,
        defaults={"gained": growth, "level": level},
    )
    if not made:
        Daily.objects.filter(pk=row.pk).update(gained=F("gained") + growth, level=level)


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
