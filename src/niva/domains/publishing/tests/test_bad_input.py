"""Rows that are not as they should be: set aside with a reason that people can read, the rest goes on."""

from __future__ import annotations

import errno
import io
import resource
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from asgiref.sync import sync_to_async
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community, CommunityState, Credential
from niva.domains.people.actor import machine
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.content import fingerprint
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Asset, Attempt, Delivery, Post, Revision
from niva.domains.publishing.services import media
from niva.domains.publishing.services import schedule as service
from niva.domains.publishing.states import State
from niva.domains.publishing.tests.test_delivery import stage
from niva.kit.seal import seal
from niva.networks.base.errors import NeedsLogin
from niva.words import is_known

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(it, community: Community) -> None:
    """With keys that need no renewal: two communities share them here, and a renewal spends the old ones."""
    credential, tomorrow = it.harness.credential, timezone.now() + timedelta(days=1)
    connect(community, dict(credential.secrets), facts=dict(credential.facts), expires_at=tomorrow)


@sync_to_async
def neighbour(it) -> Delivery:
    """A good post for another community of the same client."""
    client = it.delivery.client
    community = make_community(client)
    sign_in(it, community)
    post = make_post(community, text="Сосед")
    return service.schedule(machine(client.workspace), post_id=post.pk).deliveries[0]


async def set_aside(it, beside: Delivery, state: State, code: str) -> Delivery:
    """The bad one stops in `state` for `code` without any call; the good one goes out."""
    bad = await it.run()
    assert (bad.state, bad.code) == (state, code)
    assert bad.wake_at is None and bad.lease is None
    assert is_known(code)
    assert not await Attempt.objects.filter(delivery=bad).aexists()
    await it.engine.deliver(beside.pk)
    assert (await Delivery.objects.aget(pk=beside.pk)).state == State.PUBLISHED
    assert [post["text"] for post in it.posts()] == ["Сосед"]
    return bad


async def test_a_delivery_that_is_no_more_is_nothing_to_do():
    async with stage() as it:
        await Delivery.objects.all().adelete()
        assert await it.engine.deliver(it.delivery.pk) is None
        assert not it.posts()


async def test_a_delivery_that_vanishes_in_the_workers_hands_is_let_go(monkeypatch):
    async with stage() as it:
        beside, open_attempt = await neighbour(it), it.engine.store.open_attempt

        async def vanish(work, step, key):
            await Delivery.objects.filter(pk=it.delivery.pk).adelete()
            return await open_attempt(work, step, key)

        monkeypatch.setattr(it.engine.store, "open_attempt", vanish)
        assert await it.engine.deliver(it.delivery.pk) is None
        assert await it.engine.deliver(beside.pk) is not None
        assert [post["text"] for post in it.posts()] == ["Сосед"]


async def test_a_post_that_was_put_away_does_not_come_back_with_a_new_sign_in():
    async with stage() as it:
        beside = await neighbour(it)
        await Delivery.objects.filter(pk=it.delivery.pk).aupdate(state=State.NEEDS_LOGIN, wake_at=None)
        await Post.objects.filter(pk=it.delivery.post_id).aupdate(deleted_at=timezone.now())
        await sync_to_async(service.resume_after_login)(it.delivery.community_id)
        await set_aside(it, beside, State.REJECTED, "post_deleted")


async def test_a_community_of_another_client_now_gets_nothing_of_the_former_one():
    async with stage() as it:
        beside = await neighbour(it)
        other = await sync_to_async(lambda: make_client(it.delivery.workspace, name="Другой"))()
        await Community.objects.filter(pk=it.delivery.community_id).aupdate(client=other)
        await set_aside(it, beside, State.REJECTED, "community_moved")


async def test_what_goes_out_is_what_was_scheduled_whatever_is_written_since():
    async with stage() as it:
        await Post.objects.filter(pk=it.delivery.post_id).aupdate(text="Ещё не согласовано")
        assert (await it.run()).state == State.PUBLISHED
        assert [post["text"] for post in it.posts()] == ["Рёбрышки к выходным"]


