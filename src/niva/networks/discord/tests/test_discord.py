"""What the common suite does not ask of Discord: nonces, threads, announcements, rights, and refusals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, OutcomeUnknown, Rejected
from niva.networks.base.network import Question
from niva.networks.base.profile import Pinned
from niva.networks.base.testing import Harness, sample_image
from niva.networks.base.transport import Reply
from niva.networks.base.types import LinkCard, Measure, MediaFile, Outgoing, Part, Poll, Remote
from niva.networks.discord import NETWORK, client, payloads, publish
from niva.networks.discord.errors import error_of
from niva.networks.discord.rights import lacks, rights
from niva.networks.discord.tests import entities
from niva.networks.discord.tests.entities import BOT, BOT_ROLE, CHANNEL, GUILD, RIGHTS
from niva.networks.discord.tests.fake import TOKEN, FakeDiscord
from niva.networks.discord.tests.harness import open_discord
from tests.networks.openapi import load_openapi

Field = tuple[Harness, FakeDiscord]


@pytest_asyncio.fixture
async def field() -> AsyncIterator[Field]:
    async with open_discord() as opened:
        yield opened


def announcing(harness: Harness, fake: FakeDiscord) -> None:
    fake.channel["type"] = payloads.ANNOUNCEMENTS
    facts = {**harness.credential.facts, "channel_type": payloads.ANNOUNCEMENTS}
    harness.credential = replace(harness.credential, facts=facts)


# --- posts ---


async def test_options_become_flags_and_mentions(field: Field):
    harness, fake = field
    await harness.publish(Outgoing("a"), "1")
    await harness.publish(Outgoing("b", options={"silent": "1", "no_preview": "1", "ping": "1"}), "2")
    first, second = fake.posts()
    assert (first["flags"], first["allowed_mentions"]) == (0, {"parse": ["users"]})
    assert second["flags"] == 4 | 4096
    assert second["allowed_mentions"] == {"parse": ["everyone", "roles", "users"]}


async def test_a_nonce_fits_and_differs():
    keys = ["8f14e45f-ceea-467f-9f2b-1d4c3a5b6c7d", "8f14e45f-ceea-467f-9f2b-1d4c3a5c6c7d"]
    nonces = [payloads.nonce(key) for key in keys]
    assert [len(one) for one in nonces] == [25, 25] and nonces[0] != nonces[1]


async def test_poll_and_its_votes(field: Field):
    harness, fake = field
    poll = Poll("Что сеять?", ("Рожь", "Овёс"), multiple=True, closes_in=5400)
    remote = await harness.publish(Outgoing("Голосуем", poll=poll))
    (post,) = fake.posts()
    assert post["poll"]["duration"] == 2  # whole hours, never less than asked
    assert post["poll"]["answers"] == [{"poll_media": {"text": "Рожь"}}, {"poll_media": {"text": "Овёс"}}]
    fake.messages[remote.id]["votes"] = 7
    assert Measure("votes", 7) in await NETWORK.read_post(harness.call(), remote)
    with pytest.raises(Rejected, match="poll_not_editable"):
        await NETWORK.edit(harness.call(), remote, Outgoing("Иначе"))


async def test_an_announcement_goes_to_those_who_follow(field: Field):
    harness, fake = field
    out = Outgoing("Всем", options={"crosspost": "1"})
    assert [step.name for step in NETWORK.steps(out, harness.credential)] == ["create"]
    announcing(harness, fake)
    step = NETWORK.steps(out, harness.credential)[1]
    done = {
        "create": await NETWORK.perform(harness.call(), NETWORK.steps(out, harness.credential)[0], out, {})
    }
    question = Question(step, out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    for _ in range(2):  # the second time it is out already, and that is what was wanted
        assert await NETWORK.perform(harness.call(), step, out, done) == {"id": done["create"]["id"]}
    assert (await NETWORK.look_up(harness.call(), question)).found is True


async def test_the_first_comment_opens_a_thread_or_finds_one(field: Field):
    harness, fake = field
    fake.existing_thread = True
    out, since = Outgoing("Пост\nвторая строка", first_comment="Подробности"), harness.clock()
    done = await harness.perform_all(out)
    remote = NETWORK.remote(done)
    step = NETWORK.steps(out, harness.credential)[-1]
    assert fake.messages[done["comment"]["id"]]["channel"] == remote.id
    answer = await NETWORK.look_up(harness.call(), Question(step, out, done, since))
    assert (answer.found, answer.result) == (True, done["comment"])
    assert Measure("comments", 1) in await NETWORK.read_post(harness.call(), remote)
    await NETWORK.delete(harness.call(), remote)
    assert done["comment"]["id"] not in fake.messages and fake.posts() == []
    await NETWORK.delete(harness.call(), remote)


async def test_a_comment_whose_thread_was_never_opened_is_not_there(field: Field):
    harness, _ = field
    out = Outgoing("Пост", first_comment="Подробности")
    create, comment = NETWORK.steps(out, harness.credential)
    done = {"create": await NETWORK.perform(harness.call(), create, out, {})}
    answer = await NETWORK.look_up(harness.call(), Question(comment, out, done, harness.clock()))
    assert answer.found is False


@pytest.mark.parametrize(
    ("text", "name"),
    [("  \n", "…"), ("Жатва\nвторая", "Жатва"), ("a" * 100, "a" * 100), ("🌾" * 60, "🌾" * 49 + "…")],
)
def test_a_thread_has_a_name_that_fits(text: str, name: str):
    assert payloads.thread_name(text) == name
    assert payloads.length(name) <= 100


async def test_an_edit_sends_only_new_files_and_keeps_descriptions(field: Field, tmp_path: Path):
    harness, fake = field
    first, second = (sample_image(tmp_path, f"{n}.png", width=300 + n, alt=f"Снимок {n}") for n in (1, 2))
    remote = await harness.publish(Outgoing("Два", (first, second)))
    assert [file["description"] for file in fake.posts()[0]["files"]] == ["Снимок 1", "Снимок 2"]
    third = sample_image(tmp_path, "3.png", width=333, alt="")
    after = await NETWORK.edit(
        harness.call(), remote, Outgoing("Иначе", (replace(second, alt="Новое"), third))
    )
    files = fake.posts()[0]["files"]
    assert [file["description"] for file in files] == ["Новое", ""]
    assert [file["id"] for file in files] == [one["id"] for one in after.extra["files"]]
    assert files[0]["id"] == remote.extra["files"][1]["id"]
    seen = await NETWORK.read_back(harness.call(), after)
    assert (seen.text, seen.media_count) == ("Иначе", 2)


async def test_the_added_address_is_not_read_back_as_text(field: Field):
    harness, fake = field
    out = Outgoing("Жатва", link=LinkCard("https://example.org/harvest"))
    remote = await harness.publish(out)
    assert fake.posts()[0]["text"] == "Жатва\n\nhttps://example.org/harvest"
    assert (await NETWORK.read_back(harness.call(), remote)).text == "Жатва"
    assert remote.url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/{remote.id}"


def test_limits_just_fit_and_one_over():
    limits = NETWORK.limits

    def codes(out: Outgoing) -> list[str]:
        return [problem.code for problem in NETWORK.check(out, limits)]

    file = MediaFile(Path("a.png"), "image", "image/png", 10_485_760, 10, 10, "a" * 1024)
    assert codes(Outgoing("a" * 2000, (file,) * 10)) == []
    assert codes(Outgoing("", (file,) * 11)) == ["media_too_many"]
    assert codes(Outgoing("", (replace(file, size=file.size + 1, alt="a" * 1025),))) == [
        "media_too_heavy", "alt_too_long",
    ]  # fmt: skip
    poll = Poll("?" * 300, ("a" * 55,) * 10, closes_in=32 * 86400)
    assert codes(Outgoing("", poll=poll)) == []
    over = Poll("?" * 301, ("a" * 56, *("b",) * 10), closes_in=32 * 86400 + 1)
    assert codes(Outgoing("", poll=over)) == [
        "poll_too_many_options", "poll_question_too_long", "poll_option_too_long", "poll_too_long",
    ]  # fmt: skip
    assert payloads.length("🌾") == 2


# --- looking things up ---


async def test_the_channel_is_read_page_by_page(field: Field, monkeypatch: pytest.MonkeyPatch):
    harness, fake = field
    monkeypatch.setattr(publish, "PAGE", 2)
    out, since = Outgoing("Пост"), harness.clock()
    for number in range(5):
        fake.add(entities.SOMEBODY, {"content": f"{number}"})
    await harness.publish(out)
    step = NETWORK.steps(out, harness.credential)[0]
    answer = await NETWORK.look_up(harness.call(), Question(step, out, {}, since))
    assert answer.found and answer.result and answer.result["id"] == fake.posts()[0]["id"]
    for number in range(9):
        fake.add(entities.SOMEBODY, {"content": f"позже {number}"})
    other = Outgoing("Не выходил")
    assert (await NETWORK.look_up(harness.call(), Question(step, other, {}, since))).found is None


async def test_words_of_somebody_else_are_not_ours(field: Field):
    harness, fake = field
    out = Outgoing("Пост")
    fake.add(entities.SOMEBODY, {"content": "Пост"})
    step = NETWORK.steps(out, harness.credential)[0]
    facts = {name: value for name, value in harness.credential.facts.items() if name != "bot_id"}
    call = harness.call(credential=replace(harness.credential, facts=facts))
    assert (await NETWORK.look_up(call, Question(step, out, {}, harness.clock()))).found is False


# --- refusals ---


@pytest.mark.parametrize(
    ("status", "code", "kind", "ours"),
    [
        (401, 0, NeedsLogin, "token_revoked"),
        (403, 50001, NeedsLogin, "discord_no_access"),
        (403, 50013, NeedsLogin, "no_right"),
        (403, 20001, NeedsLogin, "discord_wrong_key"),
        (403, 40002, NeedsLogin, "account_blocked"),
        (404, 10003, NeedsLogin, "chat_not_found"),
        (404, 10004, NeedsLogin, "discord_not_in_server"),
        (404, 10008, Gone, "post_gone"),
        (400, 50006, Rejected, "text_empty"),
        (400, 50035, Rejected, "refused"),
        (400, 50041, Rejected, "discord_version_withdrawn"),
        (400, 240000, Rejected, "discord_filtered"),
        (400, 30046, Limited, "too_often"),
        (413, 40005, Rejected, "file_too_big"),
        (403, 999999, NeedsLogin, "no_right"),
        (500, 0, OutcomeUnknown, "server_error"),
    ],
)
async def test_what_refusals_mean(field: Field, status: int, code: int, kind: type[NetworkError], ours: str):
    harness, _ = field
    body = json.dumps({"code": code, "message": "words"}).encode()
    error = error_of(Reply(status, {}, body), writes=True, now=harness.clock())
    assert (type(error), error.code) == (kind, ours)


async def test_where_a_form_is_wrong_is_told(field: Field):
    harness, _ = field
    errors = {"embeds": {"0": {"url": {"_errors": [{"code": "X", "message": "Not a well formed URL."}]}}}}
    body = json.dumps({"code": 50035, "message": "Invalid Form Body", "errors": errors}).encode()
    error = error_of(Reply(400, {}, body), writes=True, now=harness.clock())
    assert error.detail == "50035: Invalid Form Body; embeds.0.url: Not a well formed URL."


@pytest.mark.parametrize(
    ("body", "headers", "scope", "seconds"),
    [
        (b'{"message": "x", "retry_after": 1.5, "global": true}', {}, "account", 1.5),
        (b'{"message": "x", "retry_after": 64, "global": false}', {"Retry-After": "65"}, "community", 64),
        (b"<html>Cloudflare</html>", {"Retry-After": "600"}, "address", 600),
        (b'{"message": "x", "retry_after": 99999999, "global": false}', {}, "community", 86400),
        (b'{"message": "x", "retry_after": true}', {}, "community", None),
    ],
)
async def test_whose_limit_it_is(field: Field, body: bytes, headers: dict[str, str], scope: str, seconds):
    harness, _ = field
    error = error_of(Reply(429, headers, body), writes=True, now=harness.clock())
    assert isinstance(error, Limited) and error.scope == scope
    wanted = None if seconds is None else harness.clock() + timedelta(seconds=seconds)
    assert error.until == wanted


# --- the test button ---


async def test_whose_key_and_which_channel(field: Field):
    harness, fake = field
    link = f"https://discord.com/channels/{GUILD}/{CHANNEL}"
    for written in (link, f"{link}/", CHANNEL):
        credential = replace(
            harness.credential,
            secrets={"bot_token": f" Bot {TOKEN} "},
            facts={"channel_id": written, "api_base": fake.url},
        )
        account = await NETWORK.account(harness.call(credential=credential))
        assert (account.id, account.name, account.followers) == (CHANNEL, "Поле · #новости", 1234)
        assert account.lacks == ()
        assert (account.facts["guild_id"], account.facts["bot_id"]) == (GUILD, BOT)
    for written in ("", "новости", "https://discord.com/channels/1/abc"):
        wrong = replace(harness.credential, facts={"channel_id": written, "api_base": fake.url})
        with pytest.raises(Rejected, match="chat_missing"):
            await NETWORK.account(harness.call(credential=wrong))
    for secret, code in (("", "not_connected"), ("два слова", "bad_token")):
        with pytest.raises(NeedsLogin, match=code):
            await NETWORK.account(
                harness.call(credential=replace(harness.credential, secrets={"bot_token": secret}))
            )


async def test_places_that_cannot_be_a_community(field: Field, monkeypatch: pytest.MonkeyPatch):
    harness, fake = field
    fake.channel["type"] = 15
    with pytest.raises(Rejected, match="discord_channel_kind"):
        await NETWORK.account(harness.call())
    fake.channel["type"] = 0
    fake.guild["roles"][1]["permissions"] = str(RIGHTS & ~(1 << 10))
    with pytest.raises(NeedsLogin, match="discord_no_access"):
        await NETWORK.account(harness.call())
    real = entities.channel
    monkeypatch.setattr(entities, "channel", lambda made: {**real(made), "guild_id": None, "type": 1})
    fake.contract = None  # the next reply is of another kind of channel
    with pytest.raises(Rejected, match="discord_no_server"):
        await NETWORK.account(harness.call())


def test_roles_and_overwrites_add_up():
    guild = {"id": GUILD, "owner_id": "1", "roles": [
        {"id": GUILD, "permissions": str(1 << 10)}, {"id": BOT_ROLE, "permissions": str(1 << 11 | 1 << 15)},
        {"id": "77", "permissions": str(1 << 3)},
    ]}  # fmt: skip
    member = {"roles": [BOT_ROLE]}

    def bits(*overwrites: tuple[str, int, int]) -> int:
        rows = [{"id": who, "allow": str(allow), "deny": str(deny)} for who, allow, deny in overwrites]
        return rights(guild, {"permission_overwrites": rows}, member, BOT)

    assert bits() == 1 << 10 | 1 << 11 | 1 << 15
    assert bits((GUILD, 0, 1 << 10)) == 1 << 11 | 1 << 15
    assert bits((GUILD, 0, 1 << 10), (BOT_ROLE, 1 << 10, 1 << 15)) == 1 << 10 | 1 << 11
    assert bits((BOT, 1 << 49, 1 << 11), (BOT_ROLE, 1 << 11, 0)) == 1 << 10 | 1 << 15 | 1 << 49
    assert rights(guild, {}, {"roles": ["77"]}, BOT) == -1
    assert rights({**guild, "owner_id": BOT}, {}, member, BOT) == -1
    assert lacks(-1) == ()
    assert set(lacks(~(1 << 15))) == {"image", "album", "video", "animation"}
    assert set(lacks(~(1 << 38 | 1 << 5))) == {"first_comment", "comment_answer", "profile_write"}
    assert len(lacks(0)) == len(set(lacks(0)))


# --- numbers, comments, settings ---


async def test_reactions_are_likes(field: Field):
    harness, fake = field
    remote = await harness.publish(Outgoing("Пост"))
    fake.messages[remote.id]["reactions"] = {"👍": 5, "🌾": 2}
    readings = await NETWORK.read_post(harness.call(), remote)
    assert {Measure("likes", 7), Measure("comments", 0)} <= set(readings)
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), Remote("1"))


async def test_comments_from_the_thread_and_from_the_channel(field: Field):
    harness, fake = field
    since = harness.clock() - timedelta(minutes=1)
    remote = await harness.publish(Outgoing("Пост"))
    fake.say("comment", "В ветке", remote.id)
    reference = {"message_reference": {"message_id": remote.id}}
    fake.add(entities.SOMEBODY, {"content": "В канале", **reference})
    fake.add(entities.SOMEBODY, {"content": "Не об этом"})
    notice = fake.add(entities.SOMEBODY, {"content": ""}, channel=remote.id)
    notice["type"] = 21
    heard = await NETWORK.read_comments(harness.call(), remote, since)
    assert [(one.text, one.ours, one.author_name) for one in heard] == [
        ("В ветке", False, "Anna"), ("В канале", False, "Anna"),
    ]  # fmt: skip
    for number, one in enumerate(heard):
        said = await NETWORK.answer(harness.call(f"answer{number}"), one, "Да")
        made = fake.messages[said.id]
        assert (made["channel"], made["answers"]) == (one.extra["channel"], one.id)


async def test_own_parts_of_a_chain_are_no_comments(field: Field):
    harness, _ = field
    remote = await harness.publish(Outgoing("Пост", thread=(Part("Дальше"),)))
    since = harness.clock() - timedelta(minutes=1)
    assert await NETWORK.read_comments(harness.call(), remote, since) == ()


async def test_server_and_channel_are_changed_each_by_its_own_call(field: Field, tmp_path: Path):
    harness, _ = field
    remote = await harness.publish(Outgoing("Наверх"))
    picture, top = sample_image(tmp_path), Pinned(remote.id)
    changes = {"name": "Новое поле", "status": "Тема", "avatar": picture, "pinned": top}
    await NETWORK.write_profile(harness.call(), changes)
    profile = await NETWORK.read_profile(harness.call())
    assert (profile.name, profile.status, profile.handle) == ("Новое поле", "Тема", "niva")
    assert profile.avatar and profile.avatar.url.endswith(f"/icons/{GUILD}/new.png?size=1024")
    assert profile.cover and profile.cover.url == ""
    assert profile.pinned and profile.pinned.text == "Наверх"
    assert profile.more["verification_level"] == "low"
    for _ in range(3):
        await NETWORK.write_profile(harness.call(), {"pinned": None})
    assert (await NETWORK.read_profile(harness.call())).has_pinned is False
    with pytest.raises(Rejected, match="media_unreadable"):
        gone = replace(sample_image(tmp_path), path=tmp_path / "gone.png")
        await NETWORK.write_profile(harness.call(), {"cover": gone})


def test_ids_begin_with_the_time():
    moment = client.moment_of("175928847299117063")
    assert moment.isoformat() == "2016-04-30T11:18:25.796000+00:00"  # the example of the documentation
    assert client.moment_of(client.id_at(moment)) == moment


def test_the_contract_notices_what_is_wrong():
    contract = load_openapi("discord/openapi.json")
    if contract is None:
        pytest.skip("NIVA_CONTRACTS is not set: requests to Discord are not put to its contract")
    path = "/channels/1100000000000000002/messages"
    good = {"content": "a", "nonce": "b", "enforce_nonce": True}
    contract.request("POST", path, query={}, kind="application/json", body=good)
    contract.request("GET", path, query={"after": "1", "limit": "100"})
    assert contract.breaches == []
    for body in (
        {**good, "content": "a" * 4001},
        {**good, "nonce": "a" * 26},
        {**good, "colour": 1},
        {**good, "poll": {"question": {"text": "?"}, "answers": []}},
        {**good, "attachments": [{"filename": "a"}]},
    ):
        before = len(contract.breaches)
        contract.request("POST", path, query={}, kind="application/json", body=body)
        assert len(contract.breaches) > before, body
    contract.request("GET", path, query={"limit": "101"})
    contract.reply("GET", "/users/@me", 200, {"id": 5})
    assert any("101" in one for one in contract.breaches)
    assert any("/users/@me -> 200" in one for one in contract.breaches)
