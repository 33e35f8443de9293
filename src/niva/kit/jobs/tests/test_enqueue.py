"""Putting off, moving and cancelling jobs inside Django's transactions."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from niva.kit.jobs.django import cancel, dsn, enqueue, reschedule
from niva.kit.jobs.testing import WaitingJob, waiting
from niva.kit.jobs.tests.conftest import rows, sql
from niva.kit.jobs.types import CancelOutcome

pytestmark = pytest.mark.usefixtures("queue")
NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


def payloads() -> list[dict]:
    return [job.payload for job in waiting()]


def test_a_committed_job_exists_and_a_rolled_back_one_does_not():
    with transaction.atomic():
        enqueue("kind", {"n": 1})
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue("kind", {"n": 2})
        raise ZeroDivisionError
    assert payloads() == [{"n": 1}]


def test_a_savepoint_takes_its_job_with_it():
    with transaction.atomic():
        enqueue("kind", {"n": 1})
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            enqueue("kind", {"n": 2})
            raise ZeroDivisionError
    assert payloads() == [{"n": 1}]


def test_the_same_key_moves_the_waiting_job_instead_of_making_a_second():
    first = enqueue("kind", {"n": 1}, at=NOON, key="k", priority=3)
    second = enqueue("kind", {"n": 2}, at=NOON + timedelta(hours=1), key="k")
    assert first == second
    assert rows("execute_after, priority, attempts") == [(NOON + timedelta(hours=1), 0, 0)]
    assert payloads() == [{"n": 2}]


def test_a_waiting_job_can_be_looked_at_in_the_order_of_its_time():
    enqueue("b", {"n": 2}, at=NOON + timedelta(hours=1))
    enqueue("a", {"n": 1}, at=NOON, key="k")
    assert waiting()[0] == WaitingJob("a", {"n": 1}, NOON, "k")
    assert [job.kind for job in waiting()] == ["a", "b"]


def test_other_keys_and_no_key_do_not_meet():
    for key in ("a", "b", None, None):
        enqueue("kind", {}, key=key)
    assert len(rows()) == 4


def test_a_running_job_lets_a_second_of_its_key_wait():
    running = enqueue("kind", {"n": 1}, key="k")
    sql("UPDATE jobs_queue SET status = 'picked'")
    waiting = enqueue("kind", {"n": 2}, key="k")
    assert running != waiting
    assert rows("id, status") == [(running, "picked"), (waiting, "queued")]


def test_reschedule_moves_only_what_waits():
    enqueue("kind", {}, at=NOON, key="k")
    assert reschedule("k", NOON - timedelta(days=1))
    assert rows("execute_after") == [(NOON - timedelta(days=1),)]
    assert not reschedule("unknown", NOON)
    sql("UPDATE jobs_queue SET status = 'picked'")
    assert not reschedule("k", NOON)


def test_reschedule_is_undone_by_a_rollback():
    enqueue("kind", {}, at=NOON, key="k")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        reschedule("k", NOON + timedelta(days=1))
        raise ZeroDivisionError
    assert rows("execute_after") == [(NOON,)]


def test_cancel_by_id_and_by_key_removes_a_waiting_job():
    by_id = enqueue("kind", {})
    enqueue("kind", {}, key="k")
    assert cancel(by_id) is CancelOutcome.REMOVED
    assert cancel("k") is CancelOutcome.REMOVED
    assert cancel("k") is CancelOutcome.ABSENT
    assert rows() == []


def test_cancel_marks_a_running_job():
    job = enqueue("kind", {}, key="k")
    sql("UPDATE jobs_queue SET status = 'picked'")
    assert cancel(job) is CancelOutcome.RUNNING
    assert rows("status, headers->>'cancelled'") == [("picked", "true")]


@pytest.mark.parametrize("call", [lambda at: enqueue("kind", {}, at=at), lambda at: reschedule("k", at)])
def test_a_time_without_zone_is_refused(call):
    with pytest.raises(ValueError, match="time zone"):
        call(NOON.replace(tzinfo=None))


def test_a_payload_that_carries_content_is_refused():
    with pytest.raises(ValueError, match="at most"):
        enqueue("kind", {"text": "x" * 20_000})


def test_a_payload_that_is_not_json_is_refused():
    with pytest.raises(TypeError):
        enqueue("kind", {"when": NOON})


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (
            {"USER": "niva", "OPTIONS": {"host": "/run/my pg", "application_name": "niva"}},
            "postgresql://niva@/db?host=%2Frun%2Fmy%20pg",
        ),
        (
            {"USER": "u@x", "PASSWORD": "p/w:", "HOST": "db.example", "PORT": "5433"}
            | {"OPTIONS": {"sslmode": "require"}},
            "postgresql://u%40x:p%2Fw%3A@/db?host=db.example&port=5433&sslmode=require",
        ),
    ],
)
def test_the_worker_is_sent_to_the_same_database(monkeypatch, settings, url):
    blank = {"NAME": "db", "USER": "", "PASSWORD": "", "HOST": "", "PORT": "", "OPTIONS": {}}
    for name, value in (blank | settings).items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    assert dsn() == url
