"""What the common suite does not ask of Reddit: kinds of posts, sign-in, subreddits' wishes, refusals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, OutcomeUnknown, Rejected
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, sample_image, sample_video
from niva.networks.base.transport import Reply
from niva.networks.base.types import App, Credential, LinkCard, Measure, MediaFile, Outgoing, Poll
from niva.networks.reddit import NETWORK, client, payloads, publish, setup
from niva.networks.reddit.errors import error_of, told_error
from niva.networks.reddit.tests.entities import NAME, USER
from niva.networks.reddit.tests.fake import CLIENT, FakeReddit
from niva.networks.reddit.tests.harness import open_reddit

Field = tuple[Harness, FakeReddit]
BACK = "https://desk.example/connect/reddit/back"
TITLE = {"title": "Как прошла жатва"}


@pytest_asyncio.fixture
async def field(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Field]:
    async def at_once(_: float) -> None:
        return

    monkeypatch.setattr(publish, "pause", at_once)
    async with open_reddit() as opened:
        yield opened


# --- posts ---


async def test_options_go_with_every_kind_of_post(field: Field, tmp_path: Path):
    harness, fake = field
    options = {**TITLE, "flair": "f-1", "nsfw": "1", "spoiler": "1", "no_replies": "1"}
    pictures = tuple(sample_image(tmp_path, f"{n}.png", alt=f"Снимок {n}") for n in (1, 2))
    poll = Poll("Что сеять?", ("Рожь", "Овёс"), closes_in=90_000)
    for number, out in enumerate(
        (
            Outgoing("текст", options=options),
            Outgoing("текст", pictures, options=options),
            Outgoing("текст", poll=poll, options=options),
        )
    ):
        await harness.publish(out, str(number))
    first, second, third = fake.posts()
    assert {(one["flair"], one["nsfw"]) for one in fake.posts()} == {("f-1", True)}
    assert [one["kind"] for one in (first, second, third)] == ["self", "gallery", "poll"]
    assert [item["caption"] for item in second["items"]] == ["Снимок 1", "Снимок 2"]
    assert (third["duration"], third["options"], third["text"]) == (
        2,
        ["Рожь", "Овёс"],
        "текст\n\nЧто сеять?",
    )
    sent = next(body for path, body in fake.requests if path == "POST /api/submit")
    assert (sent["sendreplies"], sent["spoiler"], sent["resubmit"]) == ("false", "true", "true")


async def test_a_link_is_a_post_of_its_own_or_stands_beside_files(field: Field, tmp_path: Path):
    harness, fake = field
    card = LinkCard("https://example.org/harvest?a=1&b=2")
    await harness.publish(Outgoing("текст", link=card, options=TITLE), "1")
    remote = await harness.publish(
        Outgoing("текст", (sample_image(tmp_path),), link=card, options=TITLE), "2"
    )
    link, picture = fake.posts()
    assert (link["kind"], link["url"], link["text"]) == ("link", card.url, "текст")
    assert (picture["kind"], picture["text"]) == ("image", f"текст\n\n{card.url}")
    seen = await NETWORK.read_back(harness.call(), remote)
    assert (seen.text, seen.media_count) == ("текст", 1)


async def test_a_picture_that_is_shown_later_is_waited_for(field: Field, tmp_path: Path):
    harness, fake = field
    fake.slow = 3
    out = Outgoing("текст", (sample_image(tmp_path),), options=TITLE)
    remote = await harness.publish(out)
    assert remote.id == fake.posts()[0]["id"]
    assert remote.url == f"https://www.reddit.com/r/{NAME}/comments/{remote.id[3:]}/post/"
    fake.slow = 50
    with pytest.raises(OutcomeUnknown, match="reddit_processing"):
        await harness.publish(replace(out, options={"title": "Другая"}))


async def test_a_video_has_a_still_of_its_own_where_it_has_no_cover(field: Field, tmp_path: Path):
    harness, fake = field
    video = sample_video(tmp_path, seconds=2)
    await harness.publish(Outgoing("текст", (video,), options=TITLE), "1")
    assert len(fake.files) == 2 and any(content[:3] == b"\xff\xd8\xff" for content in fake.files.values())
    cover = sample_image(tmp_path, "cover.png")
    await harness.publish(Outgoing("текст", (replace(video, cover=cover),), options={"title": "Ещё"}), "2")
    assert list(fake.files.values())[-1] == cover.path.read_bytes()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    with pytest.raises(Rejected, match="media_unreadable"):
        await harness.publish(Outgoing("", (replace(video, path=broken),), options=TITLE), "3")


async def test_what_the_store_of_files_says(field: Field, tmp_path: Path):
    harness, fake = field
    for words, code in (("EntityTooLarge", "file_too_big"), ("AccessDenied", "media_refused")):
        fake.store_says = words
        with pytest.raises(Rejected, match=code):
            await client.upload(harness.call(), sample_image(tmp_path))
    fake.url = "http://10.0.0.5"
    with pytest.raises(Rejected, match="upload_host_refused"):
        await client.upload(harness.call(), sample_image(tmp_path))


async def test_only_words_of_a_text_post_are_changed(field: Field, tmp_path: Path):
    harness, fake = field
    plain = await harness.publish(Outgoing("текст", options=TITLE), "1")
    picture = Outgoing("текст", (sample_image(tmp_path),), options={"title": "Снимок"})
    remote = await harness.publish(picture, "2")
    for there, out in ((remote, Outgoing("иначе", options=TITLE)), (plain, picture)):
        with pytest.raises(Rejected, match="reddit_edit_text_only"):
            await NETWORK.edit(harness.call(), there, out)
    assert {one["text"] for one in fake.posts()} == {"текст"}
    fake.submissions[plain.id]["removed"] = "deleted"
    with pytest.raises(Gone):
        await NETWORK.edit(harness.call(), plain, Outgoing("иначе", options=TITLE))


@pytest.mark.parametrize("by", ["moderator", "automod_filtered", "reddit", "deleted"])
async def test_what_was_taken_down_is_not_alive(field: Field, by: str):
    harness, fake = field
    remote = await harness.publish(Outgoing("текст", options=TITLE))
    fake.submissions[remote.id]["removed"] = by
    assert not (await NETWORK.read_back(harness.call(), remote)).alive
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), remote)


async def test_the_first_comment_is_found_again_and_goes_with_the_post(field: Field):
    harness, fake = field
    out, since = Outgoing("текст", first_comment="Подробности", options=TITLE), harness.clock()
    done = await harness.perform_all(out)
    step = NETWORK.steps(out, harness.credential)[-1]
    answer = await NETWORK.look_up(harness.call(), Question(step, out, done, since))
    assert (answer.found, answer.result) == (True, done["comment"])
    await NETWORK.delete(harness.call(), NETWORK.remote(done))
    assert not fake.comments and not fake.posts()
    assert (await NETWORK.look_up(harness.call(), Question(step, out, done, since))).found is False


async def test_a_post_of_another_subreddit_or_hour_is_not_it(field: Field, monkeypatch: pytest.MonkeyPatch):
    harness, fake = field
    out = Outgoing("текст", options=TITLE)
    step = NETWORK.steps(out, harness.credential)[0]
    remote = await harness.publish(out)
    question = Question(step, out, {}, harness.clock())
    facts = {**harness.credential.facts, "subreddit": "r/other"}
    other = harness.call(credential=replace(harness.credential, facts=facts))
    assert (await NETWORK.look_up(other, question)).found is False
    fake.submissions[remote.id]["at"] -= 3600
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    fake.submissions[remote.id]["at"] += 3600
    monkeypatch.setattr(publish, "_PAGE", 1)  # a full page without it: there may be more behind
    gone = replace(out, options={"title": "Не выходила"})
    assert (await NETWORK.look_up(harness.call(), replace(question, out=gone))).found is None


# --- limits ---


def test_limits_just_fit_and_one_over():
    limits = NETWORK.limits

    def codes(out: Outgoing) -> list[str]:
        return [problem.code for problem in NETWORK.check(out, limits)]

    picture = MediaFile(Path("a.png"), "image", "image/png", 20_000_000, 10, 10)
    video = MediaFile(Path("a.mp4"), "video", "video/mp4", 10, 10, 10, duration=900)
    assert codes(Outgoing("a" * 40_000, options={"title": "a" * 300})) == []
    assert codes(Outgoing("a", options={"title": "a" * 301})) == ["title_too_long"]
    assert codes(Outgoing("a")) == ["option_missing"]
    assert codes(Outgoing("a", options={"title": "  \n"})) == ["option_missing"]
    assert codes(Outgoing("", (picture,) * 20, options=TITLE)) == []
    assert codes(Outgoing("", (replace(picture, size=20_000_001),) * 21, options=TITLE)) == [
        "media_too_many", *["media_too_heavy"] * 21,
    ]  # fmt: skip
    assert codes(Outgoing("", (video,), options=TITLE)) == []
    assert "media_mixed" in codes(Outgoing("", (video, picture), options=TITLE))
    poll = Poll("?", ("a",) * 6, closes_in=604_800)
    assert codes(Outgoing("", poll=poll, options=TITLE)) == []
    over = replace(poll, options=("a",) * 7, closes_in=604_801)
    assert codes(Outgoing("", (picture,), poll=over, options=TITLE)) == [
        "poll_with_media", "poll_too_many_options", "poll_too_long",
    ]  # fmt: skip


async def test_the_subreddit_tells_its_own_limits(field: Field):
    harness, fake = field
    fake.rules |= {"body_restriction_policy": "notAllowed", "is_flair_required": True}
    account = await NETWORK.account(harness.call())
    told = replace(harness.credential, facts={**harness.credential.facts, **account.facts})
    limits = NETWORK.limits_for(told)
    assert (limits.value("title_max"), limits.value("images_max"), limits.value("text_max")) == (200, 5, 0)
    assert limits.get("title_max").checked_on == harness.clock().date()
    assert account.facts["flair_required"] is True
    assert account.facts["flairs"] == [["f-1", "Новости"]]
    codes = {p.code for p in NETWORK.check(Outgoing("а", options={"title": "a" * 201}), limits)}
    assert codes == {"text_too_long", "title_too_long"}
    assert NETWORK.limits_for(harness.credential) is NETWORK.limits


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


# --- numbers, what people say, settings ---


async def test_numbers_of_a_post(field: Field):
    harness, fake = field
    remote = await harness.publish(Outgoing("", poll=Poll("?", ("а", "б")), options=TITLE))
    fake.say("comment", "Рожь", remote.id)
    told = {one for one in await NETWORK.read_post(harness.call(), remote) if isinstance(one, Measure)}
    assert told == {Measure("likes", 12), Measure("comments", 1), Measure("reposts", 2), Measure("votes", 7)}
    fake.submissions[remote.id]["score"] = -4
    assert Measure("likes", 0) in await NETWORK.read_post(harness.call(), remote)


async def test_a_tree_of_comments_with_folded_ones(field: Field):
    harness, fake = field
    since = harness.clock() - timedelta(minutes=1)
    remote = await harness.publish(Outgoing("текст", options=TITLE))
    for number in range(4):
        fake.say("comment", f"{number}", remote.id)
    first = next(iter(fake.comments))
    fake._comment("boris", first, "ответ")
    fake.fold_after = 2
    heard = await NETWORK.read_comments(harness.call(), remote, since)
    assert [one.text for one in heard] == ["0", "1", "2", "3", "ответ"]
    assert [one.answers for one in heard] == ["", "", "", "", first]
    said = await NETWORK.answer(harness.call(), heard[-1], "Спасибо")
    assert fake.comments[said.id]["parent"] == heard[-1].id
    again = await NETWORK.read_comments(harness.call(), remote, since)
    assert [one.text for one in again if one.ours] == ["Спасибо"]


async def test_a_letter_is_answered_within_its_conversation(field: Field):
    harness, fake = field
    since = harness.clock() - timedelta(minutes=1)
    fake.say("message", "Почём мёд?", "")
    (letter,) = await NETWORK.read_messages(harness.call(), since)
    await NETWORK.answer(harness.call(), letter, "500 рублей")
    both = await NETWORK.read_messages(harness.call(), since)
    assert [(one.text, one.ours, one.thread) for one in both] == [
        ("Почём мёд?", False, letter.id), ("500 рублей", True, letter.id),
    ]  # fmt: skip


async def test_settings_go_back_whole(field: Field):
    harness, fake = field
    await NETWORK.write_profile(harness.call(), {"name": "Новое поле", "about": "Мёд & хлеб"})
    assert fake.texts == {
        "title": "Новое поле", "public_description": "Мёд & хлеб", "description": "Правила сбоку",
    }  # fmt: skip
    sent = next(body for path, body in fake.requests if path == "POST /api/site_admin")
    assert (sent["sr"], sent["link_type"], sent["allow_top"]) == ("t5_field", "any", "true")
    assert "domain" not in sent  # what was empty is not sent as a word
    profile = await NETWORK.read_profile(harness.call())
    assert (profile.name, profile.handle, profile.closed, profile.age_mark) == ("Новое поле", NAME, False, "")
    assert profile.pinned and profile.pinned.text == "Правила"
    fake.changes = {"user_is_moderator": False, "over18": True, "subreddit_type": "private"}
    other = await NETWORK.read_profile(harness.call())
    assert (other.admins, other.age_mark, other.closed) == (None, "18+", True)


def test_who_is_asking_is_told(field: Field):
    harness, _ = field
    call = replace(harness.call(), app=App("app-9"))
    assert client.user_agent(call) == f"web:niva.app-9:v1.0 (by /u/{USER})"


def test_titles_are_one_line():
    assert payloads.title(Outgoing("", options={"title": "  Жатва\n в поле "})) == "Жатва в поле"
