"""Chains of posts: out in order, told when they break, never a part twice, whoever dies in between."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.actor import machine
from niva.domains.people.errors import Invalid
from niva.domains.publishing import chain
from niva.domains.publishing.delivery.content import to_outgoing
from niva.domains.publishing.delivery.store import make_pool
from niva.domains.publishing.delivery.tail import lacking
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery, Publication, Variant
from niva.domains.publishing.services import chains, drafts
from niva.domains.publishing.services import schedule as service
from niva.domains.publishing.services.freeze import check, content_of
from niva.domains.publishing.services.sight import was_seen
from niva.domains.publishing.states import State
from niva.domains.publishing.tests.test_crashes import World
from niva.domains.publishing.tests.test_delivery import Stage, stage
from niva.flows import amend
from niva.flows.whole import whole_of
from niva.kit.jobs.django import dsn
from niva.networks.base.errors import Rejected
from niva.networks.base.types import Remote
from niva.networks.practice.tests.harness import open_flavoured
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db(transaction=True)
PARTS = ["Вторая часть", "Третья часть", "Четвёртая часть"]
FLAVOURS = ("keyed", "searchable", "neither")


# --- what a chain is made of ---


def test_numbers_stand_under_the_parts_and_not_in_what_was_typed():
    own = {"parts": ["Два ", "Три"], "numbered": True}
    assert chain.written("Раз", own) == ["Раз\n\n1/3", "Два\n\n2/3", "Три\n\n3/3"]
    assert chain.written("Раз", {**own, "numbered": False}) == ["Раз", "Два ", "Три"]
    assert chain.written("Раз", None) == chain.written("Раз", {"parts": [], "numbered": True}) == ["Раз"]


@pytest.mark.parametrize("numbered", [True, False])
def test_a_long_text_is_cut_so_that_every_numbered_part_fits(numbered):
    text = "Предложение о поле и ржи. " * 60
    first, own = chain.cut(text, first_most=90, most=120, length=len, numbered=numbered)
    parts = chain.written(first, own)
    assert len(parts[0]) <= 90
    assert all(len(part) <= 120 for part in parts)
    assert all(part.split("\n\n")[0].endswith(".") for part in parts), "cut at the ends of sentences"
    assert chain.joined(first, own["parts"]).split() == text.split()


def test_more_than_fifty_parts_are_refused():
    with pytest.raises(ValueError, match="at most 50"):
        chain.cut("слово " * 1000, first_most=40, most=40, length=len, numbered=False)


def _chained(network: str = "practice", **own) -> Variant:
    client = make_client(make_workspace())
    made = make_post(make_community(client, network=network), text="Начало")
    return_value = made.variants.get()
    return_value.own_thread = {"parts": PARTS, "numbered": False} | own
    return_value.save()
    return Variant.objects.select_related("post", "community").get(pk=return_value.pk)


def test_the_revision_holds_the_chain_and_a_post_without_one_keeps_its_old_mark():
    variant = _chained()
    content = content_of(variant, get_network("practice"))
    assert content["thread"] == [{"text": part} for part in PARTS]
    variant.own_thread = None
    assert "thread" not in content_of(variant, get_network("practice"))


def test_where_there_are_no_chains_the_check_says_so():
    problems = check(_chained("vk")).errors
    assert [(one.code, one.where) for one in problems] == [("thread_unsupported", "thread")]


def test_each_part_is_held_against_the_limit():
    problems = check(_chained(parts=["а" * 2001])).errors
    assert [(one.code, one.where, one.params["surplus"]) for one in problems] == [
        ("text_too_long", "thread:2", 1)
    ]


def test_what_is_saved_is_clean_bounded_and_copied_along():
    variant = _chained()
    actor = machine(variant.post.workspace)

    def save(parts) -> None:
        version = type(variant.post).objects.get(pk=variant.post_id).version
        own = {variant.pk: {"own_thread": {"parts": parts, "numbered": 1, "more": "?"}}}
        drafts.save(actor, post_id=variant.post_id, version=version, fields={}, variants=own)
        variant.refresh_from_db()

    save(["Раз\r\nдва\x00"])
    assert variant.own_thread == {"parts": ["Раз\nдва"], "numbered": True}
    with pytest.raises(Invalid):
        save(["часть"] * 50)
    with pytest.raises(Invalid):
        save(["ч" * 60_000, "ч" * 60_000])
    assert drafts.copy(actor, post_id=variant.post_id).variants.get().own_thread == variant.own_thread
    save([])
    assert variant.own_thread is None


# --- on the way ---


async def _chain_on(it: Stage, parts: list[str]) -> None:
    """Give the stage's delivery a chain, as scheduling would have frozen it."""

    def put() -> None:
        variant = it.delivery.variant
        variant.own_thread = {"parts": parts, "numbered": False}
        variant.save()
        service.schedule(machine(it.delivery.workspace), post_id=variant.post_id)

    await sync_to_async(put)()


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_a_chain_goes_out_in_order_each_part_an_attempt_of_its_own(flavour):
    async with stage(flavour) as it:
        await _chain_on(it, PARTS)
        delivery = await it.run()
        assert (delivery.state, delivery.code) == (State.PUBLISHED, "")
        assert delivery.publication.sight == Publication.Sight.ALIVE
        assert (len(it.posts()), it.harness.parts()) == (1, PARTS)
        rows = [one async for one in Attempt.objects.filter(delivery=delivery)]
        assert [one.step for one in rows] == ["create", "thread-2", "thread-3", "thread-4"]
        assert len({one.key for one in rows}) == 4


