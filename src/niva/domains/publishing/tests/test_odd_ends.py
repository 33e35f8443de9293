"""What can go wrong beside the calls themselves: stale uploads, doubts, odd values, keys, lost hours."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from niva.domains.metrics.models import Schedule
from niva.domains.people.actor import machine
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery import lease
from niva.domains.publishing.models import Attempt, Delivery, Post, PostMedia, Publication
from niva.domains.publishing.services import media
from niva.domains.publishing.services import schedule as service
from niva.domains.publishing.services.sight import is_gone
from niva.domains.publishing.states import State
from niva.domains.publishing.tests.test_delivery import stage
from niva.flows.follow import follow
from niva.kit.jobs.testing import waiting
from niva.networks.base.errors import Gone, Limited, OutcomeUnknown, Rejected, Temporary

pytestmark = pytest.mark.django_db(transaction=True)


def actor_of(it):
    return machine(it.delivery.workspace)


def raising(error):
    async def call(*_, **__):
        raise error

    return call


async def test_what_may_be_out_there_cannot_be_taken_back_or_rewritten():
    async with stage("keyed") as it:
        it.harness.fault("reset")
        assert (await it.run()).state == State.UNKNOWN
        for code in ("limited", "revoked"):  # answered before the key is looked at: proves nothing
            it.harness.fault(code)
            delivery = await it.run()
            assert delivery.state == {"limited": State.UNKNOWN, "revoked": State.NEEDS_LOGIN}[code]
            await Post.objects.filter(pk=delivery.post_id).aupdate(text="Другой текст")
            actor = await sync_to_async(actor_of)(it)
            for meddle, more in (
                (service.cancel, {"delivery_id": delivery.pk}),
                (service.reschedule, {"delivery_id": delivery.pk, "at": None}),
                (service.schedule, {"post_id": delivery.post_id}),
            ):
                with pytest.raises(Invalid):
                    await sync_to_async(meddle)(actor, **more)
        assert len(it.posts()) == 1


@pytest.mark.parametrize(("late", "wakes"), [(1, True), (9, False)])
async def test_a_new_sign_in_looks_an_unclear_delivery_up_before_anything_else(late, wakes):
    async with stage("searchable") as it:
        it.harness.fault("reset")
        await it.run()
        await Delivery.objects.aupdate(state=State.NEEDS_LOGIN, wake_at=None)
        await Delivery.objects.aupdate(due_at=timezone.now() - timedelta(hours=late))
        await sync_to_async(service.resume_after_login)(it.delivery.community_id)
        delivery = await it.fresh()
        assert (delivery.state, delivery.wake_at is not None) == (State.UNKNOWN, wakes)
        if wakes:
            assert (await it.run()).state == State.PUBLISHED
        assert len(it.posts()) == 1


def _picture(it, colour: str) -> None:
    data = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(data, "PNG")
    file = SimpleUploadedFile("picture.png", data.getvalue())
    asset = media.upload(actor_of(it), client_id=it.delivery.client_id, file=file)
    PostMedia.objects.filter(post_id=it.delivery.post_id).delete()
    PostMedia.objects.create(post_id=it.delivery.post_id, asset=asset)
    service.schedule(actor_of(it), post_id=it.delivery.post_id)


async def test_another_picture_is_uploaded_anew_not_the_one_before():
    async with stage() as it:
        await sync_to_async(_picture)(it, "red")
        it.harness.fault("refused")
        assert (await it.run()).state == State.REJECTED
        await sync_to_async(_picture)(it, "blue")
        assert (await it.run()).state == State.PUBLISHED
        uploads = [a async for a in Attempt.objects.filter(step="upload:0").order_by("id")]
        assert [a.outcome for a in uploads] == ["absent", "done"]
        assert uploads[0].result != uploads[1].result


async def test_a_silent_network_is_looked_at_ever_less_often_and_a_limit_is_kept(monkeypatch):
    async with stage("searchable") as it:
        it.harness.fault("reset")
        await it.run()
        network, pauses = it.harness.network, []
        monkeypatch.setattr(type(network), "look_up", raising(Temporary("no_answer")))
        for _ in range(4):
            before = it.now()
            pauses.append((await it.run()).wake_at - before)
        assert pauses == sorted(pauses) and pauses[-1] > timedelta(minutes=2)
        until = timezone.now() + timedelta(hours=2)
        monkeypatch.setattr(type(network), "look_up", raising(Limited("limited", until=until)))
        delivery = await it.run()
        assert (delivery.state, delivery.wake_at) == (State.UNKNOWN, until)
        it.ahead = timedelta(hours=25)
        delivery = await it.run()
        assert (delivery.state, delivery.code, delivery.wake_at) == (State.UNKNOWN, "ask_person", None)


@pytest.mark.parametrize("detail", ["a\x00b", "half a pair \ud83d", "x" * 5000])
async def test_whatever_a_network_says_is_stored(monkeypatch, detail):
    async with stage() as it:
        monkeypatch.setattr(type(it.harness.network), "perform", raising(Rejected("content_refused", detail)))
        delivery = await it.run()
        assert (delivery.state, delivery.code) == (State.REJECTED, "content_refused")
        assert await Attempt.objects.filter(outcome="rejected").acount() == 1


async def test_an_id_that_fits_nowhere_stops_one_delivery_and_asks():
    async with stage() as it:
        network, perform = it.harness.network, type(it.harness.network).perform

        async def endless(self, call, step, out, done):
            return {**await perform(self, call, step, out, done), "id": "9" * 400}

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(network), "perform", endless)
            delivery = await it.run()
        assert (delivery.state, delivery.code) == (State.UNKNOWN, "desk_fault")
        assert len(it.posts()) == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (OutcomeUnknown("no_answer"), State.WAITING),
        (Temporary("no_answer"), State.WAITING),
        (Rejected("client_unknown"), State.NEEDS_LOGIN),
    ],
)
async def test_renewing_keys_may_fail_in_every_way_without_losing_the_post(monkeypatch, error, state):
    async with stage() as it:
        monkeypatch.setattr(type(it.harness.network), "refresh", raising(error))
        monkeypatch.setattr("niva.domains.publishing.delivery.keyring.renewal_due", lambda *_: True)
        assert (await it.run()).state == state
        assert not it.posts()


async def test_what_is_out_stays_out_when_the_rest_cannot_be_done(monkeypatch):
    async with stage(first_comment="Заказ по ссылке") as it:
        perform = type(it.harness.network).perform

        async def tired(self, call, step, out, done):
            if step.name == "comment":
                raise Limited("limited")
            return await perform(self, call, step, out, done)

        monkeypatch.setattr(type(it.harness.network), "perform", tired)
        assert (await it.run()).state == State.ACCEPTED

        def gone(name):
            raise KeyError(name)

        it.engine.network_of = gone
        await it.pool.execute("update publishing_delivery set wake_at = now(), lease_until = null")
        publication_id = await it.engine.deliver(it.delivery.pk)
        delivery = await it.fresh()
        assert (delivery.state, delivery.code) == (State.PUBLISHED, "first_comment_failed")
        assert publication_id == delivery.publication.pk  # so that its numbers are read all the same


async def test_a_comment_that_is_limited_for_a_day_is_given_up_and_the_post_is_not(monkeypatch):
    async with stage(first_comment="Заказ по ссылке") as it:
        perform = type(it.harness.network).perform

        async def tired(self, call, step, out, done):
            if step.name == "comment":
                raise Temporary("no_answer")
            return await perform(self, call, step, out, done)

        monkeypatch.setattr(type(it.harness.network), "perform", tired)
        assert (await it.run()).state == State.ACCEPTED
        it.ahead = timedelta(hours=25)
        delivery = await it.run()
        assert (delivery.state, delivery.code, delivery.wake_at) == (
            State.PUBLISHED, "first_comment_failed", None,
        )  # fmt: skip


async def test_a_post_whose_day_has_passed_is_not_sent_without_asking():
    async with stage() as it:
        it.ahead = timedelta(hours=25)
        delivery = await it.run()
        assert (delivery.state, delivery.code) == (State.HELD, "too_late")
        assert not it.posts()


async def test_a_database_that_stumbles_over_a_lease_does_not_hide_that_the_post_is_out(monkeypatch):
    async with stage() as it:
        real = asyncio.sleep

        async def at_once(_seconds):
            await real(0)

        async def stumbling(_work):
            raise ConnectionResetError

        monkeypatch.setattr(lease.asyncio, "sleep", at_once)
        monkeypatch.setattr(it.engine.store, "renew", stumbling)
        assert await it.engine.deliver(it.delivery.pk) is not None
        monkeypatch.undo()
        assert (await it.fresh()).state == State.PUBLISHED


async def test_a_network_that_shows_a_new_post_late_sets_nothing_on_fire(monkeypatch):
    async with stage() as it:
        monkeypatch.setattr(type(it.harness.network), "read_back", raising(Gone("post_gone")))
        delivery = await it.run()
        assert (delivery.state, delivery.publication.sight) == (State.PUBLISHED, Publication.Sight.UNSEEN)


async def test_taken_down_while_a_worker_looks_back_stays_taken_down(monkeypatch):
    async with stage() as it:
        read_back = type(it.harness.network).read_back

        async def slow(self, call, remote):
            seen = await read_back(self, call, remote)
            publication = await Publication.objects.aget(delivery=it.delivery)
            await sync_to_async(is_gone)(publication.pk)
            return seen

        monkeypatch.setattr(type(it.harness.network), "read_back", slow)
        delivery = await it.run()
        assert (delivery.state, delivery.publication.sight) == (State.REMOVED, Publication.Sight.REMOVED)


async def test_a_publication_whose_worker_died_before_planning_readings_is_found():
    async with stage() as it:
        delivery = await it.run()
        assert await sync_to_async(follow)() == 1
        assert await sync_to_async(follow)() == 0
        assert (await Schedule.objects.aget()).subject_id == delivery.publication.pk
        looks = [job for job in await sync_to_async(waiting)() if job.kind == "look"]
        assert [job.payload for job in looks] == [{"publication": delivery.publication.pk}] * 3


async def test_a_search_knows_the_key_of_what_it_searches_for(monkeypatch):
    """Where the key is the post's address (Bluesky), a search without it finds nothing: a second post."""
    async with stage("searchable") as it:
        it.harness.fault("reset")
        await it.run()
        look_up, asked = type(it.harness.network).look_up, []

        async def noting(self, call, question):
            asked.append(call.key)
            return await look_up(self, call, question)

        monkeypatch.setattr(type(it.harness.network), "look_up", noting)
        await it.run()
        assert asked == [str((await Attempt.objects.aget(step="create")).key)]
