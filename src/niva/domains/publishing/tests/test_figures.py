"""Figures of the engine: what they count, and that they never read what was finished long ago."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.publishing import figures
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery
from niva.domains.publishing.services import schedule

pytestmark = pytest.mark.django_db
FINISHED = 20_000


@pytest.fixture
def delivery() -> Delivery:
    actor = make_actor(make_workspace())
    community = connect(make_community(make_client(actor.workspace)))
    later = timezone.now() + timedelta(days=1)
    return schedule.schedule(actor, post_id=make_post(community).pk, at=later).deliveries[0]


def copies(row: Delivery, count: int, **changed: str) -> None:
    """As many deliveries like this one, straight in SQL; `changed`: column → SQL over `n`."""
    names = [field.column for field in Delivery._meta.fields if field.column != "id"]
    values = [changed.get(name, "n" if name == "occurrence" else name) for name in names]
    start = Delivery.objects.count() + 1
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into publishing_delivery ({', '.join(names)}) select {', '.join(values)} "
            f"from publishing_delivery, generate_series({start}, {start + count - 1}) n where id = %s",
            [row.pk],
        )


def attempts_of_finished() -> None:
    """One done attempt for each, from long ago to now, one a minute."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into publishing_attempt (delivery_id, step, number, key, revision_id, outcome, code, "
            "detail, started_at, looks) select id, 'create', 1, gen_random_uuid(), revision_id, 'done', '', "
            "'', now() - (max(id) over () - id) * interval '1 minute', 0 "
            "from publishing_delivery where state = 'published' order by id"
        )


def plan_of(sql: str, values: object = None) -> dict:
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, buffers, format json) " + sql, values)
        return cursor.fetchone()[0][0]["Plan"]


def nodes(plan: dict) -> list[dict]:
    return [plan, *(one for child in plan.get("Plans", []) for one in nodes(child))]


def test_nothing_finished_is_read(delivery):
    copies(delivery, FINISHED, state="'published'", wake_at="null")
    copies(delivery, 300, wake_at="now() + n * interval '1 minute'")
    copies(delivery, 20, state="'rejected'", wake_at="null")
    attempts_of_finished()
    with connection.cursor() as cursor:
        cursor.execute("analyze publishing_delivery; analyze publishing_attempt")
    newest = Attempt.objects.latest("id").pk
    for name, sql, values in (
        ("DUE", figures.DUE, None),
        ("STANDING", figures.STANDING, {"grace": figures.STUCK_AFTER}),
        ("AWAKE", figures.AWAKE, None),
        ("TROUBLED", figures.TROUBLED, None),
        ("ATTEMPTS", figures.ATTEMPTS, [newest - 20]),
        ("AFTER", figures.AFTER, [newest // 2]),
    ):
        plan = plan_of(sql, values)
        big = ("publishing_delivery", "publishing_attempt")
        whole = [one for one in nodes(plan) if one["Node Type"] == "Seq Scan" and one["Relation Name"] in big]
        assert not whole, name
        # 20,000 finished deliveries fill some 500 pages; what is alive here fits into a few dozen.
        touched = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        assert touched < 350, (name, touched)
    assert figures.queue().states["queued"] == 301
    hour = figures.attempts(timezone.now() - timedelta(minutes=60.5))
    assert hour.ended == {"practice": {"done": 61}}


def test_the_hour_is_found_wherever_its_edge_lies(delivery, monkeypatch, django_assert_max_num_queries):
    now = timezone.now()
    for number, minutes in enumerate((300, 200, 90, 61, 59, 10, 0), start=1):
        Attempt.objects.create(
            delivery=delivery, step="create", number=number, key=uuid.uuid4(), outcome="temporary",
            revision=delivery.revision, started_at=now - timedelta(minutes=minutes),
        )  # fmt: skip
    for minutes, count in ((1000, 7), (250, 6), (60, 3), (5, 1)):
        since = now - timedelta(minutes=minutes)
        with django_assert_max_num_queries(8):
            found = figures.attempts(since)
        assert (found.total, found.since) == (count, since)
    monkeypatch.setattr(figures, "ATTEMPTS_AT_MOST", 2)
    newest = figures.attempts(now - timedelta(minutes=60))
    assert newest.total == 2
    assert newest.since == now - timedelta(minutes=10)


def test_no_attempt_at_all(delivery):
    since = timezone.now() - timedelta(hours=1)
    assert figures.attempts(since) == figures.Attempts(since, {})


@pytest.mark.parametrize(
    ("state", "wake", "lease", "due", "stuck"),
    [
        ("queued", -5, None, 1, 0),
        ("sending", 30, 30, 0, 0),
        ("sending", -30, -30, 1, 0),
        ("sending", -61, -61, 1, 1),
        ("unknown", -61, -61, 1, 1),
        ("sending", -61, 30, 1, 0),
        ("published", None, None, 0, 0),
    ],
)
def test_what_is_due_and_what_is_stuck(delivery, state, wake, lease, due, stuck):
    now = timezone.now()
    moment = {
        name: None if seconds is None else now + timedelta(seconds=seconds)
        for name, seconds in (("wake_at", wake), ("lease_until", lease))
    }
    Delivery.objects.filter(pk=delivery.pk).update(state=state, **moment)
    late, found_due, found_stuck = figures.standing()
    assert (found_due, found_stuck) == (due, stuck)
    assert (late > 0) == bool(due)
