"""Signing in, keys that renew themselves, the test button, numbers, talk and settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.testing import Harness
from niva.networks.base.types import Absent, App, Credential, Measure, Outgoing
from niva.networks.threads import NETWORK
from niva.networks.threads.setup import MANIFEST
from niva.networks.threads.tests import contract
from niva.networks.threads.tests.fake import ME, FakeThreads

APP = App("777", "app-secret")
BACK = "https://niva.example.org/back/"


def call_of(harness: Harness) -> Call:
    return replace(harness.call(), app=APP, credential=Credential())


async def signed(harness: Harness, fake: FakeThreads, code: str = "good-code#_") -> Credential:
    return await NETWORK.exchange(
        call_of(harness), params={"code": code}, redirect_uri=BACK, verifier="v", facts={"api_base": fake.url}
    )


def days_to(credential: Credential, fact: str, now: datetime) -> float:
    return (datetime.fromisoformat(str(credential.facts[fact])) - now).total_seconds() / 86400


def test_the_page_of_consent() -> None:
    query = parse_qs(
        urlsplit(NETWORK.authorize_url(APP, redirect_uri=BACK, state="s", verifier="v", facts={})).query
    )
    assert (query["client_id"], query["scope"], query["state"]) == (
        ["777"],
        [",".join(MANIFEST.scopes)],
        ["s"],
    )


async def test_a_key_is_renewed_a_month_before_its_end(harness: Harness, fake: FakeThreads) -> None:
    first = await signed(harness, fake)
    assert first.secrets["access_token"] == first.secrets["refresh_token"] == fake.token
    now = harness.clock()
    assert (days_to(first, "access_expires_at", now), days_to(first, "renewal_ends_at", now)) == (30, 60)
    assert first.expires_at is None
    harness.clock.advance(40 * 86400)
    second = await NETWORK.refresh(harness.call(credential=first))
    assert second.secrets["access_token"] == second.secrets["refresh_token"] == fake.token
    assert second.secrets["access_token"] != first.secrets["access_token"]
    assert days_to(second, "renewal_ends_at", harness.clock()) == 60
    with pytest.raises(NeedsLogin, match="token_revoked"):
        await NETWORK.refresh(harness.call(credential=first))


async def test_a_spent_code_is_no_connection(harness: Harness, fake: FakeThreads) -> None:
    with pytest.raises(Rejected, match="login_declined"):
        await signed(harness, fake, "spent-code")


async def test_a_key_typed_in_is_renewed_tomorrow_and_then_tells_its_end(
    harness: Harness, fake: FakeThreads
) -> None:
    account = await NETWORK.account(harness.call())
    typed = replace(harness.credential, facts={**harness.credential.facts, **account.facts})
    assert 1 < days_to(typed, "access_expires_at", harness.clock()) < 1.1
    renewed = await NETWORK.refresh(harness.call(credential=typed))
    assert days_to(renewed, "renewal_ends_at", harness.clock()) == 60
    later = await NETWORK.account(harness.call(credential=renewed))
    assert "access_expires_at" not in later.facts


async def test_an_answer_without_a_key_is_asked_for_again(harness: Harness, fake: FakeThreads) -> None:
    fake.on_routes.clear()
    with pytest.raises(Temporary):
        await NETWORK.refresh(
            harness.call(credential=replace(harness.credential, facts={"api_base": f"{fake.url}/nowhere"}))
        )


async def test_the_test_button(harness: Harness, fake: FakeThreads) -> None:
    fake.quota = 25
    account = await NETWORK.account(harness.call())
    assert (account.id, account.followers, account.url) == (ME, 410, "https://www.threads.net/@ferma.niva")
    facts = {**harness.credential.facts, **account.facts}
    assert NETWORK.limits_for(replace(harness.credential, facts=facts)).value("posts_per_day") == 25
    other = replace(harness.credential, facts={**facts, "account": "@somebody"})
    with pytest.raises(NeedsLogin, match="key_of_other_account"):
        await NETWORK.account(harness.call(credential=other))
    same = replace(harness.credential, facts={**facts, "account": "https://www.threads.net/@Ferma.Niva/"})
    assert (await NETWORK.account(harness.call(credential=same))).id == ME
    poor = replace(harness.credential, facts={**facts, "scope": "threads_basic threads_content_publish"})
    lacks = (await NETWORK.account(harness.call(credential=poor))).lacks
    assert {"delete", "comments", "mentions", "post_numbers"} <= set(lacks) and "text" not in lacks


async def test_numbers(harness: Harness, fake: FakeThreads) -> None:
    remote = await harness.publish(Outgoing("Пост"))
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    counts = {name: one.value for name, one in told.items() if isinstance(one, Measure)}
    assert counts == {"views": 55, "likes": 9, "comments": 2, "reposts": 4}, "a quote is a repost"
    assert told["votes"] == Absent("votes", "no_poll")
    community = {one.metric: one for one in await NETWORK.read_community(harness.call())}
    assert community["followers"] == Measure("followers", 410)
    fake.no_insights = True
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert told["views"] == Absent("views", "needs_right")
    community = {one.metric: one for one in await NETWORK.read_community(harness.call())}
    assert community["followers"] == Absent("followers", "needs_right")


async def test_the_conversation_holds_answers_to_answers(harness: Harness, fake: FakeThreads) -> None:
    remote, since = await harness.publish(Outgoing("Пост")), harness.clock() - timedelta(minutes=1)
    fake.say_at("comment", "давно", remote.id, since - timedelta(days=1))
    fake.say("comment", "Почём?", remote.id)
    (asked,) = await NETWORK.read_comments(harness.call(), remote, since)
    said = await NETWORK.answer(harness.call(), asked, "500")
    fake.say("comment", "Беру", said.id)
    told = await NETWORK.read_comments(harness.call(), remote, since)
    assert [(one.text, one.ours, one.answers) for one in told] == [
        ("Почём?", False, ""), ("500", True, asked.id), ("Беру", False, said.id),
    ]  # fmt: skip


async def test_an_empty_profile(harness: Harness, fake: FakeThreads) -> None:
    found = await NETWORK.read_profile(harness.call())
    assert (found.about, found.verified, found.last_post_at) == ("Зерно и мёд", True, None)
    for name in ("threads_biography", "threads_profile_picture_url", "is_verified"):
        del fake.settings[name]
    await harness.publish(Outgoing("Пост"))
    found = await NETWORK.read_profile(harness.call())
    assert (found.about, found.verified, found.last_post_at) == ("", False, harness.clock())
    assert found.avatar is not None and found.avatar.url == ""


async def test_the_key_stays_out_of_addresses_and_nothing_is_proved(
    harness: Harness, fake: FakeThreads
) -> None:
    await NETWORK.account(replace(harness.call(), app=APP))
    assert all("appsecret_proof" not in sent and "access_token" not in sent for _, sent in fake.requests)


@pytest.mark.skipif(not contract.given(), reason="NIVA_CONTRACTS is not set: the description is not at hand")
def test_the_description_does_find_faults() -> None:
    assert contract.faults("get", "/me/threads", {"fields": "id,text", "limit": "5"}, {"data": []}) == []
    assert contract.faults("get", "/me/threads", {"fields": "id,txt"}, {"data": []}) == [
        "get /me/threads: no field txt"
    ]
    assert contract.faults("get", "/me/nothing", {}, {}) == ["get /me/nothing: no such call"]
    assert contract.faults("post", "/me/threads_publish", {"id": "1"}, {}) == [
        "post /me/threads_publish: unknown parameter id"
    ]
