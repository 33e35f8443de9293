"""Answers, mentions and chat on a small stand-in; how the account is set, on the real PDS."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from niva.networks.base.errors import NeedsLogin, OutcomeUnknown, Rejected
from niva.networks.base.inbox import Message
from niva.networks.base.profile import Picture, Pinned
from niva.networks.base.testing import Harness, sample_image
from niva.networks.base.types import Outgoing
from niva.networks.bluesky import NETWORK, profile
from niva.networks.bluesky.tests.proxy import Proxy
from niva.networks.bluesky.tests.talk import CID, Talk
from tests.servers.pds import Person

Sky = tuple[Harness, Proxy, Person]


@pytest_asyncio.fixture
async def talk(sky: Sky) -> Talk:
    _, proxy, person = sky
    proxy.talk = Talk(person.did)
    return proxy.talk


def early(harness: Harness) -> datetime:
    return harness.clock() - timedelta(minutes=5)


# --- what people say ---


async def test_answers_however_deep_and_an_answer_in_the_right_place(sky: Sky, talk: Talk) -> None:
    harness, proxy, person = sky
    post = await harness.publish(Outgoing("Мёд"))
    one = talk.post("Почём?", post.id)
    two = talk.post("И мне", one, root=post.id)
    talk.post("Давно", post.id, ago=86_400)
    talk.post("О другом", "at://did:plc:x/app.bsky.feed.post/3lx")
    heard = await NETWORK.read_comments(harness.call(), post, early(harness))
    assert [(said.text, said.answers) for said in heard] == [("Почём?", ""), ("И мне", one)]
    assert heard[0].author_name == "Анна" and heard[0].url.startswith("https://bsky.app/profile/")
    twice = [await NETWORK.answer(harness.call("one"), heard[1], "500 рублей") for _ in range(2)]
    assert twice[0].id == twice[1].id, "the record's key is ours"
    (reply,) = [row["value"] for row in proxy.pds.records(person.did) if "reply" in row["value"]]
    assert reply["text"] == "500 рублей"
    assert reply["reply"] == {"root": {"uri": post.id, "cid": CID}, "parent": {"uri": two, "cid": CID}}
    talk.gone.add(post.id)
    assert await NETWORK.read_comments(harness.call(), post, early(harness)) == ()


async def test_mentions_page_by_page(sky: Sky, talk: Talk) -> None:
    harness, _, _ = sky
    talk.page = 2
    for number in range(5):
        talk.post(f"{number}")
    talk.post("Ответ", "at://did:plc:x/app.bsky.feed.post/3lx")
    heard = await NETWORK.read_mentions(harness.call(), early(harness))
    assert sorted(one.text for one in heard) == ["0", "1", "2", "3", "4"]
    with pytest.raises(Rejected, match="mention_answer_unsupported"):
        await NETWORK.answer(harness.call(), heard[0], "Спасибо")


async def test_conversations_are_read_back_to_the_moment_and_answered(sky: Sky, talk: Talk) -> None:
    harness, proxy, person = sky
    talk.page = 2
    talk.letter("old", "Давно", ago=86_400)
    for number in range(3):
        talk.letter("c1", f"{number}")
    removed = talk.letter("c1", "убрано")
    del removed["text"]
    removed["$type"] = "chat.bsky.convo.defs#deletedMessageView"
    heard = await NETWORK.read_messages(harness.call(), early(harness))
    assert [(one.text, one.thread, one.author_name, one.ours) for one in heard] == [
        (f"{number}", "c1", "Анна", False) for number in range(3)
    ]
    assert "chat.bsky.convo.getMessages" in proxy.seen
    said = await NETWORK.answer(harness.call(), heard[0], "Слушаю")
    assert talk.convos["c1"][-1]["id"] == said.id and talk.convos["c1"][-1]["sender"] == {"did": person.did}
    both = await NETWORK.read_messages(harness.call(), early(harness))
    assert [one.text for one in both if one.ours] == ["Слушаю"]
    lost = Message("1", "message", "?", harness.clock(), "nobody")
    with pytest.raises(Rejected, match="conversation_closed"):
        await NETWORK.answer(harness.call(), lost, "Эй")


async def test_a_password_without_the_right_to_chat(sky: Sky, talk: Talk) -> None:
    """The words are those of the PDS itself (pipethrough.ts); the right stands in the token it gave."""
    harness, _, _ = sky
    talk.refused = {"error": "InvalidToken", "message": "Bad token method"}
    with pytest.raises(NeedsLogin, match="chat_right_missing"):
        await NETWORK.read_messages(harness.call(), harness.clock())
    assert {"messages", "message_answer"} <= set((await NETWORK.account(harness.call())).lacks)


# --- how it is set ---


async def test_a_new_account_has_told_nothing(sky: Sky) -> None:
    harness, _, person = sky
    found = await NETWORK.read_profile(harness.call())
    assert (found.name, found.about, found.site, found.handle) == ("", "", "", person.handle)
    assert (found.avatar, found.cover) == (Picture(""), Picture(""))
    assert (found.pinned, found.has_pinned) == (None, False)
    assert (found.last_post_at, found.followers, found.verified) == (None, None, None), "nobody counts here"
    assert (found.messages_on, found.more["allow_incoming"]) == (True, "following")


async def test_everything_that_can_be_written(sky: Sky, tmp_path: Path) -> None:
    harness, _, _ = sky
    post = await harness.publish(Outgoing("Наверху"))
    words = {"name": "Пасека", "about": "Мёд", "site": "https://example.org", "messages_on": False}
    avatar = sample_image(tmp_path, "a.png", width=400, height=400)
    changes = {**words, "avatar": avatar, "cover": sample_image(tmp_path), "pinned": Pinned(post.id)}
    assert set(changes) == NETWORK.manifest.writes
    await NETWORK.write_profile(harness.call(), changes)
    found = await NETWORK.read_profile(harness.call())
    assert {name: getattr(found, name) for name in words} == words
    assert found.pinned is not None and (found.pinned.text, found.pinned.url) == ("Наверху", post.url)
    assert found.last_post_at == found.pinned.at and found.avatar is not None
    async with aiohttp.ClientSession() as session, session.get(found.avatar.url) as reply:
        assert (reply.status, await reply.read()) == (200, avatar.path.read_bytes())
    before = dict(found.more)
    await NETWORK.write_profile(harness.call(), {"about": "Другое"})
    found = await NETWORK.read_profile(harness.call())
    assert (found.about, found.name, found.has_pinned) == ("Другое", "Пасека", True), "the rest stays"
    assert found.more == before
    empty = {"avatar": None, "pinned": None, "site": "", "messages_on": True}
    await NETWORK.write_profile(harness.call(), empty)
    found = await NETWORK.read_profile(harness.call())
    assert (found.avatar, found.has_pinned, found.site, found.messages_on) == (Picture(""), False, "", True)
    assert found.cover != Picture("")
    await NETWORK.delete(harness.call(), post)
    with pytest.raises(Rejected, match="post_gone"):
        await NETWORK.write_profile(harness.call(), {"pinned": Pinned(post.id)})


async def test_two_at_once_do_not_write_over_each_other(sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our reading and our writing somebody else changes the record: the server refuses ours."""
    harness, _, _ = sky
    await NETWORK.write_profile(harness.call(), {"name": "Пасека"})
    read = profile._own

    async def late(call, session, collection):
        found = await read(call, session, collection)
        monkeypatch.setattr(profile, "_own", read)
        await NETWORK.write_profile(harness.call(), {"about": "Чужая правка"})
        return found

    monkeypatch.setattr(profile, "_own", late)
    with pytest.raises(Rejected, match="changed_meanwhile"):
        await NETWORK.write_profile(harness.call(), {"about": "Наша правка"})
    assert (await NETWORK.read_profile(harness.call())).about == "Чужая правка"


async def test_a_lost_change_is_unknown(sky: Sky) -> None:
    harness, _, _ = sky
    harness.fault("error_after_commit")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.write_profile(harness.call(), {"name": "Пасека"})
    assert (await NETWORK.read_profile(harness.call())).name == "Пасека"
