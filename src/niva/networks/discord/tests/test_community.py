"""The test button of Discord, rights, numbers, comments, settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, NeedsLogin, Rejected
from niva.networks.base.network import Question
from niva.networks.base.profile import Pinned
from niva.networks.base.testing import Harness, sample_image
from niva.networks.base.types import Measure, Outgoing, Part, Remote
from niva.networks.discord import NETWORK, client
from niva.networks.discord.rights import lacks, rights
from niva.networks.discord.tests import entities
from niva.networks.discord.tests.entities import BOT, BOT_ROLE, CHANNEL, GUILD, RIGHTS
from niva.networks.discord.tests.fake import TOKEN, FakeDiscord
from tests.networks.openapi import load_openapi

Field = tuple[Harness, FakeDiscord]


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


async def test_a_bot_without_the_history_is_not_believed_that_nothing_is_there(field: Field):
    harness, fake = field
    fake.guild["roles"][1]["permissions"] = str(RIGHTS & ~(1 << 16))
    account = await NETWORK.account(harness.call())
    assert account.facts["may_read"] is False and "look_up" in account.lacks
    blind = replace(harness.credential, facts={**harness.credential.facts, **account.facts})
    out = Outgoing("Пост")
    (step,) = NETWORK.steps(out, blind)
    assert (step.keyed, step.searchable) == (True, False)
    question = Question(step, out, {}, harness.clock())
    assert (await NETWORK.look_up(harness.call(credential=blind), question)).found is None
