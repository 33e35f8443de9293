"""Changing what is out and what will go out, against the fakes of the networks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_workspace
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Attempt, Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import amend
from niva.flows.look_again import remote_of
from niva.flows.tests.scene import scene
from niva.networks.base.errors import Rejected
from niva.networks.base.limits import Limit, Limits
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = "Рёбрышки к выходым", "Рёбрышки к выходным"
LATER = timedelta(hours=3)


@pytest.mark.parametrize("network", ["practice", "vk", "telegram", "mastodon"])
async def test_a_publication_reads_as_the_post_reads_now(monkeypatch, network):
    async with scene(monkeypatch, network) as it:
        post = await it.post(text=BEFORE)
        await it.send()
        assert it.posts(network) == [BEFORE]
        out = await it.delivery(network)
        with pytest.raises(amend.Unchanged):
            await it.call(amend.edit_published, it.actor, publication_id=out.publication.pk)
        await it.rewrite(post, AFTER)
        await it.call(amend.edit_published, it.actor, publication_id=out.publication.pk)
        assert it.posts(network) == [AFTER]
        fresh = (await it.delivery(network)).publication
        assert (fresh.sight, fresh.edited_at is not None) == (Publication.Sight.ALIVE, True)
        assert fresh.revision_id != out.publication.revision_id


async def test_one_action_corrects_everywhere_and_tells_of_each(monkeypatch):
    async with scene(monkeypatch, "practice", "mastodon", "telegram", "vk") as it:
        post = await it.post("practice", "mastodon", text=BEFORE)
        await it.send()
        await it.call(_also, it, post, "telegram", "vk")
        await it.harnesses["mastodon"].network.delete(
            it.harnesses["mastodon"].call(), remote_of((await it.delivery("mastodon")).publication)
        )
        await Delivery.objects.filter(community=it.communities["vk"]).aupdate(state=State.CANCELLED)
        await it.rewrite(post, AFTER)
        told = {one.community.network: one for one in await it.call(
            amend.correct_everywhere, it.actor, post_id=post.pk
        )}  # fmt: skip
        assert {name: one.how for name, one in told.items()} == {
            "practice": "edited", "mastodon": "failed", "telegram": "scheduled",
        }  # fmt: skip
        assert told["mastodon"].sentences and it.posts("mastodon") == []
        gone = await it.delivery("mastodon")  # it burns, like whatever is found missing
        assert (gone.state, gone.code) == (State.REMOVED, "found_missing")
        assert it.posts("practice") == [AFTER]
        again = await it.call(amend.correct_everywhere, it.actor, post_id=post.pk)
        assert {one.community.network: one.how for one in again} == {"practice": "same", "telegram": "same"}
        await it.send()
        assert it.posts("telegram") == [AFTER]


def _also(it, post, *networks) -> None:
    """Further communities of the post, scheduled for later."""
    for name in networks:
        variant = post.variants.create(community=it.communities[name])
        schedule.schedule(it.actor, post_id=post.pk, at=timezone.now() + LATER, variants=[variant.pk])


@pytest.mark.parametrize("again", ["correct", "schedule"])
async def test_what_is_scheduled_goes_out_as_corrected_and_never_as_it_was(monkeypatch, again):
    async with scene(monkeypatch, "practice") as it:
        post = await it.post(text=BEFORE, at=timezone.now() + LATER)
        old = await it.delivery("practice")
        await it.rewrite(post, AFTER)
        if again == "correct":
            await it.call(amend.correct_everywhere, it.actor, post_id=post.pk)
        else:
            await it.call(schedule.schedule, it.actor, post_id=post.pk, at=timezone.now() + LATER)
        fresh = await it.delivery("practice")
        assert fresh.revision_id != old.revision_id and fresh.pk == old.pk
        assert (fresh.state, abs(fresh.due_at - old.due_at) < LATER / 100) == (State.QUEUED, True)
        await it.send()
        assert it.posts("practice") == [AFTER]
        attempt = await Attempt.objects.aget(delivery=fresh)
        assert (
            attempt.revision_id
            == fresh.revision_id
            == (await it.delivery("practice")).publication.revision_id
        )


async def test_a_held_post_is_corrected_and_stays_held(monkeypatch):
    async with scene(monkeypatch, "practice") as it:
        post = await it.post(text=BEFORE, at=timezone.now() + LATER)
        await Delivery.objects.aupdate(state=State.HELD, code="too_late", wake_at=None)
        await it.rewrite(post, AFTER)
        [told] = await it.call(amend.correct_everywhere, it.actor, post_id=post.pk)
        held = await it.delivery("practice")
        assert (told.how, held.state, held.code, held.wake_at) == ("scheduled", State.HELD, "too_late", None)
        await it.call(schedule.reschedule, it.actor, delivery_id=held.pk, at=None)
        await it.send()
        assert it.posts("practice") == [AFTER]


async def test_nothing_is_asked_of_a_network_that_lets_nothing_be_changed(monkeypatch):
    async with scene(monkeypatch, "practice") as it:
        post = await it.post(text=BEFORE)
        await it.send()
        await it.rewrite(post, AFTER)
        out = await it.delivery("practice")
        network = get_network("practice")
        real = network.limits_for
        old = Limit(60, "https://example.org", timezone.now().date())
        monkeypatch.setattr(
            type(network), "limits_for",
            lambda self, credential: Limits({**real(credential).items, "edit_seconds": old}),
        )  # fmt: skip
        await Publication.objects.aupdate(published_at=timezone.now() - timedelta(seconds=61))
        with pytest.raises(Rejected, match="edit_too_late"):
            await it.call(amend.edit_published, it.actor, publication_id=out.publication.pk)
        monkeypatch.setattr(amend, "check", lambda variant: _unable(real_check, variant))
        with pytest.raises(Rejected, match="edit_unsupported"):
            await it.call(amend.edit_published, it.actor, publication_id=out.publication.pk)
        assert it.posts("practice") == [BEFORE]


real_check = amend.check


def _unable(check, variant):
    found = check(variant)
    return replace(found, abilities=found.abilities - {"edit"})


def test_bluesky_shows_no_edits_and_says_so():
    assert "edit" not in get_network("bluesky").manifest.abilities


async def test_strangers_and_drafts(monkeypatch):
    async with scene(monkeypatch, "practice") as it:
        post = await it.post(text=BEFORE, at=timezone.now() + LATER)
        stranger = await it.call(lambda: make_actor(make_workspace("Чужие")))
        with pytest.raises(NotFound):
            await it.call(amend.correct_everywhere, stranger, post_id=post.pk)
        await Delivery.objects.aupdate(state=State.CANCELLED)
        with pytest.raises(Invalid):
            await it.call(amend.correct_everywhere, it.actor, post_id=post.pk)


# One unclear community, and the others


async def test_an_unclear_community_keeps_no_other_one_waiting(monkeypatch):
    async with scene(monkeypatch, "practice", "mastodon", "telegram", flavour="neither") as it:
        it.harnesses["practice"].fault("reset")
        await it.post(text=AFTER)
        await it.send()
        unclear = await it.delivery("practice")
        assert (unclear.state, unclear.wake_at) == (State.UNKNOWN, None)  # only a person can tell
        for other in ("mastodon", "telegram"):
            assert (await it.delivery(other)).state == State.PUBLISHED
            assert it.posts(other) == [AFTER]
        await it.call(schedule.say_it_is_not_out, it.actor, delivery_id=unclear.pk, send_again=False)
        assert (await it.delivery("practice")).state == State.CANCELLED
