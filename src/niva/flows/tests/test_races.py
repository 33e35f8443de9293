"""A person and a worker at the same post in the same instant, hundreds of times, on a real PostgreSQL.

Whoever wins: either it is taken back (moved, held) and nothing went out, or the person is told that it is on
its way and it is out once. Never both, never neither.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import aiohttp
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.actor import Actor, machine
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import Store, make_pool
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import stop
from niva.kit.jobs.django import dsn
from niva.networks.base.types import Remote, Seen
from niva.networks.practice import NETWORK

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
RACES = 200
SPAN = 0.008  # seconds: from before the claim to after the call
AFTER = timedelta(hours=1)


class Memory:
    """The practice network with its posts in memory: `sent` counts the calls by their keys."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(NETWORK, name)

    async def perform(self, call, step, out, done):
        await asyncio.sleep(0)
        self.sent[call.key] += 1
        return {"id": call.key, "url": ""}

    def remote(self, done):
        return Remote(done["create"]["id"], "", {})

    async def read_back(self, call, remote):
        return Seen(True, "Рёбрышки к выходным", 0, "")


class Race:
    """One client, `RACES` deliveries that are due now, a worker, and a person in a thread of his own."""

    def __init__(self, engine: Engine, network: Memory, actor: Actor, client_id: int, person) -> None:
        self.engine, self.network, self.person = engine, network, person
        self.actor, self.client_id = actor, client_id
        self.late = 0.0  # seconds by which the person starts later than the worker

    async def run(self, delivery: Delivery, act: Callable[[], object], dice: random.Random) -> bool:
        """Both at random instants. Returns whether the person was obeyed (else he was told why not)."""
        await self.engine.store.pool.execute(
            "update publishing_delivery set state = 'queued', wake_at = now(), due_at = now() where id = $1",
            delivery.pk,
        )

        async def work() -> None:
            await asyncio.sleep(dice.uniform(0, SPAN) + max(0.0, -self.late))
            await self.engine.deliver(delivery.pk)

        async def meddle() -> bool:
            await asyncio.sleep(dice.uniform(0, SPAN) + max(0.0, self.late))
            try:
                await asyncio.get_running_loop().run_in_executor(self.person, act)
            except Invalid:
                return False
            return True

        _, obeyed = await asyncio.gather(work(), meddle())
        return obeyed

    def learn(self, person_first: bool) -> None:
        """Whoever won starts a little later the next time: on any machine most races are close."""
        self.late += SPAN / 8 if person_first else -SPAN / 8

    async def look(self, delivery: Delivery) -> tuple[str, int]:
        """(state, how often it was sent)"""
        fresh = await Delivery.objects.aget(pk=delivery.pk)
        keys = [
            str(key) async for key in Attempt.objects.filter(delivery=fresh).values_list("key", flat=True)
        ]
        return fresh.state, sum(self.network.sent[key] for key in set(keys))


def _due(count: int) -> tuple[Actor, list[Delivery]]:
    """Deliveries of one variant: as many occurrences of it, each put into the queue when it is its turn."""
    client = make_client(make_workspace())
    post = make_post(connect(make_community(client, late_minutes=10_000)))
    actor = machine(client.workspace)
    one = schedule.schedule(actor, post_id=post.pk, at=timezone.now() + AFTER).deliveries[0]
    rows = [
        Delivery(
            workspace_id=one.workspace_id, client_id=one.client_id, community_id=one.community_id,
            post_id=one.post_id, variant_id=one.variant_id, revision_id=one.revision_id, occurrence=n,
            due_at=one.due_at, state=State.CANCELLED,
        )
        for n in range(1, count)
    ]  # fmt: skip
    return actor, [one, *Delivery.objects.bulk_create(rows)]


