"""The same questions asked of DuckDB over the raw readings as sorted Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench_numbers.asks import spent

_LATEST: Final = """
select subject_id, max_by(value, "at") as value from r
where subject = 'publication' and metric = 'views' and community_id in ({ids}) group by 1
"""
_GROWTH: Final = """
select community_id, metric, cast("at" as date) as day, value - coalesce(lag(value) over (
    partition by subject_id, metric order by "at"), 0) as growth
from r where subject = 'publication' and metric in ('views', 'likes') and community_id in ({ids})
    and "at" > now() - interval '{back} days'
"""
QUESTIONS: Final = {
    "client_page": f"""
        select day, metric, sum(growth) from ({_GROWTH})
        where day > current_date - 90 group by all""",
    "heat_map": """
        select weekday(p.published_at), hour(p.published_at), count(*), sum(l.value) from posts p join (
            select r.subject_id, max_by(r.value, r."at") as value from r join posts q on q.id = r.subject_id
            where r.subject = 'publication' and r.metric = 'views' and r.community_id in ({ids})
                and r."at" <= q.published_at + interval '72 hours' group by 1
        ) l on l.subject_id = p.id where p.published_at > now() - interval '365 days' group by all""",
    "top_posts": f"""
        select p.id, l.value from posts p join ({_LATEST}) l on l.subject_id = p.id
        where p.published_at > now() - interval '90 days' order by 2 desc limit 20""",
    "month_over_month": f"""
        select community_id, metric, day > current_date - 30 as this, sum(growth) from ({_GROWTH})
        where day > current_date - 60 group by all""",
    "why_tree": f"""
        select p.community_id, p.published_at > now() - interval '30 days' as this, count(*), sum(l.value)
        from posts p join ({_LATEST}) l on l.subject_id = p.id
        where p.published_at > now() - interval '60 days' group by all""",
}


def export(folder: Path) -> dict[str, float]:
    """All months through the desk's own door, read back; returns seconds and megabytes."""
    import time

    from niva.domains.metrics import archive

    began = time.perf_counter()
    rows = [archive.write(month, folder) for month in archive.months() if _filled(month)]
    size = sum(Path(row.file).stat().st_size for row in rows)
    return {"seconds": round(time.perf_counter() - began, 1), "mb": round(size / 1e6, 1)}


def _filled(month: Any) -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"select exists (select from metrics_reading_{month:%Y_%m})")
        return bool(cursor.fetchone()[0])


def ask(folder: Path, clients: Sequence[Any], rounds: int) -> dict[str, dict[str, float]]:
    """Every question for one client after the other."""
    import duckdb

    from niva.domains.communities.models import Community
    from niva.domains.publishing.models import Publication

    connection = duckdb.connect()
    connection.execute("set threads = 2")
    files = folder / "readings-*.parquet"
    connection.execute(f"create view r as select * from read_parquet('{files}')")
    csv = folder / "posts.csv"
    with csv.open("w") as lines:
        lines.write("id,community_id,published_at\n")
        for row in Publication.objects.values_list("pk", "community_id", "published_at").iterator():
            lines.write(f"{row[0]},{row[1]},{row[2].isoformat()}\n")
    connection.execute(f"create table posts as select * from read_csv('{csv}')")
    whose = [
        ",".join(map(str, Community.objects.filter(client=one).values_list("pk", flat=True)))
        for one in clients
    ]
    found = {}
    for name, question in QUESTIONS.items():
        asked = [question.format(ids=whose[n % len(whose)], back=120) for n in range(rounds)]
        found[name] = spent([partial(_rows, connection, one) for one in asked])
    return found


def _rows(connection: Any, statement: str) -> list[Any]:
    return list(connection.execute(statement).fetchall())
