"""Telegram through the door: the connector against the fake, every request held against the contract."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, Limited, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Question
from niva.networks.base.testing import (
    TEXT,
    Harness,
    open_session,
    sample_image,
    sample_posts,
    sample_video,
)
from niva.networks.base.transport import Reply
from niva.networks.base.types import Absent, LinkCard, Measure, Outgoing, Poll
from niva.networks.telegram import NETWORK
from niva.networks.telegram.errors import CODES, error_of
from niva.networks.telegram.tests import fake as fakes
from niva.networks.telegram.tests.contract import load_contract
from niva.networks.telegram.tests.fake import CHANNEL, FAULTS, GROUP, OLD_GROUP, PRIVATE, FakeTelegram


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def desk(fake: FakeTelegram) -> AsyncIterator[Harness]:
    async with open_session() as session:
        yield Harness(NETWORK, fake.credential(), fake.posts, fake.fault, FAULTS, session)


def test_the_contract_is_at_hand() -> None:
    if load_contract() is None:
        pytest.skip("NIVA_CONTRACTS is not set: requests and replies of Telegram are NOT checked")


def test_the_contract_notices_what_is_wrong() -> None:
    contract = load_contract()
    if contract is None:
        pytest.skip("NIVA_CONTRACTS is not set: nothing to check with")
    assert contract.request("sendMessage", {"chat_id": 1, "text": "x" * 4096}, set()) == []
    assert contract.request("sendMessage", {"chat_id": 1, "text": "x" * 4097}, set())
    assert contract.request("sendMessage", {"chat_id": True, "text": "x"}, set())
    assert contract.request("sendMessage", {"chat_id": 1}, set())
    assert contract.request("sendMessage", {"chat_id": 1, "text": "x", "txet": "x"}, set())
    photo = {"type": "photo", "media": "attach://a"}
    assert contract.request("sendMediaGroup", {"chat_id": 1, "media": [photo]}, {"a"})
    assert contract.request("sendMediaGroup", {"chat_id": 1, "media": [photo, photo]}, set())
    assert contract.request("sendPoll", {"chat_id": 1, "question": "?", "options": [{"text": ""}]}, set())
    assert contract.request("sendPhoto", {"chat_id": 1}, set())
    assert contract.reply("getMe", {"id": 1, "is_bot": True})
    assert contract.reply("getMe", {"id": 1, "is_bot": True, "first_name": "a", "age": 3})


@pytest.mark.parametrize("name", ["text", "image", "album", "video", "link", "poll"])
async def test_a_post_goes_out_whole(name: str, desk: Harness, fake: FakeTelegram, tmp_path: Path) -> None:
    out = sample_posts(tmp_path)[name]
    assert NETWORK.check(out, NETWORK.limits) == ()
    remote = await desk.publish(out)
    (post,) = fake.posts()
    assert post["text"] == out.text
    assert post["media"] == len(out.media)
    assert remote.url == f"https://t.me/pole_test/{remote.id}"
    assert (await NETWORK.read_back(desk.call(), remote)).alive


async def test_the_text_is_never_read_as_markup(desk: Harness, fake: FakeTelegram) -> None:
    await desk.publish(Outgoing("<b>1 & 2</b> *три* _четыре_"))
    method, params = fake.requests[-1]
    assert method == "sendMessage"
    assert params["text"] == "<b>1 & 2</b> *три* _четыре_"
    assert "parse_mode" not in params
    assert "entities" not in params


async def test_a_card_without_text_carries_its_address(desk: Harness, fake: FakeTelegram) -> None:
    await desk.publish(Outgoing("", link=LinkCard("https://example.org/a")))
    assert fake.requests[-1][1]["text"] == "https://example.org/a"
    assert fake.requests[-1][1]["link_preview_options"] == {"url": "https://example.org/a"}


async def test_photos_and_videos_share_an_album(desk: Harness, fake: FakeTelegram, tmp_path: Path) -> None:
    await desk.publish(Outgoing(TEXT, media=(sample_video(tmp_path), sample_image(tmp_path))))
    (post,) = fake.posts()
    assert post["kinds"] == ["video", "photo"]


async def test_an_animation_is_sent_as_one(desk: Harness, fake: FakeTelegram, tmp_path: Path) -> None:
    moving = replace(sample_image(tmp_path, "move.gif"), kind="animation", duration=1.0)
    await desk.publish(Outgoing(TEXT, media=(moving,)))
    assert fake.posts()[0]["kinds"] == ["animation"]


async def test_a_poll_takes_a_picture_and_a_text(desk: Harness, fake: FakeTelegram, tmp_path: Path) -> None:
    poll = Poll("Что сеять?", ("Рожь", "Овёс", "Лён"), multiple=True, closes_in=3600)
    out = Outgoing(TEXT, media=(sample_image(tmp_path),), poll=poll)
    assert NETWORK.check(out, NETWORK.limits) == ()
    remote = await desk.publish(out)
    sent = fake.posts()[0]["poll"]
    assert (sent["description"], sent["open_period"], sent["allows_multiple_answers"]) == (TEXT, 3600, True)
    with pytest.raises(Rejected, match="poll_not_editable"):
        await NETWORK.edit(desk.call(), remote, out)


async def test_a_private_channel_has_an_inner_address(desk: Harness, fake: FakeTelegram) -> None:
    desk.credential = fake.credential(str(PRIVATE))
    remote = await desk.publish(Outgoing(TEXT))
    assert remote.url == f"https://t.me/c/1000000002/{remote.id}"


async def test_a_group_that_moved_is_followed_once(desk: Harness, fake: FakeTelegram) -> None:
    desk.credential = fake.credential(str(OLD_GROUP))
    remote = await desk.publish(Outgoing(TEXT))
    assert remote.extra["chat_id"] == GROUP
    assert len(fake.posts()) == 1
    assert (await NETWORK.account(desk.call())).facts["chat_id"] == GROUP
    await NETWORK.delete(desk.call(), remote)
    assert fake.posts() == []


@pytest.mark.parametrize(
    "written", ["@pole_test", "pole_test", "https://t.me/pole_test", "t.me/pole_test/15", str(CHANNEL),
                "https://t.me/c/1000000001/7"],
)  # fmt: skip
async def test_the_chat_may_be_written_in_many_ways(written: str, desk: Harness, fake: FakeTelegram) -> None:
    desk.credential = fake.credential(written)
    assert (await NETWORK.account(desk.call())).id == str(CHANNEL)


# --- changing, removing, finding again ------------------------------------------------------------------


async def test_a_text_is_edited(desk: Harness, fake: FakeTelegram) -> None:
    remote = await desk.publish(Outgoing(TEXT))
    remote = await NETWORK.edit(desk.call(), remote, Outgoing("Новый текст"))
    assert fake.posts()[0]["text"] == "Новый текст"
    await NETWORK.edit(desk.call(), remote, Outgoing("Новый текст"))  # changes nothing, is no error


async def test_an_album_is_edited_file_by_file(desk: Harness, fake: FakeTelegram, tmp_path: Path) -> None:
    out = sample_posts(tmp_path)["album"]
    remote = await desk.publish(out)
    other = sample_image(tmp_path, "other.jpg", width=200)
    changed = replace(out, text="Иначе", media=(out.media[0], other, out.media[2]))
    fake.requests.clear()
    remote = await NETWORK.edit(desk.call(), remote, changed)
    assert [method for method, _ in fake.requests] == ["editMessageCaption", "editMessageMedia"]
    assert fake.posts()[0]["text"] == "Иначе"
    fake.requests.clear()
    await NETWORK.edit(desk.call(), remote, changed)
    assert [method for method, _ in fake.requests] == ["editMessageCaption"]
    with pytest.raises(Rejected, match="edit_media_count"):
        await NETWORK.edit(desk.call(), remote, replace(changed, media=out.media[:2]))


async def test_an_album_is_deleted_whole_and_twice(desk: Harness, fake: FakeTelegram, tmp_path: Path) -> None:
    remote = await desk.publish(sample_posts(tmp_path)["album"])
    await NETWORK.delete(desk.call(), remote)
    assert fake.posts() == []
    await NETWORK.delete(desk.call(), remote)


async def test_an_old_post_needs_the_right_to_delete(desk: Harness, fake: FakeTelegram) -> None:
    remote = await desk.publish(Outgoing(TEXT))
    fake.messages[CHANNEL, int(remote.id)]["date"] -= 49 * 3600
    fake.member["can_delete_messages"] = False
    with pytest.raises(Rejected, match="delete_refused"):
        await NETWORK.delete(desk.call(), remote)
    assert len(fake.posts()) == 1


async def test_a_post_that_vanished_is_seen_gone(desk: Harness, fake: FakeTelegram) -> None:
    remote = await desk.publish(Outgoing(TEXT))
    fake.fault("forgotten")
    assert not (await NETWORK.read_back(desk.call(), remote)).alive
    with pytest.raises(Gone):
        await NETWORK.edit(desk.call(), remote, Outgoing("Новый текст"))


# --- trouble --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["accepted_then_timeout", "error_after_commit", "reset", "nonsense"])
async def test_an_unclear_answer_is_unknown_and_nobody_can_tell(
    fault: str, desk: Harness, fake: FakeTelegram
) -> None:
    out = Outgoing(TEXT)
    (step,) = NETWORK.steps(out, desk.credential)
    assert not (step.repeatable or step.keyed or step.searchable)
    fake.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(desk.call(timeout=1.5), step, out, {})
    assert len(fake.requests) == 1  # never a second try from here
    assert len(fake.posts()) == (0 if fault == "nonsense" else 1)
    assert (await NETWORK.look_up(desk.call(), Question(step, out, {}, desk.clock()))).found is None


async def test_a_read_that_fails_is_only_temporary(desk: Harness, fake: FakeTelegram) -> None:
    fake.fault("nonsense")
    with pytest.raises(Temporary):
        await NETWORK.read_community(desk.call())


async def test_a_refused_connection_sent_nothing(desk: Harness) -> None:
    async with open_session(refusing=True) as session:
        (step,) = NETWORK.steps(Outgoing(TEXT), desk.credential)
        with pytest.raises(Temporary):
            await NETWORK.perform(desk.call(session=session), step, Outgoing(TEXT), {})


async def test_flood_control_says_for_how_long(desk: Harness, fake: FakeTelegram) -> None:
    fake.fault("limited")
    with pytest.raises(Limited) as told:
        await desk.publish(Outgoing(TEXT))
    assert told.value.until is not None
    assert (told.value.until - desk.clock()).total_seconds() == fake.retry_after
    fake.fault("limited_no_delay")
    with pytest.raises(Limited) as told:
        await desk.publish(Outgoing(TEXT))
    assert told.value.until is None
    assert fake.posts() == []


async def test_a_refusal_keeps_its_reason(desk: Harness, fake: FakeTelegram) -> None:
    fake.fault("refused")
    with pytest.raises(Rejected, match="text_too_long"):
        await desk.publish(Outgoing(TEXT))


async def test_a_revoked_token_needs_the_person_and_is_not_shown(desk: Harness, fake: FakeTelegram) -> None:
    fake.fault("revoked")
    with pytest.raises(NeedsLogin) as told:
        await desk.publish(Outgoing(TEXT))
    assert told.value.code == "token_revoked"
    assert fakes.TOKEN not in str(told.value)


@pytest.mark.parametrize("token", ["", "abc", "1:a/../getMe", "123:a b"])
async def test_what_is_no_token_never_reaches_a_url(token: str, desk: Harness, fake: FakeTelegram) -> None:
    desk.credential = replace(desk.credential, secrets={"bot_token": token})
    with pytest.raises(NeedsLogin, match="bad_token"):
        await NETWORK.account(desk.call())
    assert fake.requests == []


async def test_a_lost_file_is_refused_before_sending(
    desk: Harness, fake: FakeTelegram, tmp_path: Path
) -> None:
    picture = sample_image(tmp_path)
    picture.path.unlink()
    with pytest.raises(Rejected, match="media_unreadable"):
        await desk.publish(Outgoing(TEXT, media=(picture,)))
    assert fake.requests == []


_FIXTURES = sorted((Path(fakes.__file__).parent.parent / "fixtures" / "from_docs").glob("*.json"))


@pytest.mark.parametrize("path", _FIXTURES, ids=lambda path: path.stem)
def test_every_known_refusal_has_its_meaning(path: Path) -> None:
    told = json.loads(path.read_text("utf-8"))
    reply = Reply(told["status"], {}, json.dumps(told["body"]).encode())
    error = error_of(reply, told["body"], writes=True, now=datetime.now(UTC))
    assert (type(error).__name__, error.code) == (told["error"], told["code"])
    assert error.code in CODES


# --- account and numbers --------------------------------------------------------------------------------


async def test_the_test_button_names_the_chat_and_missing_rights(desk: Harness, fake: FakeTelegram) -> None:
    account = await NETWORK.account(desk.call())
    assert (account.name, account.url, account.followers) == ("Поле", "https://t.me/pole_test", 1203)
    assert account.lacks == ("profile_write", "comments", "comment_answer")
    fake.member = {**fake.member, "can_change_info": True}
    fake.group_member = {**fakes.ADMIN}
    assert (await NETWORK.account(desk.call())).lacks == ()
    assert account.facts["chat_type"] == "channel"
    fake.member |= {"can_delete_messages": False}
    assert (await NETWORK.account(desk.call())).lacks == ("delete",)
    fake.member |= {"can_post_messages": False, "can_edit_messages": False}
    lacks = (await NETWORK.account(desk.call())).lacks
    assert {"text", "image", "poll", "edit", "delete"} <= set(lacks)
    with pytest.raises(NeedsLogin, match="no_right"):
        await desk.publish(Outgoing(TEXT))
    fake.member = {"status": "left", "user": fakes.BOT}
    with pytest.raises(NeedsLogin, match="bot_removed"):
        await NETWORK.account(desk.call())


async def test_an_unknown_chat_is_named_as_such(desk: Harness, fake: FakeTelegram) -> None:
    desk.credential = fake.credential("@somewhere_else")
    with pytest.raises(NeedsLogin, match="chat_not_found"):
        await NETWORK.account(desk.call())


async def test_followers_are_counted_and_the_rest_is_absent_with_a_reason(desk: Harness) -> None:
    community = await NETWORK.read_community(desk.call())
    assert community[0] == Measure("followers", 1203)
    remote = await desk.publish(Outgoing(TEXT))
    readings = await NETWORK.read_post(desk.call(), remote)
    assert all(isinstance(reading, Absent) for reading in readings)
    assert Absent("views", "bot_api_has_no_views") in readings


# --- limits ---------------------------------------------------------------------------------------------


def codes(out: Outgoing) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in NETWORK.check(out, NETWORK.limits)]


def test_texts_just_fit_or_are_one_over(tmp_path: Path) -> None:
    picture = (sample_image(tmp_path),)
    poll = Poll("?", ("a", "b"))
    assert codes(Outgoing("я" * 4096)) == []
    assert codes(Outgoing("я" * 4097)) == [("text_too_long", "text")]
    assert codes(Outgoing("я" * 1024, media=picture)) == []
    assert codes(Outgoing("я" * 1025, media=picture)) == [("text_too_long", "text")]
    assert codes(Outgoing("я" * 1025, poll=poll)) == [("text_too_long", "text")]
    (problem,) = NETWORK.check(Outgoing("🌾" * 2049), NETWORK.limits)
    assert problem.over_at == 2048  # an emoji takes two of the 4096
    assert problem.params["actual"] == 4098


def test_media_polls_links_and_comments_are_checked(tmp_path: Path) -> None:
    picture = sample_image(tmp_path)
    moving = replace(picture, kind="animation")
    assert codes(Outgoing("", media=(picture,) * 10)) == []
    assert codes(Outgoing("", media=(picture,) * 11)) == [("media_too_many", "media")]
    assert ("animation_in_album", "media:1") in codes(Outgoing("", media=(picture, moving)))
    assert codes(Outgoing("", media=(replace(picture, width=9800, height=201),)))[0][1] == "media:0"
    assert codes(Outgoing("", media=(replace(picture, size=10_000_001),))) == [("media_too_heavy", "media:0")]
    assert codes(Outgoing("", poll=Poll("я" * 301, ("a", "b")))) == [("poll_question_too_long", "poll")]
    assert codes(Outgoing("", poll=Poll("?", ("a" * 101, "b")))) == [("poll_option_too_long", "poll:0")]
    assert codes(Outgoing("", poll=Poll("?", ("a",) * 13))) == [("poll_too_many_options", "poll")]
    assert codes(Outgoing("", poll=Poll("?", ("a", "b"), closes_in=4))) == [("poll_too_short", "poll")]
    assert codes(Outgoing("", poll=Poll("?", ("a", "b")), media=(picture, picture))) == [
        ("poll_media_too_many", "poll")
    ]
    card = LinkCard("https://example.org/a")
    assert codes(Outgoing("", media=(picture,), link=card)) == [("link_without_card", "link")]
    assert codes(Outgoing(f"см. {card.url}", media=(picture,), link=card)) == []
    assert codes(Outgoing("т", first_comment="к")) == [("first_comment_unsupported", "first_comment")]
    assert codes(Outgoing("")) == [("post_empty", "text")]
