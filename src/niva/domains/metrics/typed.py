"""Values that people bring: typed in, or imported from a table. One a day for each number of each subject.

The same value again changes nothing; another one for the same day takes its place. They may be of any day, so
the latest value, the days' sums and the numbers of posts are reckoned anew from the raw readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from niva.domains.communities.models import Community
from niva.domains.metrics import rollups
from niva.domains.metrics.models import Reading, Source, Subject

Standing = Literal["new", "same", "changes"]
BROUGHT: Final = (Source.HAND, Source.IMPORT, Source.HISTORY)
_LOCK: Final = 0x6E756D62  # any constant: with the community's id it is a lock of its own


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
    with rollups.reckoned((community.pk, one.key[:3]) for one in changed):
        for one in changed:
            if (known := there.get(one.key)) is not None:
                Reading.objects.filter(
                    subject=known.subject, subject_id=known.subject_id, metric=known.metric, at=known.at
                ).delete()
        _write(community, changed, source, now)
    return len(changed)


def moment_of(community: Community, value: Brought, now: datetime) -> datetime:
    """The moment that stands for the day: its last minute, never later than now."""
    return min(datetime.combine(value.day, time(23, 59), tzinfo=ZoneInfo(community.time_zone)), now)


def _write(community: Community, values: Sequence[Brought], source: Source, now: datetime) -> None:
    """Counted by the definition that the reading before has."""
    moments = [moment_of(community, one, now) for one in values]
    with connection.cursor() as cursor:
        for month in {at.astimezone(UTC).strftime("%Y-%m"): at for at in moments}.values():
            cursor.execute("select metrics_ensure_partition(%s)", [month])
        cursor.executemany(
            "insert into metrics_reading "
            "(subject, subject_id, community_id, metric, definition, value, at, source) "
            "values (%(subject)s, %(id)s, %(community)s, %(metric)s, coalesce((select r.definition "
            "from metrics_reading r where r.subject = %(subject)s and r.subject_id = %(id)s "
            "and r.metric = %(metric)s and r.at <= %(at)s order by r.at desc limit 1), 1), "
            "%(value)s, %(at)s, %(source)s) "
            "on conflict (subject, subject_id, metric, at) "
            "do update set value = excluded.value, source = excluded.source",
            [
                {"subject": one.subject, "id": one.subject_id, "community": community.pk,
                 "metric": one.metric, "value": one.value, "at": at, "source": source}
                for one, at in zip(values, moments, strict=True)
            ],
        )  # fmt: skip


def _there(community: Community, values: Sequence[Brought]) -> dict[tuple[str, int, str, date], Reading]:
    """What people brought before for the same days."""
    if not values:
        return {}
    zone = ZoneInfo(community.time_zone)
    days = [one.day for one in values]
    rows = Reading.objects.filter(
        subject__in={one.subject for one in values},
        subject_id__in={one.subject_id for one in values},
        community_id=community.pk,
        source__in=BROUGHT,
        at__gte=datetime.combine(min(days), time.min, tzinfo=zone),
        at__lte=datetime.combine(max(days), time.max, tzinfo=zone),
    )
    return {(r.subject, r.subject_id, r.metric, r.at.astimezone(zone).date()): r for r in rows.order_by("at")}