async def test_a_revision_that_was_changed_behind_its_back_is_not_sent():
    async with stage() as it:
        beside = await neighbour(it)
        revision = await Revision.objects.aget(pk=it.delivery.revision_id)
        await Revision.objects.filter(pk=revision.pk).aupdate(content={**revision.content, "text": "Чужое"})
        await set_aside(it, beside, State.REJECTED, "revision_changed")


@pytest.mark.parametrize(
    "content", [{}, {"text": 7}, {"text": "x", "media": [{}]}, {"text": "x", "poll": []}]
)
async def test_content_that_makes_no_sense_stops_one_post_only(content):
    async with stage() as it:
        beside = await neighbour(it)
        same = {"content": content, "sha256": fingerprint(content)}
        await Revision.objects.filter(pk=it.delivery.revision_id).aupdate(**same)
        bad = await it.run()
        assert bad.state in (State.REJECTED, State.PUBLISHED) and bad.wake_at is None
        if bad.state == State.REJECTED:
            assert is_known(bad.code)
        await it.engine.deliver(beside.pk)
        assert (await Delivery.objects.aget(pk=beside.pk)).state == State.PUBLISHED


def _sealed_by_another(secrets) -> bytes:
    return seal(secrets, [Fernet.generate_key().decode()])


def _tampered(secrets) -> bytes:
    whole = seal(secrets, settings.TOKEN_KEYS)
    return whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]


def _no_mapping(_secrets) -> bytes:
    return Fernet(settings.TOKEN_KEYS[0]).encrypt(b'["not", "a", "mapping"]')


def _no_json(_secrets) -> bytes:
    return Fernet(settings.TOKEN_KEYS[0]).encrypt(b"\xff\xfe")


@pytest.mark.parametrize("spoil", [_sealed_by_another, _tampered, _no_mapping, _no_json, lambda _: b""])
async def test_keys_that_do_not_open_ask_for_a_sign_in(spoil, caplog):
    async with stage() as it:
        beside = await neighbour(it)
        secrets = dict(it.harness.credential.secrets)
        await Credential.objects.filter(community=it.delivery.community_id).aupdate(sealed=spoil(secrets))
        await set_aside(it, beside, State.NEEDS_LOGIN, "keys_unreadable")
        community = await Community.objects.aget(pk=it.delivery.community_id)
        assert (community.state, community.state_reason) == (CommunityState.NEEDS_LOGIN, "keys_unreadable")
        assert not any(secret in caplog.text for secret in secrets.values())
        # the person signs in again, and the same post goes out
        await sync_to_async(sign_in)(it, community)
        await sync_to_async(service.resume_after_login)(community.pk)
        assert (await it.run()).state == State.PUBLISHED


# --- clocks that jump -----------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-50, 50])
async def test_a_worker_whose_clock_jumps_between_the_claim_and_the_call_goes_by_the_databases(
    minutes, monkeypatch
):
    """By more than this community's posts may be late, and than any pause before a try."""
    async with stage("searchable") as it:
        await Community.objects.all().aupdate(late_minutes=20)
        it.engine.now = it.engine.store.clock
        open_attempt = it.engine.store.open_attempt
        with time_machine.travel(datetime.now(UTC), tick=True) as clock:

            async def jump(work, step, key):
                clock.shift(timedelta(minutes=minutes))
                return await open_attempt(work, step, key)

            monkeypatch.setattr(it.engine.store, "open_attempt", jump)
            it.harness.fault("limited_no_delay")
            waiting = await it.run()
            monkeypatch.undo()
        now = await it.pool.fetchval("select now()")
        assert (waiting.state, waiting.code) == (State.WAITING, "too_often")
        assert timedelta(0) < waiting.wake_at - now < timedelta(minutes=1)
        out = await it.run()
        assert out.state == State.PUBLISHED and len(it.posts()) == 1
        assert abs(out.publication.published_at - now) < timedelta(minutes=1)


