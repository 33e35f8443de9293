"""Signs of life: who beats, who fell silent, who was killed; and what a process takes of its machine."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

from niva.kit.jobs.django import dsn
from niva.kit.pulse import process, queries
from niva.kit.pulse.beat import Pulse, Sample, beating
from niva.kit.pulse.models import Beat, Minute

pytestmark = pytest.mark.django_db(transaction=True)
workers = sync_to_async(queries.workers)


@pytest.fixture(autouse=True)
async def no_connection_left():
    """The thread that asked for us keeps its connection otherwise."""
    yield
    await sync_to_async(connections.close_all)()


async def late(_connection) -> Sample:
    return Sample(12.5, 3)


async def less_late(_connection) -> Sample:
    return Sample(2.0, 9)


def pulse(**more) -> Pulse:
    return Pulse(dsn(), "1.2", **more)


async def test_a_worker_is_seen_from_its_first_beat_until_its_goodbye():
    mine = pulse(more=lambda: {"in_hand": 4.0})
    async with beating(mine):
        for _ in range(500):
            if seen := await workers():
                break
            await asyncio.sleep(0.01)
        (one,) = seen
        assert (one.host, one.pid, one.version) == (socket.gethostname(), os.getpid(), "1.2")
        assert one.figures["in_hand"] == 4
        assert one.figures["memory_bytes"] > 1_000_000
        assert abs(one.figures["clock_off"]) < 5
        assert not one.silent
    assert await workers() == []


async def test_one_that_beats_no_more_is_silent_for_an_hour_and_then_out_of_sight():
    await pulse().beat()
    await Beat.objects.aupdate(beat_at=timezone.now() - timedelta(seconds=50))
    assert [one.silent for one in await workers()] == [True]
    await Beat.objects.aupdate(beat_at=timezone.now() - timedelta(minutes=61))
    assert await workers() == []


@pytest.fixture
def dead() -> int:
    """The number of a process that is no more."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


async def test_who_was_killed_on_this_machine_is_buried_by_the_next(dead):
    here = {"host": socket.gethostname(), "version": "1"}
    living = Pulse(dsn(), "1").id
    await Beat.objects.acreate(id=Pulse(dsn(), "1").id, pid=dead, **here)
    await Beat.objects.acreate(id=Pulse(dsn(), "1").id, pid=os.getpid(), **here)
    await Beat.objects.acreate(id=living, pid=os.getppid(), **here)
    await Beat.objects.acreate(id=Pulse(dsn(), "1").id, pid=dead, host="elsewhere", version="1")
    mine = pulse()
    await mine.beat()
    left = {row.pk async for row in Beat.objects.filter(ended_at=None)}
    assert {mine.id, living} < left
    assert len(left) == 3


async def test_of_one_minute_the_worst_is_kept():
    await pulse(sample=late).beat()
    await pulse(sample=less_late).beat()
    rows = [(row.late_seconds, row.due) async for row in Minute.objects.all()]
    assert max(rows)[0] == 12.5
    assert max(due for _, due in rows) == 9
    assert len(rows) <= 2  # two when the minute ended between them


async def test_old_minutes_and_old_workers_go():
    long_ago = timezone.now() - timedelta(days=9)
    await Minute.objects.acreate(minute=long_ago, late_seconds=1, due=1)
    await Beat.objects.acreate(id=pulse().id, host="x", pid=1, version="1", beat_at=long_ago)
    await pulse().beat()
    assert not await Minute.objects.aexists()
    assert await Beat.objects.acount() == 1


async def test_a_database_that_is_away_does_not_end_the_work(monkeypatch):
    mine = Pulse("postgresql://nobody@127.0.0.1:1/none", "1", every=timedelta(0))
    tried, again = [], asyncio.Event()

    async def beat() -> None:
        tried.append(1)
        if len(tried) == 3:
            again.set()
        await Pulse.beat(mine)

    monkeypatch.setattr(mine, "beat", beat)
    async with beating(mine):
        await asyncio.wait_for(again.wait(), 10)
    assert not await Beat.objects.aexists()


def test_a_process_that_is_gone_has_no_figures(dead):
    assert process.figures_of(dead) == {}
    assert process.figures_of()["cpu_seconds"] > 0
    assert os.getpid() in process.siblings()


def test_siblings_are_the_children_of_whoever_leads():
    script = (
        "import os, sys\n"
        "from niva.kit.pulse import process\n"
        "alone = os.fork() or (print(process.siblings() == [os.getpid()], flush=True), os._exit(0))\n"
        "os.waitpid(alone, 0)\n"
        "process.lead()\n"
        "reader, writer = os.pipe()\n"
        "one = os.fork() or (os.read(reader, 1), os._exit(0))\n"
        "two = os.fork() or (print(process.siblings() == [one, os.getpid()], flush=True), os._exit(0))\n"
        "os.waitpid(two, 0)\n"
        "os.write(writer, b'x')\n"
    )
    said = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert said == "True\nTrue\n"
