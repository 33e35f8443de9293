"""VK through the door: the connector against the fake, every call held against the official schema."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import (
    Gone,
    NeedsLogin,
    OutcomeUnknown,
    Rejected,
)
from niva.networks.base.network import Question
from niva.networks.base.testing import TEXT, Harness, sample_image, sample_posts, sample_video
from niva.networks.base.types import Absent, LinkCard, Measure, Outgoing, Poll, Step
from niva.networks.vk import NETWORK
from niva.networks.vk.client import KEYS
from niva.networks.vk.tests.contract import load_contract
from niva.networks.vk.tests.fake import GROUP, FakeVk


def create_step(out: Outgoing, desk: Harness) -> Step:
    return next(step for step in NETWORK.steps(out, desk.credential) if step.name == "create")


# --- the contract ---


def test_every_call_is_made_with_a_key_that_the_schema_allows() -> None:
    contract = load_contract()
    if contract is None:
        pytest.skip("NIVA_CONTRACTS is not set: calls and replies of VK are NOT checked")
    names = {"user": "user", "community": "group"}
    for method, kinds in KEYS.items():
        assert {names[kind] for kind in kinds} <= contract.keys(method), method


def test_the_contract_notices_what_is_wrong() -> None:
    contract = load_contract()
    if contract is None:
        pytest.skip("NIVA_CONTRACTS is not set: nothing to check with")
    right = {"owner_id": "-1", "post_id": "5", "v": "5.199"}
    assert contract.request("wall.delete", right, "user") == []
    assert contract.request("wall.delete", right, "group")
    assert contract.request("wall.delete", {**right, "v": "5.131"}, "user")
    assert contract.request("wall.delete", {**right, "post": "5"}, "user")
    assert contract.request("wall.delete", {**right, "post_id": "-5"}, "user")
    assert contract.request("wall.edit", {"owner_id": "-1", "v": "5.199"}, "user")
    assert contract.request("wall.post", {"from_group": "true", "v": "5.199"}, "user")
    assert contract.request("wall.publish", {"v": "5.199"}, "user")
    assert contract.reply("wall.post", {"response": {"post_id": 1}}) == []
    assert contract.reply("wall.post", {"response": {}})
    assert contract.reply("wall.post", {"response": {"post_id": "1"}})
    assert contract.reply(
        "wall.getById", {"response": {"items": [{"id": 1, "inner_type": "wall_wallpost", "x": 1}]}}
    )
    assert contract.reply("wall.getById", {"response": {"items": [{"id": 1}]}})


# --- publishing ---


@pytest.mark.parametrize("name", ["text", "image", "album", "video", "link", "poll", "first_comment"])
async def test_a_post_goes_out_whole(name: str, desk: Harness, fake: FakeVk, tmp_path: Path) -> None:
    out = sample_posts(tmp_path)[name]
    assert not [problem for problem in NETWORK.check(out, NETWORK.limits) if problem.severity == "error"]
    remote = await desk.publish(out)
    (post,) = fake.posts()
    assert (post["text"], post["media"]) == (out.text, len(out.media))
    assert remote.url == f"https://vk.com/wall-{GROUP}_{remote.id}"
    seen = await NETWORK.read_back(desk.call(), remote)
    assert (seen.alive, seen.text, seen.media_count) == (True, out.text, len(out.media))
    assert len(fake.files) == len(out.media)


async def test_the_post_goes_with_the_users_key_and_the_comment_with_the_communitys(
    desk: Harness, fake: FakeVk
) -> None:
    await desk.publish(Outgoing(TEXT, first_comment="Подробности"))
    ((_, post), (_, comment)) = fake.requests
    assert (post["from_group"], post["owner_id"]) == ("1", f"-{GROUP}")
    assert comment["from_group"] == str(GROUP)
    assert comment["guid"] != post["guid"]
    assert fake.comments[fake.posts()[0]["raw"]["id"]][0]["from_id"] == -GROUP


async def test_files_are_where_the_post_says(desk: Harness, fake: FakeVk, tmp_path: Path) -> None:
    moving = replace(sample_image(tmp_path, "move.gif"), kind="animation", duration=1.0)
    out = Outgoing(TEXT, media=(sample_video(tmp_path), sample_image(tmp_path), moving))
    await desk.publish(out)
    kinds = [a["type"] for a in fake.posts()[0]["raw"]["attachments"]]
    assert kinds == ["video", "photo", "doc"]
    assert fake.files == [
        ("video", out.media[0].size), ("photo", out.media[1].size), ("doc", out.media[2].size)
    ]  # fmt: skip


async def test_a_video_sent_twice_stays_one(desk: Harness, fake: FakeVk, tmp_path: Path) -> None:
    out = Outgoing(TEXT, media=(sample_video(tmp_path),))
    place_step, file_step, _ = NETWORK.steps(out, desk.credential)
    done = {place_step.name: await NETWORK.perform(desk.call(), place_step, out, {})}
    await NETWORK.perform(desk.call(), file_step, out, done)
    await NETWORK.perform(desk.call(), file_step, out, done)
    assert len(fake.things) == 1


async def test_a_link_brings_its_picture(desk: Harness, fake: FakeVk, tmp_path: Path) -> None:
    card = LinkCard("https://example.org/a,b", "Жатва", image=sample_image(tmp_path))
    await desk.publish(Outgoing(TEXT, link=card))
    sent = fake.requests[-1][1]
    assert sent["attachments"] == "https://example.org/a%2Cb"
    assert sent["link_title"] == "Жатва"
    assert f"photo{sent['link_photo_id']}" in fake.things
    assert fake.posts()[0]["media"] == 0


async def test_a_poll_carries_its_rules(desk: Harness, fake: FakeVk) -> None:
    poll = Poll("Что сеять?", ("Рожь", "Овёс, ячмень"), multiple=True, anonymous=False, closes_in=3600)
    remote = await desk.publish(Outgoing(TEXT, poll=poll))
    sent = fake.posts()[0]["raw"]["attachments"][0]["poll"]
    assert [answer["text"] for answer in sent["answers"]] == ["Рожь", "Овёс, ячмень"]
    assert (sent["multiple"], sent["anonymous"]) == (True, False)
    assert sent["end_date"] == int(desk.clock().timestamp()) + 3600
    assert Measure("votes", 0) in await NETWORK.read_post(desk.call(), remote)


async def test_what_is_no_picture_is_refused(desk: Harness, tmp_path: Path) -> None:
    picture = sample_image(tmp_path)
    picture.path.write_bytes(b"<svg onload=alert(1)>")
    with pytest.raises(Rejected, match="media_refused"):
        await desk.publish(Outgoing(TEXT, media=(picture,)))


async def test_with_the_communitys_key_alone_texts_go_out_and_nothing_is_promised(
    desk: Harness, fake: FakeVk
) -> None:
    desk.credential = fake.credential(user=False)
    account = await NETWORK.account(desk.call())
    assert "text" not in account.lacks
    assert {"image", "poll", "edit", "read_back", "look_up"} <= set(account.lacks)
    out = Outgoing(TEXT)
    step = create_step(out, desk)
    assert step.keyed and not step.searchable
    await desk.publish(out)
    assert len(fake.posts()) == 1
    assert (await NETWORK.look_up(desk.call(), Question(step, out, {}, desk.clock()))).found is None
    readings = await NETWORK.read_community(desk.call())
    assert readings[0] == Measure("followers", 4870)
    assert Absent("visitors", "vk_needs_user_key") in readings
    with pytest.raises(NeedsLogin, match="user_key_missing"):
        await NETWORK.edit(desk.call(), await desk.publish(out, "other"), out)


# --- changing and removing ---


async def test_an_edit_keeps_what_stays_and_sends_only_what_is_new(
    desk: Harness, fake: FakeVk, tmp_path: Path
) -> None:
    out = sample_posts(tmp_path)["album"]
    remote = await desk.publish(out)
    before = [a["photo"]["id"] for a in fake.posts()[0]["raw"]["attachments"]]
    other = sample_image(tmp_path, "other.jpg", width=200)
    fake.files.clear()
    changed = replace(out, text="Иначе", media=(out.media[2], other))
    remote = await NETWORK.edit(desk.call(), remote, changed)
    after = [a["photo"]["id"] for a in fake.posts()[0]["raw"]["attachments"]]
    assert fake.posts()[0]["text"] == "Иначе"
    assert after[0] == before[2] and after[1] not in before
    assert len(fake.files) == 1
    fake.files.clear()
    await NETWORK.edit(desk.call(), remote, replace(changed, text="Ещё раз"))
    assert fake.files == []
    assert fake.posts()[0]["media"] == 2


async def test_an_edit_keeps_the_poll_with_its_votes(desk: Harness, fake: FakeVk) -> None:
    out = Outgoing(TEXT, poll=Poll("?", ("а", "б")))
    remote = await desk.publish(out)
    number = fake.posts()[0]["raw"]["attachments"][0]["poll"]["id"]
    remote = await NETWORK.edit(desk.call(), remote, replace(out, text="Иначе"))
    assert fake.posts()[0]["raw"]["attachments"][0]["poll"]["id"] == number
    await NETWORK.edit(desk.call(), remote, replace(out, poll=Poll("?", ("а", "б", "в"))))
    assert len(fake.posts()[0]["raw"]["attachments"][0]["poll"]["answers"]) == 3


async def test_an_edit_sends_no_video_again(desk: Harness, fake: FakeVk, tmp_path: Path) -> None:
    out = Outgoing(TEXT, media=(sample_video(tmp_path),))
    remote = await desk.publish(out)
    assert "upload_url" not in json.dumps(remote.extra)
    remote = await NETWORK.edit(desk.call(), remote, replace(out, text="Иначе"))
    assert len(fake.files) == 1
    other = sample_video(tmp_path, "other.mp4", seconds=1.5)
    await NETWORK.edit(desk.call(), remote, replace(out, media=(other,)))
    assert [size for _, size in fake.files] == [out.media[0].size, other.size]
    assert fake.posts()[0]["media"] == 1


async def test_gone_is_gone_and_a_refusal_is_not_taken_for_it(desk: Harness, fake: FakeVk) -> None:
    remote = await desk.publish(Outgoing(TEXT))
    fake.place = 1
    with pytest.raises(NeedsLogin, match="no_right"):
        await NETWORK.delete(desk.call(), remote)
    fake.place = 3
    await NETWORK.delete(desk.call(), remote)
    await NETWORK.delete(desk.call(), remote)
    assert not (await NETWORK.read_back(desk.call(), remote)).alive
    with pytest.raises(Gone):
        await NETWORK.read_post(desk.call(), remote)


# --- looking up ---


@pytest.mark.parametrize("fault", ["accepted_then_timeout", "error_after_commit", "reset"])
async def test_a_post_with_pictures_is_found_by_them_whatever_became_of_its_text(
    fault: str, desk: Harness, fake: FakeVk, tmp_path: Path
) -> None:
    out = sample_posts(tmp_path)["album"]
    steps = NETWORK.steps(out, desk.credential)
    done = {}
    for step in steps[:-1]:
        done[step.name] = await NETWORK.perform(desk.call(step.name), step, out, done)
    fake.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(desk.call(timeout=1.5), steps[-1], out, done)
    fake.wall[int(fake.posts()[0]["id"])]["text"] = "переписано &amp; человеком"
    answer = await NETWORK.look_up(desk.call(), Question(steps[-1], out, done, desk.clock()))
    assert answer.found and answer.result is not None
    remote = NETWORK.remote({**done, "create": answer.result})
    assert remote.id == fake.posts()[0]["id"]
    assert len(remote.extra["uploads"]) == 3


async def test_a_text_is_found_though_vk_rewrote_its_signs(desk: Harness, fake: FakeVk) -> None:
    out = Outgoing("  Счёт <честный> & @club1 (Поле)…\n\nдва ")
    await desk.publish(out)
    fake.wall[int(fake.posts()[0]["id"])]["text"] = "Счёт &lt;честный&gt; &amp; [club1|Поле]...\nдва"
    step = create_step(out, desk)
    answer = await NETWORK.look_up(desk.call(), Question(step, out, {}, desk.clock()))
    assert answer.found
    hour_later = desk.clock() + timedelta(hours=1)
    assert (await NETWORK.look_up(desk.call(), Question(step, out, {}, hour_later))).found is False


async def test_a_card_with_a_picture_is_found_by_its_text(
    desk: Harness, fake: FakeVk, tmp_path: Path
) -> None:
    out = Outgoing(TEXT, link=LinkCard("https://example.org/a", image=sample_image(tmp_path)))
    done = await desk.perform_all(out)
    question = Question(create_step(out, desk), out, {"upload:link": done["upload:link"]}, desk.clock())
    assert (await NETWORK.look_up(desk.call(), question)).found


async def test_a_full_page_of_newer_posts_leaves_it_open(desk: Harness, fake: FakeVk) -> None:
    await desk.publish(Outgoing("другое"))
    sample = fake.posts()[0]["raw"]
    fake.wall.update({n: {**sample, "id": n} for n in range(2000, 2100)})
    out = Outgoing(TEXT)
    question = Question(create_step(out, desk), out, {}, desk.clock())
    assert (await NETWORK.look_up(desk.call(), question)).found is None


async def test_a_lost_comment_is_found_and_a_missing_one_is_not(desk: Harness, fake: FakeVk) -> None:
    out = Outgoing(TEXT, first_comment="Подробности")
    create, comment = NETWORK.steps(out, desk.credential)
    assert not comment.keyed and comment.searchable
    done = {"create": await NETWORK.perform(desk.call("a"), create, out, {})}
    question = Question(comment, out, done, desk.clock())
    assert (await NETWORK.look_up(desk.call(), question)).found is False
    fake.fault("accepted_then_timeout")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(desk.call("b", timeout=2.0), comment, out, done)
    answer = await NETWORK.look_up(desk.call(), question)
    assert answer.found and answer.result is not None
    assert NETWORK.remote({**done, "comment": answer.result}).extra["comment_id"] == answer.result["id"]


async def test_a_post_without_a_letter_is_not_any_other(desk: Harness, fake: FakeVk, tmp_path: Path) -> None:
    await desk.publish(Outgoing("", (sample_image(tmp_path),)))  # a picture without a word, of somebody else
    for out in (Outgoing("🌾🌾"), Outgoing("", link=LinkCard("https://example.org/a"))):
        question = Question(create_step(out, desk), out, {}, desk.clock())
        assert (await NETWORK.look_up(desk.call(), question)).found is False
        await desk.publish(out, str(out))
        assert (await NETWORK.look_up(desk.call(), question)).found
