"""Token buckets: the database against a model of them, what no window may hold, and blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niva.domains.publishing.delivery import buckets as module
from niva.domains.publishing.delivery.buckets import Buckets, Lane, Want, share_used
from niva.domains.publishing.delivery.store import make_pool
from niva.domains.publishing.models import Bucket
from niva.kit.jobs.django import dsn
from niva.networks.base.rates import Rate, load_rate
from niva.networks.registry import get_network

in_database = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


def rate(count: int, seconds: float, burst: int | None = None, **more) -> Rate:
    values = {"scope": "account", "value": [count, seconds], "burst": burst or count, "post": 1,
              "source_url": "", "checked_on": date(2026, 11, 23), **more}  # fmt: skip
    return load_rate("test", "calls", values)


@asynccontextmanager
async def opened():
    pool = await make_pool(dsn())
    try:
        yield Buckets(pool)
    finally:
        await pool.close()


class Model:
    """The same arithmetic without a database: one moment a key, in seconds from START."""

    def __init__(self) -> None:
        self.full_at: dict[str, float] = {}

    def take(self, wants: tuple[Want, ...], at: float) -> float | None:
        """None: taken. Else the moment to ask again."""
        again = max(
            (
                self.full_at.get(w.key, at) - (w.burst - min(w.cost + w.spare, w.burst)) * w.step
                for w in wants
                if w.cost
            ),
            default=at,
        )
        if again > at + 1e-9:
            return again
        for w in wants:
            if w.cost:
                self.full_at[w.key] = max(self.full_at.get(w.key, at), at) + w.cost * w.step
        return None


# The arithmetic


rates = st.builds(
    lambda count, seconds, share: rate(count, seconds, max(1, int(count * share))),
    st.integers(1, 30), st.sampled_from([1.0, 60.0, 3600.0]), st.floats(0.1, 1),
)  # fmt: skip


def worst_window(taken: list[float], seconds: float) -> int:
    """The most that any window [t, t + seconds) holds."""
    return max((sum(t <= one < t + seconds - 1e-6 for one in taken) for t in taken), default=0)


def taken_by_greed(one: Rate, asks: Iterator[float] | list[float]) -> list[float]:
    model, want = Model(), (Want.of("k", one, 1),)
    return [at for at in asks if model.take(want, at) is None]


@given(rates, st.lists(st.floats(0, 3), min_size=1, max_size=150))
def test_no_window_ever_holds_more_than_the_rate_allows(one, gaps):
    asks, at = [], 0.0
    for gap in gaps:
        at += gap * one.seconds / 20
        asks.append(at)
    most = worst_window(taken_by_greed(one, asks), one.seconds)
    assert most <= (one.count if one.burst < one.count else 2 * one.count)


@given(st.integers(1, 30), st.lists(st.floats(0, 3), min_size=1, max_size=120))
def test_a_plan_that_keeps_the_limit_is_never_held_up(count, gaps):
    """With burst = count: every sequence of which no window holds more than `count` passes untouched."""
    one = rate(count, 60)
    plan: list[float] = []
    at = 0.0
    for gap in gaps:
        at += gap
        if sum(at - 60 < before for before in plan) < count:
            plan.append(at)
    assert taken_by_greed(one, plan) == plan


@given(rates, st.integers(1, 40))
def test_after_enough_time_it_conforms_again(one, greed):
    model, want = Model(), (Want.of("k", one, 1),)
    for _ in range(greed):
        model.take(want, 0.0)
    again = model.take(want, 0.0)
    assert again is None or model.take(want, again) is None
    assert model.take(want, greed * one.step + one.burst * one.step) is None


@given(st.lists(st.tuples(st.floats(0, 120), st.integers(1, 3)), min_size=1, max_size=40), st.randoms())
def test_the_order_of_equal_takers_at_one_moment_does_not_matter(asks, dice):
    """Who asks first gets it, but how many get it at each moment hangs on nobody's name."""

    def gone(order) -> dict[float, int]:
        model, counted = Model(), {}
        want = (Want.of("k", rate(7, 60, 3), 1),)
        for at, _name in order:
            counted[at] = counted.get(at, 0) + (model.take(want, at) is None)
        return counted

    shuffled = list(asks)
    dice.shuffle(shuffled)
    assert gone(sorted(asks)) == gone(sorted(shuffled, key=lambda ask: ask[0]))


