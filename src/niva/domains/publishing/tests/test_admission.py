"""Who of the claimed may go now: limits kept ahead, and what networks said themselves."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community
from niva.domains.publishing.delivery.admission import Admission
from niva.domains.publishing.delivery.store import Store, Work, make_pool
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import Outcome
from niva.kit.jobs.django import dsn
from niva.networks.base.errors import Limited
from niva.networks.base.rates import Rate
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = Rate("calls", "account", 2, 60, 2, "", date(2026, 11, 23), post=1)  # two at once, then one in 30 s


class Desk(SimpleNamespace):
    async def claim(self, communities: list[Community] | None = None, each: int = 50) -> list[Work]:
        works = await self.store.claim_due(100, {}, each)
        names = [one.pk for one in communities or []]
        return sorted(works, key=lambda work: (names.index(work.community_id) if names else 0, work.id))

    async def rows(self) -> list[Delivery]:
        return [row async for row in Delivery.objects.order_by("id")]


@asynccontextmanager
async def desk(*posts: int, secrets: tuple[str, ...] = ()):
    """A desk with one community for each number, that many posts due in it; the network is slow."""

    def prepare() -> list[Community]:
        actor = make_actor(make_workspace())
        client = make_client(actor.workspace)
        made = []
        for place, number in enumerate(posts):
            secret = {"access_token": secrets[place] if secrets else f"key-{place}"}
            made.append(connect(make_community(client, name=f"№ {place}"), secret))
            for _ in range(number):
                schedule.schedule(actor, post_id=make_post(made[-1]).pk)
        return made

    communities = await sync_to_async(prepare)()
    real = get_network("practice")
    network = SimpleNamespace(manifest=replace(real.manifest, rates=(SLOW,)))
    pool = await make_pool(dsn())
    try:
        yield Desk(
            communities=communities, store=Store(pool), pool=pool,
            admission=Admission(pool, lambda _name: network),
        )  # fmt: skip
    finally:
        await pool.close()
        await sync_to_async(connections.close_all)()


async def test_what_fits_goes_and_the_rest_is_told_when_to_ask_again():
    async with desk(5) as it:
        before = datetime.now(UTC)
        waits = await it.admission.admit(await it.claim())
        assert sorted(waits) == [2, 3, 4]
        assert all(timedelta(seconds=20) < again - before < timedelta(seconds=40) for again in waits.values())


async def test_another_account_is_not_held_up_and_one_with_the_same_keys_is():
    async with desk(3, 2, 2, secrets=("anna", "boris", "anna")) as it:
        works = await it.claim(it.communities)
        waits = await it.admission.admit(works)
        go = [work.community_id for place, work in enumerate(works) if place not in waits]
        assert go == [it.communities[place].pk for place in (0, 0, 1, 1)]


async def test_a_refusal_holds_back_everything_of_the_account_until_it_ends():
    async with desk(3, 1) as it:
        works = await it.claim(it.communities)
        until = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
        assert await it.admission.refused(works[0], Limited("too_often", until=until)) == until
        waits = await it.admission.admit(works)
        assert waits == {0: until, 1: until, 2: until}


async def test_what_may_be_out_already_never_waits():
    """Its attempt ended without an answer: it is looked up at once."""
    async with desk(1) as it:
        (row,) = await it.rows()
        await Attempt.objects.acreate(
            delivery=row, step="create", number=1, key="00000000-0000-0000-0000-000000000001",
            revision_id=row.revision_id, outcome=Outcome.UNKNOWN,
        )  # fmt: skip
        works = await it.claim()
        await it.admission.refused(works[0], Limited("too_often", until=datetime.now(UTC) + timedelta(1)))
        assert await it.admission.admit(works) == {}


async def test_a_community_whose_network_is_gone_goes_on_to_be_told_so():
    async with desk(1) as it:
        works = await it.claim()

        def nothing(name):
            raise KeyError(name)

        assert await Admission(it.pool, nothing).admit(works) == {}
        assert await Admission(it.pool, nothing).refused(works[0], Limited("too_often")) is None
