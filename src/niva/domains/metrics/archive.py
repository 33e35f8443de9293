"""Old months of raw readings: written to Parquet files, proven, taken out of the database, brought back.

A month leaves the database only after its file was read back and held the same rows. Newest values, days and
the numbers of posts stay for ever: pages need no raw readings older than a few weeks. What was reckoned from
a month stays as it was while the month is away.
"""

# ruff: noqa: S608 - names of partitions come from the catalogue, all else is constant or quoted

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from niva.domains.metrics.models import Archived
from niva.kit import duck
from niva.kit.duck import literal

LEAST_MONTHS: Final = 3
"""Fewer whole months are never kept: numbers at 28 days of age come from raw readings."""

_COLUMNS: Final = 'community_id, subject, subject_id, metric, definition, value, "at", source'
_TYPES: Final = (
    "{'community_id': 'BIGINT', 'subject': 'VARCHAR', 'subject_id': 'BIGINT', 'metric': 'VARCHAR', "
    "'definition': 'SMALLINT', 'value': 'DOUBLE', 'at': 'TIMESTAMPTZ', 'source': 'VARCHAR'}"
)
_ORDER: Final = 'community_id, subject, subject_id, metric, "at"'
_DB_FACTS: Final = (
    "select count(*), coalesce(sum(value), 0), coalesce(sum(subject_id::numeric), 0)::text, "
    "coalesce(sum((extract(epoch from at) * 1000000)::bigint::numeric), 0)::text"
)
_FILE_FACTS: Final = (
    "select count(*), coalesce(sum(value), 0), coalesce(sum(subject_id::hugeint), 0)::varchar, "
    'coalesce(sum(epoch_us("at")::hugeint), 0)::varchar'
)


class NotProven(Exception):
    """The file does not hold what the database holds, or there is none: nothing was dropped."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What two copies of the same rows have in common. `ids`, `moments`: exact sums."""

    rows: int
    total: float
    ids: str
    moments: str

    def same(self, other: Facts) -> bool:
        """Sums of fractions depend on the order of the rows, so they may differ in their last digits."""
        exact = (self.rows, self.ids, self.moments) == (other.rows, other.ids, other.moments)
        return exact and math.isclose(self.total, other.total, rel_tol=1e-9, abs_tol=1e-6)


