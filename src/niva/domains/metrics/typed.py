"""Values that people bring: typed in, or imported from a table. One a day for each number of each subject.

The same value again changes nothing; another one for the same day takes its place. They may be of any day, so
the latest value and the days' sums are reckoned anew from the raw readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from niva.domains.communities.models import Community
from niva.domains.metrics.models import Latest, Reading, Source, Subject
from niva.domains.metrics.services import DEFINITION

Standing = Literal["new", "same", "changes"]
BROUGHT: Final = (Source.HAND, Source.IMPORT)
_LOCK: Final = 0x6E756D62  # any constant: with the community's id it is a lock of its own

# $days: growth from reading to reading of every subject, summed over the days of the community's own clock.
# A post begins at nothing, so its first value is growth; a community was there before us (see `services`).
_DAILY: Final = """
with growth as (
    select at, value, (at at time zone %(zone)s)::date as day,
           value - coalesce(lag(value) over each, case subject when 'publication' then 0 else value end)
               as gained
    from metrics_reading
    where subject = %(subject)s and metric = %(metric)s and subject_id = any(array(
        select subject_id from metrics_latest
        where community_id = %(community)s and subject = %(subject)s and metric = %(metric)s))
    window each as (partition by subject_id order by at)
), gone as (
    delete from metrics_daily where community_id = %(community)s and subject = %(subject)s
        and metric = %(metric)s and day >= %(since)s
)
select day, sum(gained), (array_agg(value order by at desc))[1] from growth
where day >= %(since)s group by day
"""
_WRITE_DAYS: Final = """
insert into metrics_daily (community_id, subject, metric, day, gained, level)
values (%s, %s, %s, %s, %s, %s)
on conflict (community_id, subject, metric, day)
do update set gained = excluded.gained, level = excluded.level
"""


@dataclass(frozen=True, slots=True)
class Brought:
    """One value. `day`: by the community's clock."""

    subject: Subject
    subject_id: int
    metric: str
    value: float
    day: date

    @property
    def key(self) -> tuple[str, int, str, date]:
        return (self.subject, self.subject_id, self.metric, self.day)


def standing(community: Community, values: Sequence[Brought]) -> list[Standing]:
    """What would become of each: nothing is written."""
    there = _there(community, values)
    return [_compared(there.get(one.key), one) for one in values]


def _compared(known: Reading | None, value: Brought) -> Standing:
    if known is None:
        return "new"
    return "same" if known.value == value.value else "changes"


@transaction.atomic
def bring(community: Community, values: Iterable[Brought], *, source: Source, now: datetime) -> int:
    """Write them; returns how many were new or other than before. Two at once wait for each other.

    Of several values for one day the last wins. The caller has checked who may and what the values are of.
    """
    latest_of_day = {one.key: one for one in values}
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK, community.pk % 2**31])
    there = _there(community, list(latest_of_day.values()))
    changed = [one for key, one in latest_of_day.items() if _compared(there.get(key), one) != "same"]
    for one in changed:
        if (known := there.get(one.key)) is not None:
            Reading.objects.filter(
                subject=known.subject, subject_id=known.subject_id, metric=known.metric, at=known.at
            ).delete()
        _write(community, one, source, now)
    _refresh(community, changed)
    return len(changed)


def moment_of(community: Community, value: Brought, now: datetime) -> datetime:
    """The moment that stands for the day: its last minute, never later than now."""
    return min(datetime.combine(value.day, time(23, 59), tzinfo=ZoneInfo(community.time_zone)), now)


def _write(community: Community, one: Brought, source: Source, now: datetime) -> None:
    at = moment_of(community, one, now)
    with connection.cursor() as cursor:
        cursor.execute("select metrics_ensure_partition(%s)", [at])
        cursor.execute(
            "insert into metrics_reading "
            "(subject, subject_id, community_id, metric, definition, value, at, source) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (subject, subject_id, metric, at) "
            "do update set value = excluded.value, source = excluded.source",
            [one.subject, one.subject_id, community.pk, one.metric, DEFINITION, one.value, at, source],
        )


def _there(community: Community, values: Sequence[Brought]) -> dict[tuple[str, int, str, date], Reading]:
    """What people brought before for the same days."""
    if not values:
        return {}
    zone = ZoneInfo(community.time_zone)
    days = [one.day for one in values]
    rows = Reading.objects.filter(
        subject_id__in={one.subject_id for one in values},
        community_id=community.pk,
        source__in=BROUGHT,
        at__gte=datetime.combine(min(days), time.min, tzinfo=zone),
        at__lte=datetime.combine(max(days), time.max, tzinfo=zone),
    )
    return {(r.subject, r.subject_id, r.metric, r.at.astimezone(zone).date()): r for r in rows.order_by("at")}


def _refresh(community: Community, changed: Sequence[Brought]) -> None:
    for subject, subject_id, metric in {(one.subject, one.subject_id, one.metric) for one in changed}:
        rows = Reading.objects.filter(subject=subject, subject_id=subject_id, metric=metric)
        newest = rows.order_by("-at").first()
        if newest is not None:
            Latest.objects.update_or_create(
                subject=subject, subject_id=subject_id, metric=metric,
                defaults={"community": community, "value": newest.value, "at": newest.at,
                          "source": newest.source},
            )  # fmt: skip
    for subject, metric in {(one.subject, one.metric) for one in changed}:
        since = min(one.day for one in changed if (one.subject, one.metric) == (subject, metric))
        _reckon_days(community, subject, metric, since)


def _reckon_days(community: Community, subject: str, metric: str, since: date) -> None:
    what: dict[str, Any] = {"zone": community.time_zone, "subject": subject, "metric": metric,
                            "community": community.pk, "since": since}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_DAILY, what)
        days = cursor.fetchall()
        level = subject == Subject.COMMUNITY
        cursor.executemany(
            _WRITE_DAYS,
            [
                (community.pk, subject, metric, day, gained, last if level else None)
                for day, gained, last in days
            ],
        )
