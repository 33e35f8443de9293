"""What the health page and the dead list read."""

from datetime import UTC, datetime, timedelta

from niva.kit.jobs import queries
from niva.kit.jobs.django import enqueue
from niva.kit.jobs.queries import KindLoad
from niva.kit.jobs.testing import waiting, work
from niva.kit.jobs.tests.conftest import Recorder, rows, sql
from niva.kit.jobs.types import Handler


def test_an_empty_queue_is_on_time_but_not_healthy_without_a_worker(queue):
    seen = queries.overview()
    assert (seen.due, seen.waiting, seen.running, seen.dead, seen.workers) == (0, 0, 0, 0, 0)
    assert seen.lateness == timedelta(0)
    assert not seen.healthy


def test_counts_and_the_oldest_due(queue):
    now = datetime.now(UTC)
    enqueue("a", {}, at=now - timedelta(minutes=5))
    enqueue("a", {}, at=now - timedelta(minutes=1))
    enqueue("a", {}, at=now + timedelta(minutes=1))
    enqueue("b", {})
    sql("UPDATE jobs_queue SET status = 'picked' WHERE entrypoint = 'b'")
    enqueue("b", {})
    sql("UPDATE jobs_queue SET status = 'failed' WHERE entrypoint = 'b' AND status = 'queued'")
    seen = queries.overview()
    assert (seen.due, seen.waiting, seen.running, seen.dead) == (2, 1, 1, 1)
    assert timedelta(minutes=5) <= seen.lateness < timedelta(minutes=6)
    assert queries.by_kind() == [
        KindLoad("a", due=2, waiting=1, running=0, dead=0),
        KindLoad("b", due=0, waiting=0, running=1, dead=1),
    ]


def test_a_dead_job_can_be_revived_or_discarded(queue):
    first, second = enqueue("k", {"n": 1}, key="one"), enqueue("k", {"n": 2}, key="two")
    sql("UPDATE jobs_queue SET status = 'failed', attempts = 8, headers = headers || '{\"error\": \"why\"}'")
    assert {(dead.key, dead.payload["n"], dead.error) for dead in queries.dead_list()} == {
        ("one", 1, "why"),
        ("two", 2, "why"),
    }
    assert queries.revive(first)
    assert queries.discard(second)
    assert not queries.revive(second)
    assert not queries.discard(first)
    assert rows("id, status, attempts, headers") == [(first, "queued", 0, '{"key": "one"}')]


def test_a_key_that_waits_again_is_not_revived_beside_it(queue):
    dead = enqueue("k", {}, key="one")
    sql("UPDATE jobs_queue SET status = 'failed'")
    enqueue("k", {}, key="one")
    assert not queries.revive(dead)


def test_due_jobs_are_run_to_the_end_for_a_test(queue):
    handler = Recorder()
    enqueue("k", {"n": 1})
    enqueue("k", {"n": 2}, at=datetime.now(UTC) + timedelta(days=1))
    work({"k": Handler(handler)})
    assert handler.payloads == [{"n": 1}]
    assert [job.payload for job in waiting()] == [{"n": 2}]