async def _refuse_part(it: Stage, monkeypatch, number: int) -> None:
    """The network refuses this part, once."""
    whole, left = type(it.harness.network).perform, [f"thread-{number}"]

    async def perform(self, call, step, out, done):
        if step.name in left:
            left.remove(step.name)
            raise Rejected("content_refused", "нет")
        return await whole(self, call, step, out, done)

    monkeypatch.setattr(type(it.harness.network), "perform", perform)


def _actor(it: Stage):
    return machine(it.delivery.workspace)


async def test_a_broken_chain_keeps_its_post_and_a_person_sends_the_rest(monkeypatch):
    async with stage() as it:
        await _chain_on(it, PARTS)
        await _refuse_part(it, monkeypatch, 3)
        delivery = await it.run()
        assert delivery.state == State.PUBLISHED
        assert it.harness.parts() == PARTS[:1]
        await sync_to_async(chains.broke_off)(delivery.pk)
        await sync_to_async(chains.send_the_rest)(await sync_to_async(_actor)(it), delivery_id=delivery.pk)
        delivery = await it.run()
        assert (delivery.state, delivery.code) == (State.PUBLISHED, "")
        assert (len(it.posts()), it.harness.parts()) == (1, PARTS)
        with pytest.raises(Invalid):
            await sync_to_async(chains.send_the_rest)(
                await sync_to_async(_actor)(it), delivery_id=delivery.pk
            )


def _unheard(it: Stage, monkeypatch, number: int) -> None:
    """The network takes this part, once, and its answer never comes."""
    whole, left = type(it.harness.network).perform, [f"thread-{number}"]

    async def perform(self, call, step, out, done):
        if step.name in left:
            left.remove(step.name)
            it.harness.fault("error_after_commit")
        return await whole(self, call, step, out, done)

    monkeypatch.setattr(type(it.harness.network), "perform", perform)


@pytest.mark.parametrize("flavour", ["keyed", "searchable"])
async def test_a_part_whose_answer_never_came_is_cleared_up_and_the_chain_goes_on(flavour, monkeypatch):
    async with stage(flavour) as it:
        await _chain_on(it, PARTS)
        _unheard(it, monkeypatch, 3)
        delivery = await it.run()
        assert (delivery.state, it.harness.parts()) == (State.ACCEPTED, PARTS[:2])
        assert delivery.wake_at is not None
        delivery = await it.run()
        assert (delivery.state, delivery.code) == (State.PUBLISHED, "")
        assert (len(it.posts()), it.harness.parts()) == (1, PARTS)


async def test_where_nobody_can_tell_of_a_part_the_chain_is_broken_and_says_so(monkeypatch):
    async with stage("neither") as it:
        await _chain_on(it, PARTS)
        _unheard(it, monkeypatch, 3)
        delivery = await it.run()
        assert (delivery.state, delivery.code) == (State.PUBLISHED, "thread_broken")
        assert it.harness.parts() == PARTS[:2]


async def test_a_refused_part_breaks_the_chain_at_once_and_by_name(monkeypatch):
    async with stage() as it:
        await _chain_on(it, PARTS)
        await _refuse_part(it, monkeypatch, 2)
        delivery = await it.run()
        assert (delivery.state, delivery.code) == (State.PUBLISHED, "thread_broken")


async def test_a_part_that_is_gone_is_told_and_taking_down_takes_all_of_it():
    async with stage() as it:
        await _chain_on(it, PARTS)
        delivery = await it.run()
        publication = delivery.publication
        there = await sync_to_async(whole_of)(publication)
        network, call = it.harness.network, it.harness.call()
        await network.delete(call, Remote(there.extra["thread"][1]["id"]))
        seen = await network.read_back(call, there)
        assert seen.missing == (3,)
        await sync_to_async(was_seen)(publication.pk, sight="changed", missing=seen.missing)
        await publication.arefresh_from_db()
        assert publication.extra["missing"] == [3]
        await network.delete(call, there)
        assert (it.posts(), it.harness.parts()) == ([], [])


