"""Numbers, what people say, and how the subreddit is set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from niva.networks.base.errors import OutcomeUnknown
from niva.networks.base.inbox import Message
from niva.networks.base.profile import Pinned
from niva.networks.base.testing import Harness
from niva.networks.base.types import Measure, Outgoing, Poll
from niva.networks.reddit import NETWORK, modmail
from niva.networks.reddit.tests.entities import NAME
from niva.networks.reddit.tests.fake import FakeReddit

Field = tuple[Harness, FakeReddit]
BACK = "https://desk.example/connect/reddit/back"
TITLE = {"title": "Как прошла жатва"}


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


async def test_what_stands_on_top_is_changed_and_taken_down(field: Field):
    harness, fake = field
    remote = await harness.publish(Outgoing("Наверх", options=TITLE))
    await NETWORK.write_profile(harness.call(), {"pinned": Pinned(remote.id)})
    top = (await NETWORK.read_profile(harness.call())).pinned
    assert top and (top.id, top.text) == (remote.id, TITLE["title"])
    for _ in range(2):  # the same twice is the same once
        await NETWORK.write_profile(harness.call(), {"pinned": None})
    assert (await NETWORK.read_profile(harness.call())).has_pinned is False
    assert not [path for path, _ in fake.requests if path == "POST /api/site_admin"]


async def test_letters_to_the_moderators_are_read_and_answered_in_the_name_of_all(field: Field):
    harness, fake = field
    since = harness.clock() - timedelta(minutes=1)
    fake.write_mail("2abc", "anna", "Можно рекламу?")
    fake.write_mail("inner1", "owner", "Между нами", mod=True)
    fake.say("message", "Почём мёд?", "")
    assert [one.text for one in await NETWORK.read_messages(harness.call(), since)] == ["Почём мёд?"]
    facts = {**harness.credential.facts, **(await NETWORK.account(harness.call())).facts}
    call = harness.call(credential=replace(harness.credential, facts=facts))
    heard = await NETWORK.read_messages(call, since)
    assert {(one.text, one.ours) for one in heard} == {("Почём мёд?", False), ("Можно рекламу?", False)}
    (mail,) = (one for one in heard if one.thread == "2abc")
    said = await NETWORK.answer(call, mail, "Нельзя")
    assert (said.text, said.ours, said.thread) == ("Нельзя", True, "2abc")
    assert await NETWORK.read_messages(call, harness.clock() + timedelta(minutes=1)) == ()
    fake.mail["2abc"][-1]["date"] = "вчера"
    with pytest.raises(OutcomeUnknown):
        await NETWORK.answer(call, mail, "Ещё раз")


async def test_of_several_letters_of_moderators_ours_has_our_words(monkeypatch: pytest.MonkeyPatch):
    """Another moderator may have written in the same moment."""

    async def told(*asked: Any, **more: Any) -> dict[str, Any]:
        who = {"id": 1, "name": "mod", "isMod": True}
        at = "2026-11-23T12:00:0{}+00:00"
        return {
            "messages": {
                "a": {"id": "a", "author": who, "date": at.format(1), "bodyMarkdown": "Наш ответ"},
                "b": {"id": "b", "author": who, "date": at.format(2), "bodyMarkdown": "Другой ответ"},
            }
        }  # fmt: skip

    monkeypatch.setattr(modmail, "ask_object", told)
    asked = Message("q", "message", "?", datetime(2026, 11, 23, tzinfo=UTC), "c1", extra={"modmail": True})
    made = await modmail.answer(cast(Any, None), asked, "Наш ответ")
    assert made.id == "a"
