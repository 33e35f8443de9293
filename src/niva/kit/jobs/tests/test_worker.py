"""A worker in this process: running, retrying, giving up, periodic jobs, stopping."""

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType

from niva.kit.jobs import queries
from niva.kit.jobs.django import cancel, enqueue, in_thread, reschedule
from niva.kit.jobs.tests.conftest import BRISK, Recorder, rows, sql, until
from niva.kit.jobs.types import GiveUp, Handler, JobContext, Payload, Periodic, RetryLater
from niva.kit.jobs.worker import Worker

NOW = timedelta(0)


def worker(queue: str, handlers: dict[str, Handler], **more) -> Worker:
    return Worker(queue, handlers, tuning=BRISK, **more)


def work(queue: str, handlers: dict[str, Handler], **more) -> None:
    """Run everything that is due."""
    asyncio.run(asyncio.wait_for(worker(queue, handlers, **more).run_until_idle(), 20))


def test_a_job_runs_once_with_its_payload_and_is_gone(queue):
    handler = Recorder()
    job = enqueue("kind", {"имя": "нива"}, key="k")
    work(queue, {"kind": Handler(handler)})
    ((context, payload),) = handler.calls
    assert payload == {"имя": "нива"}
    assert (context.id, context.kind, context.key, context.attempt) == (job, "kind", "k", 1)
    assert rows() == []


def test_a_later_job_and_a_kind_without_handler_are_left_alone(queue):
    handler = Recorder()
    enqueue("kind", {}, at=datetime.now(UTC) + timedelta(hours=1))
    enqueue("stranger", {})
    work(queue, {"kind": Handler(handler)})
    assert handler.calls == []
    assert len(rows()) == 2


def test_higher_priority_goes_first(queue):
    handler = Recorder()
    for priority in (0, 5, 1):
        enqueue("kind", {"priority": priority}, priority=priority)
    work(queue, {"kind": Handler(handler, limit=1)})
    assert [one["priority"] for one in handler.payloads] == [5, 1, 0]


def asleep() -> bool:
    """The worker has asked the database nothing for a while: it waits for a message."""
    return (
        sql(
            "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'niva-worker %%' "
            "AND datname = current_database() AND state = 'idle' AND now() - state_change > interval '0.3 s'"
        )
        == 1
    )


def test_enqueue_and_reschedule_wake_a_waiting_worker(queue):
    """With a poll of 30 s only the message can bring the job within the time limit."""
    handler = Recorder()

    async def scene() -> None:
        sleeper = Worker(queue, {"kind": Handler(handler)}, tuning=type(BRISK)(poll=30))
        running = asyncio.create_task(sleeper.run())
        await until(asleep)
        await in_thread(enqueue, "kind", {"n": 0}, at=datetime.now(UTC) + timedelta(days=1), key="k")
        await in_thread(enqueue, "kind", {"n": 1})
        await until(lambda: len(handler.calls) == 1)
        await until(asleep)
        await in_thread(reschedule, "k", datetime.now(UTC))
        await until(lambda: len(handler.calls) == 2)
        sleeper.stop()
        await running

    asyncio.run(asyncio.wait_for(scene(), 15))
    assert handler.payloads == [{"n": 1}, {"n": 0}]


def test_a_failing_job_is_tried_again_and_then_held_with_its_reason(queue):
    attempts = []

    async def fails(ctx: JobContext, payload: Payload, /) -> None:
        attempts.append((ctx.attempt, ctx.last_attempt))
        raise ConnectionError("https://api.example/?access_token=SECRET")

    enqueue("kind", {"n": 1}, key="k")
    work(queue, {"kind": Handler(fails, tries=3, first_pause=NOW)})
    assert attempts == [(1, False), (2, False), (3, True)]
    (dead,) = queries.dead_list()
    assert (dead.kind, dead.key, dead.payload, dead.tries) == ("kind", "k", {"n": 1}, 3)
    assert dead.error.startswith("ConnectionError at test_worker.py:")


def test_no_value_of_a_strange_exception_is_logged_or_stored(queue, caplog):
    caplog.set_level(logging.DEBUG)

    async def fails(ctx: JobContext, payload: Payload, /) -> None:
        try:
            raise ValueError("token=SECRET-INNER")
        except ValueError as inner:
            raise ConnectionError("token=SECRET-OUTER") from inner

    enqueue("kind", {})
    work(queue, {"kind": Handler(fails, tries=2, first_pause=NOW)})
    stored = str(rows("headers")) + str(rows("traceback", table="jobs_log"))
    shown = caplog.text
    assert "ConnectionError" in shown and "after ValueError" in shown
    assert "SECRET" not in shown.replace('raise ValueError("token=SECRET-INNER")', "").replace(
        'raise ConnectionError("token=SECRET-OUTER") from inner', ""
    )
    assert "SECRET" not in stored


