"""Signing in, choosing the page, and what the test button finds out about a key."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from niva.networks.base.errors import NeedsLogin, NetworkError, Rejected
from niva.networks.base.network import Call, SeveralFit
from niva.networks.base.testing import Harness
from niva.networks.base.types import App, Credential, Outgoing
from niva.networks.facebook import NETWORK
from niva.networks.facebook.setup import MANIFEST
from niva.networks.facebook.tests.fake import OTHER, PAGE, FakePage

APP = App("4242", "app-secret")
BACK = "https://niva.example.org/connect/back/"


def call_of(harness: Harness, app: App = APP) -> Call:
    return replace(harness.call(), app=app, credential=Credential())


async def signed(harness: Harness, fake: FakePage, page: str = "", code: str = "good-code") -> Credential:
    facts = {"api_base": fake.url, **({"page_id": page} if page else {})}
    return await NETWORK.exchange(
        call_of(harness), params={"code": code, "state": "s"}, redirect_uri=BACK, verifier="v", facts=facts
    )


def test_the_page_of_consent_names_app_rights_and_way_back() -> None:
    url = NETWORK.authorize_url(APP, redirect_uri=BACK, state="s-1", verifier="v", facts={})
    query = parse_qs(urlsplit(url).query)
    assert url.startswith("https://www.facebook.com/v25.0/dialog/oauth?")
    assert (query["client_id"], query["redirect_uri"], query["state"]) == (["4242"], [BACK], ["s-1"])
    assert query["scope"] == [",".join(MANIFEST.scopes)]
    with pytest.raises(Rejected, match="app_missing"):
        NETWORK.authorize_url(App(), redirect_uri=BACK, state="s", verifier="v", facts={})


@pytest.mark.parametrize(
    "written", [OTHER, f"https://www.facebook.com/profile.php?id={OTHER}", f"fb.com/{OTHER}/"]
)
async def test_the_key_of_the_page_that_was_meant_is_kept_and_no_other(
    harness: Harness, fake: FakePage, written: str
) -> None:
    found = await signed(harness, fake, written)
    assert found.facts["page_id"] == OTHER
    assert dict(found.secrets) == {"access_token": fake.other_token}
    assert found.expires_at is None, "a page's key does not end"
    assert found.facts["scope"] == "pages_manage_posts pages_read_engagement", "the declined one is not there"


async def test_several_pages_want_a_choice_one_does_not(harness: Harness, fake: FakePage) -> None:
    with pytest.raises(SeveralFit) as caught:
        await signed(harness, fake)
    found = {one.id: one.credential for one in caught.value.candidates}
    assert {number: keys.facts["page_id"] for number, keys in found.items()} == {PAGE: PAGE, OTHER: OTHER}
    assert all(dict(keys.secrets) for keys in found.values()), "the code is spent: each brings its own key"
    with pytest.raises(Rejected, match="page_unknown"):
        await signed(harness, fake, "somebody.else")
    del fake.pages[1]
    assert (await signed(harness, fake)).facts["page_id"] == PAGE
    fake.pages.clear()
    with pytest.raises(Rejected, match="no_pages"):
        await signed(harness, fake)


async def test_a_person_without_the_task_is_told_so(harness: Harness, fake: FakePage) -> None:
    fake.tasks = ["ANALYZE"]
    with pytest.raises(Rejected, match="task_missing"):
        await signed(harness, fake, PAGE)


async def test_a_declined_or_spent_code_is_no_connection(harness: Harness, fake: FakePage) -> None:
    with pytest.raises(Rejected, match="login_declined"):
        await signed(harness, fake, PAGE, code="spent-code")
    with pytest.raises(Rejected, match="login_declined"):
        await NETWORK.exchange(
            call_of(harness), params={"error": "access_denied"}, redirect_uri=BACK, verifier="v", facts={}
        )


async def test_a_persons_key_is_told_from_a_pages(harness: Harness, fake: FakePage) -> None:
    fake.kind = "user"
    with pytest.raises(NeedsLogin, match="user_key_given"):
        await NETWORK.account(harness.call())


async def test_a_key_of_another_page_is_told(harness: Harness) -> None:
    wrong = replace(harness.credential, facts={**harness.credential.facts, "page_id": OTHER})
    with pytest.raises(NeedsLogin, match="key_of_other_page"):
        await NETWORK.account(harness.call(credential=wrong))
    named = replace(
        harness.credential, facts={**harness.credential.facts, "page_id": "facebook.com/Ferma.Niva"}
    )
    assert (await NETWORK.account(harness.call(credential=named))).facts["page_id"] == PAGE


async def test_what_the_rights_do_not_carry(harness: Harness, fake: FakePage) -> None:
    account = await NETWORK.account(harness.call())
    assert (account.lacks, account.followers) == ((), 1250), "nothing is said where the rights are unknown"
    some = replace(harness.credential, facts={**harness.credential.facts, "scope": "pages_manage_posts"})
    lacks = (await NETWORK.account(harness.call(credential=some))).lacks
    assert {"comments", "messages", "post_numbers", "profile_write"} <= set(lacks)
    assert "text" not in lacks
    fake.settings["can_post"] = False
    assert {"text", "reel", "delete"} <= set((await NETWORK.account(harness.call())).lacks)


async def test_calls_are_proved_with_the_apps_secret_and_keep_the_key_out_of_the_address(
    harness: Harness, fake: FakePage
) -> None:
    call = replace(harness.call(), app=APP)
    await NETWORK.account(call)
    out = Outgoing("Пост")
    await NETWORK.perform(call, NETWORK.steps(out, harness.credential)[0], out, {})
    right = hmac.new(b"app-secret", fake.token.encode(), hashlib.sha256).hexdigest()
    assert {body["appsecret_proof"] for _, body in fake.requests} == {right}


@pytest.mark.parametrize(
    ("told", "code", "kind"),
    [
        ({"code": 210, "message": "(#210) A page access token is required"}, "user_key_given", NeedsLogin),
        ({"code": 200, "message": "requires the CREATE_CONTENT task"}, "task_missing", NeedsLogin),
    ],
)
def test_what_only_pages_answer(told: dict[str, object], code: str, kind: type[NetworkError]) -> None:
    from niva.networks.facebook.client import known

    found = known(told)
    assert isinstance(found, kind) and found.code == code
    assert known({"code": 200, "message": "Permissions error"}) is None
