"""LinkedIn's keys: whose they are, what they may do, when they end, and the page that they are for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from niva.networks.base.errors import Limited, NeedsLogin, Rejected
from niva.networks.base.network import SeveralFit
from niva.networks.base.testing import TEXT, Harness
from niva.networks.base.transport import Reply
from niva.networks.base.types import App, Credential, Outgoing
from niva.networks.linkedin import NETWORK
from niva.networks.linkedin.client import MANIFEST
from niva.networks.linkedin.errors import CODES, error_of, midnight
from niva.networks.linkedin.setup import page_written
from niva.networks.linkedin.tests.fake import CLIENT, MEMBER, NUMBER, PAGE, PERSON, VANITY, FakeLinkedIn

Field = tuple[Harness, FakeLinkedIn]
FIXTURES = sorted((MANIFEST.folder / "fixtures" / "from_docs").glob("*.json"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_documented_errors(path: Path) -> None:
    told = json.loads(path.read_text("utf-8"))
    reply = Reply(told["status"], {}, json.dumps(told["body"]).encode())
    error = error_of(reply, writes=True, now=datetime(2026, 11, 23, tzinfo=UTC))
    assert (type(error).__name__, error.code) == (told["error"], told["code"])
    assert error.code in CODES


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f"https://www.linkedin.com/company/{VANITY}/", VANITY),
        (f"linkedin.com/company/{NUMBER}/admin/dashboard/", str(NUMBER)),
        ("https://uk.linkedin.com/showcase/pole/posts/", "pole"),
        (VANITY, VANITY),
        ("https://example.org", ""),
        (PAGE, str(NUMBER)),
        ("", ""),
        ("https://evil.example/?q=linkedin", ""),
    ],
)
def test_a_page_is_written_in_many_ways(written: str, read: str) -> None:
    assert page_written({"page": written}) == read


async def test_the_test_button(field: Field) -> None:
    harness, fake = field
    account = await NETWORK.account(harness.call())
    assert (account.name, account.followers, account.lacks) == ("Поле", 5120, ())
    half = replace(harness.credential, facts={**harness.credential.facts, "scope": "w_organization_social"})
    lacks = (await NETWORK.account(harness.call(credential=half))).lacks
    assert "read_back" in lacks and "post_numbers" in lacks and "text" not in lacks
    fake.roles_closed = True  # nobody knows, so nobody is accused
    assert (await NETWORK.account(harness.call())).name == "Поле"
    assert (await NETWORK.read_profile(harness.call())).admins is None
    fake.roles_closed, fake.role = False, "ANALYST"
    with pytest.raises(NeedsLogin, match="li_not_page_admin"):
        await NETWORK.account(harness.call())


async def test_a_persons_key_for_a_page(person: Field) -> None:
    harness, _ = person
    keys = replace(harness.credential, facts={**harness.credential.facts, "page": VANITY, "author": PAGE})
    with pytest.raises(NeedsLogin, match="li_person_key"):
        await NETWORK.account(harness.call(credential=keys))
    with pytest.raises(NeedsLogin, match="li_person_key"):
        await NETWORK.perform(
            harness.call(credential=keys), NETWORK.steps(Outgoing(TEXT), keys)[0], Outgoing(TEXT), {}
        )


async def test_a_pages_key_without_a_page(field: Field) -> None:
    harness, _ = field
    keys = replace(harness.credential, facts={"api_base": harness.credential.facts["api_base"]})
    with pytest.raises(NeedsLogin, match="li_page_not_named"):
        await NETWORK.account(harness.call(credential=keys))
    with pytest.raises(NeedsLogin, match="li_page_not_named"):
        await NETWORK.perform(
            harness.call(credential=keys), NETWORK.steps(Outgoing(TEXT), keys)[0], Outgoing(TEXT), {}
        )


@pytest.mark.parametrize("page", ["nobody", "99"])
async def test_a_page_that_is_not_there(field: Field, page: str) -> None:
    harness, _ = field
    keys = replace(harness.credential, facts={**harness.credential.facts, "page": page})
    with pytest.raises(NeedsLogin, match="li_page_missing"):
        await NETWORK.account(harness.call(credential=keys))


async def test_a_version_withdrawn_has_its_own_word(field: Field) -> None:
    harness, fake = field
    fake.version_gone = True
    with pytest.raises(Rejected, match="li_version_withdrawn"):
        await NETWORK.account(harness.call())
    with pytest.raises(Rejected, match="li_version_withdrawn"):
        await harness.publish(Outgoing(TEXT))


async def test_the_days_limit_ends_at_midnight_utc(field: Field) -> None:
    harness, fake = field
    fake.fault("limited_no_delay")
    with pytest.raises(Limited) as caught:
        await harness.publish(Outgoing(TEXT))
    assert (caught.value.scope, caught.value.until) == ("app", midnight(harness.clock()))
    assert midnight(datetime(2026, 11, 23, 23, 59, tzinfo=UTC)) == datetime(2026, 11, 24, tzinfo=UTC)


async def test_sign_in_asks_only_for_the_rights_that_are_due(field: Field) -> None:
    harness, fake = field
    back = "https://n.example/b"

    def scope(app: App) -> str:
        return NETWORK.authorize_url(app, redirect_uri=back, state="s", verifier="v", facts={})

    assert "w_organization_social" in scope(fake.app()) and "openid" not in scope(fake.app())
    own = scope(App(CLIENT, "s", {"product": "person"}))
    assert "w_member_social" in own and "openid" in own and "organization" not in own
    call = replace(harness.call(), app=fake.app())
    facts = {"page": VANITY, "api_base": fake.url, "sign_in": fake.url}
    keys = await NETWORK.exchange(
        call, params={"code": "good-code"}, redirect_uri=back, verifier="v", facts=facts
    )
    assert keys.expires_at is None and "renewal_ends_at" in keys.facts
    assert (await NETWORK.account(harness.call(credential=keys))).lacks == ()
    new = await NETWORK.refresh(replace(call, credential=keys))
    assert new.secrets["access_token"] != keys.secrets["access_token"]
    old = replace(keys, secrets={**keys.secrets, "refresh_token": "spent"})
    with pytest.raises(NeedsLogin, match="token_revoked"):
        await NETWORK.refresh(replace(call, credential=old))
    with pytest.raises(Rejected, match="login_declined"):
        await NETWORK.exchange(
            call, params={"error": "user_cancelled_login"}, redirect_uri=back, verifier="v", facts=facts
        )
    assert await NETWORK.refresh(harness.call()) == harness.credential  # a key without renewal stays


async def test_a_sign_in_finds_the_pages_and_the_persons_own_feed(field: Field) -> None:
    harness, fake = field
    facts = {"api_base": fake.url, "sign_in": fake.url}
    call = replace(harness.call(), app=fake.app())

    async def sign_in(app: App | None = None) -> Credential:
        asking = replace(call, app=app) if app else call
        return await NETWORK.exchange(
            asking, params={"code": "good-code"}, redirect_uri="", verifier="", facts=facts
        )

    fake.others = {77: "CONTENT_ADMINISTRATOR", 78: "ANALYST"}
    with pytest.raises(SeveralFit) as caught:
        await sign_in()
    fit = caught.value
    assert [one.id for one in fit.candidates] == [str(NUMBER), "77", PERSON] and fit.together
    assert fit.candidates[0].name == "Поле" and fit.candidates[0].detail.endswith(f"/company/{VANITY}")
    own = fit.candidates[2]
    assert own.name == "" and own.credential.facts["author"] == MEMBER
    for one in fit.candidates[0], own:
        assert (await NETWORK.account(harness.call(credential=one.credential))).id == one.id
        # the refresh token is not spent: the next one renews by it, too
        new = await NETWORK.refresh(replace(call, credential=one.credential))
        assert new.secrets["refresh_token"] == one.credential.secrets["refresh_token"]
    fake.others, fake.scope = {}, "w_organization_social,rw_organization_admin"
    assert (await sign_in()).facts["author"] == PAGE  # nothing else to publish in
    fake.role = ""
    with pytest.raises(NeedsLogin, match="li_no_pages"):
        await sign_in()
    person = await sign_in(App(CLIENT, fake.app().client_secret, {"product": "person", "sign_in": fake.url}))
    assert "author" not in person.facts  # whose feed it is the test button tells


async def test_keys_of_somebody_else_are_not_taken_for_an_own_feed(field: Field) -> None:
    harness, fake = field
    facts = {"api_base": fake.url, "author": "urn:li:person:other"}
    with pytest.raises(NeedsLogin, match="li_page_not_named"):
        await NETWORK.account(harness.call(credential=replace(harness.credential, facts=facts)))