def test_pauses_grow_and_are_bounded():
    handler = Handler(Recorder(), first_pause=timedelta(seconds=5), longest_pause=timedelta(minutes=10))
    seconds = [handler.pause_after(n).total_seconds() for n in range(1, 8)]
    assert seconds == [5, 15, 45, 135, 405, 600, 600]
    assert handler.pause_after(10_000) == timedelta(minutes=10)


def test_the_first_failure_waits_its_pause(queue):
    async def fails(ctx: JobContext, payload: Payload, /) -> None:
        raise KeyError

    enqueue("kind", {})
    work(queue, {"kind": Handler(fails, first_pause=timedelta(minutes=5))})
    ((status, attempts, ahead),) = rows("status, attempts, execute_after - now()")
    assert (status, attempts) == ("queued", 1)
    assert timedelta(minutes=4) < ahead < timedelta(minutes=5)


def test_retry_later_does_not_count(queue):
    async def limited(ctx: JobContext, payload: Payload, /) -> None:
        raise RetryLater(timedelta(hours=2), "the network asks to wait")

    enqueue("kind", {})
    work(queue, {"kind": Handler(limited, tries=1)})
    ((status, attempts, ahead),) = rows("status, attempts, execute_after - now()")
    assert (status, attempts) == ("queued", 0)
    assert ahead > timedelta(minutes=119)


def test_give_up_goes_to_the_dead_list_at_once_with_its_words(queue):
    async def hopeless(ctx: JobContext, payload: Payload, /) -> None:
        raise GiveUp("the community is gone")

    enqueue("kind", {})
    work(queue, {"kind": Handler(hopeless)})
    (dead,) = queries.dead_list()
    assert dead.tries == 1
    assert dead.error.endswith("the community is gone")


def test_a_try_that_takes_too_long_is_stopped_and_counts(queue):
    async def hangs(ctx: JobContext, payload: Payload, /) -> None:
        await asyncio.Event().wait()

    enqueue("kind", {})
    work(queue, {"kind": Handler(hangs, timeout=0.05, tries=2, first_pause=NOW)})
    (dead,) = queries.dead_list()
    assert dead.error == "took longer than 0.05 s"


def test_a_cancelled_running_job_is_not_retried(queue):
    async def cancelled_meanwhile(ctx: JobContext, payload: Payload, /) -> None:
        await in_thread(cancel, ctx.id)
        assert not await ctx.held()
        raise KeyError

    enqueue("kind", {})
    work(queue, {"kind": Handler(cancelled_meanwhile, first_pause=NOW)})
    assert rows() == []


def test_a_failing_job_yields_to_a_younger_one_of_its_key(queue):
    async def makes_a_successor(ctx: JobContext, payload: Payload, /) -> None:
        await in_thread(enqueue, "kind", {"n": 2}, key="k", at=datetime.now(UTC) + timedelta(hours=1))
        raise KeyError

    enqueue("kind", {"n": 1}, key="k")
    work(queue, {"kind": Handler(makes_a_successor)})
    ((body, attempts, error),) = rows("convert_from(payload, 'UTF8'), attempts, headers->>'error'")
    assert (body, attempts) == ('{"n": 2}', 1)
    assert error.startswith("KeyError")


def test_a_limit_holds_and_other_kinds_go_on(queue):
    most = {"narrow": 0, "wide": 0}
    current = {"narrow": 0, "wide": 0}

    async def counts(ctx: JobContext, payload: Payload, /) -> None:
        current[ctx.kind] += 1
        most[ctx.kind] = max(most[ctx.kind], current[ctx.kind])
        await asyncio.sleep(0.02)
        current[ctx.kind] -= 1

    for _ in range(12):
        enqueue("narrow", {})
        enqueue("wide", {})
    work(queue, {"narrow": Handler(counts, limit=2), "wide": Handler(counts)})
    assert most["narrow"] == 2
    assert most["wide"] > 2


def test_a_periodic_job_runs_once_for_two_workers_and_waits_for_its_next_moment(queue):
    handler = Recorder()
    tick = Periodic("tick", every=timedelta(days=1), payload={"p": 1})
    work(queue, {"tick": Handler(handler)}, periodic=[tick])
    ((due,),) = rows("execute_after")
    assert due == tick.next_after(datetime.now(UTC))
    sql("UPDATE jobs_queue SET execute_after = now() - interval '3 days'")

    async def two() -> None:
        pair = [worker(queue, {"tick": Handler(handler)}, periodic=[tick]) for _ in range(2)]
        running = [asyncio.create_task(one.run()) for one in pair]
        await until(lambda: len(handler.calls) == 1 and rows("status") == [("queued",)])
        for one in pair:
            one.stop()
        await asyncio.gather(*running)

    asyncio.run(asyncio.wait_for(two(), 15))
    assert handler.payloads == [{"p": 1}]
    assert rows("execute_after") == [(tick.next_after(datetime.now(UTC)),)]


