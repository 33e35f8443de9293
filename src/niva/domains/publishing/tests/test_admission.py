"""Who of the claimed may go now: limits kept ahead, blocks of networks, turns one behind the other."""

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
from niva.domains.publishing.states import Outcome, State
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


async def test_what_fits_goes_and_the_rest_gets_its_turn_one_behind_the_other():
    async with desk(5) as it:
        works = await it.claim()
        go = await it.admission.admit(works)
        assert [work.id for work in go] == [work.id for work in works[:2]]
        waiting = (await it.rows())[2:]
        assert {(row.state, row.code, row.lease, row.tries) for row in waiting} == {
            (State.WAITING, "its_turn", None, 0)
        }
        gaps = [(row.wake_at - waiting[0].wake_at).total_seconds() for row in waiting]
        assert [round(gap) for gap in gaps] == [0, 30, 60]
        assert all(row.deaths == 0 for row in waiting)


async def test_another_account_is_not_held_up_and_one_with_the_same_keys_is():
    async with desk(3, 2, 2, secrets=("anna", "boris", "anna")) as it:
        go = await it.admission.admit(await it.claim(it.communities))
        assert [work.community_id for work in go] == [
            it.communities[0].pk, it.communities[0].pk, it.communities[1].pk, it.communities[1].pk,
        ]  # fmt: skip


async def test_a_refusal_puts_off_everything_of_the_account_until_it_ends():
    async with desk(3, 1) as it:
        works = await it.claim(it.communities)
        until = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
        assert await it.admission.refused(works[0], Limited("too_often", until=until)) == until
        go = await it.admission.admit(works)
        assert [work.community_id for work in go] == [it.communities[1].pk]
        waiting = [row for row in await it.rows() if row.state == State.WAITING]
        assert len(waiting) == 3 and min(row.wake_at for row in waiting) == until


async def test_what_may_be_out_already_is_never_put_off():
    """Its attempt ended without an answer: it is looked up at once, and never called unsent."""
    async with desk(1) as it:
        (row,) = await it.rows()
        await Attempt.objects.acreate(
            delivery=row, step="create", number=1, key="00000000-0000-0000-0000-000000000001",
            revision_id=row.revision_id, outcome=Outcome.UNKNOWN,
        )  # fmt: skip
        works = await it.claim()
        await it.admission.refused(works[0], Limited("too_often", until=datetime.now(UTC) + timedelta(1)))
        assert await it.admission.admit(works) == works


async def test_a_community_whose_network_is_gone_goes_on_to_be_told_so():
    async with desk(1) as it:
        works = await it.claim()

        def nothing(name):
            raise KeyError(name)

        assert await Admission(it.pool, nothing).admit(works) == works
        assert await Admission(it.pool, nothing).refused(works[0], Limited("too_often")) is None
