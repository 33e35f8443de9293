"""Connecting: OAuth with an application of our own, a token by hand, and what the test button tells."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from niva.networks.base.address import server_address
from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.testing import Harness
from niva.networks.base.types import App, Credential, Outgoing
from niva.networks.mastodon import NETWORK, setup
from niva.networks.mastodon.tests.fake import FakeMastodon

Field = tuple[Harness, FakeMastodon]
BACK = "https://desk.example/connect/mastodon/back"
VERIFIER = "verifier-verifier-verifier-verifier-verifier-1"


async def go(session: aiohttp.ClientSession, url: str) -> dict[str, str]:
    """The person follows the link, agrees, and is sent back with this query."""
    async with session.get(url, allow_redirects=False) as reply:
        assert reply.status == 302
        assert reply.headers["Location"].startswith(BACK)
        return {
            name: values[0] for name, values in parse_qs(urlsplit(reply.headers["Location"]).query).items()
        }


@pytest.mark.parametrize("pkce", [True, False])
async def test_oauth_round(field: Field, pkce: bool):
    harness, fake = field
    fake.pkce = pkce
    facts = {"instance": fake.url}
    nobody = harness.call(credential=Credential())
    app = await NETWORK.register(nobody, redirect_uri=BACK, facts=facts)
    assert app.facts == {"server": fake.url, "pkce": pkce, "scopes": " ".join(setup.SCOPES)}
    url = NETWORK.authorize_url(app, redirect_uri=BACK, state="s-1", verifier=VERIFIER, facts=facts)
    asked = parse_qs(urlsplit(url).query)
    assert ("code_challenge" in asked) is pkce
    assert asked["scope"] == [" ".join(setup.SCOPES)]
    params = await go(harness.session, url)
    assert params["state"] == "s-1"
    credential = await NETWORK.exchange(
        replace(nobody, app=app), params=params, redirect_uri=BACK, verifier=VERIFIER, facts=facts
    )
    assert credential.secrets == {"access_token": fake.token}
    assert credential.expires_at is None
    account = await NETWORK.account(harness.call(credential=credential))
    assert (account.name, account.followers, account.lacks) == ("Нива", 1234, ())


def test_an_older_application_is_not_asked_for_more_than_it_was_registered_with():
    app = App("id", "secret", {"server": "https://name.example", "pkce": False})
    url = NETWORK.authorize_url(app, redirect_uri=BACK, state="s", verifier=VERIFIER, facts={})
    assert parse_qs(urlsplit(url).query)["scope"] == [setup.FIRST_SCOPES]


async def test_wrong_verifier_and_a_person_who_said_no(field: Field):
    harness, fake = field
    facts = {"instance": fake.url}
    call = harness.call(credential=Credential())
    app = await NETWORK.register(call, redirect_uri=BACK, facts=facts)
    url = NETWORK.authorize_url(app, redirect_uri=BACK, state="s", verifier=VERIFIER, facts=facts)
    params = await go(harness.session, url)
    for given in (params, {"error": "access_denied"}, {}):
        with pytest.raises(Rejected) as declined:
            await NETWORK.exchange(
                replace(call, app=app), params=given, redirect_uri=BACK, verifier="another", facts=facts
            )
        assert declined.value.code == "login_declined"
    with pytest.raises(Rejected) as missing:
        NETWORK.authorize_url(App(), redirect_uri=BACK, state="s", verifier=VERIFIER, facts=facts)
    assert missing.value.code == "app_missing"


async def test_missing_rights_are_named(field: Field):
    harness, fake = field
    fake.scopes = ["read:accounts", "write:statuses"]
    account = await NETWORK.account(harness.call())
    assert set(account.lacks) == {
        "image", "album", "video", "animation", "read_back", "look_up", "post_numbers", "comments",
        "messages", "mentions", "profile", "profile_write",
    }  # fmt: skip
    fake.scopes = ["read", "write"]
    assert (await NETWORK.account(harness.call())).lacks == ()
    fake.scopes = ["read"]
    with pytest.raises(NeedsLogin) as refused:
        await harness.publish(Outgoing("a"))
    assert refused.value.code == "no_right"


async def test_account_tells_the_address_and_the_limits(field: Field):
    harness, fake = field
    account = await NETWORK.account(harness.call())
    assert account.url == f"{fake.url}/@niva"
    assert account.facts["acct"] == f"niva@{fake.url.split('://')[1]}"
    assert account.facts["limits"]["text_max"] == 500
    harness.fault("revoked")
    with pytest.raises(NeedsLogin) as revoked:
        await NETWORK.account(harness.call())
    assert revoked.value.code == "token_revoked"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("mastodon.social", "https://mastodon.social"),
        (" https://mastodon.social/ ", "https://mastodon.social"),
        ("https://mastodon.social/@niva", "https://mastodon.social"),
        ("@niva@mastodon.social", "https://mastodon.social"),
        ("http://mastodon.social", "https://mastodon.social"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("name.example:8443", "https://name.example:8443"),
        ("https://user:secret@name.example/x", "https://name.example"),
    ],
)
def test_address_as_people_write_it(written: str, address: str):
    assert server_address(written) == address


@pytest.mark.parametrize("written", ["", "  ", "ftp://x", "https://", "https://name.example:port", "a b"])
def test_no_address(written: str):
    with pytest.raises(ValueError):
        server_address(written)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (0, {}),
        (None, {}),
        ("1795000000", {}),
        (True, {}),
        (10**30, {}),
        (1_795_000_000, {"secret_expires_at": "2026-11-18T11:06:40+00:00"}),
    ],
)
async def test_the_end_of_a_secret_is_kept_where_a_server_names_one(field: Field, monkeypatch, told, kept):
    harness, fake = field

    async def ask_openly(call, method, path, facts, body=None):
        return {"client_id": "a", "client_secret": "b", "client_secret_expires_at": told}

    monkeypatch.setattr(setup, "ask_openly", ask_openly)
    nobody = harness.call(credential=Credential())
    app = await NETWORK.register(nobody, redirect_uri=BACK, facts={"instance": fake.url})
    assert app.facts == {"server": fake.url, "pkce": False, "scopes": " ".join(setup.SCOPES), **kept}
