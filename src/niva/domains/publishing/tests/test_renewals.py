"""Keys are renewed by one caller over all workers, and a slow network holds up nobody else meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities import keys
from niva.domains.communities.factories import connect, make_community
from niva.domains.publishing.delivery import keyring as module
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import make_pool
from niva.kit.jobs.django import dsn
from niva.networks.base.errors import LeaseLost, NeedsLogin, NetworkError, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import Credential

pytestmark = pytest.mark.django_db(transaction=True)


class SlowNetwork:
    """Gives new keys when the gate is opened; a renewal token is good for one use."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked: list[str] = []
        self.refusal: NetworkError | None = None
        self.seen = asyncio.Event()

    async def refresh(self, call: Call) -> Credential:
        await call.transport()  # in place of the look at the lease before a request
        old = call.credential.secrets["refresh_token"]
        self.asked.append(old)
        self.seen.set()
        await self.gate.wait()
        if self.refusal is not None:
            raise self.refusal
        if self.asked.count(old) > 1:
            raise NeedsLogin("token_revoked")
        secrets = {"access_token": f"{old}+a", "refresh_token": f"{old}+"}
        return replace(call.credential, secrets=secrets, expires_at=timezone.now() + timedelta(hours=1))


async def _leave() -> None:
    """The lease holds."""


async def _lost() -> None:
    raise LeaseLost("it is over")


def _call(community_id: int, leave=_leave) -> Call:
    return Call(leave, Credential({"refresh_token": f"r{community_id}"}), timezone.now)


def _communities(number: int) -> list[int]:
    client = make_client(make_workspace())
    made = [make_community(client) for _ in range(number)]
    return [connect(one, {"access_token": "a", "refresh_token": f"r{one.pk}"}).pk for one in made]


@asynccontextmanager
async def desk(communities: int, *sizes: int) -> AsyncIterator[tuple[list[int], list[asyncpg.Pool]]]:
    """So many communities, and pools of these sizes: one for each worker."""
    numbers = await sync_to_async(_communities)(communities)
    pools = [await make_pool(dsn(), size=size) for size in sizes]
    try:
        yield numbers, pools
    finally:
        for pool in pools:
            await pool.close()
        await sync_to_async(connections.close_all)()


async def test_all_who_need_the_keys_share_one_renewal_and_the_new_token_is_kept():
    async with desk(1, 2) as ([number], [pool]):
        network, ring = SlowNetwork(), Keyring(pool, settings.TOKEN_KEYS)
        waiting = [asyncio.create_task(ring.renew(number, 1, network, _call(number))) for _ in range(20)]
        await network.seen.wait()
        network.gate.set()
        assert {one.secrets["refresh_token"] for one in await asyncio.gather(*waiting)} == {f"r{number}+"}
        assert network.asked == [f"r{number}"]
        kept = await sync_to_async(keys.load)(number)
        assert kept.secrets["refresh_token"] == f"r{number}+"
        assert (await ring.renew(number, 1, network, _call(number))).secrets == kept.secrets


async def test_renewals_that_hang_leave_the_database_to_the_others():
    async with desk(6, 2) as (numbers, [pool]):
        network, ring = SlowNetwork(), Keyring(pool, settings.TOKEN_KEYS)
        hanging = [asyncio.create_task(ring.renew(one, 1, network, _call(one))) for one in numbers * 5]
        async with asyncio.timeout(20):
            while len(network.asked) < len(numbers):  # all six are with the network at once
                await network.seen.wait()
                network.seen.clear()
            assert await pool.fetchval("select 1") == 1
        network.gate.set()
        await asyncio.gather(*hanging)
        assert sorted(network.asked) == sorted(f"r{one}" for one in numbers)
        assert pool.get_idle_size() == pool.get_size()


