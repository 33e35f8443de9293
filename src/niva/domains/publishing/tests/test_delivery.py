"""The engine against the practice network's real server: every unclear end comes to exactly one post."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.actor import machine
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.content import to_outgoing
from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import Store, make_pool
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery, Publication
from niva.domains.publishing.services import schedule as service
from niva.domains.publishing.states import State
from niva.kit.jobs.django import dsn
from niva.networks.practice.tests.harness import open_flavoured
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db(transaction=True)


class Stage:
    """One scheduled post, the network it goes to, and an engine whose clock can be moved."""

    def __init__(self, harness, engine: Engine, delivery: Delivery, pool) -> None:
        self.harness, self.engine, self.delivery, self.pool = harness, engine, delivery, pool
        self.ahead = timedelta(0)

    def now(self):
        return timezone.now() + self.ahead

    async def run(self) -> Delivery:
        """Let a worker take it up, as if its wake-up time had come."""
        await self.pool.execute(
            "update publishing_delivery set wake_at = now(), lease_until = null "
            "where id = $1 and wake_at is not null",
            self.delivery.pk,
        )
        await self.engine.deliver(self.delivery.pk)
        return await self.fresh()

    async def fresh(self) -> Delivery:
        return await Delivery.objects.select_related("publication").aget(pk=self.delivery.pk)

    def posts(self):
        return self.harness.posts()


@asynccontextmanager
async def stage(flavour: str = "keyed", *, text: str = "Рёбрышки к выходным", **post):
    async with open_flavoured(flavour) as harness:
        delivery = await sync_to_async(_scheduled)(harness, text, post)
        pool = await make_pool(dsn())
        try:
            store = Store(pool)
            engine = Engine(
                store, harness.session, Keyring(pool, settings.TOKEN_KEYS),
                media_root=Path(settings.MEDIA_ROOT),
                now=lambda: made.now(), network_of=get_network, deadline=2.0,
            )  # fmt: skip
            made = Stage(harness, engine, delivery, pool)
            yield made
        finally:
            await pool.close()
            await sync_to_async(connections.close_all)()


def _scheduled(harness, text, post) -> Delivery:
    client = make_client(make_workspace())
    community = make_community(client)
    connect(community, dict(harness.credential.secrets), facts=dict(harness.credential.facts))
    made = make_post(community, text=text, **post)
    result = service.schedule(machine(client.workspace), post_id=made.pk)
    assert not result.behind, result.behind
    return result.deliveries[0]


async def test_a_post_goes_out_once_and_is_seen_there():
    async with stage(first_comment="Заказ по ссылке") as it:
        delivery = await it.run()
        assert delivery.state == State.PUBLISHED
        assert delivery.publication.sight == Publication.Sight.ALIVE
        assert delivery.publication.url.startswith("http")
        assert [post["text"] for post in it.posts()] == ["Рёбрышки к выходным"]
        outcomes = [(a.step, a.outcome) async for a in Attempt.objects.filter(delivery=delivery)]
        assert outcomes == [("create", "done"), ("comment", "done")]


async def test_a_second_run_of_a_published_delivery_does_nothing():
    async with stage() as it:
        await it.run()
        assert await it.engine.deliver(it.delivery.pk) is None
        assert len(it.posts()) == 1


async def test_two_workers_at_once_make_one_post():
    async with stage() as it:
        await asyncio.gather(*(it.engine.deliver(it.delivery.pk) for _ in range(8)))
        assert len(it.posts()) == 1
        assert await Attempt.objects.filter(delivery=it.delivery).acount() == 1


@pytest.mark.parametrize("fault", ["accepted_then_timeout", "error_after_commit", "reset"])
async def test_accepted_but_unanswered_with_an_own_key_is_repeated_with_that_key(fault):
    async with stage("keyed") as it:
        it.harness.fault(fault)
        delivery = await it.run()
        assert delivery.state == State.UNKNOWN
        delivery = await it.run()
        assert delivery.state == State.PUBLISHED
        assert len(it.posts()) == 1
        keys = {a.key async for a in Attempt.objects.filter(delivery=delivery, step="create")}
        assert len(keys) == 1


@pytest.mark.parametrize("fault", ["error_after_commit", "reset"])
async def test_accepted_but_unanswered_is_found_by_searching(fault):
    async with stage("searchable") as it:
        it.harness.fault(fault)
        delivery = await it.run()
        assert delivery.state == State.UNKNOWN
        delivery = await it.run()
        assert delivery.state == State.PUBLISHED
        assert len(it.posts()) == 1
        assert await Attempt.objects.filter(delivery=delivery, step="create").acount() == 1


async def test_not_found_is_believed_only_after_a_while_and_then_sent_once():
    async with stage("searchable") as it:
        it.harness.fault("error_after_commit")
        await it.run()
        it.harness.fault("forgotten")  # as if it had never been carried out
        assert not it.posts()
        assert (await it.run()).state == State.UNKNOWN
        assert not it.posts()
        it.ahead = timedelta(minutes=3)
        delivery = await it.run()
        assert delivery.state == State.PUBLISHED
        assert len(it.posts()) == 1


async def test_where_nobody_can_tell_a_person_is_asked_and_nothing_is_sent():
    async with stage("neither") as it:
        it.harness.fault("reset")
        delivery = await it.run()
        assert (delivery.state, delivery.wake_at) == (State.UNKNOWN, None)
        it.ahead = timedelta(hours=5)
        assert (await it.run()).state == State.UNKNOWN
        assert len(it.posts()) == 1
        actor = machine(await sync_to_async(lambda: it.delivery.workspace)())
        await sync_to_async(service.say_it_is_out)(
            actor, delivery_id=delivery.pk, url="https://example.org/post/1"
        )
        delivery = await it.fresh()
        assert delivery.state == State.PUBLISHED
        assert (await it.run()).state == State.PUBLISHED
        assert len(it.posts()) == 1


async def test_a_person_says_it_is_not_there_and_it_is_sent_once_more():
    async with stage("neither") as it:
        it.harness.fault("reset")
        await it.run()
        it.harness.fault("forgotten")
        actor = machine(await sync_to_async(lambda: it.delivery.workspace)())
        await sync_to_async(service.say_it_is_not_out)(actor, delivery_id=it.delivery.pk, send_again=True)
        assert (await it.run()).state == State.PUBLISHED
        assert len(it.posts()) == 1


async def test_a_worker_that_died_between_the_call_and_the_answer():
    """The attempt row stands open, the lease is over: the next worker treats it as unknown."""
    async with stage("keyed") as it:
        work = await it.engine.store.claim(it.delivery.pk)
        assert work is not None
        tried, _ = await it.engine.store.open_attempt(work, "create", uuid.uuid4())
        call = it.harness.call()
        out = to_outgoing(work.content, Path(settings.MEDIA_ROOT))
        step = it.harness.network.steps(out, it.harness.credential)[0]
        await it.harness.network.perform(replace(call, key=str(tried.key)), step, out, {})
        assert len(it.posts()) == 1
        assert await it.engine.deliver(it.delivery.pk) is None  # the dead one's lease still holds
        delivery = await it.run()
        assert delivery.state == State.PUBLISHED
        assert len(it.posts()) == 1


async def test_a_limit_is_obeyed_and_the_post_goes_out_after_it():
    async with stage() as it:
        it.harness.fault("limited")
        delivery = await it.run()
        assert delivery.state == State.WAITING
        assert delivery.wake_at > timezone.now() + timedelta(seconds=20)
        assert (await it.run()).state == State.PUBLISHED
        assert len(it.posts()) == 1


async def test_revoked_keys_stop_the_community_until_a_person_connects_it():
    async with stage() as it:
        it.harness.fault("revoked")
        delivery = await it.run()
        assert (delivery.state, delivery.wake_at) == (State.NEEDS_LOGIN, None)
        community = await sync_to_async(lambda: it.delivery.community)()
        await community.arefresh_from_db()
        assert community.state == "needs_login"
        assert not it.posts()


async def test_keys_that_ended_early_are_renewed_once_and_the_post_goes_out():
    async with stage() as it:
        it.harness.fault("expired")
        delivery = await it.run()
        assert delivery.state == State.PUBLISHED
        assert len(it.posts()) == 1


async def test_what_the_network_refuses_waits_for_a_person_with_the_reason():
    async with stage() as it:
        it.harness.fault("refused")
        delivery = await it.run()
        assert delivery.state == State.REJECTED
        assert delivery.code
        assert not it.posts()


async def test_nonsense_for_an_answer_is_unknown_and_ends_in_one_post():
    async with stage("keyed") as it:
        it.harness.fault("nonsense")
        assert (await it.run()).state == State.UNKNOWN
        assert (await it.run()).state == State.PUBLISHED
        assert len(it.posts()) == 1


async def test_cancelled_before_its_hour_never_leaves():
    async with stage() as it:
        actor = machine(await sync_to_async(lambda: it.delivery.workspace)())
        await sync_to_async(service.cancel)(actor, delivery_id=it.delivery.pk)
        assert await it.engine.deliver(it.delivery.pk) is None
        assert not it.posts()


async def test_a_new_sign_in_sends_what_is_still_timely_and_leaves_the_rest_to_people():
    async with stage() as it:
        it.harness.fault("revoked")
        assert (await it.run()).state == State.NEEDS_LOGIN

        def later(hours: int) -> tuple[int, int]:
            due = timezone.now() - timedelta(hours=hours)
            Delivery.objects.update(state=State.NEEDS_LOGIN, due_at=due)
            return service.resume_after_login(it.delivery.community_id)

        assert await sync_to_async(later)(5) == (0, 1)
        assert (await it.fresh()).state == State.HELD
        assert await sync_to_async(later)(1) == (1, 0)
        assert (await it.fresh()).state == State.QUEUED


async def test_a_fault_of_ours_stops_one_delivery_with_the_reason(monkeypatch):
    async with stage() as it:

        def broken(*_):
            raise ZeroDivisionError

        monkeypatch.setattr(type(it.harness.network), "steps", broken)
        delivery = await it.run()
        assert (delivery.state, delivery.code, delivery.wake_at) == (State.REJECTED, "desk_fault", None)
        assert not it.posts()


def test_two_people_who_schedule_at_once_make_one_delivery():
    client = make_client(make_workspace())
    community = connect(make_community(client), facts={"flavour": "keyed"})
    post = make_post(community)

    def press(_) -> int:
        try:
            return len(service.schedule(machine(client.workspace), post_id=post.pk).deliveries)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as people:
        made = list(people.map(press, range(6)))
    assert Delivery.objects.count() == 1
    assert set(made) == {1}


def test_the_address_of_another_post_is_no_proof():
    client = make_client(make_workspace())
    community = connect(make_community(client), facts={"flavour": "keyed"})
    actor = machine(client.workspace)
    deliveries = [service.schedule(actor, post_id=make_post(community).pk).deliveries[0] for _ in range(2)]
    for delivery in deliveries:
        Attempt.objects.create(
            delivery=delivery, step="create", number=1, key=uuid.uuid4(), revision=delivery.revision,
            outcome="unknown",
        )  # fmt: skip
        Delivery.objects.filter(pk=delivery.pk).update(state=State.UNKNOWN, wake_at=None)
    address = "https://example.org/1"
    service.say_it_is_out(actor, delivery_id=deliveries[0].pk, url=address)
    with pytest.raises(Invalid):
        service.say_it_is_out(actor, delivery_id=deliveries[1].pk, url=address)
    assert Publication.objects.count() == 1
