"""Worker processes stopped, killed and cut off while a post is on its way: real ones, real signals."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.utils import timezone

import niva
from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.actor import machine
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery, Publication
from niva.domains.publishing.services import schedule as service
from niva.domains.publishing.states import State
from niva.kit.jobs.django import dsn
from niva.networks.practice.tests.harness import open_flavoured
from niva.words import DICTIONARY
from tests.crashes.process import AFTER, DEADLY, DOOR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
LEASE = 1.2
ROOT = Path(niva.__file__).parent.parent.parent


class Desk:
    """One community on the practice network, and workers to be killed."""

    def __init__(self, harness, nursery, community) -> None:
        self.harness, self.nursery, self.community = harness, nursery, community
        self.living: set[int] = set()

    async def start(self) -> int:
        self.tell(f"start {self.harness.credential.facts['api_base']}")
        pid = int((await self.says("born")).split()[1])
        self.living.add(pid)
        return pid

    def tell(self, words: str) -> None:
        self.nursery.stdin.write(f"{words}\n")
        self.nursery.stdin.flush()

    async def says(self, word: str) -> str:
        """The next thing that anybody says begins with this."""
        line = (await asyncio.wait_for(asyncio.to_thread(self.nursery.stdout.readline), 30)).strip()
        assert line.startswith(word), line
        return line

    async def ends(self, pid: int) -> int:
        self.living.discard(pid)
        self.tell(f"wait {pid}")
        return int((await self.says("died")).split()[1])

    async def lives(self, pid: int) -> bool:
        """After a moment. A deadly post ends its worker with 9."""
        await asyncio.sleep(0.05)
        self.tell(f"look {pid}")
        if (said := (await self.says("")).split()) == ["lives"]:
            return True
        self.living.discard(pid)
        assert said == ["died", "9"]
        return False

    async def end(self, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)
        assert await self.ends(pid) == 0

    @sync_to_async
    def schedule(self, text: str, community=None) -> Delivery:
        post = make_post(community or self.community, text=text)
        return service.schedule(machine(self.community.workspace), post_id=post.pk).deliveries[0]

    @sync_to_async
    def another_community(self):
        return _connected(self.harness, self.community.client)

    async def until(self, delivery: Delivery, *states: State) -> Delivery:
        for _ in range(400):
            now = await Delivery.objects.aget(pk=delivery.pk)
            if now.state in states:
                return now
            await asyncio.sleep(0.05)
        raise AssertionError(f"still {now.state} ({now.code})")


def _connected(harness, client):
    """With keys that need no renewal: two communities share them here, and a renewal spends the old ones."""
    credential, tomorrow = harness.credential, timezone.now() + timedelta(days=1)
    community = make_community(client)
    return connect(community, dict(credential.secrets), facts=dict(credential.facts), expires_at=tomorrow)


@pytest.fixture(scope="module")
def nursery(django_db_setup) -> Iterator[subprocess.Popen[str]]:
    """The process that workers are forked from; it has loaded everything."""
    environment = {**os.environ, "DATABASE_URL": dsn(), "NIVA_LOG_LEVEL": "ERROR", "NIVA_PROCESS": "killed"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crashes.process", str(LEASE)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**environment, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait(15)


@pytest.fixture
def desk(nursery) -> Callable[[str], AbstractAsyncContextManager[Desk]]:
    """`async with desk(flavour) as it`"""

    @asynccontextmanager
    async def opened(flavour: str) -> AsyncIterator[Desk]:
        async with open_flavoured(flavour) as harness:
            client = await sync_to_async(lambda: make_client(make_workspace()))()
            made = Desk(harness, nursery, await sync_to_async(_connected)(harness, client))
            try:
                yield made
            finally:
                for pid in list(made.living):
                    os.kill(pid, signal.SIGKILL)
                    await made.ends(pid)
                await sync_to_async(connections.close_all)()

    return opened


@pytest.mark.parametrize("flavour", ["keyed", "neither"])
async def test_a_worker_stopped_at_the_door_past_its_lease_does_not_send_when_it_goes_on(desk, flavour):
    """SIGSTOP between the attempt row and the call. The one who took over knows less than the sleeper: that
    nothing was sent is learned when it goes on, and nobody has to be asked any more."""
    async with desk(flavour) as it:
        delivery = await it.schedule(f"Остановлен {DOOR}")
        sleeper = await it.start()
        await it.says("door")
        os.kill(sleeper, signal.SIGSTOP)
        other = await it.start()
        if flavour == "keyed":
            await it.says("door")
            await it.until(delivery, State.PUBLISHED)
            os.kill(sleeper, signal.SIGCONT)
        else:
            assert (await it.until(delivery, State.UNKNOWN)).code == "ask_person"
            assert not it.harness.posts()
            os.kill(sleeper, signal.SIGCONT)
            await it.says("door")
            await it.until(delivery, State.PUBLISHED)
        await it.end(sleeper)
        await it.end(other)
        assert len(it.harness.posts()) == 1
        attempts = [a async for a in Attempt.objects.filter(delivery=delivery).order_by("id")]
        assert [(a.outcome, a.code) for a in attempts] == [("not_sent", "lease_lost"), ("done", "")]


async def test_a_worker_stopped_while_it_waits_for_the_answer_changes_nothing_when_it_goes_on(desk):
    async with desk("searchable") as it:
        delivery = await it.schedule(f"Остановлен {AFTER}")
        sleeper = await it.start()
        await it.says("sent")
        os.kill(sleeper, signal.SIGSTOP)
        other = await it.start()
        await it.until(delivery, State.PUBLISHED)  # it was searched for and found
        os.kill(sleeper, signal.SIGCONT)
        await it.end(sleeper)
        await it.end(other)
        assert (await Delivery.objects.aget(pk=delivery.pk)).state == State.PUBLISHED
        assert await Publication.objects.filter(delivery=delivery).acount() == len(it.harness.posts()) == 1
        assert await Attempt.objects.filter(delivery=delivery, outcome="done").acount() == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_worker_that_ends_before_it_hears_the_answer_leaves_nothing_behind(desk, number):
    """Killed: the next one searches. Asked to end: it waits for the answer first."""
    async with desk("searchable") as it:
        delivery = await it.schedule(f"Конец {AFTER}")
        worker = await it.start()
        await it.says("sent")
        os.kill(worker, number)
        assert await it.ends(worker) == (-number if number == signal.SIGKILL else 0)
        if number == signal.SIGKILL:
            other = await it.start()
            await it.until(delivery, State.PUBLISHED)
            await it.end(other)
        assert (await Delivery.objects.aget(pk=delivery.pk)).state == State.PUBLISHED
        assert len(it.harness.posts()) == 1


async def test_a_database_that_restarts_between_the_call_and_the_answer_does_not_make_it_unknown(desk):
    async with desk("neither") as it:
        delivery = await it.schedule(f"База {AFTER}")
        worker = await it.start()
        await it.says("sent")
        await sync_to_async(_restart_of_the_database)()
        assert (await it.until(delivery, State.PUBLISHED)).code == ""
        await it.end(worker)
        outcomes = [a.outcome async for a in Attempt.objects.filter(delivery=delivery)]
        assert outcomes == ["done"] and len(it.harness.posts()) == 1


def _restart_of_the_database() -> None:
    """For a worker the same: every connection breaks, none can be had for a moment, then they can."""
    import time

    name = connection.settings_dict["NAME"]
    connections.close_all()
    with _as_postgres() as admin:
        admin.execute(f'alter database "{name}" allow_connections false')
        try:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = %s and application_name <> %s",
                [name, connection.settings_dict["OPTIONS"]["application_name"]],
            )
            time.sleep(0.8)  # longer than the worker hesitates, so that its answer finds no database
        finally:
            admin.execute(f'alter database "{name}" allow_connections true')


def _as_postgres():
    import psycopg

    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(
        **{name: parameters[name] for name in names if parameters.get(name)}, autocommit=True
    )


async def test_a_post_that_kills_every_worker_is_put_aside_and_the_others_go_out(desk):
    """Before any attempt row is written, so that only the leases tell how often."""
    async with desk("keyed") as it:
        deadly = await it.schedule(f"Яд {DEADLY}")
        beside = [await it.schedule(f"Рядом {n}") for n in range(3)]
        elsewhere = [await it.schedule(f"В другом {n}", await it.another_community()) for n in range(2)]
        deaths = 0
        worker = await it.start()
        for _ in range(400):
            now = await Delivery.objects.aget(pk=deadly.pk)
            if now.state == State.REJECTED:
                break
            if not await it.lives(worker):
                deaths += 1
                assert deaths <= 4, "it kills for ever"
                worker = await it.start()
        for one in (*beside, *elsewhere):
            await it.until(one, State.PUBLISHED)
        await it.end(worker)
        now = await Delivery.objects.aget(pk=deadly.pk)
        assert (now.state, now.code, now.wake_at, now.lease) == (State.REJECTED, "poison", None, None)
        assert not await Attempt.objects.filter(delivery=deadly).aexists()
        assert 1 <= deaths <= 3
        assert len(it.harness.posts()) == 5
        assert "poison" in DICTIONARY