async def test_an_edit_goes_to_the_part_and_the_number_of_parts_stays(monkeypatch):
    async with stage() as it:
        await _chain_on(it, PARTS)
        delivery = await it.run()

        def here(community, ask):
            """The connector's own call, made by the loop of the test."""
            return loops.run(ask(it.harness.network, it.harness.call()))

        loops = _Loops()
        monkeypatch.setattr(amend, "at_once", here)

        def edit(parts: list[str]) -> Publication:
            Variant.objects.filter(pk=delivery.variant_id).update(
                own_thread={"parts": parts, "numbered": False}
            )
            return amend.edit_published(_actor(it), publication_id=delivery.publication.pk)

        changed = await sync_to_async(edit)([PARTS[0], "Третья, исправлено", PARTS[2]])
        assert it.harness.parts() == [PARTS[0], "Третья, исправлено", PARTS[2]]
        assert len(changed.extra["thread"]) == 3
        with pytest.raises(Invalid):
            await sync_to_async(edit)(PARTS[:2])


class _Loops:
    """Runs a coroutine of the test's own loop from a thread of it."""

    def __init__(self) -> None:
        import asyncio

        self.loop = asyncio.get_running_loop()

    def run(self, coroutine):
        import asyncio

        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)


def test_what_is_lacking_is_counted_from_what_is_done():
    content = {"thread": [{"text": "2"}, {"text": "3"}], "first_comment": "x"}

    class Done:
        outcome = "done"

        def __init__(self, step: str) -> None:
            self.step = step

    steps = [Done(step) for step in ("create", "thread-2", "thread-3", "comment")]
    found = [lacking(content, steps[:n]) for n in range(1, 5)]
    assert found == ["thread_broken", "thread_broken", "first_comment_failed", ""]
    failed = Done("crosspost")
    failed.outcome = "rejected"
    assert lacking(content, [*steps, failed]) == "further_step_failed"
    assert lacking(content, [*steps, failed, Done("crosspost")]) == ""


# --- whoever dies ---

LIVES = 14
SECONDS = 4.0


async def _one_life(world: World, delivery: Delivery, mark: str) -> None:
    """Workers die at random statements; the world always holds a beginning of the chain, in order, once."""
    whole = [f"{part} {mark}" for part in PARTS]
    for number in itertools.count():
        assert number < 60, "it never came to an end"
        world.store.danger = world.dice.choice([0.0, 0.15, 0.3]) if number < 10 else 0.0
        await world.turn(delivery.pk)
        there = [text for text in world.harness.parts() if mark in text]
        assert there == whole[: len(there)], "doubled, or out of order"
        assert world.out_there(mark) <= 1
        now = await Delivery.objects.aget(pk=delivery.pk)
        if now.state == State.PUBLISHED:
            assert world.out_there(mark) == 1
            assert len(there) == len(whole) or now.code == "thread_broken"
            return
        if now.state == State.UNKNOWN and now.wake_at is None:
            return  # nobody but a person can tell of the post itself; test_crashes goes that way
        assert now.wake_at is not None


@pytest.mark.parametrize("flavour", ["keyed", "searchable"])
async def test_a_chain_goes_on_where_its_dead_worker_stopped(flavour):
    began, lives = time.monotonic(), 0
    async with open_flavoured(flavour) as harness:
        client = await sync_to_async(lambda: make_client(make_workspace()))()
        community = await sync_to_async(make_community)(client)
        secrets, facts = dict(harness.credential.secrets), dict(harness.credential.facts)
        await sync_to_async(connect)(community, secrets, facts=facts)

        def scheduled(mark: str) -> Delivery:
            made = make_post(community, text=f"Начало {mark}")
            made.variants.update(
                own_thread={"parts": [f"{part} {mark}" for part in PARTS], "numbered": False}
            )
            return service.schedule(machine(client.workspace), post_id=made.pk).deliveries[0]

        pool = await make_pool(dsn())
        try:
            for seed in range(LIVES):
                if time.monotonic() - began > SECONDS:
                    break
                world = World(harness, pool, random.Random(seed), client.pk, community.pk)
                mark = f"№{seed:04}#"
                try:
                    await _one_life(world, await sync_to_async(scheduled)(mark), mark)
                except AssertionError as error:
                    raise AssertionError(f"{flavour}, seed {seed}: {error}") from error
                lives += 1
        finally:
            await pool.close()
            await sync_to_async(connections.close_all)()
    assert lives >= 5, f"only {lives} lives in {SECONDS:g} s"


def test_the_content_comes_back_as_it_was_frozen(tmp_path):
    out = to_outgoing({"text": "Раз", "thread": [{"text": "Два"}]}, tmp_path)
    assert [part.text for part in out.thread] == ["Два"]
