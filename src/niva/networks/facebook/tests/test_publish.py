"""What leaves for a page, what is found again, and what cannot be changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from niva.networks.base import graph
from niva.networks.base.errors import Rejected, Temporary
from niva.networks.base.network import Question
from niva.networks.base.testing import TEXT, Harness, sample_image, sample_upright, sample_video
from niva.networks.base.types import LinkCard, Outgoing, Step
from niva.networks.facebook import NETWORK, payloads
from niva.networks.facebook.tests.fake import PAGE, FakePage

CREATE = Step("create", "create", searchable=True)


async def test_photos_keep_their_order_and_descriptions(
    harness: Harness, fake: FakePage, tmp_path: Path
) -> None:
    await harness.publish(harness.samples(tmp_path)["album"])
    sent = [body for path, body in fake.requests if path.endswith("/photos")]
    assert [body["alt_text_custom"] for body in sent] == ["Снимок 1", "Снимок 2", "Снимок 3"]
    assert not fake.photos, "every photo is in the post"


async def test_a_video_goes_in_the_pieces_that_the_server_asks_for(
    harness: Harness, fake: FakePage, tmp_path: Path
) -> None:
    file = sample_video(tmp_path)
    fake.pieces = max(1, file.size // 3)
    remote = await harness.publish(Outgoing("О жатве", media=(file,), options={"title": "Жатва"}))
    assert fake.videos[remote.id]["bytes"] == file.path.read_bytes()
    assert fake.videos[remote.id]["title"] == "Жатва"
    assert sum(body.get("upload_phase") == "transfer" for _, body in fake.requests) >= 3


@pytest.mark.parametrize("how", [{"stuck": True}, {"pieces": 0}])
async def test_a_server_that_takes_no_more_bytes_does_not_hold_us(
    harness: Harness, fake: FakePage, tmp_path: Path, how: dict[str, int]
) -> None:
    for name, value in how.items():
        setattr(fake, name, value)
    with pytest.raises(Rejected, match="media_refused"):
        await harness.publish(Outgoing("Видео", media=(sample_video(tmp_path),)))
    assert not fake.posts


async def test_a_video_takes_its_cover_along_and_a_reel_cannot(
    harness: Harness, fake: FakePage, tmp_path: Path
) -> None:
    cover = sample_image(tmp_path, "cover.jpg")
    out = Outgoing("О жатве", media=(replace(sample_video(tmp_path), cover=cover),))
    remote = await harness.publish(out)
    assert fake.videos[remote.id]["thumb"] == cover.path.read_bytes()
    assert not NETWORK.check(out, NETWORK.limits)
    told = NETWORK.check(replace(out, options={"form": "story"}), NETWORK.limits)
    assert "cover_left_out" in {problem.code for problem in told}


async def test_a_reel_on_its_way_out_is_out(harness: Harness, fake: FakePage, tmp_path: Path) -> None:
    out = Outgoing(TEXT, media=(sample_upright(tmp_path),), options={"form": "reel"})
    done = await harness.perform_all(out)
    fake.videos[str(done["create"]["id"])]["status"] = "processing"
    assert payloads.published({"published": False, "status": {"publishing_phase": {"status": "in_progress"}}})
    seen = await NETWORK.read_back(harness.call(), NETWORK.remote(done))
    assert (seen.alive, seen.text) == (True, TEXT)


async def test_a_reel_waits_until_it_is_ready(harness: Harness, fake: FakePage, tmp_path: Path) -> None:
    fake.slow = 3
    remote = await harness.publish(
        Outgoing(TEXT, media=(sample_upright(tmp_path),), options={"form": "reel"})
    )
    assert fake.videos[remote.id]["edge"] == "video_reels"
    assert remote.url == f"https://www.facebook.com/{remote.id}"
    fake.slow = 1000
    with pytest.raises(Temporary, match="media_processing"):
        await harness.publish(
            Outgoing("ещё", media=(sample_upright(tmp_path),), options={"form": "reel"}), "b"
        )


async def test_a_photo_story_is_seen_and_neither_changed_nor_removed(
    harness: Harness, fake: FakePage, tmp_path: Path
) -> None:
    out = Outgoing("", media=(sample_image(tmp_path),), options={"form": "story"})
    done = await harness.perform_all(out)
    remote = NETWORK.remote(done)
    assert (await NETWORK.read_back(harness.call(), remote)).alive
    question = Question(CREATE, out, {"upload:0": done["upload:0"]}, harness.clock())
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.found and answer.result is not None and answer.result["id"] == remote.id
    with pytest.raises(Rejected, match="story_edit_unsupported"):
        await NETWORK.edit(harness.call(), remote, out)
    with pytest.raises(Rejected, match="story_delete_unsupported"):
        await NETWORK.delete(harness.call(), remote)
    readings = await NETWORK.read_post(harness.call(), remote)
    assert {one.reason for one in readings} == {"story_not_counted"}  # type: ignore[union-attr]


async def test_a_video_tells_by_itself_whether_it_is_out(
    harness: Harness, fake: FakePage, tmp_path: Path
) -> None:
    out = Outgoing("Видео", media=(sample_video(tmp_path),))
    upload, create = NETWORK.steps(out, harness.credential)
    done = {"upload:0": await NETWORK.perform(harness.call(), upload, out, {})}
    question = Question(create, out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    await NETWORK.perform(harness.call(), create, out, done)
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.found and answer.result is not None and answer.result["id"] == done["upload:0"]["id"]


async def test_the_link_stands_under_a_photo_and_not_in_the_text_read_back(
    harness: Harness, fake: FakePage, tmp_path: Path
) -> None:
    link = LinkCard("https://example.org/harvest")
    out = Outgoing("Жатва", media=(sample_image(tmp_path),), link=link)
    remote = await harness.publish(out)
    assert fake.posts[0]["text"] == "Жатва\n\nhttps://example.org/harvest"
    assert (await NETWORK.read_back(harness.call(), remote)).text == "Жатва"
    after = await NETWORK.edit(harness.call(), remote, replace(out, text="Новое"))
    assert fake.posts[0]["text"] == "Новое\n\nhttps://example.org/harvest"
    assert (await NETWORK.read_back(harness.call(), after)).text == "Новое"


async def test_files_and_links_of_a_published_post_stay(harness: Harness, tmp_path: Path) -> None:
    out = Outgoing("Жатва", media=(sample_image(tmp_path),))
    remote = await harness.publish(out)
    other = sample_image(tmp_path, "other.png", width=300)
    for changed in (replace(out, media=()), replace(out, media=(other,))):
        with pytest.raises(Rejected, match="edit_only_text"):
            await NETWORK.edit(harness.call(), remote, changed)
    carded = await harness.publish(Outgoing("По ссылке", link=LinkCard("https://example.org/a")), "b")
    with pytest.raises(Rejected, match="edit_only_text"):
        await NETWORK.edit(
            harness.call(), carded, Outgoing("По ссылке", link=LinkCard("https://example.org/b"))
        )


async def test_the_first_comment_is_found_among_those_of_others(harness: Harness, fake: FakePage) -> None:
    out = Outgoing("Пост", first_comment="Подробности ниже")
    create, comment = NETWORK.steps(out, harness.credential)
    done = {"create": await NETWORK.perform(harness.call(), create, out, {})}
    fake.say("comment", "Подробности ниже", done["create"]["id"])
    question = Question(comment, out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False, "somebody else said the same"
    made = await NETWORK.perform(harness.call(), comment, out, done)
    assert (await NETWORK.look_up(harness.call(), question)).result == made


async def test_a_busy_page_is_turned_over_and_then_given_up(harness: Harness, fake: FakePage) -> None:
    since = harness.clock()
    wanted = await harness.publish(Outgoing("Искомый"))
    for number in range(120):
        fake._keep(f"другой {number}", 0)
    question = Question(CREATE, Outgoing("Искомый"), {}, since)
    found = await NETWORK.look_up(harness.call(), question)
    assert found.result is not None and found.result["id"] == wanted.id
    for number in range(200):
        fake._keep(f"ещё {number}", 0)
    assert (await NETWORK.look_up(harness.call(), question)).found is None


async def test_the_same_words_with_other_files_are_another_post(harness: Harness, tmp_path: Path) -> None:
    since = harness.clock()
    await harness.publish(Outgoing("Жатва", media=(sample_image(tmp_path),)))
    assert (
        await NETWORK.look_up(harness.call(), Question(CREATE, Outgoing("Жатва"), {}, since))
    ).found is False


async def test_bare_links_are_told_apart(harness: Harness, fake: FakePage) -> None:
    since, link = harness.clock(), LinkCard("https://example.org/a")
    await harness.publish(Outgoing("", link=LinkCard("https://example.org/b")))
    question = Question(CREATE, Outgoing("", link=link), {}, since)
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    wanted = await harness.publish(Outgoing("", link=link), "b")
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.result is not None and answer.result["id"] == wanted.id


async def test_a_video_in_no_known_state_leaves_the_question_open(
    harness: Harness, fake: FakePage, tmp_path: Path
) -> None:
    out = Outgoing("Видео", media=(sample_upright(tmp_path),), options={"form": "reel"})
    upload, create = NETWORK.steps(out, harness.credential)
    done = {"upload:0": await NETWORK.perform(harness.call(), upload, out, {})}
    fake.videos[str(done["upload:0"]["id"])]["published"] = None
    answer = await NETWORK.look_up(harness.call(), Question(create, out, done, harness.clock()))
    assert answer.found is None


def test_what_a_story_and_a_reel_cannot_carry(tmp_path: Path) -> None:
    picture, video = sample_image(tmp_path), sample_upright(tmp_path)

    def told(out: Outgoing) -> set[tuple[str, str]]:
        return {(one.code, one.severity) for one in NETWORK.check(out, NETWORK.limits)}

    story = {"form": "story"}
    assert told(Outgoing("", media=(picture,), options=story)) == set()
    assert ("form_leaves_out", "warning") in told(Outgoing("Слова", media=(picture,), options=story))
    assert ("form_takes_no", "error") in told(
        Outgoing("", media=(picture,), options=story, first_comment="Да")
    )
    assert ("form_one_file", "error") in told(Outgoing("", media=(picture, picture), options=story))
    assert ("reel_needs_video", "error") in told(Outgoing("", media=(picture,), options={"form": "reel"}))
    long = replace(video, duration=90.4)
    assert ("video_too_long", "error") in told(Outgoing("", media=(long,), options={"form": "reel"}))
    assert not told(Outgoing("", media=(replace(video, duration=90.0),), options={"form": "reel"}))
    assert ("video_too_long", "error") in told(
        Outgoing("", media=(replace(video, duration=60.5),), options=story)
    )
    assert ("media_mixed", "error") in told(Outgoing("", media=(picture, video)))


def test_what_is_counted_as_a_file() -> None:
    post = {"attachments": {"data": [{"media_type": "album", "subattachments": {"data": [{}, {}, {}]}}]}}
    assert payloads.files_in(post) == 3
    assert payloads.files_in({"attachments": {"data": [{"media_type": "share"}]}}) == 0
    assert payloads.files_in({"attachments": "?"}) == payloads.files_in({}) == 0
    assert payloads.ready({"video_status": "error"}) is payloads.ready({"video_status": "expired"}) is None
    assert payloads.ready({"uploading_phase": {"status": "error"}}) is None
    assert payloads.ready("?") is payloads.ready({"video_status": "of tomorrow"}) is False
    assert payloads.published({"status": "?"}) is None
    assert payloads.address("1_2", {"permalink_url": "/reel/5/"}) == "https://www.facebook.com/reel/5/"
    assert payloads.address("1_2", {"permalink_url": "javascript:alert(1)"}) == "https://www.facebook.com/1_2"


async def test_pictures_alone_do_not_prove_a_post_of_ours(
    harness: Harness, fake: FakePage, tmp_path: Path
) -> None:
    """Another person's picture without a word looks the same."""
    since, out = harness.clock(), Outgoing("", media=(sample_image(tmp_path),))
    assert (await NETWORK.look_up(harness.call(), Question(CREATE, out, {}, since))).found is False
    fake._keep("", 1)
    assert (await NETWORK.look_up(harness.call(), Question(CREATE, out, {}, since))).found is None


