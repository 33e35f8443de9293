"""Deliveries whose workers die at random places, whose network fails at random, and whose people meddle.

Whatever happens: at most one post out there, and the state tells the truth about it.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community, CommunityState
from niva.domains.people.actor import machine
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import Store, make_pool
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post, Publication
from niva.domains.publishing.services import schedule as service
from niva.domains.publishing.states import STILL_OURS, State
from niva.kit.jobs.django import dsn
from niva.networks.practice.tests.harness import open_flavoured
from niva.networks.registry import get_network

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

RUNS = 70  # for each of three kinds of network
SECONDS = 12.0  # and no longer than this for one kind
ROUNDS = 40
FAULTS = ("error_after_commit", "reset", "nonsense", "limited", "refused", "expired")
DEADLY = ("claim", "open_attempt", "close_attempt", "created", "halt", "needs_login", "finish", "looked")


class Died(BaseException):
    """The worker was killed: nothing of it runs any further."""


class DeadlyStore(Store):
    """Dies before or after any statement, by the dice."""

    def __init__(self, pool, dice: random.Random) -> None:
        super().__init__(pool)
        self.dice = dice
        self.danger = 0.0


def _deadly(name: str):
    async def call(self, *args, **kwargs):
        if self.dice.random() < self.danger:
            raise Died(f"before {name}")
        result = await getattr(Store, name)(self, *args, **kwargs)
        if self.dice.random() < self.danger:
            raise Died(f"after {name}")
        return result

    return call


for _name in DEADLY:
    setattr(DeadlyStore, _name, _deadly(_name))


class World:
    """One community of the practice network and the engine that serves it."""

    def __init__(self, harness, pool, dice: random.Random, client_id: int, community_id: int) -> None:
        self.harness, self.pool, self.dice = harness, pool, dice
        self.client_id, self.community_id = client_id, community_id
        self.ahead = timedelta(0)
        self.store = DeadlyStore(pool, dice)
        self.engine = Engine(
            self.store, harness.session, Keyring(pool, settings.TOKEN_KEYS),
            media_root=Path(settings.MEDIA_ROOT), now=lambda: timezone.now() + self.ahead,
            network_of=get_network, deadline=2.0,
        )  # fmt: skip

    def out_there(self, mark: str) -> int:
        return sum(mark in post["text"] for post in self.harness.posts())

    async def turn(self, pk: int) -> None:
        """Time passes, leases end, and one or two workers take the delivery up."""
        self.ahead += timedelta(seconds=self.dice.choice([0, 1, 40, 100]))
        await self.pool.execute(
            "update publishing_delivery set wake_at = now(), lease_until = null "
            "where id = $1 and wake_at is not null",
            pk,
        )
        workers = self.dice.choice([1, 1, 2])
        ends = await asyncio.gather(*(self._one_worker(pk) for _ in range(workers)))
        assert all(end is None or isinstance(end, int) for end in ends), ends

    async def _one_worker(self, pk: int) -> int | None:
        with suppress(Died):
            return await self.engine.deliver(pk)
        return None


def _scheduled(world_client, community_id: int, text: str) -> Delivery:
    community = Community.objects.select_related("client").get(pk=community_id)
    made = make_post(community, text=text)
    return service.schedule(machine(world_client.workspace), post_id=made.pk).deliveries[0]


def _meddle(dice: random.Random, client, pk: int) -> None:
    """A person changes the text and schedules anew, moves it, or takes it back; some of that is refused."""
    actor, delivery = machine(client.workspace), Delivery.objects.get(pk=pk)
    with suppress(Invalid):
        match dice.choice(["rewrite", "move", "cancel"]):
            case "rewrite":
                post = Post.objects.get(pk=delivery.post_id)
                Post.objects.filter(pk=post.pk).update(text=f"{post.text}!")
                service.schedule(actor, post_id=post.pk)
            case "move":
                service.reschedule(actor, delivery_id=pk, at=None)
            case "cancel":
                service.cancel(actor, delivery_id=pk)


def _decide(client, delivery: Delivery, there: int) -> None:
    actor = machine(client.workspace)
    if there:
        service.say_it_is_out(actor, delivery_id=delivery.pk, url=f"https://example.org/{delivery.pk}")
    else:
        service.say_it_is_not_out(actor, delivery_id=delivery.pk, send_again=True)


def _reconnect(community_id: int) -> None:
    Community.objects.filter(pk=community_id).update(state=CommunityState.CONNECTED)
    service.resume_after_login(community_id)


async def _one_life(world: World, client, mark: str) -> str:
    delivery = await sync_to_async(_scheduled)(client, world.community_id, f"Пост {mark}")
    world.ahead = timedelta(0)
    for number in itertools.count():
        wild = number < 8
        assert number < ROUNDS, "it never came to an end"
        world.store.danger = world.dice.choice([0.0, 0.1, 0.3]) if wild else 0.0
        if wild and world.dice.random() < 0.5:
            world.harness.fault(world.dice.choice(FAULTS))
        await world.turn(delivery.pk)
        if wild and world.dice.random() < 0.25:
            await sync_to_async(_meddle)(world.dice, client, delivery.pk)
        now = await Delivery.objects.aget(pk=delivery.pk)
        there = world.out_there(mark)
        assert there <= 1, "doubled"
        if now.state in STILL_OURS and now.state != State.NEEDS_LOGIN:
            assert there == 0, f"{now.state} ({now.code}), and yet it is out"
        if now.state in (State.ACCEPTED, State.PUBLISHED):
            assert there == 1, f"{now.state}, and yet it is not there"
        if wild:
            continue
        match now.state:
            case State.PUBLISHED:
                assert await Publication.objects.filter(delivery=now).acount() == 1
                return now.state
            case State.REJECTED | State.CANCELLED:
                assert not await Publication.objects.filter(delivery=now).aexists()
                return now.state
            case State.UNKNOWN if now.wake_at is None:
                await sync_to_async(_decide)(client, now, there)
            case State.NEEDS_LOGIN:
                await sync_to_async(_reconnect)(world.community_id)
            case _:
                assert now.wake_at is not None, f"{now.state} would never be taken up again"
    raise AssertionError


@pytest.mark.parametrize("flavour", ["keyed", "searchable", "neither"])
async def test_whatever_dies_there_is_at_most_one_post_and_the_state_is_true(flavour):
    began, ends = time.monotonic(), []
    async with open_flavoured(flavour) as harness:
        client = await sync_to_async(lambda: make_client(make_workspace()))()
        community = await sync_to_async(make_community)(client)
        secrets, facts = dict(harness.credential.secrets), dict(harness.credential.facts)
        await sync_to_async(connect)(community, secrets, facts=facts)
        pool = await make_pool(dsn())
        try:
            for seed in range(RUNS):
                if time.monotonic() - began > SECONDS:
                    break
                world = World(harness, pool, random.Random(seed), client.pk, community.pk)
                try:
                    ends.append(await _one_life(world, client, f"№{seed:04}#"))
                except AssertionError as error:
                    raise AssertionError(f"{flavour}, seed {seed}: {error}") from error
        finally:
            await pool.close()
            await sync_to_async(connections.close_all)()
    assert len(ends) >= 5, f"only {len(ends)} lives in {SECONDS:g} s"  # a busy machine lives fewer
    assert ends.count(State.PUBLISHED) > len(ends) / 4
