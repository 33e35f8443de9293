"""Looks at what is out, on a network that answers what a test tells it; and the limits that they keep."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community
from niva.domains.metrics.models import Schedule, Subject
from niva.domains.people.models import AuditEvent
from niva.domains.publishing import queries
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.domains.publishing.services.sight import is_gone
from niva.domains.publishing.states import State
from niva.flows import collect, look_again
from niva.flows.follow import follow
from niva.flows.talk import READ_AT_ONCE, open_line
from niva.kit.jobs import names
from niva.kit.jobs.testing import empty
from niva.kit.jobs.types import RetryLater
from niva.networks.base.errors import Gone, Limited, NeedsLogin, Rejected, Temporary
from niva.networks.base.types import Measure, Seen
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Мёд нового урожая"


class Told:
    """A network whose every answer is told beforehand: a value, or an error to raise."""

    def __init__(self) -> None:
        self.manifest = get_network("practice").manifest
        self.answer: object = Seen(alive=True, text=TEXT)
        self.asked = 0

    async def read_back(self, call, remote=None):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    read_post = read_community = read_back


class Out(SimpleNamespace):
    """One post that is out, and the means to look at it."""

    async def look(self) -> Publication:
        await look_again.look(self.line, publication_id=self.publication.pk)
        return await self.fresh()

    async def fresh(self) -> Publication:
        return await Publication.objects.select_related("delivery").aget(pk=self.publication.pk)

    async def fires(self) -> list[int]:
        return await sync_to_async(lambda: [one.pk for one in queries.fires(self.actor)])()

    async def change(self, **values) -> None:
        await Publication.objects.filter(pk=self.publication.pk).aupdate(**values)


def planned_looks() -> dict[str, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(f"select headers->>'key', execute_after from {names.QUEUE} where entrypoint = 'look'")
        return dict(cursor.fetchall())


def prepare() -> dict:
    empty()
    actor = make_actor(make_workspace())
    community = connect(make_community(make_client(actor.workspace)))
    post = make_post(community, text=TEXT)
    delivery = schedule.schedule(actor, post_id=post.pk).deliveries[0]
    Delivery.objects.filter(pk=delivery.pk).update(state=State.PUBLISHED, wake_at=None)
    publication = Publication.objects.create(
        workspace=actor.workspace, client=community.client, delivery=delivery, community=community,
        post=post, revision=delivery.revision, remote_id="1", url="https://practice.example/1",
        published_at=timezone.now(),
    )  # fmt: skip
    assert follow() == 1
    return {"actor": actor, "community": community, "delivery": delivery, "publication": publication}


@asynccontextmanager
async def out(monkeypatch):
    network = Told()
    for module in (look_again, collect):
        monkeypatch.setattr(module, "get_network", lambda _name: network)
    made = await sync_to_async(prepare)()
    try:
        async with open_line(connections=4, pool_size=2) as line:
            yield Out(line=line, network=network, **made)
    finally:
        await sync_to_async(connections.close_all)()


async def test_looks_are_planned_for_at_once_five_minutes_and_a_day(monkeypatch):
    async with out(monkeypatch) as it:
        looks = await sync_to_async(planned_looks)()
        after = sorted((at - timezone.now()).total_seconds() for at in looks.values())
        assert [round(seconds / 10) for seconds in after] == [2, 30, 8640]
        assert (await it.look()).sight == "alive"


async def test_one_that_vanished_burns_is_looked_for_and_its_return_puts_the_fire_out(monkeypatch):
    async with out(monkeypatch) as it:
        await it.look()
        it.network.answer = Gone("post_missing")
        gone = await it.look()
        assert (gone.sight, gone.delivery.state, gone.delivery.code) == (
            "removed",
            "removed",
            "found_missing",
        )
        assert await it.fires() == [it.delivery.pk]
        assert sum(":missed:" in key for key in await sync_to_async(planned_looks)()) == 3
        assert (await Schedule.objects.aget(subject=Subject.PUBLICATION)).next_at is None

        it.network.answer = Seen(alive=True, text=TEXT)
        back = await it.look()
        assert (back.sight, back.delivery.state, back.delivery.code) == ("alive", "published", "")
        assert back.removed_at is None and await it.fires() == []
        assert (await Schedule.objects.aget(subject=Subject.PUBLICATION)).next_at is not None
        assert await AuditEvent.objects.filter(verb="publication.came_back").acount() == 1


async def test_what_we_took_down_ourselves_neither_burns_nor_is_looked_for(monkeypatch):
    async with out(monkeypatch) as it:
        await sync_to_async(is_gone)(it.publication.pk, by=it.actor)
        assert await it.fires() == []
        assert (await it.look()).sight == "removed" and it.network.asked == 0


async def test_a_changed_text_is_kept_to_be_shown(monkeypatch):
    async with out(monkeypatch) as it:
        it.network.answer = Seen(alive=True, text="Мёд старого урожая\x00")
        seen = await it.look()
        assert (seen.sight, seen.seen_text) == ("changed", "Мёд старого урожая")
        it.network.answer = Seen(alive=True, text=TEXT)
        assert (await it.look()).seen_text == ""


async def test_a_new_post_that_does_not_show_yet_is_looked_at_again_before_anything_burns(monkeypatch):
    async with out(monkeypatch) as it:
        it.network.answer = Gone("post_missing")
        with pytest.raises(RetryLater):
            await it.look()
        assert (await it.fresh()).sight == "unseen"
        await it.change(published_at=timezone.now() - look_again.SETTLES)
        assert (await it.look()).sight == "removed"


async def test_a_network_that_lets_nobody_look_is_told_as_such(monkeypatch):
    async with out(monkeypatch) as it:
        it.network.answer = Rejected("read_back_unsupported")
        seen = await it.look()
        assert seen.sight == "untold" and seen.seen_at is None and await it.fires() == []


@pytest.mark.parametrize(
    ("error", "after"),
    [
        (Temporary("server_error"), look_again.AFTER_SILENCE),
        (NeedsLogin("bad_token"), look_again.WITHOUT_KEYS),
    ],
)
async def test_a_silent_network_is_asked_later_and_not_for_ever(monkeypatch, error, after):
    async with out(monkeypatch) as it:
        it.network.answer = error
        with pytest.raises(RetryLater) as later:
            await it.look()
        assert abs(later.value.after - after) < timedelta(seconds=5)
        await it.change(published_at=timezone.now() - look_again.GIVES_UP)
        assert (await it.look()).sight == "unseen"


# Limits: what is not urgent waits for those who publish


async def test_looks_and_readings_wait_while_the_account_is_blocked(monkeypatch):
    async with out(monkeypatch) as it:
        until = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
        lane = await it.line.lane(it.community.pk, it.network)
        await it.line.buckets.limited(lane, "account", until)
        with pytest.raises(RetryLater) as later:
            await it.look()
        assert later.value.after > timedelta(minutes=59)
        await collect.read(it.line, subject=Subject.PUBLICATION, subject_id=it.publication.pk)
        row = await Schedule.objects.aget(subject=Subject.PUBLICATION)
        assert (row.next_at, row.failures, it.network.asked) == (until, 0, 0)


async def test_a_refusal_of_a_reading_stops_the_account_for_everybody(monkeypatch):
    async with out(monkeypatch) as it:
        until = (datetime.now(UTC) + timedelta(minutes=10)).replace(microsecond=0)
        it.network.answer = Limited("too_often", until=until)
        await collect.read(it.line, subject=Subject.PUBLICATION, subject_id=it.publication.pk)
        lane = await it.line.lane(it.community.pk, it.network)
        assert await it.line.buckets.take(lane.wants(posts=1)) == until
        assert (await Schedule.objects.aget(subject=Subject.PUBLICATION)).next_at == until


async def test_a_hundred_readings_at_once_leave_half_of_the_burst_to_posts(monkeypatch):
    async with out(monkeypatch) as it:
        it.network.manifest = get_network("telegram").manifest  # 10 at once, a reading takes 2
        it.network.answer = (Measure("followers", 5),)
        lane = await it.line.lane(it.community.pk, it.network)
        one = {"subject": Subject.COMMUNITY, "subject_id": it.community.pk}
        await asyncio.gather(*(collect.read(it.line, **one) for _ in range(8)))
        assert it.network.asked <= 3
        assert await it.line.buckets.take(lane.wants(posts=1)) is None


async def test_a_slow_account_takes_a_few_places_of_readers_and_no_more(monkeypatch):
    async with out(monkeypatch) as it:
        waiting, answer = asyncio.Event(), asyncio.Event()
        at_once = 0

        async def slow(call):
            nonlocal at_once
            at_once += 1
            if at_once == READ_AT_ONCE:
                waiting.set()
            await answer.wait()
            return (Measure("followers", 5),)

        it.network.read_community = slow
        one = {"subject": Subject.COMMUNITY, "subject_id": it.community.pk}
        readers = [asyncio.create_task(collect.read(it.line, **one)) for _ in range(READ_AT_ONCE)]
        await asyncio.wait_for(waiting.wait(), 10)
        await collect.read(it.line, **one)  # put off at once instead of waiting behind them
        answer.set()
        await asyncio.gather(*readers)
        assert at_once == READ_AT_ONCE and not it.line.reading_now


async def test_two_communities_of_one_account_share_its_limit(monkeypatch):
    async with out(monkeypatch) as it:

        def twin() -> Community:
            return connect(
                make_community(it.community.client, name="Вторая"),
                {"access_token": f"secret-of-{it.community.pk}"},
            )

        other = await sync_to_async(twin)()
        lanes = [await it.line.lane(pk, it.network) for pk in (it.community.pk, other.pk)]
        assert lanes[0].key("account") == lanes[1].key("account")
        assert "secret" not in str([lanes[0].account, lanes[0].key("account")])
