"""Sign-in, rotation of keys, the test button, what people say, how the account is set."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.inbox import Message
from niva.networks.base.testing import Harness
from niva.networks.base.types import Absent, App, Credential, Outgoing
from niva.networks.x import NETWORK
from niva.networks.x.tests.contract import Contract, load_contract
from niva.networks.x.tests.fake import ME, STRANGER, FakeX
from niva.networks.x.tests.fake_keys import SECRET

Field = tuple[Harness, FakeX]
BACK, VERIFIER = "https://desk.example/back", "verifier-verifier-verifier-verifier-verifier-1"


@pytest.mark.parametrize("secret", [SECRET, ""])
async def test_oauth_round_and_rotation(field: Field, secret: str):
    harness, fake = field
    app, facts = fake.app(secret), fake.credential().facts
    asked = NETWORK.authorize_url(app, redirect_uri=BACK, state="s-1", verifier=VERIFIER, facts=facts)
    query = parse_qs(urlsplit(asked).query)
    assert "offline.access" in query["scope"][0] and query["code_challenge_method"] == ["S256"]
    async with harness.session.get(asked, allow_redirects=False) as reply:
        params = {k: v[0] for k, v in parse_qs(urlsplit(reply.headers["Location"]).query).items()}
    nobody = replace(harness.call(credential=Credential()), app=app)
    keys = await NETWORK.exchange(nobody, params=params, redirect_uri=BACK, verifier=VERIFIER, facts=facts)
    assert keys.expires_at is None and keys.facts["access_expires_at"]
    assert (await NETWORK.account(harness.call(credential=keys))).lacks == ()
    fresh = await NETWORK.refresh(replace(harness.call(credential=keys), app=app))
    assert fresh.secrets["refresh_token"] != keys.secrets["refresh_token"]
    with pytest.raises(NeedsLogin, match="token_revoked"):  # the old one is spent
        await NETWORK.refresh(replace(harness.call(credential=keys), app=app))
    with pytest.raises(Rejected, match="login_declined"):
        await NETWORK.exchange(nobody, params=params, redirect_uri=BACK, verifier=VERIFIER, facts=facts)
    with pytest.raises(Rejected, match="app_missing"):
        NETWORK.authorize_url(App(), redirect_uri=BACK, state="s", verifier=VERIFIER, facts={})
    assert await NETWORK.refresh(harness.call(credential=Credential())) == Credential()


async def test_the_test_button(field: Field):
    harness, fake = field
    account = await NETWORK.account(harness.call())
    assert (account.id, account.name, account.followers) == (ME, "Нива", 1234)
    assert account.facts["naming"] == harness.credential.facts["naming"]
    assert account.avatar_url.endswith("_400x400.jpg")
    poor = fake.credential(scope="tweet.read users.read")
    lacks = set((await NETWORK.account(harness.call(credential=poor))).lacks)
    assert {"text", "image", "messages", "message_answer"} <= lacks and "comments" not in lacks
    with pytest.raises(NeedsLogin, match="not_connected"):
        await NETWORK.account(harness.call(credential=Credential()))


async def test_numbers(field: Field):
    harness, fake = field
    there = await harness.publish(Outgoing("Мёд"))
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), there)}
    shown = {name: one.value for name, one in told.items() if not isinstance(one, Absent)}
    assert shown == {"views": 100, "likes": 4, "comments": 3, "reposts": 3, "saves": 5, "clicks": 7}
    assert told["votes"] == Absent("votes", "no_poll")
    counts = {one.metric: one for one in await NETWORK.read_community(harness.call())}
    assert counts["posts"].value == len(fake.said)  # type: ignore[union-attr]


async def test_answers_and_mentions_are_told_apart(field: Field):
    harness, fake = field
    there = await harness.publish(Outgoing("Мёд", first_comment="Первый"))
    since = harness.clock() - timedelta(minutes=5)
    fake.say("comment", "Почём?", there.id)
    fake.say("mention", "Был у @niva", "")
    comments = await NETWORK.read_comments(harness.call(), there, since)
    assert [(one.text, one.ours, one.answers) for one in comments] == [
        ("Первый", True, there.id), ("Почём?", False, there.id),
    ]  # fmt: skip
    assert comments[1].author_name == "sosed"
    assert [one.text for one in await NETWORK.read_mentions(harness.call(), since)] == ["Был у @niva"]
    with pytest.raises(Rejected, match="mention_answer"):
        await NETWORK.answer(harness.call(), Message("1", "mention", "a", since), "б")
    old = harness.clock() - timedelta(days=400)  # more than a search can reach back
    assert len(await NETWORK.read_comments(harness.call(), there, old)) == 2


async def test_pages_are_turned(field: Field):
    harness, fake = field
    there = await harness.publish(Outgoing("Мёд"))
    since = harness.clock() - timedelta(minutes=5)
    for number in range(120):
        fake.say("comment", f"Вопрос {number}", there.id)
        fake.say("message", f"Письмо {number}", "")
    assert len(await NETWORK.read_comments(harness.call(), there, since)) == 120
    messages = await NETWORK.read_messages(harness.call(), since)
    assert len({one.id for one in messages}) == 120
    assert {one.thread for one in messages} == {f"{STRANGER}-{ME}"}
    assert await NETWORK.read_messages(harness.call(), harness.clock() + timedelta(hours=1)) == ()


async def test_how_the_account_is_set(field: Field):
    harness, fake = field
    found = await NETWORK.read_profile(harness.call())
    assert (found.about, found.site) == ("Мёд: https://honey.example", "https://niva.example")
    assert found.pinned is not None and found.pinned.text == "Закреплено"
    assert (found.handle, found.verified, found.closed) == ("niva", True, False)
    fake.protected = True
    assert (await NETWORK.read_profile(harness.call())).closed


# --- the contract is really asked ---


@pytest.fixture(params=["post", "tweet"])
def contract(request: pytest.FixtureRequest) -> Contract:
    loaded = load_contract(request.param)
    if loaded is None:
        pytest.skip("NIVA_CONTRACTS is not set: requests to X are not put to its descriptions")
    return loaded


@pytest.mark.parametrize(
    ("verb", "path", "query", "body", "word"),
    [
        ("POST", "/2/nothing", {}, {}, "no such call"),
        ("POST", "/2/tweets", {}, {"text": 5}, "not of type 'string'"),
        ("POST", "/2/tweets", {}, {"text": "a", "colour": "red"}, "colour"),
        ("POST", "/2/tweets", {}, {"text": "a", "reply_settings": "nobody"}, "nobody"),
        ("POST", "/2/tweets", {}, {"poll": {"options": ["a", "b"], "duration_minutes": 1}}, "minimum"),
        ("GET", "/2/tweets/1", {"colour": "red"}, None, "unknown parameter"),
        ("GET", "/2/users/1/tweets", {"max_results": "1000"}, None, "maximum"),
        ("GET", "/2/tweets/search/recent", {}, None, "query is missing"),
        ("GET", "/2/users/me", {"user.fields": "colour"}, None, "is not one of"),
    ],
)
def test_wrong_requests_are_noticed(contract: Contract, verb, path, query, body, word):
    contract.request(verb, path, query, "application/json", body)
    assert any(word in breach for breach in contract.breaches), contract.breaches


def test_wrong_replies_are_noticed(contract: Contract):
    contract.reply("POST", "/2/tweets", 201, {"data": {"id": 5}})
    contract.reply("POST", "/2/tweets", 299, {})
    assert len(contract.breaches) >= 2
