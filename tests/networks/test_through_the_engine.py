"""Every network that is called, under the whole desk: what its own suite proves holds in the engine, too.

Real PostgreSQL, the real worker, the real pages, real HTTP to the server that the network's harness opens.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from django.conf import settings as desk
from django.test import Client
from django.utils import timezone, translation

from niva.domains.metrics.models import Schedule
from niva.domains.publishing.delivery.content import to_outgoing
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import Outcome, State
from niva.kit.net.public import is_outer_https
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.testing import TEXT
from niva.words import describe
from tests.networks.passage import BASE, Passage, passage
from tests.networks.test_suite import CONTENT, DONE_BUT_UNHEARD, WITH_HARNESS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
MENDED = "Урожай собран: 13 тонн"
Sight = Publication.Sight
STILL_LISTED = {"reddit"}  # whose author still sees in his own list what was taken down


@pytest.fixture(params=WITH_HARNESS)
async def it(
    request: pytest.FixtureRequest, transactional_db: None, monkeypatch: Any, settings: Any, tmp_path: Path
) -> AsyncIterator[Passage]:
    async with passage(monkeypatch, settings, request.param, tmp_path) as opened:
        yield opened


def need(it: Passage, fault: str) -> None:
    if fault not in it.harness.faults:
        pytest.skip(f"{it.name}: its fake has no fault {fault!r}")


def said(code: str, it: Passage) -> str:
    with translation.override("en"):
        return describe(code, {"network": it.harness.network.manifest.title}).what


# --- it goes out ---


async def test_a_post_goes_out_is_seen_followed_and_counted(it: Passage) -> None:
    await it.write()
    await it.work()
    delivery = await it.delivery()
    assert (delivery.state, delivery.code) == (State.PUBLISHED, "")
    assert [(one["text"], one["media"]) for one in it.harness.posts()] == [(TEXT, await _files(it, delivery))]
    publication = delivery.publication
    assert publication.sight == (Sight.ALIVE if "read_back" in it.abilities else Sight.UNTOLD)
    assert publication.followed_at is not None
    await _opens(it, publication.url)
    await it.count()
    await _is_counted(it)
    assert len(it.harness.posts()) == 1


async def _files(it: Passage, delivery: Delivery) -> int:
    """How many went with it. Those that the network fetches itself open at the address it was told."""
    files = to_outgoing(delivery.revision.content, Path(desk.MEDIA_ROOT)).media

    def fetch() -> None:
        for one in files:
            assert one.url.startswith(f"{BASE}/")
            answer = Client().get(urlsplit(one.url).path)
            told = (answer.status_code, answer["Content-Type"], answer.getvalue())
            assert told == (200, one.mime, one.path.read_bytes())

    await it.stage.call(fetch)
    return len(files)


async def _opens(it: Passage, url: str) -> None:
    """The address of the post. Of the servers here, only the practice network's has pages for people."""
    if it.name == "practice":
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert (answer.status, TEXT in unescape(await answer.text())) == (200, True)
    else:
        own = str(it.harness.credential.facts.get("instance", "https:"))
        assert not url or is_outer_https(url) or url.startswith(own)


async def _is_counted(it: Passage) -> None:
    """All that the network counts came in, and nothing that it does not know."""
    counted = await it.readings()
    for subject, ability, words in (
        ("publication", "post_numbers", POST_METRICS), ("community", "community_numbers", COMMUNITY_METRICS),
    ):  # fmt: skip
        assert (subject in counted) == (ability in it.abilities), counted
        assert counted.get(subject, set()) <= set(words)
    assert [code async for code in Schedule.objects.values_list("code", flat=True)] == ["", ""]


@pytest.mark.parametrize("kind", CONTENT)
async def test_every_kind_of_post_goes_out_whole(it: Passage, kind: str) -> None:
    """Files uploaded and fitted by the desk, cards, polls, chains, comments: as the composer keeps them."""
    if kind not in it.abilities:
        pytest.skip(f"{it.name} has no {kind}")
    out = it.harness.samples(it.folder)[kind]
    await it.write(out)
    delivery = await it.rest()
    assert (delivery.state, delivery.code) == (State.PUBLISHED, ""), await it.ends()
    assert [one["media"] for one in it.harness.posts()] == [await _files(it, delivery)]
    chain = [part.text for part in out.thread]
    assert it.harness.parts() in (chain, [*chain, out.first_comment])  # where a comment is a post like others
    tried = [one.step async for one in delivery.attempts.all()]
    assert len(tried) == len(set(tried)) and ("comment" in tried) == (kind == "first_comment")
    await it.press("look", delivery)
    assert (await it.delivery()).publication.sight in (Sight.ALIVE, Sight.UNTOLD)


