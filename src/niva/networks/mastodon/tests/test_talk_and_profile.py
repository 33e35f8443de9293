"""Mastodon: answers, private conversations, mentions, and how the account is set."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.inbox import Message
from niva.networks.base.profile import Picture, Pinned
from niva.networks.base.testing import Harness, sample_image
from niva.networks.base.types import Outgoing, Part
from niva.networks.mastodon import NETWORK
from niva.networks.mastodon.tests.fake import FakeMastodon

Field = tuple[Harness, FakeMastodon]


def early(harness: Harness) -> datetime:
    return harness.clock() - timedelta(minutes=5)


async def test_everything_below_a_status_is_heard_and_our_own_is_known(field: Field) -> None:
    harness, fake = field
    out = Outgoing("Мёд", thread=(Part("Второе"),), first_comment="Первый комментарий")
    post = await harness.publish(out)
    one = fake.other("Почём?", post.id)
    fake.other("И мне", one)
    fake.other("Наедине", post.id, "direct")
    heard = await NETWORK.read_comments(harness.call(), post, early(harness))
    assert [(said.text, said.ours) for said in heard] == [
        ("Второе", True), ("Первый комментарий", True), ("Почём?", False), ("И мне", False),
    ]  # fmt: skip
    assert heard[3].answers == one and heard[3].author_name == "Анна"
    assert await NETWORK.read_comments(harness.call(), post, harness.clock() + timedelta(hours=1)) == ()
    await NETWORK.delete(harness.call(), post)
    assert await NETWORK.read_comments(harness.call(), post, early(harness)) == ()


@pytest.mark.parametrize("visibility", ["public", "private", "direct"])
async def test_an_answer_names_the_person_and_is_seen_by_the_same(field: Field, visibility: str) -> None:
    harness, fake = field
    post = await harness.publish(Outgoing("Мёд"))
    number = fake.other("Почём?", post.id, visibility)
    extra = {"acct": "anna@far.example", "visibility": visibility}
    question = Message(number, "comment", "Почём?", harness.clock(), post.id, extra=extra)
    twice = [await NETWORK.answer(harness.call("one"), question, "500 рублей") for _ in range(2)]
    assert twice[0].id == twice[1].id, "the key is heeded"
    made = fake.statuses[twice[0].id]
    assert (made["text"], made["visibility"]) == ("@anna@far.example 500 рублей", visibility)
    assert made["in_reply_to_id"] == number
    named = await NETWORK.answer(harness.call("two"), question, "Спасибо, @anna@far.example")
    assert fake.statuses[named.id]["text"] == "Спасибо, @anna@far.example"
    with pytest.raises(Rejected, match="mention_answer_unsupported"):
        await NETWORK.answer(harness.call(), Message("1", "mention", "?", harness.clock()), "Спасибо")


async def test_a_conversation_is_told_whole_and_ours_is_in_it(field: Field) -> None:
    harness, fake = field
    fake.say("message", "Здравствуйте", "")
    (question,) = await NETWORK.read_messages(harness.call(), early(harness))
    await NETWORK.answer(harness.call("answer"), question, "Слушаю")
    fake.say("mention", "Это видят все", "")
    both = await NETWORK.read_messages(harness.call(), early(harness))
    assert [(one.text, one.ours) for one in both] == [
        ("Здравствуйте", False), ("@anna Слушаю", True),
    ]  # fmt: skip
    assert {one.thread for one in both} == {question.thread}


async def test_pages_are_followed_by_the_servers_own_links(field: Field) -> None:
    harness, fake = field
    fake.page = 2
    for number in range(5):
        fake.say("message", f"{number}", "")
        fake.say("mention", f"{number}", "")
    since = early(harness)
    for read in (NETWORK.read_messages, NETWORK.read_mentions):
        assert [one.text for one in await read(harness.call(), since)] == ["0", "1", "2", "3", "4"]


async def test_a_mention_is_neither_a_comment_nor_a_private_message(field: Field) -> None:
    harness, fake = field
    post = await harness.publish(Outgoing("Мёд"))
    fake.other("Ответ нам", post.id)
    fake.say("message", "Наедине", "")
    fake.say("mention", "Были у @niva", "")
    (heard,) = await NETWORK.read_mentions(harness.call(), early(harness))
    assert (heard.text, heard.kind, heard.author_name) == ("Были у @niva", "mention", "Анна")
    assert heard.url.startswith("http")
    fake.scopes = ["read:statuses", "read:accounts"]
    with pytest.raises(NeedsLogin, match="no_right"):
        await NETWORK.read_mentions(harness.call(), early(harness))


async def test_the_whole_profile(field: Field) -> None:
    harness, fake = field
    older = await harness.publish(Outgoing("Старше"), "a")
    newer = await harness.publish(Outgoing("Новее"), "b")
    await NETWORK.write_profile(harness.call(), {"pinned": Pinned(older.id)})
    found = await NETWORK.read_profile(harness.call())
    assert (found.name, found.handle, found.about, found.closed) == ("Нива", "niva", "Поле", False)
    assert found.avatar == Picture(f"{fake.url}/avatar.png") and found.cover == Picture("")
    assert found.pinned is not None and (found.pinned.id, found.pinned.text) == (older.id, "Старше")
    assert found.last_post_at == fake.statuses[newer.id]["created_at"].replace(
        microsecond=fake.statuses[newer.id]["created_at"].microsecond // 1000 * 1000
    )
    assert (found.links, found.followers, found.verified) == ((), 1234, None)
    await NETWORK.write_profile(harness.call(), {"pinned": None})
    assert (await NETWORK.read_profile(harness.call())).has_pinned is False


async def test_everything_that_can_be_written(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    words = {"name": "Пасека", "about": "Мёд", "closed": True, "links": ("https://a.example/x", "@telegram")}
    await NETWORK.write_profile(harness.call(), words)
    found = await NETWORK.read_profile(harness.call())
    assert {name: getattr(found, name) for name in words} == words
    assert found.more["fields"] == [("a.example", "https://a.example/x"), ("@telegram", "@telegram")]
    fake.settings["fields"][0]["name"] = "Магазин"
    await NETWORK.write_profile(harness.call(), {"links": ("https://a.example/x",)})
    found = await NETWORK.read_profile(harness.call())
    assert found.more["fields"] == [("Магазин", "https://a.example/x")], "a label that people gave stays"
    picture = sample_image(tmp_path)
    await NETWORK.write_profile(harness.call(), {"avatar": picture, "cover": picture})
    found = await NETWORK.read_profile(harness.call())
    assert found.cover == Picture(f"{fake.url}/header-of-{picture.size}.png")
    await NETWORK.write_profile(harness.call(), {"avatar": None, "cover": None})
    found = await NETWORK.read_profile(harness.call())
    assert (found.avatar, found.cover) == (Picture(""), Picture(""))
    fake.scopes = ["read", "write:statuses"]
    with pytest.raises(NeedsLogin, match="no_right"):
        await NETWORK.write_profile(harness.call(), {"about": "Чужое"})
