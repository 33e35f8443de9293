"""The test button of MAX, numbers, groups, comments, and what stands on top."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import (
    Gone,
    NeedsLogin,
    Rejected,
)
from niva.networks.base.network import Question
from niva.networks.base.profile import Pinned
from niva.networks.base.testing import Harness, sample_image
from niva.networks.base.types import Measure, Outgoing, Remote
from niva.networks.max import NETWORK, setup
from niva.networks.max.tests.contract import load_contract
from niva.networks.max.tests.entities import CHAT_ID
from niva.networks.max.tests.fake import FakeMax

Field = tuple[Harness, FakeMax]


def in_group(harness: Harness, fake: FakeMax) -> None:
    fake.chat["type"] = "chat"
    facts = {**harness.credential.facts, "chat_type": "chat"}
    harness.credential = replace(harness.credential, facts=facts)


# --- the test button ---


@pytest.mark.parametrize(
    "written", ["https://max.ru/niva_field", "max.ru/niva_field/", "niva_field", "@niva_field"]
)
async def test_a_public_name_is_turned_into_a_number(field: Field, written: str):
    harness, fake = field
    facts = {"chat_id": written, "api_base": fake.url}
    credential = replace(harness.credential, facts=facts)
    account = await NETWORK.account(harness.call(credential=credential))
    assert (account.id, account.name, account.followers, account.lacks) == (str(CHAT_ID), "Поле", 1234, ())
    assert account.facts["chat_id"] == str(CHAT_ID)
    harness.credential = credential
    await harness.publish(Outgoing("До проверки"))
    assert len(fake.posts()) == 1


async def test_numbers_in_addresses_and_nonsense(field: Field):
    harness, fake = field
    facts = {"chat_id": f"https://web.max.ru/{CHAT_ID}", "api_base": fake.url}
    ok = replace(harness.credential, facts=facts)
    assert (await NETWORK.account(harness.call(credential=ok))).id == str(CHAT_ID)
    for written in ("", "https://t.me/niva/15?x", "не имя вовсе"):
        wrong = replace(harness.credential, facts={**facts, "chat_id": written})
        with pytest.raises(Rejected, match="chat_missing"):
            await NETWORK.account(harness.call(credential=wrong))
    with pytest.raises(NeedsLogin, match="chat_not_found"):
        other = replace(harness.credential, facts={**facts, "chat_id": "-1"})
        await NETWORK.account(harness.call(credential=other))
    with pytest.raises(NeedsLogin, match="not_connected"):
        await NETWORK.account(
            harness.call(credential=replace(harness.credential, secrets={"bot_token": " "}))
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "removed"}, "max_bot_not_in_chat"),
        ({"status": "left"}, "max_bot_not_in_chat"),
        ({"status": "closed"}, "max_chat_closed"),
        ({"type": "dialog"}, "max_dialog"),
    ],
)
async def test_places_that_cannot_be_a_community(field: Field, change: dict[str, str], code: str):
    harness, fake = field
    fake.chat |= change
    with pytest.raises((NeedsLogin, Rejected), match=code):
        await NETWORK.account(harness.call())


async def test_missing_rights_are_named(field: Field):
    harness, fake = field
    fake.rights = ["read_all_messages"]
    assert set((await NETWORK.account(harness.call())).lacks) == {
        "text", "image", "album", "video", "animation", "link", "thread", "edit", "delete",
        "first_comment", "comment_answer", "profile_write",
    }  # fmt: skip
    with pytest.raises(NeedsLogin, match="no_right"):
        await harness.publish(Outgoing("Нельзя"))
    plain = {"is_admin": False, "permissions": None}
    assert set(setup.lacks("chat", plain)) == {
        "read_back", "look_up", "post_numbers", "comments", "profile", "profile_write",
    }  # fmt: skip
    assert setup.lacks("channel", {"is_owner": True}) == ()
    old = {
        "is_admin": True,
        "permissions": ["post_edit_delete_message", "read_all_messages", "change_chat_info"],
    }
    assert setup.lacks("channel", old) == ()


# --- numbers, groups, comments, settings ---


async def test_views_of_a_channel_and_none_of_a_group(field: Field):
    harness, fake = field
    remote = await harness.publish(Outgoing("Пост"))
    assert Measure("views", 321) in await NETWORK.read_post(harness.call(), remote)
    community = await NETWORK.read_community(harness.call())
    assert {m for m in community if isinstance(m, Measure)} == {
        Measure("followers", 1234),
        Measure("posts", 2),
    }
    in_group(harness, fake)
    assert not [m for m in await NETWORK.read_post(harness.call(), remote) if isinstance(m, Measure)]
    assert [m for m in await NETWORK.read_community(harness.call()) if isinstance(m, Measure)] == [
        Measure("followers", 1234)
    ]
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), Remote("mid.none"))


async def test_in_a_group_answers_stand_for_comments(field: Field):
    harness, fake = field
    in_group(harness, fake)
    out, since = Outgoing("Пост", first_comment="Первый"), harness.clock() - timedelta(minutes=1)
    done = await harness.perform_all(out)
    remote = NETWORK.remote(done)
    assert fake.parts() == ["Первый"]
    step = next(s for s in NETWORK.steps(out, harness.credential) if s.name == "comment")
    assert (await NETWORK.look_up(harness.call(), Question(step, out, done, since))).found is True
    fake.say("comment", "Почём мёд?", remote.id)
    heard = await NETWORK.read_comments(harness.call(), remote, since)
    assert [(one.text, one.ours) for one in heard] == [("Первый", True), ("Почём мёд?", False)]
    await NETWORK.answer(harness.call(), heard[1], "500 рублей")
    assert fake.parts() == ["Первый", "500 рублей"]
    await NETWORK.delete(harness.call(), remote)
    assert fake.posts() == [] and fake.parts() == ["500 рублей"]


async def test_comments_come_page_by_page(field: Field):
    harness, fake = field
    fake.page = 2
    remote = await harness.publish(Outgoing("Пост"))
    for number in range(5):
        fake.say("comment", f"{number}", remote.id)
    heard = await NETWORK.read_comments(harness.call(), remote, harness.clock() - timedelta(minutes=1))
    assert [one.text for one in heard] == ["0", "1", "2", "3", "4"]
    said = await NETWORK.answer(harness.call(), heard[2], "Ответ")
    assert fake.comments[remote.id][-1]["answers"] == heard[2].id == said.answers
    late = await NETWORK.read_comments(harness.call(), remote, harness.clock() + timedelta(minutes=1))
    assert late == ()


async def test_what_stands_on_top_is_changed_and_taken_down(field: Field):
    harness, _ = field
    remote = await harness.publish(Outgoing("Наверх"))
    await NETWORK.write_profile(harness.call(), {"pinned": Pinned(remote.id)})
    profile = await NETWORK.read_profile(harness.call())
    assert profile.pinned is not None and profile.pinned.text == "Наверх"
    assert (profile.handle, profile.admins, profile.closed) == ("niva_field", 2, False)
    for _ in range(2):  # the same twice is the same once
        await NETWORK.write_profile(harness.call(), {"pinned": None})
    after = await NETWORK.read_profile(harness.call())
    assert (after.pinned, after.has_pinned) == (None, False)


async def test_the_new_picture_is_shown(field: Field, tmp_path: Path):
    harness, fake = field
    await NETWORK.write_profile(harness.call(), {"avatar": sample_image(tmp_path), "name": "Новое поле"})
    profile = await NETWORK.read_profile(harness.call())
    assert profile.avatar is not None
    assert (profile.name, profile.avatar.url) == ("Новое поле", "https://i.oneme.ru/i?r=file-0001")
    assert len([path for path, _ in fake.requests if path.startswith("PATCH")]) == 1


def test_the_contract_notices_what_is_wrong():
    contract = load_contract()
    if contract is None:
        pytest.skip("NIVA_CONTRACTS is not set: requests to MAX are not put to its contract")
    good = {"text": "a", "attachments": [], "link": None}
    contract.request("POST", "/messages", query={"chat_id": "-5"}, kind="application/json", body=good)
    assert contract.breaches == []
    for query, body in (
        ({"chat": "1"}, good),
        ({"chat_id": "five"}, good),
        ({}, {**good, "text": "a" * 4001}),
        ({}, {**good, "colour": 1}),
        ({}, {"text": "a"}),
        ({}, {**good, "attachments": [{"type": "image", "payload": {"token": 5}}]}),
        (
            {},
            {
                **good,
                "attachments": [{"type": "inline_keyboard", "payload": {"buttons": [[{"type": "link"}]]}}],
            },
        ),
    ):
        before = len(contract.breaches)
        contract.request("POST", "/messages", query=query, kind="application/json", body=body)
        assert len(contract.breaches) > before, (query, body)
    contract.reply("GET", "/me", 200, {"user_id": "one"})
    assert any("GET /me" in one for one in contract.breaches)


async def test_a_bot_that_cannot_read_the_chat_asks_a_person(field: Field):
    harness, fake = field
    fake.rights = ["write", "edit", "delete"]
    account = await NETWORK.account(harness.call())
    assert account.facts["may_read"] is False
    blind = replace(harness.credential, facts={**harness.credential.facts, **account.facts})
    out = Outgoing("Пост", first_comment="Первый")
    steps = NETWORK.steps(out, blind)
    assert [step.searchable for step in steps] == [False, False]
    question = Question(steps[0], out, {}, harness.clock())
    assert (await NETWORK.look_up(harness.call(credential=blind), question)).found is None
