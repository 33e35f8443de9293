"""The dispatcher beside the engine: what it does when its own questions fail, and whom it leaves room for."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.actor import machine
from niva.domains.publishing.delivery.dispatch import Dispatcher, Ways
from niva.domains.publishing.delivery.engine import MOST_DEATHS, Engine
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import Store, make_pool
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.kit.jobs.django import dsn
from niva.networks.base.testing import open_session
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db(transaction=True)


class Calm(Engine):
    """Carries nothing out: notes what was carried, and how many at once."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.carried: list[int] = []
        self.together: list[int] = []
        self.now_here = 0

    async def carry(self, work, asked):
        self.now_here += 1
        self.together.append(self.now_here)
        await asyncio.sleep(0.02)
        self.now_here -= 1
        self.carried.append(work.id)
        await self.store.halt(work, State.CANCELLED, code="", wake_at=None, tries=0)


@asynccontextmanager
async def desk(*posts: int, **ways):
    """One community for each number, so many posts due in it."""

    def prepare() -> None:
        client = make_client(make_workspace())
        for number in posts:
            community = connect(make_community(client))
            for _ in range(number):
                schedule.schedule(machine(client.workspace), post_id=make_post(community).pk)

    await sync_to_async(prepare)()
    pool = await make_pool(dsn())
    try:
        async with open_session() as session:
            engine = Calm(
                Store(pool), session, Keyring(pool, settings.TOKEN_KEYS), media_root=Path("/nowhere"),
                now=lambda: datetime.now(UTC), network_of=get_network,
            )  # fmt: skip
            yield Dispatcher(engine, ways=Ways(poll=0.05, **ways)), engine
    finally:
        await pool.close()
        await sync_to_async(connections.close_all)()


async def drained(dispatcher: Dispatcher) -> None:
    """Run it until nothing is due."""
    running = asyncio.create_task(dispatcher.run())
    try:
        async with asyncio.timeout(20):
            while await dispatcher.busy():  # noqa: ASYNC110 - what is waited for is in the database
                await asyncio.sleep(0.02)
    finally:
        await dispatcher.stop(5)
        await running


async def test_a_question_that_fails_gives_back_what_was_claimed(monkeypatch):
    """Not one of them has to wait for its lease to end, and none of it counts as a worker's death."""
    async with desk(3) as (dispatcher, engine):
        real, asked = engine.admission.admit, []

        async def stumbling(works):
            asked.append(len(works))
            if len(asked) == 1:
                raise ConnectionResetError
            return await real(works)

        monkeypatch.setattr(engine.admission, "admit", stumbling)
        await drained(dispatcher)
        assert len(engine.carried) == 3 and len(asked) >= 2
        assert not await Delivery.objects.filter(deaths__gt=0).aexists()


async def test_one_community_has_only_its_share_of_the_places():
    async with desk(12, 3, at_once=50, each=4) as (dispatcher, engine):
        await drained(dispatcher)
        assert len(engine.carried) == 15
        assert max(engine.together) <= 4 + 3


async def test_what_a_dead_worker_had_in_hand_runs_and_its_death_is_counted():
    async with desk(2) as (dispatcher, engine):
        over = timezone.now()
        await Delivery.objects.aupdate(
            state=State.SENDING, lease=uuid.uuid4(), lease_until=over, wake_at=over, deaths=0
        )
        seen: list[int] = []
        real = engine.carry

        async def watched(work, asked):
            seen.append(work.deaths)
            return await real(work, asked)

        engine.carry = watched
        await drained(dispatcher)
        assert seen == [1, 1]
        assert not await Delivery.objects.filter(deaths__gt=0).aexists()  # they ended, so they are cleared


async def test_those_under_which_workers_died_twice_run_alone():
    async with desk(4, 2) as (dispatcher, engine):
        ids = [pk async for pk in Delivery.objects.values_list("pk", flat=True)[:4]]
        await Delivery.objects.filter(pk__in=ids).aupdate(deaths=MOST_DEATHS - 1)
        at_work: list[list[int]] = []
        here: set[int] = set()
        real = engine.carry

        async def watched(work, asked):
            if work.deaths:
                here.add(work.id)
                at_work.append(sorted(here))
            try:
                return await real(work, asked)
            finally:
                here.discard(work.id)

        engine.carry = watched
        await drained(dispatcher)
        assert sorted(engine.carried) == sorted(
            [pk async for pk in Delivery.objects.values_list("pk", flat=True)]
        )
        assert [len(one) for one in at_work] == [1, 1, 1, 1]
