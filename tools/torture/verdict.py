"""The network's truth against the database's, one delivery after the other."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

MARK: Final = re.compile(r"№\d{5}\.\d{2}#")
# A wake-up that nobody took up for so long: its worker died and nobody noticed.
FORGOTTEN: Final = timedelta(seconds=60)
# Of a Truth: what must be empty.
WRONGS: Final = (
    "lost", "doubled", "denied", "mislinked", "comments_doubled", "strangers", "unexplained", "mistimed",
)  # fmt: skip
LONGEST_PAUSE: Final = timedelta(minutes=40)  # before a try, whatever went wrong before
SAME_MOMENT: Final = 90.0  # seconds between the network's word and ours for when a post came out
FOUND_WITHIN: Final = 600.0  # seconds
OUT: Final = ("published", "accepted")
ASKS: Final = ("rejected", "needs_login", "held")

_DELIVERIES: Final = """
select d.id, c.name as handle, r.content->>'text' as text, d.state, d.code, d.wake_at, d.due_at,
       p.remote_id, p.published_at, d.state_at - d.due_at > make_interval(mins => c.late_minutes) as late,
       array(select a.step || ':' || a.outcome || case when a.code = '' then '' else '(' || a.code || ')' end
             from publishing_attempt a where a.delivery_id = d.id order by a.id) as tried
from publishing_delivery d join communities_community c on c.id = d.community_id
join publishing_revision r on r.id = d.revision_id
left join publishing_publication p on p.delivery_id = d.id
"""


@dataclass(slots=True)
class Truth:
    """What the run comes to. Lists hold a line for each delivery that is not as it must be."""

    deliveries: int = 0
    out: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)  # there, and the desk says it is not
    mislinked: list[str] = field(default_factory=list)  # out, with the address of another post
    comments_doubled: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # there, and of no delivery
    unexplained: list[str] = field(default_factory=list)  # of the unknown ones
    mistimed: list[str] = field(default_factory=list)  # held, put off or dated by a clock that was wrong
    unknown: Counter[str] = field(default_factory=Counter)  # explanation -> how many
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)  # of what a person is asked to see to
    late: list[float] = field(default_factory=list)  # seconds, of what is out

    @property
    def good(self) -> bool:
        return not any(getattr(self, name) for name in WRONGS)


@dataclass(frozen=True, slots=True)
class Post:
    """A post on the network. `made`: seconds since 1970, by a clock that nobody moved."""

    id: str
    made: float


def on_the_network(path: Path) -> tuple[dict[tuple[str, str], list[Post]], list[str]]:
    """(community, mark) -> the posts there; and a line for each post whose first comment is there twice."""
    posts: dict[tuple[str, str], list[Post]] = defaultdict(list)
    db = sqlite3.connect(path)
    try:
        rows = db.execute(
            "select p.id, c.handle, p.text, p.created_at from posts p join communities c on c.id = community"
        )
        for post_id, handle, text, made in rows:
            posts[handle, marked(text)].append(Post(str(post_id), made))
        twice = db.execute("select post, count(*) from comments group by post having count(*) > 1").fetchall()
    finally:
        db.close()
    return posts, [f"post {post} has {count} first comments" for post, count in twice]


def marked(text: str) -> str:
    found = MARK.search(text)
    return found.group() if found else text


def in_the_database() -> list[dict[str, Any]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def judge(
    rows: list[dict[str, Any]],
    posts: dict[tuple[str, str], list[Post]],
    *,
    scheduled: set[int],
    cancelled: set[int],
    now: datetime | None = None,
) -> Truth:
    """`scheduled`, `cancelled`: what the desk confirmed to people, deliveries by id."""
    truth, unseen, moment = Truth(deliveries=len(rows)), dict(posts), now or datetime.now(UTC)
    known = {row["id"] for row in rows}
    truth.lost += [f"{pk}: confirmed to a person, and not in the database" for pk in scheduled - known]
    for row in rows:
        there = unseen.pop((row["handle"], marked(row["text"])), [])
        truth.states[row["state"]] += 1
        line = f"{row['id']} {row['handle']} {row['state']}({row['code']}) there={len(there)} {row['tried']}"
        if len(there) > 1:
            truth.doubled.append(line)
        _one(truth, row, there, line, moment, cancelled)
    truth.strangers = [f"{handle}: {text} {ids}" for (handle, text), ids in unseen.items()]
    return truth


def _one(
    truth: Truth, row: dict[str, Any], there: list[Post], line: str, now: datetime, cancelled: set[int]
) -> None:
    """Put one delivery into its place. What is wrong with it stands in one list or in several."""
    state, wake = row["state"], row["wake_at"]
    forgotten = wake is not None and now - wake > FORGOTTEN
    if wake is not None and wake - now > LONGEST_PAUSE:
        truth.mistimed.append(line)
    if state in ASKS:
        truth.reasons[f"{state} {row['code']}"] += 1
    if state in OUT:
        _out(truth, row, there, line, forgotten)
    elif state == "unknown":
        truth.out += bool(there)
        truth.unknown[explanation(row, bool(there))] += 1
        if forgotten or not explained(row):
            truth.unexplained.append(line)
    else:
        if there and not _admitted(row):
            truth.denied.append(line)
        if row["code"] == "too_late" and not row["late"]:
            truth.mistimed.append(line)
        if not _in_order(row, forgotten, cancelled):
            truth.lost.append(line)


def _out(truth: Truth, row: dict[str, Any], there: list[Post], line: str, forgotten: bool) -> None:
    truth.out += bool(there)
    linked = [post for post in there if post.id == row["remote_id"]]
    if not there or forgotten:
        truth.lost.append(line)
    elif not linked:
        truth.mislinked.append(line)
    else:
        truth.late.append(linked[0].made - row["due_at"].timestamp())
        # A post whose answer was lost is dated when it was found, which may be some minutes later.
        if not -SAME_MOMENT < row["published_at"].timestamp() - linked[0].made < FOUND_WITHIN:
            truth.mistimed.append(line)


def _admitted(row: dict[str, Any]) -> bool:
    """Whether the desk knows that it may be there: it is just being sent, or is looked up after a sign-in."""
    return row["state"] == "sending" or (row["state"] == "needs_login" and _in_doubt(row))


def _in_doubt(row: dict[str, Any]) -> bool:
    return any(":unknown" in one or ":open" in one for one in row["tried"])


def _in_order(row: dict[str, Any], forgotten: bool, cancelled: set[int]) -> bool:
    """Whether what is not out waits for its turn or tells a person why it does not go out."""
    state, wake = row["state"], row["wake_at"]
    if state == "cancelled":
        return row["id"] in cancelled
    if state in ASKS:
        return bool(row["code"]) and wake is None
    # queued, sending, waiting: will go on by itself, and says why it waits
    return wake is not None and not forgotten and (state != "waiting" or bool(row["code"]))


def explained(row: dict[str, Any]) -> bool:
    """A person is told why nobody knows, and there is an attempt that it is about."""
    return bool(row["code"]) and _in_doubt(row)


def explanation(row: dict[str, Any], there: bool) -> str:
    last = [one for one in row["tried"] if one.startswith("create:")][-2:]
    does = "is looked up" if row["wake_at"] is not None else "asks a person"
    return f"{row['code']} after {' '.join(last)}: {does}; the network {'has' if there else 'has not'} it"