# The database does what the model does


names = st.sampled_from(["a", "b", "c"])
ONE_OF = {"a": rate(3, 1, 2), "b": rate(5, 60), "c": rate(20, 60, 10)}
wants = st.dictionaries(names, st.tuples(st.integers(1, 6), st.sampled_from([0, 1])), min_size=1).map(
    lambda one: tuple(Want.of(key, ONE_OF[key], cost, spare=spare) for key, (cost, spare) in one.items())
)


@in_database
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 40), st.lists(wants, min_size=1, max_size=12)), max_size=8))
def test_the_database_counts_like_the_model(batches):
    async def run() -> None:
        async with opened() as buckets:
            await buckets.source.execute("truncate publishing_bucket")
            model, at = Model(), 0.0
            for gap, asked in batches:
                at += gap / 2
                moment = START + timedelta(seconds=at)
                waits = await buckets.take_many(list(enumerate(asked)), at=moment)
                for number, want in enumerate(asked):
                    again = model.take(want, at)
                    told = waits.get(number)
                    assert (told is None) == (again is None)
                    if told is not None:
                        assert abs((told - START).total_seconds() - again) < 1e-3

    async_to_sync(run)()


@in_database
async def test_all_or_nothing():
    """The second bucket is empty, so the first keeps its token."""
    async with opened() as buckets:
        full, empty = Want.of("full", rate(2, 60), 1), Want.of("empty", rate(1, 60), 1)
        assert await buckets.take([empty], at=START) is None
        again = await buckets.take([full, empty], at=START)
        assert again == START + timedelta(seconds=60)
        assert await buckets.take_many([(1, [full]), (2, [full]), (3, [full])], at=START) == {
            3: START + timedelta(seconds=30)
        }


@in_database
async def test_a_batch_of_200_is_one_round_trip_and_is_served_in_its_order():
    async with opened() as buckets:
        asked = [(number, [Want.of("k", rate(50, 86_400), 1)]) for number in range(200)]
        waits = await buckets.take_many(asked, at=START)
        assert sorted(waits) == list(range(50, 200))


@in_database
async def test_many_workers_at_once_never_take_more_than_there_is_and_never_lock_each_other():
    async with opened() as buckets:
        a, b = Want.of("a", rate(40, 3600), 1), Want.of("b", rate(60, 3600), 1)

        async def one(number: int) -> int:
            wanted = [a, b] if number % 2 else [b, a]
            waits = await buckets.take_many([(n, wanted) for n in range(10)], at=START)
            return 10 - len(waits)

        assert sum(await asyncio.gather(*(one(number) for number in range(12)))) == 40


@in_database
async def test_dear_work_waits_for_a_full_bucket_and_leaves_it_in_debt():
    one = rate(3, 1, 2)
    async with opened() as buckets:
        album = [Want.of("k", one, 22)]
        assert await buckets.take(album, at=START) is None
        again = await buckets.take([Want.of("k", one, 1)], at=START)
        assert again == START + timedelta(seconds=22 * 0.5 - 0.5)


@in_database
async def test_readings_leave_a_reserve_to_those_who_publish():
    manifest = replace(get_network("practice").manifest, rates=(rate(10, 60, 8, reading=1),))
    lane = Lane(manifest, community_id=7)
    async with opened() as buckets:
        read = [await buckets.take(lane.wants(readings=1, spare=True), at=START) for _ in range(6)]
        assert [again is None for again in read] == [True] * 4 + [False] * 2
        posts = [await buckets.take(lane.wants(posts=1), at=START) for _ in range(5)]
        assert [again is None for again in posts] == [True] * 4 + [False]


# Blocks: what the network itself answered


@in_database
async def test_a_block_holds_its_own_holder_and_nobody_else():
    manifest = get_network("vk").manifest
    mine, same, other = (
        Lane(manifest, community_id=number, account=account)
        for number, account in ((1, "anna"), (2, "anna"), (3, "boris"))
    )
    until = datetime.now(UTC) + timedelta(hours=1)
    async with opened() as buckets:
        assert await buckets.limited(mine, "account", until) == until
        waits = await buckets.take_many(
            [(lane.community_id, lane.wants(posts=1)) for lane in (mine, same, other)]
        )
        assert waits == {1: until, 2: until}
        assert await buckets.limited(mine, "app", until) is None  # connected without an app


