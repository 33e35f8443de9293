"""Comments, Messenger, tags, numbers and the page's settings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import Rejected
from niva.networks.base.testing import Harness, sample_image, sample_video
from niva.networks.base.types import Absent, Measure, Outgoing
from niva.networks.facebook import NETWORK
from niva.networks.facebook.profile import contacts_sent, hours_told
from niva.networks.facebook.tests.fake import FakePage


async def test_answers_stand_under_what_they_answer(harness: Harness, fake: FakePage) -> None:
    remote, since = await harness.publish(Outgoing("Пост")), harness.clock() - timedelta(minutes=1)
    fake.say("comment", "Почём мёд?", remote.id)
    (asked,) = await NETWORK.read_comments(harness.call(), remote, since)
    said = await NETWORK.answer(harness.call(), asked, "500 рублей")
    both = await NETWORK.read_comments(harness.call(), remote, since)
    assert [(one.text, one.ours, one.answers) for one in both] == [
        ("Почём мёд?", False, ""), ("500 рублей", True, asked.id),
    ]  # fmt: skip
    assert both[1].id == said.id


async def test_many_comments_come_page_by_page_and_old_ones_stay_away(
    harness: Harness, fake: FakePage
) -> None:
    remote, now = await harness.publish(Outgoing("Пост")), harness.clock()
    fake.say_at("comment", "давно", remote.id, now - timedelta(days=2))
    for number in range(70):
        fake.say_at("comment", f"№ {number}", remote.id, now)
    heard = await NETWORK.read_comments(harness.call(), remote, now - timedelta(hours=1))
    assert len(heard) == 70
    assert sum(path.endswith("/comments") for path, _ in fake.requests) == 2


async def test_a_day_after_the_message_nothing_is_sent(harness: Harness, fake: FakePage) -> None:
    since = harness.clock() - timedelta(minutes=1)
    fake.say("message", "Почём мёд?", "")
    (asked,) = await NETWORK.read_messages(harness.call(), since)
    harness.clock.advance(24 * 3600 + 1)
    before = len(fake.requests)
    with pytest.raises(Rejected, match="reply_window_closed"):
        await NETWORK.answer(harness.call(), asked, "500 рублей")
    assert len(fake.requests) == before


async def test_conversations_silent_since_then_are_not_read(harness: Harness, fake: FakePage) -> None:
    now = harness.clock()
    fake.say_at("message", "старое", "", now - timedelta(days=3))
    assert await NETWORK.read_messages(harness.call(), now - timedelta(days=1)) == ()
    fake.say_at("message", "новое", "", now)
    assert [one.text for one in await NETWORK.read_messages(harness.call(), now - timedelta(days=1))] == [
        "новое"
    ]


async def test_numbers_of_a_post_and_of_a_video(harness: Harness, fake: FakePage, tmp_path: Path) -> None:
    remote = await harness.publish(Outgoing("Пост"))
    fake.say("comment", "Да", remote.id)
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    counts = {name: one.value for name, one in told.items() if isinstance(one, Measure)}
    assert counts == {"views": 120, "reach": 90, "likes": 4, "comments": 1, "reposts": 0, "clicks": 7}
    assert told["votes"] == Absent("votes", "no_poll") and told["saves"] == Absent("saves", "not_offered")
    video = await harness.publish(Outgoing("Видео", media=(sample_video(tmp_path),)), "v")
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), video)}
    assert (told["views"], told["likes"]) == (Measure("views", 120), Measure("likes", 5))


async def test_a_metric_that_was_taken_away_is_absent_and_nothing_breaks(
    harness: Harness, fake: FakePage
) -> None:
    remote = await harness.publish(Outgoing("Пост"))
    fake.metrics_gone = True
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert told["views"] == Absent("views", "not_offered")
    assert told["likes"] == Measure("likes", 4)
    fake.metrics_gone, fake.clicks_gone = False, True
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert (told["views"], told["reach"]) == (Measure("views", 120), Measure("reach", 90))
    assert told["clicks"] == Absent("clicks", "not_offered")


async def test_numbers_of_the_page(harness: Harness) -> None:
    await harness.publish(Outgoing("Пост"))
    told = {one.metric: one for one in await NETWORK.read_community(harness.call())}
    assert (told["followers"], told["posts"]) == (Measure("followers", 1250), Measure("posts", 1))


async def test_settings_are_told_and_empty_is_not_untold(harness: Harness, fake: FakePage) -> None:
    found = await NETWORK.read_profile(harness.call())
    assert (found.about, found.status, found.verified) == ("Семейная ферма под Тулой", "Зерно и мёд", True)
    assert found.contacts == ("+7 487 200-00-00", "ferma@example.org")
    assert found.avatar is not None and found.avatar.width == 720
    for name in ("description", "phone", "emails", "call_to_actions", "cover", "website"):
        del fake.settings[name]
    fake.settings["picture"]["data"]["is_silhouette"] = True
    bare = await NETWORK.read_profile(harness.call())
    assert (bare.about, bare.contacts, bare.button, bare.site) == ("", (), "", "")
    assert (bare.cover is not None and bare.cover.url, bare.avatar is not None and bare.avatar.url) == (
        "",
        "",
    )


async def test_settings_are_changed(harness: Harness, fake: FakePage, tmp_path: Path) -> None:
    picture = sample_image(tmp_path, "a.jpg")
    await NETWORK.write_profile(
        harness.call(),
        {
            "about": "Мёд",
            "contacts": ("+7 1", "a@example.org", "b@example.org"),
            "avatar": picture,
            "cover": picture,
        },
    )
    assert fake.settings["description"] == "Мёд"
    assert (fake.settings["phone"], fake.settings["emails"]) == ("+7 1", ["a@example.org", "b@example.org"])
    assert fake.settings["cover"]["source"].endswith("new.jpg")
    with pytest.raises(Rejected, match="contacts_too_many"):
        contacts_sent(["+7 1", "+7 2"])


def test_hours_as_people_read_them() -> None:
    told = {"tue_1_open": "10:00", "tue_1_close": "14:00", "tue_2_open": "15:00", "tue_2_close": "19:00"}
    assert hours_told(told) == "tue 10:00-14:00; tue 15:00-19:00"
    assert hours_told(None) == ""