# --- it is changed and taken down, from the post's page ---


async def test_what_is_out_is_changed_and_taken_down(it: Passage) -> None:
    post = await it.write()
    delivery = await it.rest()
    assert "It is there, as sent." in await it.press("look", delivery)
    await it.stage.rewrite(post, MENDED)
    page, changes = await it.press("edit", delivery), "edit" in it.abilities
    assert ("The network shows the new text now." if changes else said("edit_unsupported", it)) in page
    assert [one["text"] for one in it.harness.posts()] == [MENDED if changes else TEXT]
    if changes:
        assert "It is there, as sent." in await it.press("look", delivery)
    page, deletes = await it.press("delete", delivery), "delete" in it.abilities
    assert ("Taken down." if deletes else said("delete_unsupported", it)) in page
    assert len(it.harness.posts()) == (0 if deletes else 1)
    after = await it.delivery()
    assert (after.state, after.code) == ((State.REMOVED, "taken_down") if deletes else (State.PUBLISHED, ""))


# --- the answer never comes ---


@pytest.mark.parametrize("fault", DONE_BUT_UNHEARD)
async def test_unheard_it_is_out_once_or_a_person_is_asked(it: Passage, fault: str) -> None:
    need(it, fault)
    await it.write()
    it.harness.fault(fault)
    delivery = await it.rest()
    assert len(it.harness.posts()) == 1
    step = it.create
    settled = step.keyed or step.searchable
    assert delivery.state == (State.PUBLISHED if settled else State.UNKNOWN), delivery.code
    if not settled:
        await it.stage.call(
            schedule.say_it_is_out, it.stage.actor, delivery_id=delivery.pk, url="https://example.org/1"
        )
    delivery = await it.rest()
    assert (delivery.state, delivery.publication.remote_id != "") == (State.PUBLISHED, True)
    assert len(it.harness.posts()) == 1


async def test_what_is_not_there_is_sent_again(it: Passage) -> None:
    """Unheard, and gone before anybody looked: found by looking, or by a person where only he can.

    With a key of ours the network may say that it has it, as it had: then nothing is sent.
    """
    need(it, "forgotten")
    await it.write()
    it.harness.fault("error_after_commit")
    await it.stage.send()
    it.harness.fault("forgotten")
    delivery = await it.rest()
    if delivery.state == State.UNKNOWN:
        assert it.harness.posts() == []
        await it.stage.call(
            schedule.say_it_is_not_out, it.stage.actor, delivery_id=delivery.pk, send_again=True
        )
        delivery = await it.rest()
    assert delivery.state == State.PUBLISHED
    told_yet = it.create.keyed or it.harness.network.manifest.name in STILL_LISTED
    assert len(it.harness.posts()) in ((0, 1) if told_yet else (1,))


# --- too often, and keys that are dead ---


@pytest.mark.parametrize("fault", ["limited", "limited_no_delay"])
async def test_too_often_is_later(it: Passage, fault: str) -> None:
    need(it, fault)
    await it.write()
    it.harness.fault(fault)
    before = timezone.now()
    await it.stage.send()
    delivery = await it.delivery()
    assert (delivery.state, it.harness.posts()) == (State.WAITING, [])
    assert delivery.wake_at is not None and delivery.wake_at > before
    await it.wait_until(delivery.wake_at)
    await it.work()
    delivery = await it.delivery()
    assert (delivery.state, len(it.harness.posts())) == (State.PUBLISHED, 1)
    assert await it.ends() == [Outcome.LIMITED]


@pytest.mark.parametrize("fault", ["revoked", "expired"])
async def test_dead_keys_wait_for_new_ones(it: Passage, fault: str) -> None:
    need(it, fault)
    await it.write()
    it.harness.fault(fault)
    delivery = await it.rest()
    if fault == "expired" and delivery.state == State.PUBLISHED:  # renewed by itself
        assert (len(it.harness.posts()), await it.is_connected()) == (1, True)
        return
    assert (delivery.state, it.harness.posts()) == (State.NEEDS_LOGIN, [])
    assert not await it.is_connected()
    module = importlib.import_module(f"niva.networks.{it.name}.tests.harness")
    async with module.open_harness() as elsewhere:  # the same network, with keys that live
        elsewhere.clock.time = it.harness.clock.time
        await it.sign_in(elsewhere.credential)
        delivery = await it.rest()
        assert (delivery.state, len(elsewhere.posts())) == (State.PUBLISHED, 1)
    assert (it.harness.posts(), await it.is_connected()) == ([], True)
