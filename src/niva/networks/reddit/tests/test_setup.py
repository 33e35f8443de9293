"""Signing in, the test button, and what refusals mean."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, OutcomeUnknown, Rejected
from niva.networks.base.testing import Harness
from niva.networks.base.transport import Reply
from niva.networks.base.types import App, Credential, Outgoing
from niva.networks.reddit import NETWORK, client, setup
from niva.networks.reddit.errors import error_of, told_error
from niva.networks.reddit.tests.entities import NAME, USER
from niva.networks.reddit.tests.fake import FakeReddit
from niva.networks.reddit.tests.fake_parts import CLIENT

Field = tuple[Harness, FakeReddit]
BACK = "https://desk.example/connect/reddit/back"
TITLE = {"title": "Как прошла жатва"}


# --- signing in ---


async def test_oauth_round_and_renewal_with_rotation(field: Field):
    harness, fake = field
    facts = {"subreddit": "https://www.reddit.com/r/niva_field/", "api_base": fake.url, "site_base": fake.url}
    app = App(*CLIENT)
    url = NETWORK.authorize_url(app, redirect_uri=BACK, state="s-1", verifier="v", facts=facts)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (asked["duration"], asked["response_type"]) == ("permanent", "code")
    assert set(asked["scope"].split()) == set(setup.SCOPES)
    async with harness.session.get(url, allow_redirects=False) as reply:
        back = parse_qs(urlsplit(reply.headers["Location"]).query)
    params = {name: values[0] for name, values in back.items()}
    call = replace(harness.call(credential=Credential()), app=app)
    credential = await NETWORK.exchange(call, params=params, redirect_uri=BACK, verifier="v", facts=facts)
    assert credential.secrets == {"access_token": "access-1", "refresh_token": "renewing-1"}
    assert credential.facts["subreddit"] == NAME
    assert credential.expires_at is None
    assert credential.facts["access_expires_at"] == (harness.clock() + timedelta(days=1)).isoformat()
    fake.rotates = True
    renewed = await NETWORK.refresh(replace(call, credential=credential))
    assert renewed.secrets == {"access_token": fake.access, "refresh_token": fake.renewing}
    assert renewed.secrets["refresh_token"] != "renewing-1"
    with pytest.raises(NeedsLogin, match="token_revoked") as dead:
        await NETWORK.refresh(replace(call, credential=credential))
    assert "renewing-1" not in str(dead.value)
    with pytest.raises(NeedsLogin, match="token_expired"):
        await NETWORK.refresh(replace(call, credential=Credential({"access_token": "a"}, facts)))


async def test_what_spoils_a_sign_in(field: Field):
    harness, fake = field
    facts = {"subreddit": NAME, "site_base": fake.url}
    call = replace(harness.call(credential=Credential()), app=App(*CLIENT))
    for params in ({"error": "access_denied"}, {}, {"code": "unheard-of"}):
        with pytest.raises(Rejected, match="login_declined"):
            await NETWORK.exchange(call, params=params, redirect_uri=BACK, verifier="v", facts=facts)
    wrong = replace(call, app=App(CLIENT[0], "another"))
    with pytest.raises(Rejected, match="login_declined") as refused:
        await NETWORK.exchange(wrong, params={"code": "c"}, redirect_uri=BACK, verifier="v", facts=facts)
    assert "another" not in str(refused.value)
    with pytest.raises(Rejected, match="app_missing"):
        await NETWORK.exchange(
            replace(call, app=App()), params={"code": "c"}, redirect_uri=BACK, verifier="v", facts=facts
        )
    for written in ("", "две части", "https://vk.com/r/name"):
        with pytest.raises(Rejected, match="reddit_no_name"):
            NETWORK.authorize_url(
                App(*CLIENT), redirect_uri=BACK, state="s", verifier="v", facts={"subreddit": written}
            )


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("r/niva_field", "niva_field"), ("/r/niva_field/", "niva_field"), ("niva_field", "niva_field"),
        ("https://old.reddit.com/r/niva_field", "niva_field"), ("u/niva_desk", "u_niva_desk"),
        ("reddit.com/user/niva-desk/", "u_niva-desk"), ("u_niva_desk", "u_niva_desk"),
    ],
)  # fmt: skip
def test_names_of_subreddits_and_profiles(written: str, name: str):
    assert client.subreddit_of({"subreddit": written}) == name


# --- the test button ---


async def test_whose_keys_and_what_they_lack(field: Field):
    harness, fake = field
    account = await NETWORK.account(harness.call())
    assert (account.id, account.name, account.followers) == ("t5_field", f"r/{NAME}", 1234)
    assert account.facts["username"] == USER and account.lacks == ()
    fake.changes = {"allow_images": False, "allow_polls": False, "user_is_moderator": False}
    facts = {**harness.credential.facts, "scope": "identity,read,submit,edit,history"}
    fewer = harness.call(credential=replace(harness.credential, facts=facts))
    assert set((await NETWORK.account(fewer)).lacks) == {
        "image", "album", "poll", "messages", "message_answer", "mentions", "profile_write",
    }  # fmt: skip
    fake.changes = {"submission_type": "link"}
    assert (await NETWORK.account(harness.call())).lacks == ("text",)
    assert (await NETWORK.read_profile(harness.call())).admins == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"user_is_banned": True}, "reddit_banned"),
        ({"closed_by": "private"}, "reddit_private"),
        ({"closed_by": "quarantined"}, "reddit_quarantined"),
    ],
)
async def test_subreddits_that_shut_us_out(field: Field, change: dict[str, object], code: str):
    harness, fake = field
    fake.changes = change
    with pytest.raises(NeedsLogin, match=code):
        await NETWORK.account(harness.call())


async def test_who_is_suspended_and_what_is_not_there(field: Field):
    harness, fake = field
    for name, code in (("nobody_here", "reddit_no_subreddit"), ("shut", "reddit_closed")):
        other = replace(harness.credential, facts={**harness.credential.facts, "subreddit": name})
        with pytest.raises(NeedsLogin, match=code):
            await NETWORK.account(harness.call(credential=other))
    fake.suspended = True
    with pytest.raises(NeedsLogin, match="account_blocked"):
        await NETWORK.account(harness.call())


# --- refusals ---


@pytest.mark.parametrize(
    ("words", "beside", "seconds"),
    [
        ("Take a break for 9 minutes before trying again.", None, 600),
        ("you are doing that too much. try again in 45 seconds.", None, 45),
        ("try again in 1 hour.", None, 7200),
        ("try again in 9 minutes.", 540.5, 540.5),
        ("slow down", None, None),
    ],
)
async def test_how_long_a_pause_reddit_wants(field: Field, words: str, beside: float | None, seconds):
    harness, _ = field
    inner = {"errors": [["RATELIMIT", words, "ratelimit"]], "ratelimit": beside}
    error = told_error({"json": inner}, now=harness.clock())
    assert isinstance(error, Limited)
    assert error.until == (None if seconds is None else harness.clock() + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("row", "kind", "code"),
    [
        ("SUBREDDIT_NOTALLOWED", NeedsLogin, "reddit_not_allowed"),
        ("SUBREDDIT_NOEXIST", NeedsLogin, "reddit_no_subreddit"),
        ("NO_TEXT", Rejected, "text_empty"),
        ("SUBMIT_VALIDATION_FLAIR_REQUIRED", Rejected, "reddit_flair"),
        ("NO_LINKS", Rejected, "reddit_kind"),
        ("ALREADY_SUB", Rejected, "reddit_again"),
        ("THREAD_LOCKED", Rejected, "reddit_locked"),
        ("DELETED_LINK", Gone, "post_gone"),
        ("USER_REQUIRED", NeedsLogin, "token_revoked"),
        ("BAD_CAPTCHA", NeedsLogin, "reddit_captcha"),
        ("UNHEARD_OF", Rejected, "refused"),
    ],
)
async def test_what_refusals_in_good_replies_mean(
    field: Field, row: str, kind: type[NetworkError], code: str
):
    harness, _ = field
    error = told_error({"json": {"errors": [[row, "words", "sr"]]}}, now=harness.clock())
    assert (type(error), error.code if error else "") == (kind, code)
    for fine in ({}, {"json": {"errors": []}}, {"json": {"errors": [{}]}}, {"json": []}):
        assert told_error(fine, now=harness.clock()) is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"message": "Unauthorized", "error": 401}, NeedsLogin, "token_revoked"),
        (403, {"message": "Forbidden", "error": 403}, NeedsLogin, "no_right"),
        (403, "<html>blocked by network security</html>", Limited, "reddit_doorman"),
        (403, {"reason": "private"}, NeedsLogin, "reddit_private"),
        (404, {"reason": "banned"}, NeedsLogin, "reddit_closed"),
        (404, {"message": "Not Found", "error": 404}, Gone, "post_gone"),
        (302, "", NeedsLogin, "reddit_no_subreddit"),
        (413, "", Rejected, "file_too_big"),
        (400, {"message": "Bad Request", "explanation": "no such thing"}, Rejected, "refused"),
        (503, "<html>", OutcomeUnknown, "server_error"),
    ],
)
async def test_what_statuses_mean(field: Field, status: int, body, kind: type[NetworkError], code: str):
    harness, _ = field
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    error = error_of(Reply(status, {}, raw), writes=True, now=harness.clock())
    assert (type(error), error.code) == (kind, code)


async def test_answers_without_what_was_made_are_unknown(field: Field, monkeypatch: pytest.MonkeyPatch):
    harness, fake = field
    for made in ({}, {"things": []}, {"things": [{"data": {}}]}):
        monkeypatch.setattr(
            fake, "_made", lambda _, made=made: fake._told({"json": {"errors": [], "data": made}})
        )
        with pytest.raises(OutcomeUnknown):
            await harness.publish(Outgoing("текст", options=TITLE))
    monkeypatch.setattr(fake, "_made", lambda _: fake._told({"json": {"errors": []}}))
    with pytest.raises(OutcomeUnknown):
        await harness.publish(Outgoing("текст", options=TITLE))


def test_who_is_asking_is_told(field: Field):
    harness, _ = field
    call = replace(harness.call(), app=App("app-9"))
    assert client.user_agent(call) == f"web:niva.app-9:v1.0 (by /u/{USER})"
