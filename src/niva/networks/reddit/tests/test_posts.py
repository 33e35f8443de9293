"""Kinds of posts, what becomes of them, what the subreddit wishes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, OutcomeUnknown, Rejected
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, sample_image, sample_video
from niva.networks.base.types import LinkCard, MediaFile, Outgoing, Poll
from niva.networks.reddit import NETWORK, client, payloads, publish
from niva.networks.reddit.tests.entities import NAME
from niva.networks.reddit.tests.fake import FakeReddit

Field = tuple[Harness, FakeReddit]
BACK = "https://desk.example/connect/reddit/back"
TITLE = {"title": "Как прошла жатва"}


# --- posts ---


async def test_options_go_with_every_kind_of_post(field: Field, tmp_path: Path):
    harness, fake = field
    options = {**TITLE, "flair": "f-1", "nsfw": "1", "spoiler": "1", "no_replies": "1"}
    pictures = tuple(sample_image(tmp_path, f"{n}.png", alt=f"Снимок {n}") for n in (1, 2))
    poll = Poll("Что сеять?", ("Рожь", "Овёс"), closes_in=90_000)
    for number, out in enumerate(
        (
            Outgoing("текст", options=options),
            Outgoing("текст", pictures, options=options),
            Outgoing("текст", poll=poll, options=options),
        )
    ):
        await harness.publish(out, str(number))
    first, second, third = fake.posts()
    assert {(one["flair"], one["nsfw"]) for one in fake.posts()} == {("f-1", True)}
    assert [one["kind"] for one in (first, second, third)] == ["self", "gallery", "poll"]
    assert [item["caption"] for item in second["items"]] == ["Снимок 1", "Снимок 2"]
    assert (third["duration"], third["options"], third["text"]) == (
        2,
        ["Рожь", "Овёс"],
        "текст\n\nЧто сеять?",
    )
    sent = next(body for path, body in fake.requests if path == "POST /api/submit")
    assert (sent["sendreplies"], sent["spoiler"], sent["resubmit"]) == ("false", "true", "true")


async def test_a_link_is_a_post_of_its_own_or_stands_beside_files(field: Field, tmp_path: Path):
    harness, fake = field
    card = LinkCard("https://example.org/harvest?a=1&b=2")
    await harness.publish(Outgoing("текст", link=card, options=TITLE), "1")
    remote = await harness.publish(
        Outgoing("текст", (sample_image(tmp_path),), link=card, options=TITLE), "2"
    )
    link, picture = fake.posts()
    assert (link["kind"], link["url"], link["text"]) == ("link", card.url, "текст")
    assert (picture["kind"], picture["text"]) == ("image", f"текст\n\n{card.url}")
    seen = await NETWORK.read_back(harness.call(), remote)
    assert (seen.text, seen.media_count) == ("текст", 1)


async def test_a_picture_that_is_shown_later_is_waited_for(field: Field, tmp_path: Path):
    harness, fake = field
    fake.slow = 3
    out = Outgoing("текст", (sample_image(tmp_path),), options=TITLE)
    remote = await harness.publish(out)
    assert remote.id == fake.posts()[0]["id"]
    assert remote.url == f"https://www.reddit.com/r/{NAME}/comments/{remote.id[3:]}/post/"
    fake.slow = 50
    with pytest.raises(OutcomeUnknown, match="reddit_processing"):
        await harness.publish(replace(out, options={"title": "Другая"}))


async def test_a_broken_look_after_it_was_taken_leaves_it_unknown(
    field: Field, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    harness, fake = field
    fake.slow = 1
    out = Outgoing("текст", (sample_image(tmp_path),), options=TITLE)
    upload, create = NETWORK.steps(out, harness.credential)
    done = {"upload:0": await NETWORK.perform(harness.call(), upload, out, {})}

    async def revoke(_: float) -> None:
        fake.revoked = True

    monkeypatch.setattr(publish, "pause", revoke)
    with pytest.raises(OutcomeUnknown, match="reddit_processing"):
        await NETWORK.perform(harness.call(), create, out, done)
    assert len(fake.posts()) == 1


async def test_a_video_has_a_still_of_its_own_where_it_has_no_cover(field: Field, tmp_path: Path):
    harness, fake = field
    video = sample_video(tmp_path, seconds=2)
    await harness.publish(Outgoing("текст", (video,), options=TITLE), "1")
    assert len(fake.files) == 2 and any(content[:3] == b"\xff\xd8\xff" for content in fake.files.values())
    cover = sample_image(tmp_path, "cover.png")
    await harness.publish(Outgoing("текст", (replace(video, cover=cover),), options={"title": "Ещё"}), "2")
    assert list(fake.files.values())[-1] == cover.path.read_bytes()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    with pytest.raises(Rejected, match="media_unreadable"):
        await harness.publish(Outgoing("", (replace(video, path=broken),), options=TITLE), "3")


async def test_what_the_store_of_files_says(field: Field, tmp_path: Path):
    harness, fake = field
    for words, code in (("EntityTooLarge", "file_too_big"), ("AccessDenied", "media_refused")):
        fake.store_says = words
        with pytest.raises(Rejected, match=code):
            await client.upload(harness.call(), sample_image(tmp_path))
    fake.url = "http://10.0.0.5"
    with pytest.raises(Rejected, match="upload_host_refused"):
        await client.upload(harness.call(), sample_image(tmp_path))


async def test_only_words_of_a_text_post_are_changed(field: Field, tmp_path: Path):
    harness, fake = field
    plain = await harness.publish(Outgoing("текст", options=TITLE), "1")
    picture = Outgoing("текст", (sample_image(tmp_path),), options={"title": "Снимок"})
    remote = await harness.publish(picture, "2")
    for there, out in ((remote, Outgoing("иначе", options=TITLE)), (plain, picture)):
        with pytest.raises(Rejected, match="reddit_edit_text_only"):
            await NETWORK.edit(harness.call(), there, out)
    assert {one["text"] for one in fake.posts()} == {"текст"}
    fake.submissions[plain.id]["removed"] = "deleted"
    with pytest.raises(Gone):
        await NETWORK.edit(harness.call(), plain, Outgoing("иначе", options=TITLE))


@pytest.mark.parametrize("by", ["moderator", "automod_filtered", "reddit", "deleted"])
async def test_what_was_taken_down_is_not_alive(field: Field, by: str):
    harness, fake = field
    remote = await harness.publish(Outgoing("текст", options=TITLE))
    fake.submissions[remote.id]["removed"] = by
    assert not (await NETWORK.read_back(harness.call(), remote)).alive
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), remote)


async def test_the_first_comment_is_found_again_and_goes_with_the_post(field: Field):
    harness, fake = field
    out, since = Outgoing("текст", first_comment="Подробности", options=TITLE), harness.clock()
    done = await harness.perform_all(out)
    step = NETWORK.steps(out, harness.credential)[-1]
    answer = await NETWORK.look_up(harness.call(), Question(step, out, done, since))
    assert (answer.found, answer.result) == (True, done["comment"])
    await NETWORK.delete(harness.call(), NETWORK.remote(done))
    assert not fake.comments and not fake.posts()
    assert (await NETWORK.look_up(harness.call(), Question(step, out, done, since))).found is False


async def test_a_post_of_another_subreddit_or_hour_is_not_it(field: Field, monkeypatch: pytest.MonkeyPatch):
    harness, fake = field
    out = Outgoing("текст", options=TITLE)
    step = NETWORK.steps(out, harness.credential)[0]
    remote = await harness.publish(out)
    question = Question(step, out, {}, harness.clock())
    facts = {**harness.credential.facts, "subreddit": "r/other"}
    other = harness.call(credential=replace(harness.credential, facts=facts))
    assert (await NETWORK.look_up(other, question)).found is False
    fake.submissions[remote.id]["at"] -= 3600
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    fake.submissions[remote.id]["at"] += 3600
    monkeypatch.setattr(publish, "_PAGE", 1)  # a full page without it: there may be more behind
    gone = replace(out, options={"title": "Не выходила"})
    assert (await NETWORK.look_up(harness.call(), replace(question, out=gone))).found is None


async def test_keys_without_the_history_ask_a_person(field: Field):
    harness, _ = field
    facts = {**harness.credential.facts, "scope": "identity submit read"}
    blind = replace(harness.credential, facts=facts)
    out = Outgoing("текст", options=TITLE)
    (step,) = NETWORK.steps(out, blind)
    assert not step.searchable
    answer = await NETWORK.look_up(harness.call(credential=blind), Question(step, out, {}, harness.clock()))
    assert answer.found is None


# --- limits ---


def test_limits_just_fit_and_one_over():
    limits = NETWORK.limits

    def codes(out: Outgoing) -> list[str]:
        return [problem.code for problem in NETWORK.check(out, limits)]

    picture = MediaFile(Path("a.png"), "image", "image/png", 20_000_000, 10, 10)
    video = MediaFile(Path("a.mp4"), "video", "video/mp4", 10, 10, 10, duration=900)
    assert codes(Outgoing("a" * 40_000, options={"title": "a" * 300})) == []
    assert codes(Outgoing("a", options={"title": "a" * 301})) == ["title_too_long"]
    assert codes(Outgoing("a")) == ["option_missing"]
    assert codes(Outgoing("", options=TITLE)) == []  # a title alone is a whole post
    assert codes(Outgoing("a", options={"title": "  \n"})) == ["option_missing"]
    assert codes(Outgoing("", (picture,) * 20, options=TITLE)) == []
    assert codes(Outgoing("", (replace(picture, size=20_000_001),) * 21, options=TITLE)) == [
        "media_too_many", *["media_too_heavy"] * 21,
    ]  # fmt: skip
    assert codes(Outgoing("", (video,), options=TITLE)) == []
    assert "media_mixed" in codes(Outgoing("", (video, picture), options=TITLE))
    poll = Poll("?", ("a",) * 6, closes_in=604_800)
    assert codes(Outgoing("", poll=poll, options=TITLE)) == []
    over = replace(poll, options=("a",) * 7, closes_in=604_801)
    assert codes(Outgoing("", (picture,), poll=over, options=TITLE)) == [
        "poll_with_media", "poll_too_many_options", "poll_too_long",
    ]  # fmt: skip


async def test_the_subreddit_tells_its_own_limits(field: Field):
    harness, fake = field
    fake.rules |= {"body_restriction_policy": "notAllowed", "is_flair_required": True}
    account = await NETWORK.account(harness.call())
    told = replace(harness.credential, facts={**harness.credential.facts, **account.facts})
    limits = NETWORK.limits_for(told)
    assert (limits.value("title_max"), limits.value("images_max"), limits.value("text_max")) == (200, 5, 0)
    assert limits.get("title_max").checked_on == harness.clock().date()
    assert account.facts["flair_required"] is True
    assert account.facts["flairs"] == [["f-1", "Новости"]]
    codes = {p.code for p in NETWORK.check(Outgoing("а", options={"title": "a" * 201}), limits)}
    assert codes == {"text_too_long", "title_too_long"}
    assert NETWORK.limits_for(harness.credential) is NETWORK.limits


def test_titles_are_one_line():
    assert payloads.title(Outgoing("", options={"title": "  Жатва\n в поле "})) == "Жатва в поле"


@pytest.mark.parametrize("by", ["moderator", "automod_filtered", "reddit"])
async def test_a_post_that_a_filter_took_down_did_go_out(field: Field, by: str):
    """Sent again it would be filtered again, and the account with it."""
    harness, fake = field
    out = Outgoing("текст", options=TITLE)
    remote = await harness.publish(out)
    fake.submissions[remote.id]["removed"] = by
    (step,) = NETWORK.steps(out, harness.credential)
    answer = await NETWORK.look_up(harness.call(), Question(step, out, {}, harness.clock()))
    assert answer.result is not None and answer.result["id"] == remote.id


async def test_a_link_of_the_same_title_leaves_the_question_open(field: Field):
    """Reddit writes addresses anew, and not every subreddit keeps the words beside a link."""
    harness, _ = field
    out = Outgoing("", link=LinkCard("https://example.org/a"), options=TITLE)
    (step,) = NETWORK.steps(out, harness.credential)
    question = Question(step, out, {}, harness.clock())
    await harness.publish(replace(out, link=LinkCard("https://example.org/b")), "other")
    assert (await NETWORK.look_up(harness.call(), question)).found is None
    made = await harness.publish(out)
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.result is not None and answer.result["id"] == made.id
