"""Signing in, the test button, numbers, talk and settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.network import Call, SeveralFit
from niva.networks.base.testing import Harness
from niva.networks.base.types import Absent, App, Credential, Measure, Remote
from niva.networks.instagram import NETWORK
from niva.networks.instagram.tests.fake import IG, PAGE, FakeInstagram

APP = App("4242", "app-secret")


def call_of(harness: Harness) -> Call:
    return replace(harness.call(), app=APP, credential=Credential())


async def signed(harness: Harness, fake: FakeInstagram, account: str = "") -> Credential:
    facts = {"api_base": fake.url, **({"account": account} if account else {})}
    return await NETWORK.exchange(
        call_of(harness),
        params={"code": "good"},
        redirect_uri="https://n.example/b/",
        verifier="v",
        facts=facts,
    )


@pytest.mark.parametrize("written", ["", "@Ferma.Niva", "https://www.instagram.com/ferma.niva/", PAGE])
async def test_the_page_with_the_account_is_taken(
    harness: Harness, fake: FakeInstagram, written: str
) -> None:
    found = await signed(harness, fake, written)
    assert (found.facts["ig_id"], found.facts["page_id"]) == (IG, PAGE)
    assert dict(found.secrets) == {"access_token": fake.token}


async def test_a_page_without_an_account_is_told(harness: Harness, fake: FakeInstagram) -> None:
    fake.linked = None
    with pytest.raises(Rejected, match="no_professional_account"):
        await signed(harness, fake)
    with pytest.raises(NeedsLogin, match="no_professional_account"):
        await NETWORK.account(harness.call())


async def test_several_accounts_want_a_choice_by_their_own_numbers(
    harness: Harness, fake: FakeInstagram
) -> None:
    other = {"id": "17841400000000002", "username": "lavka"}
    fake.more_pages = [{"id": "998", "name": "Лавка", "instagram_business_account": other}]
    with pytest.raises(SeveralFit) as caught:
        await signed(harness, fake)
    told = [(one.id, one.detail, one.credential.facts["page_id"]) for one in caught.value.candidates]
    assert told == [(IG, "ferma.niva", PAGE), ("17841400000000002", "lavka", "998")]
    assert (await signed(harness, fake, "lavka")).facts["ig_id"] == "17841400000000002"


async def test_the_wrong_kinds_of_keys(harness: Harness, fake: FakeInstagram) -> None:
    with pytest.raises(Rejected, match="page_unknown"):
        await signed(harness, fake, "somebody")
    other = replace(harness.credential, facts={**harness.credential.facts, "account": "somebody"})
    with pytest.raises(NeedsLogin, match="key_of_other_account"):
        await NETWORK.account(harness.call(credential=other))
    fake.kind = "user"
    with pytest.raises(NeedsLogin, match="user_key_given"):
        await NETWORK.account(harness.call())


async def test_the_accounts_own_number_of_posts_goes_before_the_usual_one(
    harness: Harness, fake: FakeInstagram
) -> None:
    fake.quota = 25
    account = await NETWORK.account(harness.call())
    assert (account.id, account.name, account.followers) == (IG, "Ферма «Нива»", 830)
    facts = {**harness.credential.facts, **account.facts}
    limit = NETWORK.limits_for(replace(harness.credential, facts=facts)).get("posts_per_day")
    assert limit is not None and (limit.value, limit.confirmed) == (25, True)
    assert NETWORK.limits_for(harness.credential).value("posts_per_day") == 100


async def test_what_the_rights_do_not_carry(harness: Harness) -> None:
    facts = {**harness.credential.facts, "scope": "instagram_basic instagram_content_publish"}
    account = await NETWORK.account(harness.call(credential=replace(harness.credential, facts=facts)))
    assert {"comments", "messages", "delete"} <= set(account.lacks)
    assert not {"image", "profile"} & set(account.lacks)


async def published(harness: Harness, folder: Path, name: str) -> Remote:
    return await harness.publish(harness.samples(folder)[name])


async def test_numbers_of_a_post_and_of_a_story(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    post = await published(harness, tmp_path, "image")
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), post)}
    counts = {name: one.value for name, one in told.items() if isinstance(one, Measure)}
    assert counts == {"views": 300, "reach": 210, "likes": 21, "comments": 4, "reposts": 3, "saves": 6}
    story = await published(harness, tmp_path, "story")
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), story)}
    assert (told["comments"], told["saves"]) == (Measure("comments", 2), Absent("saves", "not_offered"))


async def test_without_the_right_to_insights_the_counters_remain(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    post = await published(harness, tmp_path, "image")
    fake.no_insights = True
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), post)}
    assert (told["views"], told["likes"]) == (Absent("views", "needs_right"), Measure("likes", 21))
    fake.no_insights, fake.metrics_gone = False, True
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), post)}
    assert told["views"] == Absent("views", "not_offered")


async def test_an_answer_to_an_answer_stands_under_the_first_comment(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    post, since = await published(harness, tmp_path, "image"), harness.clock() - timedelta(minutes=1)
    fake.say("comment", "Почём?", post.id)
    (asked,) = await NETWORK.read_comments(harness.call(), post, since)
    said = await NETWORK.answer(harness.call(), asked, "500")
    again = await NETWORK.answer(harness.call(), said, "За литр")
    told = await NETWORK.read_comments(harness.call(), post, since)
    assert [(one.text, one.answers, one.ours) for one in told] == [
        ("Почём?", "", False), ("500", asked.id, True), ("За литр", asked.id, True),
    ]  # fmt: skip
    assert again.ours and told[2].id == again.id


async def test_our_own_comment_is_known_by_its_name_alone(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    post, since = await published(harness, tmp_path, "image"), harness.clock() - timedelta(minutes=1)
    fake._comment(post.id, "Наш ответ", IG, "ferma.niva")
    del fake.comments[post.id][0]["from"]
    facts = {**harness.credential.facts, "username": "ferma.niva"}
    call = harness.call(credential=replace(harness.credential, facts=facts))
    (told,) = await NETWORK.read_comments(call, post, since)
    assert (told.ours, told.author_name) == (True, "ferma.niva")


async def test_a_day_after_the_message_nothing_is_sent(harness: Harness, fake: FakeInstagram) -> None:
    fake.say("message", "Почём?", "")
    (asked,) = await NETWORK.read_messages(harness.call(), harness.clock() - timedelta(minutes=1))
    harness.clock.advance(24 * 3600 + 1)
    with pytest.raises(Rejected, match="reply_window_closed"):
        await NETWORK.answer(harness.call(), asked, "500")
    assert len(fake.said) == 1


async def test_an_empty_profile_is_told_and_empty(harness: Harness, fake: FakeInstagram) -> None:
    for name in ("biography", "website", "name", "profile_picture_url"):
        del fake.settings[name]
    found = await NETWORK.read_profile(harness.call())
    assert (found.about, found.site, found.name, found.handle) == ("", "", "", "ferma.niva")
    assert found.avatar is not None and found.avatar.url == ""
    assert found.verified is None, "the API does not tell"