@in_database
async def test_a_wall_that_is_full_for_today_does_not_stop_the_same_persons_other_wall():
    manifest = get_network("vk").manifest
    until = datetime.now(UTC) + timedelta(hours=5)
    async with opened() as buckets:
        lanes = [Lane(manifest, community_id=number, account="anna") for number in (1, 2)]
        await buckets.limited(lanes[0], "community", until)
        waits = await buckets.take_many([(lane.community_id, lane.wants(posts=1)) for lane in lanes])
        assert waits == {1: until}


@in_database
async def test_pauses_without_an_end_grow_and_a_refusal_of_the_same_moment_does_not_count_twice():
    async with opened() as buckets:
        first = await buckets.block("k", None)
        assert await buckets.block("k", None) == first  # ten calls were on their way: one refusal
        lengths = []
        for _ in range(7):
            await buckets.source.execute(
                "update publishing_bucket set blocked_until = now() - interval '1 s'"
            )
            before = datetime.now(UTC)
            lengths.append((await buckets.block("k", None) - before).total_seconds())
        assert [round(length) for length in lengths] == [15, 45, 135, 405, 1215, 1800, 1800]


@in_database
async def test_after_a_quiet_time_pauses_start_small_again():
    async with opened() as buckets:
        await buckets.block("k", None)
        await buckets.source.execute(
            "update publishing_bucket set pause = 405, blocked_until = now() - interval '406 s'"
        )
        before = datetime.now(UTC)
        assert round((await buckets.block("k", None) - before).total_seconds()) == module.FIRST_PAUSE


@in_database
async def test_a_named_end_is_never_shortened():
    late, soon = (datetime.now(UTC) + timedelta(minutes=n) for n in (60, 5))
    async with opened() as buckets:
        await buckets.block("k", late)
        assert await buckets.block("k", soon) == late
        assert await buckets.block("k", None) == late


# Keys and manifests


def test_every_network_says_whose_limits_count_and_where_they_are_from():
    for name in ("vk", "telegram", "mastodon", "bluesky", "practice"):
        manifest = get_network(name).manifest
        assert manifest.rates, name
        assert manifest.account.facts or manifest.account.secrets, name
        for one in manifest.rates:
            assert one.source_url and one.checked_on and one.step > 0, (name, one.name)


@pytest.mark.parametrize(
    "table", [{"scope": "moon"}, {"value": [0, 1]}, {"value": [3, 0]}, {"burst": 9}, {"post": 0}]
)
def test_a_rate_that_counts_nothing_is_refused(table):
    good = {"scope": "account", "value": [3, 1], "post": 1, "source_url": "", "checked_on": date(2026, 1, 1)}
    load_rate("test", "calls", good)
    with pytest.raises(ValueError, match="test: rate calls"):
        load_rate("test", "calls", {**good, **table})


def test_communities_of_one_account_share_a_lane_and_servers_keep_apart():
    masto = get_network("mastodon").manifest
    facts = {"account_mark": "abc", "instance": "https://Mastodon.example/"}
    one, two = Lane.of(masto, 1, facts, None), Lane.of(masto, 2, facts, "kl-5")
    assert one.key("account") == two.key("account") == "account:mastodon:abc"
    assert one.key("address") == "address:mastodon:mastodon.example"
    assert one.key("app") is None and two.key("app") == "app:mastodon:kl-5"
    assert Lane.of(masto, 1, {}, None).key("account") == "account:mastodon:c1"


def test_the_share_used_is_between_nothing_and_everything():
    one = rate(10, 60)
    assert share_used(START, one, START + timedelta(minutes=5)) == 0
    assert share_used(START + timedelta(seconds=30), one, START) == pytest.approx(0.5)
    assert share_used(START + timedelta(hours=1), one, START) == 1


def test_the_table_is_the_one_that_the_model_declares():
    assert {field.column for field in Bucket._meta.concrete_fields} == {
        "key",
        "full_at",
        "blocked_until",
        "pause",
    }