def test_a_failing_periodic_job_leaves_one_dead_line_however_often_it_fails(queue):
    async def fails(ctx: JobContext, payload: Payload, /) -> None:
        raise GiveUp("no")

    tick = Periodic("tick", every=timedelta(days=1))
    for _ in range(2):
        work(queue, {"tick": Handler(fails)}, periodic=[tick])
        sql("UPDATE jobs_queue SET execute_after = now() WHERE status = 'queued'")
        work(queue, {"tick": Handler(fails)}, periodic=[tick])
    assert [status for (status,) in rows("status")].count("failed") == 1
    assert [status for (status,) in rows("status")].count("queued") == 1


def test_periodic_moments_agree_between_workers():
    every = Periodic("k", every=timedelta(minutes=15))
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    assert every.next_after(noon + timedelta(minutes=7)) == noon + quarter
    assert every.next_after(noon + quarter) == noon + 2 * quarter
    nightly = Periodic("k", cron="30 3 * * *")
    assert nightly.next_after(noon) == datetime(2026, 5, 2, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"every": timedelta(hours=1), "cron": "* * * * *"}, {"every": timedelta(0)}, {"cron": "never"}],
)
def test_a_wrong_period_is_refused_at_once(wrong):
    with pytest.raises(ValueError):
        Periodic("k", **wrong)


def test_a_periodic_job_needs_a_handler():
    with pytest.raises(ValueError, match="no handler for periodic jobs: k"):
        Worker("postgresql://", {}, periodic=[Periodic("k", every=timedelta(hours=1))])


def test_services_surround_the_work(queue):
    seen = []

    @asynccontextmanager
    async def service():
        seen.append("in")
        yield
        seen.append("out")

    async def handler(ctx: JobContext, payload: Payload, /) -> None:
        seen.append("job")

    enqueue("kind", {})
    work(queue, {"kind": Handler(handler)}, services=[service()])
    assert seen == ["in", "job", "out"]


def test_a_stop_lets_short_jobs_finish_and_hands_long_ones_back_uncounted(queue):
    finished = []

    async def scene() -> None:
        begun = {"short": asyncio.Event(), "long": asyncio.Event()}

        async def short(ctx: JobContext, payload: Payload, /) -> None:
            begun["short"].set()
            await ctx.stopping.wait()
            finished.append("short")

        async def long(ctx: JobContext, payload: Payload, /) -> None:
            begun["long"].set()
            await asyncio.Event().wait()

        stopped = worker(queue, {"short": Handler(short), "long": Handler(long)})
        running = asyncio.create_task(stopped.run())
        await begun["short"].wait()
        await begun["long"].wait()
        stopped.stop()
        await running

    enqueue("short", {})
    enqueue("long", {})
    asyncio.run(asyncio.wait_for(scene(), 15))
    assert finished == ["short"]
    assert rows("entrypoint, status, attempts") == [("long", "queued", 0)]


def test_a_handler_that_will_not_stop_does_not_lose_its_job(queue, monkeypatch):
    monkeypatch.setattr("niva.kit.jobs.worker.UNWIND_SECONDS", 0.2)

    async def scene() -> None:
        begun, never = asyncio.Event(), asyncio.Event()

        async def stubborn(ctx: JobContext, payload: Payload, /) -> None:
            begun.set()
            try:
                await never.wait()
            except asyncio.CancelledError:
                await never.wait()

        stopped = worker(queue, {"kind": Handler(stubborn)})
        running = asyncio.create_task(stopped.run())
        await begun.wait()
        stopped.stop()
        stopped.stop()
        await running

    enqueue("kind", {})
    asyncio.run(asyncio.wait_for(scene(), 15))
    assert rows() == [("queued", 0)]


def test_orm_work_runs_in_a_thread(queue):
    labels = []

    async def handler(ctx: JobContext, payload: Payload, /) -> None:
        made = await in_thread(ContentType.objects.create, app_label="made", model=payload["name"])
        labels.append(made.model)

    enqueue("kind", {"name": "in-a-thread"})
    work(queue, {"kind": Handler(handler)})
    assert labels == ["in-a-thread"]
    assert ContentType.objects.filter(app_label="made", model="in-a-thread").exists()
