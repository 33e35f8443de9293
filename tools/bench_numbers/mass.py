"""Readings by the million: the curve of a post's life, read at the desk's own pace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from bench_numbers.world import COUNTED

_OF_POSTS: Final = """
insert into metrics_reading (subject, subject_id, community_id, metric, definition, value, at)
select 'publication', p.id, p.community_id, m.metric, 1,
    floor(m.share * p.scale * (1 - exp(-power(a.hours / 30.0, 0.6)))),
    p.published_at + make_interval(secs => a.hours * 3600 + (p.id * 7919 + a.place * 104729) %% 200)
from (
    select p.id, p.community_id, p.published_at,
        300 + 5000 * power(((p.id * 2654435761) %% 1000) / 1000.0, 3)
            * (1 + (p.community_id %% 7)) as scale, c.network
    from publishing_publication p join communities_community c on c.id = p.community_id
    where p.published_at >= %(since)s and p.published_at < %(until)s order by p.id
) p
join bench_metric m on m.network = p.network
join bench_age a on p.published_at + make_interval(secs => a.hours * 3600 + 200) < %(now)s
"""
_OF_COMMUNITIES: Final = """
insert into metrics_reading (subject, subject_id, community_id, metric, definition, value, at)
select 'community', c.id, c.id, m.metric, 1,
    floor(m.base + m.pace * n + 30 * sin(n / 25.0) + c.id %% 900), moment
from communities_community c
cross join (values ('followers', 5000, 1.5), ('posts', 100, 0.2)) as m(metric, base, pace)
cross join (select moment, row_number() over (order by moment) as n from generate_series(
    %(since)s::timestamptz, %(until)s::timestamptz - interval '1 minute', make_interval(hours => %(hours)s)
) as moment) t
"""


def prepare(cursor: Any) -> None:
    """The ages at which posts are read, and what each network counts."""
    from niva.domains.metrics.services import interval

    ages, age = [], timedelta(minutes=10)
    while (step := interval(age)) is not None:
        ages.append(age.total_seconds() / 3600)
        age += step
    cursor.execute("create table bench_age (place int, hours float8)")
    cursor.executemany("insert into bench_age values (%s, %s)", list(enumerate(ages)))
    cursor.execute("create table bench_metric (network text, metric text, share float8)")
    cursor.executemany(
        "insert into bench_metric values (%s, %s, %s)",
        [(network, metric, share) for network, of in COUNTED.items() for metric, share in of.items()],
    )


def per_post() -> float:
    """How many readings a post has in its life, on average over the networks."""
    from niva.domains.metrics.services import interval

    moments, age = 0, timedelta(minutes=10)
    while (step := interval(age)) is not None:
        moments, age = moments + 1, age + step
    return moments * sum(len(of) for of in COUNTED.values()) / len(COUNTED)


def load(cursor: Any, since: datetime, until: datetime, now: datetime, hours: int) -> int:
    """The readings of posts that went out between the moments, and of communities every so many
    hours; returns how many."""
    rows, month = 0, since
    cursor.execute(
        "select metrics_ensure_partition(m) from generate_series("
        "%s::timestamptz - interval '40 days', %s::timestamptz + interval '100 days', interval '20 days') m",
        [since, until],
    )
    while month < until:
        after = min(month + timedelta(days=30), until)
        cursor.execute(_OF_POSTS, {"since": month, "until": after, "now": now})
        rows += cursor.rowcount
        month = after
    cursor.execute(_OF_COMMUNITIES, {"since": since, "until": until, "hours": hours})
    return rows + int(cursor.rowcount)
