"""Workers that are killed, stopped, cut off: real processes, real signals."""

import asyncio
import os
import queue as queues
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from django.db import connection

import niva
from niva.kit.jobs import queries
from niva.kit.jobs.django import enqueue, reschedule
from niva.kit.jobs.tests.conftest import rows, sql, until

pytestmark = pytest.mark.thorough

LEASE = 1.0


class Process:
    """A worker process and what it says."""

    def __init__(self, dsn: str) -> None:
        self.lines: queues.Queue[str] = queues.Queue()
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "niva.kit.jobs.tests.process_worker", dsn, str(LEASE)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(niva.__file__).parent.parent)},
        )
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        for line in self.popen.stdout or ():
            self.lines.put(line.strip())

    def says(self, line: str) -> None:
        """The next thing it says is this."""
        assert self.lines.get(timeout=15) == line

    def signal(self, number: int) -> Self:
        self.popen.send_signal(number)
        return self

    def ends(self) -> int:
        code = self.popen.wait(15)
        self.listener.join(5)
        return code


@pytest.fixture
def start(queue: str) -> Iterator:
    started: list[Process] = []

    def one() -> Process:
        started.append(Process(queue))
        return started[-1]

    yield one
    for process in started:
        process.popen.kill()
        process.popen.wait(15)


def cut_off() -> None:
    """The server ends the workers' connections, as it does when it restarts."""
    assert sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name LIKE 'niva-worker %%' AND datname = current_database()"
    )


def drained(process: Process) -> None:
    """It ends well, has said nothing more, and left nothing to do."""
    assert process.signal(signal.SIGTERM).ends() == 0
    assert process.lines.empty()
    assert rows() == []


def test_a_killed_workers_job_is_taken_over_and_counted(start):
    job = enqueue("slow", {"seconds": 0.1}, at=datetime.now(UTC) + timedelta(hours=1), key="k")
    first = start()
    reschedule("k", datetime.now(UTC))
    first.says(f"begun {job} 1")
    first.signal(signal.SIGKILL).ends()
    second = start()
    second.says(f"begun {job} 2")
    second.says(f"acted {job} 2")
    drained(second)


def test_a_job_that_kills_its_workers_ends_on_the_dead_list(start):
    job = enqueue("deadly", {})
    for attempt in (1, 2):
        victim = start()
        victim.says(f"begun {job} {attempt}")
        assert victim.ends() == -signal.SIGKILL
    survivor = start()
    asyncio.run(until(lambda: bool(queries.dead_list())))
    assert survivor.signal(signal.SIGTERM).ends() == 0
    assert survivor.lines.empty()
    (dead,) = queries.dead_list()
    assert (dead.id, dead.kind) == (job, "deadly")
    assert "its worker died 2 times" in dead.error


def test_a_stopped_worker_that_continues_does_not_act_nor_disturb_the_one_that_took_over(start):
    job = enqueue("slow", {"seconds": 0.5})
    sleeper = start()
    sleeper.says(f"begun {job} 1")
    sleeper.signal(signal.SIGSTOP)
    other = start()
    other.says(f"begun {job} 2")
    sleeper.signal(signal.SIGCONT)
    other.says(f"acted {job} 2")
    assert sleeper.signal(signal.SIGTERM).ends() == 0
    # its handler either asked and was refused, or was stopped by the next sign of life before that
    assert [*sleeper.lines.queue] in ([], [f"refrained {job} 1"])
    drained(other)


def test_a_worker_survives_the_loss_of_its_connection_and_does_what_it_could_not_prove(start):
    job = enqueue("slow", {"seconds": 0.5})
    worker = start()
    worker.says(f"begun {job} 1")
    cut_off()
    after = enqueue("quick", {})
    worker.says(f"refrained {job} 1")  # without a database the lease cannot be proved
    said = {worker.lines.get(timeout=15) for _ in range(3)}
    assert said == {f"ran {after} 1", f"begun {job} 1", f"acted {job} 1"}
    drained(worker)


def test_what_finished_without_a_database_is_written_down_later(start):
    job = enqueue("quick", {}, at=datetime.now(UTC) + timedelta(hours=1), key="k")
    busy = enqueue("blind", {"seconds": 0.5})
    worker = start()
    worker.says(f"begun {busy} 1")
    cut_off()
    worker.says(f"finished {busy} 1")
    reschedule("k", datetime.now(UTC))
    worker.says(f"ran {job} 1")
    drained(worker)


def test_a_worker_waits_for_a_database_that_is_not_there_yet(start, queue):
    name = connection.settings_dict["NAME"]
    connection.close()
    with _as_postgres() as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            worker = start()
            with pytest.raises(subprocess.TimeoutExpired):
                worker.popen.wait(1.5)
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    job = enqueue("quick", {})
    worker.says(f"ran {job} 1")
    drained(worker)


def _as_postgres():
    import psycopg

    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(
        **{name: parameters[name] for name in names if parameters.get(name)}, autocommit=True
    )


def test_sigterm_lets_the_running_job_finish(start):
    job = enqueue("slow", {"seconds": 0.5})
    worker = start()
    worker.says(f"begun {job} 1")
    worker.signal(signal.SIGTERM)
    worker.says(f"acted {job} 1")
    assert worker.ends() == 0
    assert rows() == []


def test_a_second_sigterm_hands_the_job_back_at_once(start):
    job = enqueue("slow", {"seconds": 60})
    worker = start()
    worker.says(f"begun {job} 1")
    worker.signal(signal.SIGTERM).signal(signal.SIGINT)
    assert worker.ends() == 0
    assert rows() == [("queued", 0)]
