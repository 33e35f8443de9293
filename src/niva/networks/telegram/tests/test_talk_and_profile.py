"""Telegram: comments and private messages out of the queue, the settings, the bot's greeting and commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.inbox import Message
from niva.networks.base.profile import Picture, Pinned
from niva.networks.base.testing import TEXT, Harness, open_session, sample_image
from niva.networks.base.types import Outgoing, Remote
from niva.networks.telegram import NETWORK
from niva.networks.telegram.tests.fake import CHANNEL, FAULTS, GROUP, PRIVATE, FakeTelegram
from niva.networks.telegram.tests.talk import READER, WINDOW


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def desk(fake: FakeTelegram) -> AsyncIterator[Harness]:
    async with open_session() as session:
        yield Harness(NETWORK, fake.credential(), fake.posts, fake.fault, FAULTS, session)


async def heard(desk: Harness, post: Remote) -> list[Message]:
    since = desk.clock() - timedelta(minutes=5)
    return list(await NETWORK.read_comments(desk.call(), post, since))


# --- the queue ---


async def test_reading_takes_nothing_out_of_the_queue(desk: Harness, fake: FakeTelegram) -> None:
    """Two communities of one bot, and comments beside messages, all see the same updates again and again."""
    post = await desk.publish(Outgoing(TEXT))
    fake.say("comment", "Почём?", post.id)
    fake.say("message", "Здравствуйте", "")
    since = desk.clock() - timedelta(minutes=5)
    before = list(fake.queue)
    for _ in range(3):
        assert [one.text for one in await heard(desk, post)] == ["Почём?"]
        assert [one.text for one in await NETWORK.read_messages(desk.call(), since)] == ["Здравствуйте"]
    assert fake.queue == before
    assert all("offset" not in params for method, params in fake.requests if method == "getUpdates")


async def test_behind_a_hundred_updates_a_message_comes_late_but_comes(
    desk: Harness, fake: FakeTelegram
) -> None:
    for index in range(WINDOW + 1):
        fake.say("message", f"{index}", "")
    since = desk.clock() - timedelta(minutes=5)
    assert len(await NETWORK.read_messages(desk.call(), since)) == WINDOW
    del fake.queue[0]  # Telegram lets it go after a day
    assert (await NETWORK.read_messages(desk.call(), since))[-1].text == str(WINDOW)


@pytest.mark.parametrize(
    ("by", "error", "code"),
    [("webhook", Rejected, "webhook_set"), ("another", Temporary, "updates_taken")],
)
async def test_somebody_else_takes_the_updates(
    desk: Harness, fake: FakeTelegram, by: str, error: type[Exception], code: str
) -> None:
    fake.taken_by = by
    with pytest.raises(error, match=code):
        await NETWORK.read_messages(desk.call(), desk.clock())


# --- comments ---


async def test_comments_belong_to_their_own_post(desk: Harness, fake: FakeTelegram) -> None:
    first, second = await desk.publish(Outgoing("Первый"), "a"), await desk.publish(Outgoing("Второй"), "b")
    one = fake.comment(int(first.id), "К первому")
    fake.comment(int(first.id), "В ответ", under=one)
    fake.comment(int(second.id), "Ко второму")
    fake._hear(fake.discussion, "Просто в беседе")
    said = await heard(desk, first)
    assert [(c.text, bool(c.answers)) for c in said] == [("К первому", False), ("В ответ", True)]
    assert said[1].answers == said[0].id and said[0].author_name == "Анна Соколова"
    assert said[0].url == f"https://t.me/pole_test/{first.id}?comment={one['message_id']}"
    assert [c.text for c in await heard(desk, second)] == ["Ко второму"]


async def test_a_thread_is_known_by_its_first_answer_when_the_copy_is_long_gone(
    desk: Harness, fake: FakeTelegram
) -> None:
    post = await desk.publish(Outgoing(TEXT))
    fake.queue.clear()  # the copy of the post was an update of the day before
    one = fake.comment(int(post.id), "Первый")
    fake.comment(int(post.id), "Второй", under=one)
    assert [c.text for c in await heard(desk, post)] == ["Первый", "Второй"]


async def test_the_channel_itself_speaks_in_its_group(desk: Harness, fake: FakeTelegram) -> None:
    post = await desk.publish(Outgoing(TEXT))
    fake.comment(int(post.id), "Это мы", sender_chat=fake.chats[CHANNEL])
    fake.comment(int(post.id), "", photo=[])
    ours, picture = await heard(desk, post)
    assert (ours.ours, ours.author_name, picture.ours, picture.media) == (True, "Поле", False, 1)


async def test_without_a_linked_group_there_are_no_comments(desk: Harness, fake: FakeTelegram) -> None:
    fake.linked = False
    post = await desk.publish(Outgoing(TEXT))
    assert await heard(desk, post) == []
    assert "comments" in (await NETWORK.account(desk.call())).lacks
    fake.linked = True
    fake.group_member = {"status": "member", "user": READER}
    assert "comments" in (await NETWORK.account(desk.call())).lacks, "a mere member hears nothing"


async def test_in_a_group_comments_are_answers_to_the_message(desk: Harness, fake: FakeTelegram) -> None:
    desk.credential = fake.credential(str(GROUP))
    post = await desk.publish(Outgoing(TEXT))
    message = fake.messages[GROUP, int(post.id)]
    fake._hear(GROUP, "Почём?", reply_to_message=message)
    fake._hear(GROUP, "О другом")
    assert [one.text for one in await heard(desk, post)] == ["Почём?"]


async def test_an_answer_goes_to_the_place_of_the_question(desk: Harness, fake: FakeTelegram) -> None:
    post = await desk.publish(Outgoing(TEXT))
    fake.say("comment", "Почём?", post.id)
    (question,) = await heard(desk, post)
    said = await NETWORK.answer(desk.call(), question, "500 рублей")
    sent = fake.requests[-1][1]
    assert (sent["chat_id"], sent["reply_parameters"]) == (
        fake.discussion, {"message_id": question.extra["message_id"]},
    )  # fmt: skip
    assert said.answers == question.id
    fake.fault("accepted_then_timeout")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.answer(desk.call(timeout=0.7), question, "Ещё раз")
    with pytest.raises(Rejected, match="mention_answer_unsupported"):
        await NETWORK.answer(desk.call(), Message("1", "mention", "?", desk.clock()), "Спасибо")


# --- how it is set ---


async def test_the_whole_profile(desk: Harness, fake: FakeTelegram) -> None:
    post = await desk.publish(Outgoing("Наверху"))
    await NETWORK.write_profile(desk.call(), {"pinned": Pinned(post.id)})
    found = await NETWORK.read_profile(desk.call())
    assert (found.name, found.handle, found.about) == ("Поле", "pole_test", "О поле")
    assert found.avatar == Picture("https://t.me/i/userpic/320/pole_test.jpg", 640, 640)
    assert found.pinned is not None and (found.pinned.text, found.pinned.url) == ("Наверху", post.url)
    assert (found.menu, found.greeting) == (("/price — Цены",), "Спросите о поле")
    assert (found.admins, found.followers, found.comments_on, found.closed) == (1, 1203, True, False)
    assert (found.verified, found.status, found.cover) == (None, None, None), "the Bot API does not tell"
    assert found.more["linked_chat_id"] == fake.discussion
    await NETWORK.write_profile(desk.call(), {"pinned": None})
    assert (await NETWORK.read_profile(desk.call())).has_pinned is False


async def test_a_private_channels_picture_is_there_and_not_told(desk: Harness, fake: FakeTelegram) -> None:
    desk.credential = fake.credential(str(PRIVATE))
    found = await NETWORK.read_profile(desk.call())
    assert (found.avatar, found.closed, found.comments_on) == (None, True, False)
    fake.photo = False
    assert (await NETWORK.read_profile(desk.call())).avatar == Picture("")


async def test_everything_that_can_be_written(desk: Harness, fake: FakeTelegram, tmp_path: Path) -> None:
    words = {
        "name": "Пасека", "about": "Мёд", "greeting": "Пишите", "menu": ("/buy — Купить", "/ask — Спросить"),
    }  # fmt: skip
    for _ in range(2):  # the same words once more are no error
        await NETWORK.write_profile(desk.call(), words)
    found = await NETWORK.read_profile(desk.call())
    assert {name: getattr(found, name) for name in words} == words
    await NETWORK.write_profile(desk.call(), {"avatar": None})
    assert (await NETWORK.read_profile(desk.call())).avatar == Picture("")
    await NETWORK.write_profile(desk.call(), {"avatar": sample_image(tmp_path)})
    assert fake.photo
    with pytest.raises(Rejected, match="command_wanted"):
        await NETWORK.write_profile(desk.call(), {"menu": ("Цены",)})
    fake.revoked = True
    with pytest.raises(NeedsLogin, match="token_revoked"):
        await NETWORK.write_profile(desk.call(), {"name": "Чужое"})