async def test_two_workers_renew_once(monkeypatch):
    monkeypatch.setattr(module, "POLL", 0.01)
    async with desk(1, 1, 1) as ([number], pools):
        network = SlowNetwork()
        rings = [Keyring(pool, settings.TOKEN_KEYS) for pool in pools]
        waiting = [asyncio.create_task(ring.renew(number, 1, network, _call(number))) for ring in rings * 4]
        await network.seen.wait()
        network.gate.set()
        assert {one.secrets["refresh_token"] for one in await asyncio.gather(*waiting)} == {f"r{number}+"}
        assert network.asked == [f"r{number}"]


async def test_a_worker_that_waits_for_another_gives_up_for_now(monkeypatch):
    monkeypatch.setattr(module, "POLL", 0.001)
    monkeypatch.setattr(module, "MOST_POLLS", 3)
    async with desk(1, 1, 1) as ([number], pools):
        network = SlowNetwork()
        first, second = (Keyring(pool, settings.TOKEN_KEYS) for pool in pools)
        slow = asyncio.create_task(first.renew(number, 1, network, _call(number)))
        await network.seen.wait()
        with pytest.raises(Temporary):
            await second.renew(number, 1, network, _call(number))
        network.gate.set()
        await slow
        assert network.asked == [f"r{number}"]


async def test_a_refusal_is_everybodys_and_nobody_asks_again():
    async with desk(1, 1) as ([number], [pool]):
        network, ring = SlowNetwork(), Keyring(pool, settings.TOKEN_KEYS)
        network.refusal = Temporary("no_answer")
        waiting = [asyncio.create_task(ring.renew(number, 1, network, _call(number))) for _ in range(5)]
        await network.seen.wait()
        network.gate.set()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(end, Temporary) for end in ends)
        assert len(network.asked) == 1
        network.refusal = None
        network.asked.clear()
        await ring.renew(number, 1, network, _call(number))


async def test_one_who_lost_his_lease_takes_nobody_along():
    async with desk(1, 1) as ([number], [pool]):
        network, ring = SlowNetwork(), Keyring(pool, settings.TOKEN_KEYS)
        network.gate.set()
        lost = asyncio.create_task(ring.renew(number, 1, network, _call(number, _lost)))
        await asyncio.sleep(0)
        good = asyncio.create_task(ring.renew(number, 1, network, _call(number)))
        with pytest.raises(LeaseLost):
            await lost
        assert (await good).secrets["refresh_token"] == f"r{number}+"
        assert network.asked == [f"r{number}"]


async def test_keys_that_a_person_gave_meanwhile_are_not_overwritten():
    async with desk(1, 1) as ([number], [pool]):
        network, ring = SlowNetwork(), Keyring(pool, settings.TOKEN_KEYS)
        slow = asyncio.create_task(ring.renew(number, 1, network, _call(number)))
        await network.seen.wait()
        await sync_to_async(_reconnect)(number)
        network.gate.set()
        assert (await slow).secrets["refresh_token"] == "by-hand"
        assert (await sync_to_async(keys.load)(number)).secrets["refresh_token"] == "by-hand"


def _reconnect(number: int, ends: datetime | None = None) -> None:
    from niva.domains.communities.models import Community

    given = Credential({"access_token": "new", "refresh_token": "by-hand"}, expires_at=ends)
    keys.store(Community.objects.get(pk=number), given, ())


async def test_a_connection_that_breaks_amid_a_renewal_loses_no_token():
    async with desk(1, 1) as ([number], [pool]):
        network, ring = SlowNetwork(), Keyring(pool, settings.TOKEN_KEYS)
        slow = asyncio.create_task(ring.renew(number, 1, network, _call(number)))
        await network.seen.wait()
        other = await asyncpg.connect(dsn())
        await other.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = $1",
            number,
        )
        await other.close()
        network.gate.set()
        assert (await slow).secrets["refresh_token"] == f"r{number}+"
        assert (await sync_to_async(keys.load)(number)).secrets["refresh_token"] == f"r{number}+"