async def races(act: Callable[[Race, Delivery], object], judge) -> Counter[bool]:
    """Run them all; `judge(race, delivery, obeyed)` tells whether the person was first. Returns how often."""
    actor, deliveries = await sync_to_async(_due)(RACES)
    network, dice, ends = Memory(), random.Random(20261123), Counter()
    pool = await make_pool(dsn())
    person = ThreadPoolExecutor(1)
    try:
        async with aiohttp.ClientSession() as session:
            engine = Engine(
                Store(pool), session, Keyring(pool, settings.TOKEN_KEYS),
                media_root=Path(settings.MEDIA_ROOT), now=timezone.now, network_of=lambda _: network,
            )  # fmt: skip
            race = Race(engine, network, actor, deliveries[0].client_id, person)
            for delivery in deliveries:
                obeyed = await race.run(delivery, lambda one=delivery: act(race, one), dice)
                first = await judge(race, delivery, obeyed)
                race.learn(first)
                ends[first] += 1
    finally:
        person.submit(connections.close_all).result()
        person.shutdown()
        await pool.close()
        await sync_to_async(connections.close_all)()
    return ends


def _both_happened(ends: Counter[bool]) -> None:
    assert min(ends[True], ends[False]) >= RACES / 20, f"no race at all: {ends}"


async def test_taken_back_or_on_its_way_never_both_never_neither():
    async def judge(race, delivery, obeyed):
        expected = (State.CANCELLED, 0) if obeyed else (State.PUBLISHED, 1)
        assert await race.look(delivery) == expected
        return obeyed

    def cancel(race, one):
        schedule.cancel(race.actor, delivery_id=one.pk)

    _both_happened(await races(cancel, judge))


async def test_moved_or_on_its_way_never_both_never_neither():
    async def judge(race, delivery, obeyed):
        expected = (State.QUEUED, 0) if obeyed else (State.PUBLISHED, 1)
        assert await race.look(delivery) == expected
        if obeyed:
            await race.engine.deliver(delivery.pk)  # its new hour has not come
            assert await race.look(delivery) == (State.QUEUED, 0)
            fresh = await Delivery.objects.aget(pk=delivery.pk)
            assert fresh.wake_at == fresh.due_at > timezone.now() + AFTER / 2
        return obeyed

    def move(race, one):
        schedule.reschedule(race.actor, delivery_id=one.pk, at=timezone.now() + AFTER)

    _both_happened(await races(move, judge))


async def test_stopped_before_it_left_or_out_once_and_let_go_on_it_goes_out_once():
    async def judge(race, delivery, obeyed):
        assert obeyed
        state, sent = await race.look(delivery)
        assert (state, sent) in ((State.HELD, 0), (State.PUBLISHED, 1))
        await sync_to_async(stop.go_on)(race.actor, client_id=race.client_id, past="now")
        if state == State.HELD:
            await race.engine.deliver(delivery.pk)
        assert await race.look(delivery) == (State.PUBLISHED, 1)
        return state == State.HELD

    def stop_it(race, one):
        stop.stop(race.actor, client_id=race.client_id, reason="Пожар")

    _both_happened(await races(stop_it, judge))


# People among themselves


def _at_once(*acts: Callable[[], object]) -> None:
    """All of them in threads of their own, let off together. What one of them raises is raised here."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        for future in [threads.submit(run, act) for act in acts]:
            future.result()


def test_who_schedules_while_another_stops_or_lets_go_on_sees_all_of_it_or_nothing():
    client = make_client(make_workspace())
    communities = [connect(make_community(client, name)) for name in ("practice", "vk")]
    actor = machine(client.workspace)
    for _ in range(8):
        post, moved = make_post(*communities), make_post(*communities)
        later = timezone.now() + AFTER
        ids = [one.pk for one in schedule.schedule(actor, post_id=moved.pk, at=later).deliveries]

        def write(post=post, later=later) -> None:
            schedule.schedule(actor, post_id=post.pk, at=later)

        def move(ids=ids, later=later) -> None:
            for pk in ids:
                schedule.reschedule(actor, delivery_id=pk, at=later + AFTER)

        def states(*posts) -> set[str]:
            return set(Delivery.objects.filter(post__in=posts).values_list("state", flat=True))

        _at_once(write, move, lambda: stop.stop(actor, client_id=client.pk, reason="Пожар"))
        assert states(post, moved) == {State.HELD}
        _at_once(write, move, lambda: stop.go_on(actor, client_id=client.pk, past="hold"))
        assert states(post, moved) == {State.QUEUED}
