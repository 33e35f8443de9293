"""VK: stories, what people say, how the community is set, and keys of the wrong kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import NeedsLogin, OutcomeUnknown, Rejected
from niva.networks.base.inbox import Message
from niva.networks.base.network import Question
from niva.networks.base.profile import Picture, Pinned
from niva.networks.base.testing import TEXT, Harness, sample_image, sample_upright
from niva.networks.base.types import Absent, Credential, Measure, Outgoing, Poll
from niva.networks.vk import NETWORK
from niva.networks.vk.inbox import random_id
from niva.networks.vk.tests.community import EDITOR_ID, READER_ID
from niva.networks.vk.tests.fake import GROUP, GROUP_KEY, USER_KEY, FakeVk

STORY = {"form": "story"}


def told(out: Outgoing) -> set[str]:
    return {problem.code for problem in NETWORK.check(out, NETWORK.limits)}


# --- stories ---


@pytest.mark.parametrize("kind", ["photo", "video"])
@pytest.mark.parametrize("user", [True, False])
async def test_a_story_goes_out_with_either_key(
    desk: Harness, fake: FakeVk, tmp_path: Path, kind: str, user: bool
) -> None:
    desk.credential = fake.credential(user=user)
    file = sample_image(tmp_path) if kind == "photo" else sample_upright(tmp_path)
    remote = await desk.publish(Outgoing("", (file,), options=STORY))
    assert [story["type"] for story in fake.stories.values()] == [kind]
    assert remote.url == f"https://vk.com/story-{GROUP}_{remote.id}"
    assert (await NETWORK.read_back(desk.call(), remote)).media_count == 1
    readings = await NETWORK.read_post(desk.call(), remote)
    assert Measure("views", 5) in readings and Absent("clicks", "vk_hides_statistics") in readings
    assert await NETWORK.read_comments(desk.call(), remote, desk.clock()) == ()
    with pytest.raises(Rejected, match="edit_unsupported"):
        await NETWORK.edit(desk.call(), remote, Outgoing("Иначе"))
    fake.stories[int(remote.id)]["is_expired"] = True
    assert (await NETWORK.read_back(desk.call(), remote)).alive, "its day is over, nobody removed it"
    del fake.stories[int(remote.id)]["is_expired"]
    await NETWORK.delete(desk.call(), remote)
    await NETWORK.delete(desk.call(), remote)
    assert not (await NETWORK.read_back(desk.call(), remote)).alive


async def test_of_a_lost_story_nothing_can_be_told(desk: Harness, fake: FakeVk, tmp_path: Path) -> None:
    out = Outgoing("", (sample_image(tmp_path),), options=STORY)
    upload, create = NETWORK.steps(out, desk.credential)
    done = {upload.name: await NETWORK.perform(desk.call(), upload, out, {})}
    fake.fault("error_after_commit")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(desk.call(), create, out, done)
    assert (create.keyed, create.searchable, len(fake.stories)) == (False, False, 1)
    assert (await NETWORK.look_up(desk.call(), Question(create, out, done, desk.clock()))).found is None


def test_what_a_story_cannot_carry(tmp_path: Path) -> None:
    photo, video = sample_image(tmp_path), sample_upright(tmp_path)
    story = Outgoing("", (photo,), options=STORY)
    assert told(story) == told(replace(story, media=(video,))) == set()
    assert told(replace(story, text=TEXT)) == {"form_leaves_out"}
    assert told(replace(story, first_comment="x", poll=Poll("?", ("а", "б")))) == {"form_takes_no"}
    assert told(replace(story, media=())) == {"media_required", "post_empty"}
    assert told(replace(story, media=(photo, photo))) == {"media_too_many"}
    assert told(replace(story, media=(replace(photo, size=10_000_000),))) == set()
    assert told(replace(story, media=(replace(photo, size=10_000_001),))) == {"media_too_heavy"}
    assert told(replace(story, media=(replace(video, height=1281),))) == {"image_too_large"}
    assert told(Outgoing("", (replace(photo, size=10_000_001),))) == set(), "a post takes 50 MB"
    moving = replace(photo, kind="animation", mime="image/gif")
    assert told(replace(story, media=(moving,))) == {"media_format"}
    assert "form_unsupported" in told(replace(story, options={"form": "reel"}))


# --- what people say ---


async def test_answers_under_old_comments_are_heard(desk: Harness, fake: FakeVk) -> None:
    post = await desk.publish(Outgoing(TEXT))
    number, early = int(post.id), desk.clock() - timedelta(minutes=5)
    old = fake.comment(number, READER_ID, "Старый")
    for comment in fake.comments[number]:
        comment["date"] -= 86_400
    for index in range(12):
        fake.comment(number, READER_ID if index % 2 else -GROUP, f"Ответ {index}", old)
    heard = await NETWORK.read_comments(desk.call(), post, early)
    assert [one.text for one in heard] == [f"Ответ {index}" for index in range(12)]
    assert {(one.answers, one.ours, one.author_name) for one in heard} == {
        (str(old), True, "Поле"), (str(old), False, "Анна Соколова"),
    }  # fmt: skip
    assert heard[0].url == f"{post.url}?reply={heard[0].id}"
    said = await NETWORK.answer(desk.call(), heard[1], "Спасибо")
    sent = fake.requests[-1][1]
    assert (sent["reply_to_comment"], sent["from_group"], sent["guid"]) == (
        heard[1].id, str(GROUP), desk.call().key,
    )  # fmt: skip
    assert said.answers == heard[1].id


async def test_comments_are_read_page_by_page(desk: Harness, fake: FakeVk) -> None:
    post = await desk.publish(Outgoing(TEXT))
    for index in range(205):
        fake.comment(int(post.id), READER_ID, f"{index}")
    heard = await NETWORK.read_comments(desk.call(), post, desk.clock() - timedelta(minutes=5))
    assert sorted(int(one.text) for one in heard) == list(range(205))
    assert [params["offset"] for method, params in fake.requests if method == "wall.getComments"] == [
        "0", "100", "200",
    ]  # fmt: skip


async def test_a_conversation_is_read_back_to_the_moment_and_answered_once(
    desk: Harness, fake: FakeVk
) -> None:
    since = desk.clock() - timedelta(minutes=5)
    fake.letter(99, 99, "Давно")
    fake.letters[99][0]["date"] -= 86_400
    for text in ("Здравствуйте", "Почём мёд?"):
        fake.letter(READER_ID, READER_ID, text)
    heard = await NETWORK.read_messages(desk.call(), since)
    assert [(one.text, one.thread, one.author_name) for one in heard] == [
        ("Здравствуйте", str(READER_ID), "Анна Соколова"), ("Почём мёд?", str(READER_ID), "Анна Соколова"),
    ]  # fmt: skip
    asked = [params["peer_id"] for method, params in fake.requests if method == "messages.getHistory"]
    assert asked == [str(READER_ID)], "what did not move is not read"
    twice = [await NETWORK.answer(desk.call("one"), heard[-1], "500") for _ in range(2)]
    assert twice[0].id == twice[1].id
    both = await NETWORK.read_messages(desk.call(), since)
    assert [one.text for one in both if one.ours] == ["500"]


def test_random_ids_are_what_vk_takes() -> None:
    numbers = {random_id(f"key-{index}") for index in range(200)}
    assert len(numbers) == 200 and all(0 < number < 2**31 for number in numbers)


@pytest.mark.parametrize(
    ("number", "code"),
    [(900, "person_blocked_us"), (901, "person_allows_no_messages"), (950, "conversation_closed")],
)
async def test_a_person_may_not_want_an_answer(desk: Harness, fake: FakeVk, number: int, code: str) -> None:
    fake.refuse_messages = (number, "Can't send messages")
    message = Message("1", "message", "?", desk.clock(), str(READER_ID))
    with pytest.raises(Rejected, match=code):
        await NETWORK.answer(desk.call(), message, "500")


async def test_talk_wants_its_own_keys(desk: Harness, fake: FakeVk) -> None:
    post = await desk.publish(Outgoing(TEXT))
    desk.credential = fake.credential(community=False)
    with pytest.raises(NeedsLogin, match="community_key_missing"):
        await NETWORK.read_messages(desk.call(), desk.clock())
    desk.credential = fake.credential(user=False)
    for read in (NETWORK.read_comments(desk.call(), post, desk.clock()),
                 NETWORK.read_mentions(desk.call(), desk.clock())):  # fmt: skip
        with pytest.raises(NeedsLogin, match="user_key_missing"):
            await read
    with pytest.raises(Rejected, match="mention_answer_unsupported"):
        await NETWORK.answer(desk.call(), Message("1", "mention", "?", desk.clock()), "Спасибо")


# --- how it is set ---


async def test_the_whole_profile(desk: Harness, fake: FakeVk) -> None:
    older, newer = await desk.publish(Outgoing("Старше"), "a"), await desk.publish(Outgoing("Новее"), "b")
    fake.wall[int(older.id)]["date"] -= 500
    await NETWORK.write_profile(desk.call(), {"pinned": Pinned(older.id)})
    found = await NETWORK.read_profile(desk.call())
    assert (found.name, found.handle, found.about, found.status) == (
        "Поле",
        "pole_test",
        "Держим пчёл",
        "Мёд",
    )
    assert (found.links, found.category) == (("https://a.example",), "Продукты питания")
    assert found.contacts == (f"Пасечник, +7900, a@b.ru, https://vk.com/id{EDITOR_ID}",)
    assert (found.address, found.hours) == ("ул. Полевая, 1", "mon 9:00-18:30")
    assert found.avatar == Picture("https://example.org/max.jpg", 1000, 1000)
    assert found.cover == Picture("https://example.org/c2.jpg", 1920, 768)
    assert found.pinned is not None and (found.pinned.id, found.pinned.text) == (older.id, "Старше")
    assert found.last_post_at is not None and found.last_post_at > (found.pinned.at or found.last_post_at)
    assert (found.admins, found.followers, found.verified, found.closed) == (4, 4870, False, False)
    assert (found.messages_on, found.comments_on, found.age_mark) == (True, True, "")
    assert (found.greeting, found.button, found.registered) == (None, None, None), "VK does not tell them"
    await NETWORK.write_profile(desk.call(), {"pinned": None})
    assert (await NETWORK.read_profile(desk.call())).has_pinned is False
    assert newer.id


async def test_what_vk_leaves_out_is_not_told_and_what_is_empty_is_empty(desk: Harness, fake: FakeVk) -> None:
    for name in ("verified", "can_message", "wall", "cover", "addresses", "links", "contacts", "status"):
        del fake.told[name]
    fake.told |= {"has_photo": 0, "age_limits": 3, "is_closed": 1}
    found = await NETWORK.read_profile(desk.call())
    assert (found.verified, found.messages_on, found.comments_on) == (None, None, None)
    assert (found.avatar, found.cover) == (Picture(""), Picture(""))
    assert (found.links, found.contacts, found.status, found.address) == ((), (), "", "")
    assert (found.age_mark, found.closed) == ("18+", True)
    fake.told["addresses"] = {"is_enabled": True, "main_address_id": 9, "count": 1}
    found = await NETWORK.read_profile(desk.call())
    assert (found.address, found.hours) == ("ул. Дальняя, 2", "24/7")
    fake.told["fixed_post"] = 7
    desk.credential = fake.credential(user=False)
    found = await NETWORK.read_profile(desk.call())
    assert found.pinned == Pinned("7", f"https://vk.com/wall-{GROUP}_7") and found.admins is None


async def test_everything_that_can_be_written(desk: Harness, fake: FakeVk, tmp_path: Path) -> None:
    words = {
        "name": "Пасека", "about": "Мёд", "site": "https://b.example", "handle": "paseka", "status": "Июль",
        "links": ("https://a.example", "https://c.example"), "age_mark": "16+", "messages_on": False,
        "comments_on": False, "closed": True,
    }  # fmt: skip
    await NETWORK.write_profile(desk.call(), words)
    found = await NETWORK.read_profile(desk.call())
    assert {name: getattr(found, name) for name in words} == words
    await NETWORK.write_profile(desk.call(), {"links": (), "comments_on": True, "age_mark": "6+"})
    await NETWORK.write_profile(desk.call(), {"about": None, "site": None})
    emptied = await NETWORK.read_profile(desk.call())
    assert (emptied.about, emptied.site) == ("", "")  # and not the word None
    found = await NETWORK.read_profile(desk.call())
    assert (found.links, found.comments_on, found.age_mark) == ((), True, "")
    fake.told["wall"] = 1
    await NETWORK.write_profile(desk.call(), {"comments_on": True})
    assert fake.told["wall"] == 1, "an open wall stays open"
    cover = sample_image(tmp_path, "c.jpg", width=1920, height=768)
    await NETWORK.write_profile(desk.call(), {"cover": cover, "avatar": sample_image(tmp_path)})
    assert fake.crop == (1920, 768) and [kind for kind, _ in fake.files] == ["owner", "cover"]
    for wrong, code in (
        ({"age_mark": "21+"}, "age_mark_unknown"), ({"avatar": None}, "picture_needed"),
        ({"handle": "taken"}, "handle_taken"),
    ):  # fmt: skip
        with pytest.raises(Rejected, match=code):
            await NETWORK.write_profile(desk.call(), wrong)


# --- keys of the wrong kind ---


async def test_keys_in_the_wrong_boxes_are_told(desk: Harness, fake: FakeVk) -> None:
    facts = fake.credential().facts
    swapped = Credential({"access_token": USER_KEY, "community_token": USER_KEY}, facts)
    with pytest.raises(NeedsLogin, match="community_key_wrong_kind"):
        await NETWORK.account(desk.call(credential=swapped))
    fake.violations.clear()  # the wrong key was put there on purpose, and the schema says so
    for number in (27, 28):
        fake.refuse_rights = (number, "authorization failed")
        with pytest.raises(NeedsLogin, match="user_key_wrong_kind"):
            await NETWORK.account(desk.call(credential=fake.credential(community=False)))
    assert GROUP_KEY not in str(swapped)


async def test_the_test_button_tells_what_the_keys_lack(desk: Harness, fake: FakeVk) -> None:
    fake.granted = ("wall", "docs")
    assert (await NETWORK.account(desk.call())).lacks == ("messages", "message_answer")
    alone = desk.call(credential=fake.credential(user=False))
    lacks = set((await NETWORK.account(alone)).lacks)
    assert lacks >= {"comments", "mentions", "story", "profile_write", "messages"}
    fake.rights &= ~64
    assert "story" in (await NETWORK.account(desk.call())).lacks
    fake.told["deactivated"] = "banned"
    with pytest.raises(NeedsLogin, match="community_blocked"):
        await NETWORK.account(desk.call())
