"""What is reckoned from raw readings: newest values, days, numbers of posts. For all that does not come in
its order: late readings, corrections, what people bring, a whole desk anew.

In its order a reading is taken in by `metrics_take` of the database (services.ingest). Here the days are made
right by the difference between before and after, so what rests on months that were archived stays untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection, transaction

from niva.domains.metrics import posts
from niva.domains.metrics.models import Archived, Subject

Key = tuple[str, int, str]
"""Subject, its id, metric."""

_NEWEST: Final = """
update metrics_latest l set value = r.value, at = r.at, source = r.source, definition = r.definition
from unnest(%s::text[], %s::bigint[], %s::text[]) as k(subject, subject_id, metric)
cross join lateral (
    select value, at, source, definition from metrics_reading
    where subject = k.subject and subject_id = k.subject_id and metric = k.metric order by at desc limit 1
) r
where l.subject = k.subject and l.subject_id = k.subject_id and l.metric = k.metric
"""
_NOTHING: Final = """
delete from metrics_latest l
using unnest(%s::text[], %s::bigint[], %s::text[]) as k(subject, subject_id, metric)
where l.subject = k.subject and l.subject_id = k.subject_id and l.metric = k.metric and l.at = '-infinity'
"""
_DAYS: Final = """
select community_id, subject, metric, day, sum(gained), max(level), bool_or(anew)
from metrics_days(%s, %s, %s) group by community_id, subject, metric, day
"""
_WRITE_DAYS: Final = """
insert into metrics_daily as d (community_id, subject, metric, day, gained, level, anew)
select * from unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::float8[], %s::float8[], %s::bool[])
on conflict (community_id, subject, metric, day) do update set
    gained = d.gained + excluded.gained, level = coalesce(excluded.level, d.level),
    anew = d.anew or excluded.anew
"""

Day = tuple[int, str, str, date]


@dataclass(frozen=True, slots=True)
class _Sum:
    gained: float
    level: float | None
    anew: bool


_NO_SUM: Final = _Sum(0.0, None, anew=False)


@contextmanager
def reckoned(keys: Iterable[tuple[int, Key]]) -> Iterator[None]:
    """Around a change of raw readings of these (community, key): newest values, days and posts follow.

    One transaction; the newest values are locked first, so two such changes wait for each other.
    """
    given = sorted(set(keys), key=lambda one: one[1])
    if not given:
        yield
        return
    columns = [list(column) for column in zip(*(key for _community, key in given), strict=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select metrics_hold(%s, %s, %s, %s)", [[one for one, _key in given], *columns])
        before = _days(columns)
        yield
        cursor.execute(_NEWEST, columns)
        cursor.execute(_NOTHING, columns)
        _write(before, _days(columns))
        touched = sorted({pk for _community, (subject, pk, _) in given if subject == Subject.PUBLICATION})
        if touched:
            posts.refresh(touched, changed=True)


def _days(columns: Sequence[list[object]]) -> dict[Day, _Sum]:
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, columns)
        return {(row[0], row[1], row[2], row[3]): _Sum(*row[4:]) for row in cursor.fetchall()}


def _write(before: dict[Day, _Sum], after: dict[Day, _Sum]) -> None:
    rows = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key, _NO_SUM), after.get(key, _NO_SUM)
        if was != now:
            rows.append((*key, now.gained - was.gained, now.level, now.anew))
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_DAYS, [list(column) for column in zip(*rows, strict=True)])


# The whole desk anew -------------------------------------------------------------------------------------

_ALL_NEWEST: Final = """
insert into metrics_latest (subject, subject_id, community_id, metric, definition, value, at, source)
select distinct on (r.subject, r.subject_id, r.metric)
    r.subject, r.subject_id, r.community_id, r.metric, r.definition, r.value, r.at, r.source
from metrics_reading r order by r.subject desc, r.subject_id desc, r.metric desc, r.at desc
"""
_ALL_DAYS: Final = """
insert into metrics_daily (community_id, subject, metric, day, gained, level, anew)
select community_id, subject, metric, day, sum(growth),
    case when subject = 'community' then (array_agg(value order by at desc))[1] end, bool_or(otherwise)
from (
    select r.community_id, r.subject, r.metric, r.at, r.value, (r.at at time zone c.time_zone)::date as day,
        metrics_growth(case when r.source = 'history' then 'community' else r.subject end, r.value,
            r.definition, lag(r.value) over each, lag(r.definition) over each) as growth,
        coalesce(lag(r.definition) over each <> r.definition, false) as otherwise
    from metrics_reading r join communities_community c on c.id = r.community_id
    window each as (partition by r.subject, r.subject_id, r.metric order by r.at)
) each_reading
group by community_id, subject, metric, day
"""


class MonthsAreAway(Exception):
    """Raw months were archived and left the database: bring them back first."""


def rebuild(*, at_a_time: int = 2000) -> None:
    """Newest values, days and numbers of posts of the whole desk anew from the raw readings.

    For repair and for mass loads, when nothing is being read: takes the locks that keep readings out. Raises
    MonthsAreAway where the raw readings are not all there.
    """
    if Archived.objects.filter(dropped_at__isnull=False).exists():
        raise MonthsAreAway
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table metrics_latest, metrics_daily in exclusive mode")
        cursor.execute("delete from metrics_latest")
        cursor.execute("delete from metrics_daily")
        cursor.execute("set local work_mem = '256MB'")
        cursor.execute(_ALL_NEWEST)
        cursor.execute(_ALL_DAYS)
        cursor.execute("delete from metrics_postatage")
    while posts.fill(at_a_time):
        pass
    with connection.cursor() as cursor:
        cursor.execute("select publication_id from metrics_postnumbers order by 1")
        ids = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(ids), at_a_time):
        posts.refresh(ids[start : start + at_a_time])