def months() -> list[date]:
    """The months whose raw readings are in the database, oldest first (first days, UTC)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select to_date(right(c.relname, 7), 'YYYY_MM') from pg_inherits i "
            "join pg_class c on c.oid = i.inhrelid where i.inhparent = 'metrics_reading'::regclass order by 1"
        )
        return [row[0] for row in cursor.fetchall()]


def write(month: date, folder: Path) -> Archived:
    """Write the raw readings of a month to `folder`/readings-YYYY-MM.parquet, sorted by community, subject,
    metric and moment; read the file back and note it down.

    Raises NotProven when what was read back differs, LookupError when the month is not in the database,
    OSError, and Broken when DuckDB failed.
    """
    table = _partition(month)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"readings-{month:%Y-%m}.parquet"
    with tempfile.TemporaryDirectory(prefix=".readings-", dir=folder) as spill:
        plain, draft = Path(spill) / "rows.csv", Path(spill) / "rows.parquet"
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"lock table {table} in share mode")  # what is counted is what is written
            facts = _facts_of(table)
            _copy_out(table, plain)
        duck.run(
            [
                f"copy (select * from read_csv({literal(str(plain))}, header=false, columns={_TYPES}) "
                f"order by {_ORDER}) to {literal(str(draft))} (format parquet, compression zstd)"
            ],
            spill=spill,
        )
        if not facts.same(_facts_in(draft, spill)):
            raise NotProven
        digest = _digest(draft)
        draft.replace(target)
    row, _made = Archived.objects.update_or_create(
        month=month,
        defaults={"file": str(target), "rows": facts.rows, "total": facts.total, "sha256": digest,
                  "written_at": timezone.now(), "dropped_at": None},
    )  # fmt: skip
    return row


def drop(month: date) -> Archived:
    """Take a written month out of the database. Raises NotProven unless its file is there as it was written
    and holds what the database holds now, LookupError when the month is not in the database."""
    table = _partition(month)
    row = Archived.objects.filter(month=month).first()
    if row is None or not Path(row.file).is_file() or _digest(Path(row.file)) != row.sha256:
        raise NotProven
    with tempfile.TemporaryDirectory(prefix=".readings-", dir=Path(row.file).parent) as spill:
        written = _facts_in(Path(row.file), spill)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"lock table {table} in access exclusive mode")
        if not written.same(_facts_of(table)):
            raise NotProven
        cursor.execute(f"drop table {table}")
        row.dropped_at = timezone.now()
        row.save(update_fields=["dropped_at"])
    return row


def bring_back(file: Path) -> int:
    """Put the readings of a file into the database, beside what is there; returns how many were not.

    For months that were taken out: nothing is reckoned anew, newest values and days have them already.
    Readings of posts and communities that are no longer in the desk are left out. Raises OSError, and Broken
    when the file is no Parquet of readings.
    """
    with tempfile.TemporaryDirectory(prefix=".readings-", dir=file.parent) as spill:
        plain = Path(spill) / "rows.csv"
        duck.run(
            [
                f"copy (select {_COLUMNS} from read_parquet({literal(str(file))}) order by 7) "
                f"to {literal(str(plain))} (format csv, header false)"
            ],
            spill=spill,
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("create temp table came (like metrics_reading including defaults) on commit drop")
            with plain.open("rb") as lines, cursor.copy(f"copy came ({_COLUMNS}) from stdin csv") as copy:
                while piece := lines.read(1 << 18):
                    copy.write(piece)
            cursor.execute("select distinct date_trunc('month', at at time zone 'UTC')::date from came")
            found = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                "select metrics_ensure_partition(m::timestamp at time zone 'UTC') from unnest(%s::date[]) m",
                [found],
            )
            cursor.execute(
                f"insert into metrics_reading ({_COLUMNS}) select {_COLUMNS} from came where case subject "
                "when 'publication' then exists "
                "(select from publishing_publication p where p.id = subject_id) "
                "else exists (select from communities_community c where c.id = subject_id) end "
                "on conflict do nothing"
            )
            brought: int = cursor.rowcount
            cursor.execute("drop table came")
            Archived.objects.filter(month__in=found).update(dropped_at=None)
    return brought


def kept_months() -> int | None:
    """How many whole months of raw readings stay in the database beside the current one; None: all."""
    said = os.environ.get("NIVA_KEEP_READINGS_MONTHS", "").strip()
    return max(int(said), LEAST_MONTHS) if said.isdigit() and int(said) else None


def keep(folder: Path, now: datetime | None = None) -> list[date]:
    """Write and take out the months that need not stay (see `kept_months`); returns them."""
    kept = kept_months()
    if kept is None:
        return []
    oldest = (now or timezone.now()).astimezone(UTC).date().replace(day=1)
    for _ in range(kept):
        oldest = (oldest - timedelta(days=1)).replace(day=1)
    gone = [month for month in months() if month < oldest]
    for month in gone:
        write(month, folder)
        drop(month)
    return gone


def _partition(month: date) -> str:
    """The table of a month, safe to stand in SQL. Raises LookupError."""
    if month.replace(day=1) not in months():
        raise LookupError(month)
    return f"metrics_reading_{month:%Y_%m}"


def _facts_of(table: str) -> Facts:
    with connection.cursor() as cursor:
        cursor.execute(f"{_DB_FACTS} from {table}")
        return Facts(*cursor.fetchone())


def _facts_in(file: Path, spill: str) -> Facts:
    rows = duck.run([f"{_FILE_FACTS} from read_parquet({literal(str(file))})"], spill=spill)
    return Facts(*rows[0])


def _copy_out(table: str, target: Path) -> None:
    """Inside a transaction; moments in UTC, whatever the session's clock is."""
    with connection.cursor() as cursor, target.open("wb") as lines:
        cursor.execute("set local timezone = 'UTC'")
        with cursor.copy(f"copy (select {_COLUMNS} from {table}) to stdout csv") as copy:
            for piece in copy:
                lines.write(piece)


def _digest(file: Path) -> str:
    with file.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()