async def test_a_comment_of_nobody_leaves_the_question_open(harness: Harness, fake: FakePage) -> None:
    """Keys that may not read people see no author: then ours may be the one with these words."""
    out = Outgoing("Пост", first_comment="Подробности ниже")
    create, comment = NETWORK.steps(out, harness.credential)
    done = {"create": await NETWORK.perform(harness.call(), create, out, {})}
    made = await NETWORK.perform(harness.call(), comment, out, done)
    question = Question(comment, out, done, harness.clock())
    (one,) = fake.comments[str(done["create"]["id"])]
    del one["from"]
    assert (await NETWORK.look_up(harness.call(), question)).found is None
    fake.say("comment", "Подробности ниже", str(done["create"]["id"]))
    one["from"] = {"id": PAGE}
    assert (await NETWORK.look_up(harness.call(), question)).result == made


async def test_a_page_after_which_no_cursor_leads_is_not_the_end(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def listing(call: Any, method: str, url: str, **more: Any) -> dict[str, Any]:
        return {"data": [], "paging": {"next": "https://graph.facebook.com/more?until=1"}}

    monkeypatch.setattr(graph, "ask", listing)
    question = Question(CREATE, Outgoing("Пост"), {}, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is None


async def test_an_emptied_field_is_not_called_none(harness: Harness, fake: FakePage) -> None:
    await NETWORK.write_profile(harness.call(), {"about": None, "site": None})
    assert (fake.settings["description"], fake.settings["website"]) == ("", "")


@pytest.mark.parametrize("processing", ["in_progress", "complete"])
def test_a_reel_at_work_that_is_not_out_yet_may_be_on_its_way(processing: str) -> None:
    """Meta publishes it behind the processing: until then the word for both is "not_started"."""
    told = {"publishing_phase": {"status": "not_started"}, "processing_phase": {"status": processing}}
    assert payloads.published({"published": False, "status": told}) is None
    told["processing_phase"]["status"] = "not_started"
    assert payloads.published({"published": False, "status": told}) is False
