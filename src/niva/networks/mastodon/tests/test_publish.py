"""Statuses against the fake server: out, changed, lost, found again, counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, Limited, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, idempotency_key, sample_image, sample_posts, sample_video
from niva.networks.base.types import Absent, LinkCard, Measure, Outgoing, Poll, Step
from niva.networks.mastodon import NETWORK
from niva.networks.mastodon.publish import PAUSES
from niva.networks.mastodon.tests.fake import LIMITED_SECONDS, FakeMastodon

Field = tuple[Harness, FakeMastodon]
CREATE = Step("create", "create", keyed=True, searchable=True, key_seconds=3600)
COMMENT = replace(CREATE, name="comment", kind="comment")


def calls(fake: FakeMastodon, method: str, path: str) -> int:
    return sum(1 for one in fake.seen if one[:2] == (method, path))


async def test_picture_arrives_whole_with_its_description(field: Field, tmp_path: Path):
    harness, fake = field
    image = sample_image(tmp_path, alt="Поле ржи")
    await harness.publish(Outgoing("Жатва", media=(image,)))
    [status] = [post["status"] for post in harness.posts()]
    sent = fake.media[status["media_ids"][0]]
    assert sent["content"] == image.path.read_bytes()
    assert (sent["mime"], sent["description"]) == ("image/png", "Поле ржи")


async def test_manner_of_a_post(field: Field):
    harness, _ = field
    options = {"language": "ru", "visibility": "unlisted", "spoiler_text": "Осторожно", "sensitive": True}
    await harness.publish(Outgoing("Текст", options=options))
    status = harness.posts()[0]["status"]
    assert {name: status[name] for name in options} == options


async def test_poll_asks_in_the_text_and_ends_in_a_day(field: Field):
    harness, _ = field
    remote = await harness.publish(Outgoing("Весна близко", poll=Poll("Что сеять?", ("Рожь", "Овёс"))))
    [post] = harness.posts()
    assert post["text"] == "Весна близко\n\nЧто сеять?"
    assert post["status"]["poll"] == {"options": ["Рожь", "Овёс"], "expires_in": 86400, "multiple": False}
    assert (await NETWORK.read_back(harness.call(), remote)).text == "Весна близко"


async def test_link_joins_the_text_once(field: Field):
    harness, _ = field
    link = LinkCard("https://example.org/a", "A")
    await harness.publish(Outgoing("Читайте", link=link), "one")
    await harness.publish(Outgoing("Читайте https://example.org/a", link=link), "two")
    assert [post["text"] for post in harness.posts()] == [
        "Читайте\n\nhttps://example.org/a",
        "Читайте https://example.org/a",
    ]


async def test_slow_file_is_waited_for(field: Field, pauses: list[float], tmp_path: Path):
    harness, fake = field
    fake.slow_media = 3
    await harness.publish(Outgoing("Кино", media=(sample_video(tmp_path),)))
    assert harness.posts()[0]["media"] == 1
    assert pauses == list(PAUSES[:3])


async def test_file_that_takes_too_long_stops_the_post_before_it_is_sent(
    field: Field, pauses: list[float], tmp_path: Path
):
    harness, fake = field
    fake.slow_media = 2 * len(PAUSES) + 5
    out = Outgoing("Кино", media=(sample_video(tmp_path),))
    with pytest.raises(Temporary) as still:
        await harness.publish(out)
    assert (still.value.code, still.value.retry_after) == ("media_processing", 60)
    assert harness.posts() == []
    assert calls(fake, "POST", "/api/v2/media") == 1
    assert len(pauses) == 2 * len(PAUSES)


async def test_first_comment_answers_and_goes_with_the_post(field: Field):
    harness, fake = field
    remote = await harness.publish(Outgoing("Пост", first_comment="Подробности"))
    comment = [one for one in fake.statuses.values() if one["in_reply_to_id"]]
    assert [(one["in_reply_to_id"], one["text"]) for one in comment] == [(remote.id, "Подробности")]
    await NETWORK.delete(harness.call(), remote)
    assert fake.statuses == {}


async def test_edit_keeps_files_and_sends_only_new_ones(field: Field, tmp_path: Path):
    harness, fake = field
    first, second = sample_image(tmp_path, "a.jpg"), sample_image(tmp_path, "b.jpg", width=500)
    remote = await harness.publish(Outgoing("Было", media=(first,)))
    kept = harness.posts()[0]["status"]["media_ids"][0]
    changed = Outgoing("Стало", media=(second, replace(first, alt="новая подпись")))
    edited = await NETWORK.edit(harness.call(), remote, changed)
    [post] = harness.posts()
    assert (post["id"], post["text"], post["media"]) == (remote.id, "Стало", 2)
    assert post["status"]["media_ids"][1] == kept
    assert fake.media[kept]["description"] == "новая подпись"
    assert calls(fake, "POST", "/api/v2/media") == 2
    again = await NETWORK.edit(harness.call(), edited, Outgoing("Без картинок"))
    assert harness.posts()[0]["media"] == 0
    assert (await NETWORK.read_back(harness.call(), again)).text == "Без картинок"


async def test_edit_keeps_the_poll(field: Field):
    harness, _ = field
    poll = Poll("Что сеять?", ("Рожь", "Овёс"), multiple=True)
    remote = await harness.publish(Outgoing("Было", poll=poll))
    await NETWORK.edit(harness.call(), remote, Outgoing("Стало", poll=poll))
    [post] = harness.posts()
    assert post["text"].startswith("Стало")
    assert post["status"]["poll"]["options"] == ["Рожь", "Овёс"]


async def test_edit_of_a_removed_post(field: Field):
    harness, _ = field
    remote = await harness.publish(Outgoing("Пост"))
    harness.fault("forgotten")
    with pytest.raises(Gone):
        await NETWORK.edit(harness.call(), remote, Outgoing("Стало"))
    assert not (await NETWORK.read_back(harness.call(), remote)).alive
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), remote)


async def test_the_key_travels_and_lasts_an_hour(field: Field):
    harness, fake = field
    fake.now = harness.clock
    out = Outgoing("Раз")
    once = await NETWORK.perform(harness.call("one"), CREATE, out, {})
    assert list(fake.keys) == [idempotency_key("one")]
    harness.clock.advance(3599)
    assert (await NETWORK.perform(harness.call("one"), CREATE, out, {}))["id"] == once["id"]
    harness.clock.advance(2)
    assert (await NETWORK.perform(harness.call("one"), CREATE, out, {}))["id"] != once["id"]
    assert CREATE in NETWORK.steps(out, harness.credential)


@pytest.mark.parametrize("fault", ["accepted_then_timeout", "error_after_commit", "reset"])
async def test_lost_post_is_found_by_text_and_time(field: Field, fault: str, tmp_path: Path):
    harness, fake = field
    fake.now = harness.clock
    posts = sample_posts(tmp_path)
    out = replace(posts["image"], text="Урожай & <честный> счёт\nhttps://example.org/" + "x" * 50)
    old = await harness.publish(out, "an earlier post that reads the same")
    harness.clock.advance(3600)
    upload = {"upload:0": await NETWORK.perform(harness.call("u"), Step("upload:0", "upload"), out, {})}
    since = harness.clock()
    harness.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(harness.call("lost", timeout=2.0), CREATE, out, upload)
    answer = await NETWORK.look_up(harness.call("lost"), Question(CREATE, out, upload, since))
    assert answer.found is True
    found = NETWORK.remote({"create": answer.result})
    assert found.id != old.id and found.id == harness.posts()[-1]["id"]
    changed = await NETWORK.edit(harness.call(), found, replace(out, text="Стало"))
    assert harness.posts()[-1]["status"]["media_ids"] == [one["id"] for one in changed.extra["media"]]
    nothing = Question(CREATE, replace(out, text="Такого не было"), {}, since)
    assert (await NETWORK.look_up(harness.call(), nothing)).found is False


async def test_lost_comment_is_looked_for_among_answers_to_the_post(field: Field):
    harness, fake = field
    fake.now = harness.clock
    out = Outgoing("Одинаково", first_comment="Одинаково")
    done = {"create": await NETWORK.perform(harness.call("post"), CREATE, out, {})}
    question = Question(COMMENT, out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    made = await NETWORK.perform(harness.call("comment"), COMMENT, out, done)
    answer = await NETWORK.look_up(harness.call(), question)
    assert (answer.found, answer.result["id"]) == (True, made["id"])


async def test_look_up_turns_pages_and_gives_up_after_five(field: Field):
    harness, fake = field
    fake.now = harness.clock
    wanted = Outgoing("Искомый")
    await harness.publish(wanted, "wanted")
    for index in range(50):
        await harness.publish(Outgoing(f"Другой {index}"), f"other {index}")
    since = harness.clock() - timedelta(minutes=5)
    assert (await NETWORK.look_up(harness.call(), Question(CREATE, wanted, {}, since))).found is True
    for index in range(50, 200):
        await harness.publish(Outgoing(f"Другой {index}"), f"other {index}")
    assert (await NETWORK.look_up(harness.call(), Question(CREATE, wanted, {}, since))).found is None


async def test_numbers_with_reasons_for_what_is_missing(field: Field):
    harness, fake = field
    plain = await harness.publish(Outgoing("a"), "plain")
    asked = await harness.publish(Outgoing("b", poll=Poll("", ("x", "y"))), "asked")
    fake.statuses[plain.id]["counts"] = {
        "replies": 3, "reblogs": 5, "favourites": 12, "quotes": 1, "votes": 0,
    }  # fmt: skip
    fake.statuses[asked.id]["counts"]["votes"] = 7
    post = {one.metric: one for one in await NETWORK.read_post(harness.call(), plain)}
    assert [post[name] for name in ("likes", "comments", "reposts")] == [
        Measure("likes", 12), Measure("comments", 3), Measure("reposts", 6),
    ]  # fmt: skip
    assert post["views"] == Absent("views", "not_offered")
    assert post["votes"] == Absent("votes", "no_poll")
    assert Measure("votes", 7) in await NETWORK.read_post(harness.call(), asked)
    community = await NETWORK.read_community(harness.call())
    assert Measure("followers", 1234) in community and Measure("posts", 42) in community


async def test_refusals(field: Field):
    harness, _ = field
    with pytest.raises(Rejected) as long:
        await NETWORK.perform(harness.call(), CREATE, Outgoing("я" * 501), {})
    assert long.value.code == "text_too_long"
    harness.fault("limited")
    with pytest.raises(Limited) as often:
        await NETWORK.read_community(harness.call())
    left = often.value.until - harness.clock()
    assert timedelta(seconds=LIMITED_SECONDS - 5) < left <= timedelta(seconds=LIMITED_SECONDS + 5)
    harness.fault("limited_no_delay")
    with pytest.raises(Limited) as unnamed:
        await NETWORK.read_community(harness.call())
    assert unnamed.value.until is None
    with pytest.raises(NeedsLogin) as none:
        await NETWORK.account(harness.call(credential=replace(harness.credential, secrets={})))
    assert none.value.code == "not_connected"
    with pytest.raises(Rejected) as bad:
        await NETWORK.account(harness.call(credential=replace(harness.credential, facts={"instance": " "})))
    assert bad.value.code == "address_bad"
    assert harness.posts() == []


async def test_file_of_a_kind_that_the_server_does_not_take(field: Field, tmp_path: Path):
    harness, _ = field
    odd = replace(sample_image(tmp_path), mime="image/tiff")
    with pytest.raises(Rejected) as refused:
        await harness.publish(Outgoing("a", media=(odd,)))
    assert refused.value.code == "media_refused"
    gone = replace(odd, path=tmp_path / "none.png")
    with pytest.raises(Rejected) as unreadable:
        await harness.publish(Outgoing("a", media=(gone,)))
    assert unreadable.value.code == "media_unreadable"