async def test_the_databases_clock_jumps_ahead_and_the_lease_is_over_before_the_call(monkeypatch):
    """To its rows it is the same as if they were hours older."""
    async with stage("neither") as it:
        open_attempt = it.engine.store.open_attempt

        async def jump(work, step, key):
            monkeypatch.undo()
            await it.pool.execute(
                "update publishing_delivery set lease_until = lease_until - interval '3 hours', "
                "wake_at = wake_at - interval '3 hours'"
            )
            assert await it.engine.deliver(it.delivery.pk) is not None  # another worker takes it up
            return await open_attempt(work, step, key)

        monkeypatch.setattr(it.engine.store, "open_attempt", jump)
        assert (await it.run()).state == State.PUBLISHED
        assert len(it.posts()) == 1
        assert await Attempt.objects.filter(delivery=it.delivery).acount() == 1


async def test_the_databases_clock_jumps_back_and_the_one_who_holds_it_goes_on(monkeypatch):
    async with stage("neither") as it:
        open_attempt = it.engine.store.open_attempt

        async def jump(work, step, key):
            await it.pool.execute(
                "update publishing_delivery set lease_until = lease_until + interval '3 hours', "
                "wake_at = wake_at + interval '3 hours'"
            )
            assert await it.engine.deliver(it.delivery.pk) is None
            return await open_attempt(work, step, key)

        monkeypatch.setattr(it.engine.store, "open_attempt", jump)
        assert (await it.run()).state == State.PUBLISHED
        assert len(it.posts()) == 1


# --- a disk that is full --------------------------------------------------------------------------------


@contextmanager
def files_no_larger_than(size: int):
    """Every file of this process. The same path as a full disk takes, with EFBIG in place of ENOSPC."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _picture() -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(data, "PNG")
    return SimpleUploadedFile("поле.png", data.getvalue())


@pytest.mark.parametrize("room", [0, 4096])
def test_a_full_disk_takes_no_file_says_so_and_keeps_no_half_of_it(room):
    actor = make_actor(make_workspace())
    client = make_client(actor.workspace)
    whole = media.upload(actor, client_id=client.pk, file=_picture())  # the folders are there by now
    before = _files()
    with files_no_larger_than(room), pytest.raises(Invalid) as refused:
        media.upload(actor, client_id=client.pk, file=_picture())
    assert "disk" in str(refused.value.errors) or "диск" in str(refused.value.errors)
    assert _files() == before
    assert list(Asset.objects.all()) == [whole]
    assert media.upload(actor, client_id=client.pk, file=_picture()).pk  # there is room again


def test_a_disk_that_fails_otherwise_is_no_matter_of_room(monkeypatch):
    actor = make_actor(make_workspace())
    client = make_client(actor.workspace)

    def broken(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(media, "_stage", broken)
    with pytest.raises(OSError):
        media.upload(actor, client_id=client.pk, file=_picture())


def _files() -> set[Path]:
    root = Path(settings.MEDIA_ROOT)
    return {path for path in root.rglob("*") if path.is_file()}


# --- keys that change while they are used ---------------------------------------------------------------


@pytest.mark.parametrize(("flavour", "state"), [("keyed", State.WAITING), ("searchable", State.UNKNOWN)])
async def test_a_refusal_of_keys_that_were_replaced_meanwhile_says_nothing_of_the_new_ones(
    flavour, state, monkeypatch
):
    """The person has just signed in; a late answer about the old keys must not ask for it again."""
    async with stage(flavour) as it:
        if state == State.UNKNOWN:
            it.harness.fault("reset")
            assert (await it.run()).state == State.UNKNOWN
        community = await Community.objects.aget(pk=it.delivery.community_id)
        network = type(it.harness.network)

        async def refused(*_, **__):
            await sync_to_async(sign_in)(it, community)
            await sync_to_async(service.resume_after_login)(community.pk)
            raise NeedsLogin("token_revoked")

        with monkeypatch.context() as patch:
            patch.setattr(network, "perform", refused)
            patch.setattr(network, "look_up", refused)
            patch.setattr(network, "refresh", refused)
            delivery = await it.run()
        assert (delivery.state, delivery.code) == (state, "token_revoked")
        assert delivery.wake_at is not None
        await community.arefresh_from_db()
        assert community.state == CommunityState.CONNECTED
        assert (await it.run()).state == State.PUBLISHED
        assert len(it.posts()) == 1
