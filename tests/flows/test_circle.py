"""The worker's whole circle against the practice network: out, seen, counted, removed, and the day's page."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.metrics import queries as metrics
from niva.domains.metrics.models import Absence, Daily, Reading, Schedule, Subject
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import amend, collect
from niva.flows.today import today
from niva.flows.work import make_worker
from niva.kit.jobs.testing import empty
from niva.networks.practice.tests.harness import open_flavoured

pytestmark = pytest.mark.django_db(transaction=True)


class Circle:
    def __init__(self, harness, actor, community) -> None:
        self.harness, self.actor, self.community = harness, actor, community

    async def publish(self, text: str = "Мёд нового урожая", **post) -> Delivery:
        def plan() -> Delivery:
            made = make_post(self.community, text=text, **post)
            return schedule.schedule(self.actor, post_id=made.pk).deliveries[0]

        delivery = await sync_to_async(plan)()
        await self.work()
        return await Delivery.objects.select_related("publication").aget(pk=delivery.pk)

    async def work(self) -> None:
        """One worker until nothing is due."""
        await make_worker(periodic=False).run_until_idle()

    async def read(self) -> None:
        """As if the time of every reading had come."""
        await Schedule.objects.aupdate(next_at=timezone.now())
        await sync_to_async(collect.hand_out)()
        await self.work()


@asynccontextmanager
async def circle(monkeypatch, flavour: str = "keyed"):
    async with open_flavoured(flavour) as harness:
        monkeypatch.setenv("NIVA_INNER_HOSTS", harness.credential.facts["api_base"].split("//")[1])

        def prepare():
            empty()
            actor = make_actor(make_workspace())
            community = make_community(make_client(actor.workspace, time_zone="Asia/Yekaterinburg"))
            connect(community, dict(harness.credential.secrets), facts=dict(harness.credential.facts))
            return Circle(harness, actor, community)

        try:
            yield await sync_to_async(prepare)()
        finally:
            await sync_to_async(connections.close_all)()


async def test_out_seen_and_counted(monkeypatch):
    async with circle(monkeypatch) as it:
        delivery = await it.publish(first_comment="Цены в комментарии")
        assert (delivery.state, delivery.publication.sight) == (State.PUBLISHED, "alive")
        await asyncio.sleep(0.05)
        await it.read()
        numbers = await sync_to_async(metrics.post_numbers)(it.actor, [delivery.publication.pk])
        found = numbers[delivery.publication.pk]
        assert {"views", "likes", "comments", "reposts"} <= set(found.values)
        assert "saves" in found.absent  # the network does not give it: absent, not zero
        days = await sync_to_async(metrics.community_series)(
            it.actor, community_id=it.community.pk, metric="followers"
        )
        assert days[-1].level > 0
        assert days[-1].gained == 0  # it was there before us: nothing was gained by the first look


async def test_growth_is_added_to_the_day_once(monkeypatch):
    async with circle(monkeypatch) as it:
        delivery = await it.publish()
        for _ in range(3):
            await it.read()
        latest = await sync_to_async(metrics.post_numbers)(it.actor, [delivery.publication.pk])
        views = latest[delivery.publication.pk].values["views"]
        daily = await Daily.objects.aget(subject=Subject.PUBLICATION, metric="views")
        assert daily.gained == views
        readings = Reading.objects.filter(subject_id=delivery.publication.pk, metric="views")
        assert await readings.acount() == 3


async def test_a_post_that_vanished_is_noticed_by_the_next_reading_and_burns(monkeypatch):
    async with circle(monkeypatch) as it:
        delivery = await it.publish()
        it.harness.fault("forgotten")
        await it.read()
        fresh = await Delivery.objects.select_related("publication").aget(pk=delivery.pk)
        assert (fresh.state, fresh.code) == (State.REMOVED, "found_missing")
        day = await sync_to_async(today)(it.actor, zone="Europe/Moscow")
        assert [one.pk for one in day.fires] == [delivery.pk]
        plan = await Schedule.objects.aget(subject=Subject.PUBLICATION)
        assert plan.next_at is None


async def test_edited_and_taken_down_while_the_person_waits(monkeypatch):
    async with circle(monkeypatch) as it:
        delivery = await it.publish()

        def change():
            from niva.domains.publishing.services import drafts

            drafts.save(it.actor, post_id=delivery.post_id, version=1, fields={"text": "Мёд кончился"})

        await sync_to_async(change)()
        edit = sync_to_async(amend.edit_published, thread_sensitive=False)
        await edit(it.actor, publication_id=delivery.publication.pk)
        assert [post["text"] for post in it.harness.posts()] == ["Мёд кончился"]
        down = sync_to_async(amend.take_down, thread_sensitive=False)
        await down(it.actor, publication_id=delivery.publication.pk)
        assert it.harness.posts() == []
        day = await sync_to_async(today)(it.actor, zone="Europe/Moscow")
        assert day.fires == []  # what people took down themselves does not burn
        assert (await Publication.objects.aget()).removed_by_us


async def test_a_dead_workers_delivery_is_taken_up_when_its_lease_is_over(monkeypatch):
    """Nothing but its own row says that it is due: no job, no notice."""
    async with circle(monkeypatch) as it:

        def plan() -> None:
            post = make_post(it.community)
            schedule.schedule(it.actor, post_id=post.pk)
            over = timezone.now() - timedelta(seconds=1)
            Delivery.objects.update(state=State.SENDING, lease=uuid.uuid4(), lease_until=over, wake_at=over)

        await sync_to_async(plan)()
        await it.work()
        assert (await Delivery.objects.aget()).state == State.PUBLISHED
        assert len(it.harness.posts()) == 1


async def test_an_absence_ends_when_the_network_begins_to_give_the_number(monkeypatch):
    async with circle(monkeypatch) as it:
        await it.publish()
        await Absence.objects.acreate(
            community=it.community,
            subject=Subject.PUBLICATION,
            metric="views",
            reason="x",
            seen_at=timezone.now(),
        )
        await it.read()
        assert not await Absence.objects.filter(metric="views").aexists()


@pytest.mark.django_db
def test_today_counts_its_lines_and_asks_a_bounded_number_of_queries(django_assert_max_num_queries):
    actor = make_actor(make_workspace())
    community = make_community(make_client(actor.workspace))
    make_slots(community, (0, 1, 2, 3, 4, 5, 6), timezone.now().time().replace(microsecond=0))
    for hours in range(1, 20):
        make_post(community, planned_at=timezone.now() + timedelta(hours=hours))
    with django_assert_max_num_queries(24):
        day = today(actor, zone="Europe/Moscow")
    assert len(day.drafts) == 19
    assert day.holes
    assert day.on_time == (0, 0)
