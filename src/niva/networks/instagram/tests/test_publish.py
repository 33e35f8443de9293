"""Containers: made, waited for, published once, found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from niva.networks.base.errors import (
    Limited,
    NeedsLogin,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.network import Call, Question
from niva.networks.base.testing import TEXT, Harness, sample_image, sample_upright
from niva.networks.base.types import JSON, LinkCard, MediaFile, Outgoing
from niva.networks.instagram import NETWORK, client
from niva.networks.instagram import publish as sent_by
from niva.networks.instagram.tests.fake import FakeInstagram

PUBLIC = "https://niva.example.org/files/1"


def picture(folder: Path, name: str = "a.jpg") -> MediaFile:
    return replace(sample_image(folder, name), url=f"{PUBLIC}/{name}")


def video(folder: Path) -> MediaFile:
    return replace(sample_upright(folder), url=f"{PUBLIC}/v.mp4")


async def prepared(harness: Harness, out: Outgoing) -> dict[str, JSON]:
    """All steps before publishing."""
    done: dict[str, JSON] = {}
    for step in NETWORK.steps(out, harness.credential):
        if step.kind == "upload":
            done[step.name] = await NETWORK.perform(harness.call(), step, out, dict(done))
    return done


async def publish(harness: Harness, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    create = next(one for one in NETWORK.steps(out, harness.credential) if one.kind == "create")
    return await NETWORK.perform(harness.call(timeout=0.7), create, out, done)


def question(harness: Harness, out: Outgoing, done: Mapping[str, JSON]) -> Question:
    create = next(one for one in NETWORK.steps(out, harness.credential) if one.kind == "create")
    return Question(create, out, done, harness.clock())


async def test_a_carousel_waits_for_its_files_and_is_one_post(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    fake.slow = 2
    out = Outgoing(TEXT, media=(picture(tmp_path), video(tmp_path)))
    names = [step.name for step in NETWORK.steps(out, harness.credential)]
    assert names == ["upload:0", "upload:1", "upload:whole", "create"]
    await harness.publish(out)
    (post,) = fake.posts
    assert (post["media"], post["text"], post["sent"]["media_type"]) == (2, TEXT, "CAROUSEL")
    first, second, _ = fake.containers.values()
    assert (first["sent"]["alt_text"], second["sent"]["media_type"]) == ("Поле", "VIDEO")
    assert "caption" not in first["sent"]


async def test_a_video_alone_is_a_reel_with_its_cover(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    file = replace(video(tmp_path), cover=picture(tmp_path))
    await harness.publish(Outgoing(TEXT, media=(file,), options={"cover_second": "2,5"}))
    sent = fake.posts[0]["sent"]
    assert (sent["media_type"], sent["share_to_feed"], sent["cover_url"]) == (
        "REELS",
        "true",
        f"{PUBLIC}/a.jpg",
    )
    assert "thumb_offset" not in sent, "a cover of its own goes before a second of the video"
    out = Outgoing(
        TEXT, media=(video(tmp_path),),
        options={"form": "reel", "cover_second": "2,5", "reels_only": True, "collaborators": "@olga, ivan"},
    )  # fmt: skip
    await harness.publish(out)
    sent = fake.posts[1]["sent"]
    assert (sent["thumb_offset"], sent["share_to_feed"]) == ("2500", "false")
    assert sent["collaborators"] == '["olga", "ivan"]'


async def test_a_video_without_an_address_is_sent(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    bare = sample_upright(tmp_path)
    await harness.publish(Outgoing(TEXT, media=(bare,), options={"form": "reel", "cover_second": "1"}))
    (container,) = fake.containers.values()
    assert container["bytes"] == bare.path.read_bytes()
    assert (container["sent"]["upload_type"], "video_url" in container["sent"]) == ("resumable", False)
    await harness.publish(Outgoing(TEXT, media=(picture(tmp_path), bare)), "b")
    assert fake.posts[1]["media"] == 2
    missing = replace(bare, path=tmp_path / "gone.mp4")
    with pytest.raises(Rejected, match="media_unreadable"):
        await harness.publish(Outgoing(TEXT, media=(missing,)), "c")
    told = {one.code for one in NETWORK.check(Outgoing("", media=(bare,)), NETWORK.limits)}
    assert not told
    covered = replace(bare, cover=sample_image(tmp_path, "c.jpg"))
    told = {one.code for one in NETWORK.check(Outgoing("", media=(covered,)), NETWORK.limits)}
    assert told == {"cover_without_address"}


async def test_a_container_that_ended_is_made_anew(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    out = Outgoing(TEXT, media=(picture(tmp_path),))
    done = await prepared(harness, out)
    fake.containers[str(done["upload:0"]["id"])]["state"] = "EXPIRED"
    await publish(harness, out, done)
    assert len(fake.posts) == 1


async def test_after_an_ended_container_only_the_list_of_posts_can_tell(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    out = Outgoing(TEXT, media=(picture(tmp_path),))
    done = await prepared(harness, out)
    fake.containers[str(done["upload:0"]["id"])]["state"] = "EXPIRED"
    assert (await NETWORK.look_up(harness.call(), question(harness, out, done))).found is False
    fake.fault("accepted_then_timeout")
    with pytest.raises(OutcomeUnknown):
        await publish(harness, out, done)
    answer = await NETWORK.look_up(harness.call(), question(harness, out, done))
    assert answer.found and answer.result is not None and answer.result["id"] == fake.posts[0]["id"]


async def test_the_container_tells_whether_it_was_published(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    out = Outgoing(TEXT, media=(picture(tmp_path),))
    await harness.publish(out)  # the same words went out a moment ago, by somebody else
    done = await prepared(harness, out)
    assert (await NETWORK.look_up(harness.call(), question(harness, out, done))).found is False
    fake.fault("reset")
    with pytest.raises(OutcomeUnknown):
        await publish(harness, out, done)
    answer = await NETWORK.look_up(harness.call(), question(harness, out, done))
    assert answer.found and answer.result is not None and answer.result["id"] == fake.posts[1]["id"]
    fake.posts.clear()
    assert (await NETWORK.look_up(harness.call(), question(harness, out, done))).found is None


async def test_a_story_is_found_by_its_container_or_not_at_all(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    out = Outgoing("", media=(picture(tmp_path),), options={"form": "story"})
    done = await prepared(harness, out)
    made = await publish(harness, out, done)
    answer = await NETWORK.look_up(harness.call(), question(harness, out, done))
    assert answer.result is not None and answer.result["id"] == made["id"]
    assert (await NETWORK.look_up(harness.call(), question(harness, out, {}))).found is None
    seen = await NETWORK.read_back(harness.call(), NETWORK.remote({"create": made}))
    assert (seen.alive, seen.text) == (True, None)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("Error: Media upload has failed with error code 2207026", Rejected, "media_refused"),
        ("Error: 2207052 fetch", Rejected, "media_not_fetched"),
        ("Error: 2207003", Temporary, "media_not_fetched"),
        ("Error: nobody knows", Rejected, "media_refused"),
    ],
)
async def test_what_a_container_failed_of(
    harness: Harness, fake: FakeInstagram, tmp_path: Path, status: str, kind: type[NetworkError], code: str
) -> None:
    out = Outgoing(TEXT, media=(picture(tmp_path),))
    done = await prepared(harness, out)
    fake.fails = status
    with pytest.raises(kind, match=code):
        await publish(harness, out, done)
    assert not fake.posts


async def test_a_container_that_never_gets_ready_is_left_for_later(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    fake.slow = 1000
    with pytest.raises(Temporary, match="media_processing"):
        await harness.publish(Outgoing(TEXT, media=(video(tmp_path),)))


async def test_the_day_is_full(harness: Harness, fake: FakeInstagram, tmp_path: Path) -> None:
    fake.quota = 0
    with pytest.raises(Limited, match="posts_per_day"):
        await harness.publish(Outgoing(TEXT, media=(picture(tmp_path),)))


@pytest.mark.parametrize(
    ("subcode", "kind"),
    [(2207050, NeedsLogin), (2207051, Rejected), (2207004, Rejected), (2207027, Temporary)],
)
def test_subcodes_go_before_codes(subcode: int, kind: type[NetworkError]) -> None:
    assert isinstance(client.known({"code": 4, "error_subcode": subcode, "message": "x"}), kind)
    assert client.known({"code": 4, "error_subcode": 1}) is None


async def test_a_post_without_its_address_is_a_post(
    harness: Harness, fake: FakeInstagram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Outgoing(TEXT, media=(picture(tmp_path),))
    done = await prepared(harness, out)
    usual = client.ask

    async def silent_about_addresses(call: Call, method: str, path: str, *more: JSON, **how: bool) -> JSON:
        if more and more[0].get("fields") == "permalink":
            raise Temporary("no_answer")
        return await usual(call, method, path, *more, **how)

    monkeypatch.setattr(sent_by, "ask", silent_about_addresses)
    made = await publish(harness, out, done)
    assert (made["id"], made["url"]) == (fake.posts[0]["id"], "")


def test_what_instagram_does_not_take(tmp_path: Path) -> None:
    def told(out: Outgoing) -> set[tuple[str, str]]:
        return {(one.code, one.severity) for one in NETWORK.check(out, NETWORK.limits)}

    one = picture(tmp_path)
    assert told(Outgoing("Пост", media=(one,))) == set()
    assert ("public_address_missing", "error") in told(Outgoing("", media=(replace(one, url=""),)))
    assert ("media_required", "error") in told(Outgoing("Один текст"))
    assert ("media_format", "error") in told(Outgoing("", media=(replace(one, mime="image/png"),)))
    assert ("media_too_many", "error") in told(Outgoing("", media=(one,) * 11))
    assert told(Outgoing("", media=(one,) * 10)) == set()
    assert ("hashtags_over_five", "warning") in told(Outgoing("#а #б #в #г #д #е", media=(one,)))
    assert ("hashtags_too_many", "error") in told(Outgoing("#а " * 31, media=(one,)))
    assert ("hashtags_too_many", "error") not in told(Outgoing("#а " * 30, media=(one,)))
    assert ("link_not_clickable", "warning") in told(
        Outgoing("Пост", media=(one,), link=LinkCard("https://example.org"))
    )
    gif = replace(one, kind="animation", mime="image/gif")
    assert ("moving_gif_refused", "error") in told(Outgoing("", media=(gif,)))
    film = video(tmp_path)
    for written in ("5", "-1", "сначала"):
        assert ("cover_second_outside", "error") in told(
            Outgoing("", media=(film,), options={"cover_second": written})
        )
    assert told(Outgoing("", media=(film,), options={"cover_second": "3.9"})) == set()


@pytest.mark.parametrize("told", [{"username"}, set()])
async def test_a_comment_is_found_where_its_author_is_hardly_told(
    harness: Harness, fake: FakeInstagram, tmp_path: Path, told: set[str]
) -> None:
    out = Outgoing(TEXT, media=(picture(tmp_path),), first_comment="Цены здесь")
    done = await harness.perform_all(out)
    facts = {**harness.credential.facts, "username": "ferma.niva"}
    harness.credential = replace(harness.credential, facts=facts)
    (comment,) = fake.comments[str(done["create"]["id"])]
    for name in {"from", "username"} - told:
        del comment[name]
    step = NETWORK.steps(out, harness.credential)[-1]
    answer = await NETWORK.look_up(harness.call(), Question(step, out, done, harness.clock()))
    assert answer.found is (True if told else None)  # never "it is not there"


async def test_one_of_two_stories_is_nobodys(harness: Harness, fake: FakeInstagram, tmp_path: Path) -> None:
    out = Outgoing("", media=(picture(tmp_path),), options={"form": "story"})
    await harness.publish(out)  # a story of somebody else, a moment ago
    done = await prepared(harness, out)
    fake.fault("reset")
    with pytest.raises(OutcomeUnknown):
        await publish(harness, out, done)
    assert (await NETWORK.look_up(harness.call(), question(harness, out, done))).found is None


async def test_a_container_is_never_published_twice(
    harness: Harness, fake: FakeInstagram, tmp_path: Path
) -> None:
    out = Outgoing(TEXT, media=(picture(tmp_path),))
    done = await prepared(harness, out)
    await publish(harness, out, done)
    with pytest.raises(OutcomeUnknown):
        await publish(harness, out, done)
    assert len(fake.posts) == 1
