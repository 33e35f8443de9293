"""Videos in pieces, photos that TikTok fetches, what it allows this creator, and what became of it all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import (
    Gone,
    LeaseLost,
    Limited,
    NeedsLogin,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.network import Question
from niva.networks.base.testing import PUBLIC, Harness, sample_image
from niva.networks.base.types import Absent, LinkCard, MediaFile, Outgoing, Remote
from niva.networks.tiktok import NETWORK, client, publish
from niva.networks.tiktok.client import pieces
from niva.networks.tiktok.tests.fake import FakeTikTok
from niva.networks.tiktok.tests.harness import OPTIONS

Field = tuple[Harness, FakeTikTok]
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made between questions, without making them."""
    made: list[float] = []

    async def note(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(publish, "pause", note)
    return made


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MediaFile:
    """Two pieces of 5 MB and a rest, which goes with the second."""
    monkeypatch.setattr(client, "PIECE", 5 * MB)
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(11 * MB) + b"the end")
    return MediaFile(path, "video", "video/mp4", path.stat().st_size, 720, 1280, duration=9.0)


def post(*files: MediaFile, text: str = "Как качают мёд", **options: object) -> Outgoing:
    return Outgoing(text, files, options={**OPTIONS, **options})


async def upload(harness: Harness, out: Outgoing) -> dict[str, dict[str, object]]:
    """The steps before "create"."""
    done: dict[str, dict[str, object]] = {}
    for step in NETWORK.steps(out, harness.credential)[:2]:
        done[step.name] = dict(await NETWORK.perform(harness.call(), step, out, done))
    return done


def create(out: Outgoing, harness: Harness):
    return NETWORK.steps(out, harness.credential)[-1]


@pytest.mark.parametrize(
    ("size", "length", "many"),
    [
        (1, 1, 1),
        (4 * MB, 4 * MB, 1),
        (10 * MB, 10 * MB, 1),
        (19 * MB, 10 * MB, 1),
        (20 * MB, 10 * MB, 2),
        (4096 * MB, 10 * MB, 409),
    ],
)
def test_pieces_keep_the_rules(size: int, length: int, many: int):
    assert pieces(size) == (length, many)
    last = size - length * (many - 1)
    assert last <= 128 * MB and many <= 1000 and (size < 5 * MB or 5 * MB <= length <= 64 * MB)


async def test_nothing_is_out_before_the_last_piece(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)
    (one,) = fake.publishings.values()
    assert (len(one["data"]), fake.posts()) == (5 * MB, [])
    made = await NETWORK.perform(harness.call(), create(out, harness), out, done)
    assert bytes(one["data"]) == film.path.read_bytes()
    assert made["url"] == f"https://www.tiktok.com/@niva/video/{one['post']}"


async def test_an_upload_goes_on_where_it_broke_off(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)
    again = await NETWORK.perform(harness.call(), NETWORK.steps(out, harness.credential)[1], out, done)
    assert again == done["upload:0"]
    assert len(fake.publishings) == 1


@pytest.mark.parametrize("fault", ["reset", "error_after_commit"])
async def test_the_number_tells_what_became_of_a_video(field: Field, film: MediaFile, fault: str):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)
    question = Question(create(out, harness), out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    fake.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(harness.call(), create(out, harness), out, done)
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.found and answer.result is not None
    again = await NETWORK.perform(harness.call(), create(out, harness), out, done)
    assert (again["id"], len(fake.posts())) == (answer.result["id"], 1)
    assert NETWORK.remote({"create": again}).extra["post_id"]


async def test_an_address_that_ended_is_begun_anew(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)
    next(iter(fake.publishings.values()))["ended"] = True
    with pytest.raises(Temporary, match="upload_stuck"):  # it should live for an hour
        await NETWORK.perform(harness.call(), create(out, harness), out, done)
    harness.clock.advance(3600)
    await NETWORK.perform(harness.call(), create(out, harness), out, done)
    assert (len(fake.publishings), len(fake.posts())) == (2, 1)
    fake.publishings.clear()  # the number is known to nobody any more
    question = Question(create(out, harness), out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is None
    await NETWORK.perform(harness.call(), NETWORK.steps(out, harness.credential)[1], out, done)
    assert len(fake.publishings) == 1


@pytest.mark.parametrize("ended", ["address", "failed"])
async def test_a_video_begun_anew_is_not_said_to_be_missing(field: Field, film: MediaFile, ended: str):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)
    (first,) = fake.publishings.values()
    harness.clock.advance(3600)
    if ended == "address":
        first["ended"] = True
    else:
        first["fail"], first["data"] = "internal", bytearray(first["size"])
    question = Question(create(out, harness), out, done, harness.clock())
    fake.fault("error_after_commit")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(harness.call(), create(out, harness), out, done)
    assert len(fake.posts()) == 1  # it is out, under a number that nobody was told
    assert (await NETWORK.look_up(harness.call(), question)).found is None


async def test_a_lease_that_ends_behind_the_last_piece_hides_nothing(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)

    async def hold() -> None:
        if fake.posts():
            raise LeaseLost("over")

    made = await NETWORK.perform(harness.call(before_send=hold), create(out, harness), out, done)
    assert made["id"] == next(iter(fake.publishings))


async def test_a_failed_publishing_says_why(field: Field, film: MediaFile):
    harness, fake = field
    for reason, kind, code in (
        ("frame_rate_check_failed", Rejected, "frame_rate_refused"),
        ("spam_risk_text", Rejected, "spam_risk"),
        ("spam_risk_user_banned_from_posting", NeedsLogin, "account_blocked"),
        ("spam_risk_too_many_posts", Limited, "posts_used_up"),
        ("internal", Temporary, "server_error"),
        ("never_heard_of", Rejected, "refused"),
    ):
        fake.fail = reason
        with pytest.raises(kind) as caught:
            await harness.publish(post(film))
        assert caught.value.code == code
    assert fake.posts() == []


async def test_what_takes_longer_is_out_nevertheless(field: Field, film: MediaFile, pauses: list[float]):
    harness, fake = field
    fake.slow = 7
    there = await harness.publish(post(film))
    assert pauses[:4] == [1, 2, 3, 5] and "post_id" not in there.extra
    with pytest.raises(Temporary, match="media_processing"):
        await NETWORK.read_back(harness.call(), there)
    told = await NETWORK.read_post(harness.call(), there)
    assert Absent("views", "not_public") in told
    seen = await NETWORK.read_back(harness.call(), there)
    assert seen.alive and seen.url.startswith("https://www.tiktok.com/@niva/video/")
    fake.publishings[there.id]["fail"] = "spam_risk"
    with pytest.raises(Gone, match="video_rejected: spam_risk"):
        await NETWORK.read_back(harness.call(), there)


async def test_photos_are_fetched_by_tiktok(field: Field, tmp_path: Path):
    harness, fake = field
    files = [sample_image(tmp_path, f"{n}.jpg") for n in (1, 2)]
    with pytest.raises(Rejected, match="public_address_missing"):
        await harness.publish(post(*files))
    public = [replace(one, url=f"{PUBLIC}/{one.path.name}") for one in files]
    there = await harness.publish(post(*public, title="Мёд  с пасеки", music=True))
    made = fake.posts()[0]["made"]["info"]
    assert (made["title"], made["auto_add_music"]) == ("Мёд с пасеки", True)
    assert there.url.startswith("https://www.tiktok.com/@niva/photo/")
    fake.unlisted = True
    with pytest.raises(Rejected, match="read_back_unsupported"):
        await NETWORK.read_back(harness.call(), there)
    fake.refuse = "url_ownership_unverified"
    with pytest.raises(Rejected, match="address_unverified"):
        await harness.publish(post(*public))


async def test_a_video_that_tiktok_fetches(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film, pull=True)
    assert [one.name for one in NETWORK.steps(out, harness.credential)] == ["create"]
    assert codes(out) == ["public_address_missing"]
    out = post(replace(film, url=f"{PUBLIC}/film.mp4"), pull=True)
    assert codes(out) == []
    there = await harness.publish(out)
    assert (await NETWORK.read_back(harness.call(), there)).text == out.text
    fake.fault("error_after_commit")
    with pytest.raises(OutcomeUnknown):
        await harness.publish(replace(out, text="Ещё"))
    question = Question(create(out, harness), out, {}, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is None
    fake.fail = "video_pull_failed"
    with pytest.raises(Rejected, match="pull_failed"):
        await harness.publish(replace(out, text="И ещё"))


async def test_what_a_video_says_of_itself(field: Field, film: MediaFile):
    harness, fake = field
    options = {"allow_comment": True, "allow_duet": True, "allow_stitch": True, "own_brand": True,
               "synthetic": True, "cover_second": "2,5"}  # fmt: skip
    await harness.publish(replace(post(film, **options), link=LinkCard("https://example.org")))
    assert fake.posts()[0]["made"]["info"] == {
        "title": "Как качают мёд\n\nhttps://example.org", "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": False, "disable_duet": False, "disable_stitch": True,
        "brand_organic_toggle": True, "brand_content_toggle": False, "is_aigc": True,
        "video_cover_timestamp_ms": 2500,
    }  # fmt: skip


async def test_what_tiktok_does_not_allow_this_creator(field: Field, film: MediaFile):
    harness, fake = field
    with pytest.raises(Rejected, match="privacy_not_offered"):
        await harness.publish(post(film, privacy="FOLLOWER_OF_CREATOR"))
    with pytest.raises(Rejected, match="video_length_refused"):
        await harness.publish(post(replace(film, duration=301)))
    fake.audited = False
    with pytest.raises(Rejected, match="app_unaudited"):
        await harness.publish(post(film))
    there = await harness.publish(post(film, privacy="SELF_ONLY"))
    assert (await NETWORK.read_back(harness.call(), there)).alive  # by the state of the publishing alone
    told = await NETWORK.read_post(harness.call(), there)
    assert Absent("views", "not_public") in told
    account = await NETWORK.account(harness.call())
    limits = NETWORK.limits_for(replace(harness.credential, facts=account.facts))
    assert limits.value("video_seconds_max") == 300


@pytest.mark.parametrize(
    ("code", "kind", "ours", "hours"),
    [
        ("spam_risk_too_many_posts", Limited, "posts_used_up", 24),
        ("reached_active_user_cap", Limited, "users_used_up", 24),
        ("rate_limit_exceeded", Limited, "too_often", 1 / 60),
        ("spam_risk_user_banned_from_posting", NeedsLogin, "account_blocked", 0),
        ("scope_not_authorized", NeedsLogin, "no_right", 0),
        ("app_version_check_failed", Rejected, "phone_app_too_old", 0),
        ("never_heard_of", NeedsLogin, "no_right", 0),  # a 403 without a known word
    ],
)
async def test_refusals(field: Field, film: MediaFile, code, kind, ours, hours):
    harness, fake = field
    fake.refuse = code
    with pytest.raises(kind) as caught:
        await harness.publish(post(film))
    assert caught.value.code == ours
    if kind is Limited:
        assert caught.value.until == harness.clock() + timedelta(hours=hours)
        assert caught.value.scope == ("app" if code == "reached_active_user_cap" else "account")


async def test_the_file_and_the_address_are_not_trusted(field: Field, film: MediaFile):
    harness, _ = field
    done = await upload(harness, post(film))
    elsewhere = {"upload:0": {**done["upload:0"], "upload_url": "https://10.0.0.1/x"}}
    with pytest.raises(Rejected, match="upload_host_refused"):
        await NETWORK.perform(harness.call(), create(post(film), harness), post(film), elsewhere)
    film.path.write_bytes(b"short")
    with pytest.raises(Rejected, match="media_unreadable"):
        await harness.publish(post(film))


async def test_a_video_that_is_gone(field: Field, film: MediaFile):
    harness, fake = field
    there = await harness.publish(post(film))
    fake.fault("forgotten")
    assert (await NETWORK.read_back(harness.call(), there)).alive is False
    with pytest.raises(Rejected, match="read_back_unsupported"):
        await NETWORK.read_back(harness.call(), Remote("unknown number"))


def codes(out: Outgoing) -> list[str]:
    return [problem.code for problem in NETWORK.check(out, NETWORK.limits)]


def test_limits():
    film = MediaFile(Path("a.mp4"), "video", "video/mp4", 9, 720, 1280, duration=600)
    photo = MediaFile(Path("a.jpg"), "image", "image/jpeg", 9, 1080, 1920, url=f"{PUBLIC}/a.jpg")
    assert codes(post(film, text="я" * 2200)) == []
    assert codes(post(film, text="я" * 2201)) == ["text_too_long"]
    assert codes(post(film, text="🌾" * 1101)) == ["text_too_long"]
    assert codes(post(photo, text="я" * 4000)) == []
    assert codes(post(photo, text="я" * 4001)) == ["text_too_long"]
    assert codes(post(*(photo,) * 35, title="я" * 90)) == []
    assert codes(post(*(photo,) * 36, title="я" * 91)) == ["title_too_long", "media_too_many"]
    assert codes(post(replace(photo, url=""))) == ["public_address_missing"]
    assert codes(post(replace(photo, mime="image/png"))) == ["media_format"]
    assert codes(post(replace(film, duration=601))) == ["video_too_long"]
    assert codes(post(replace(film, width=359))) == ["media_too_small"]
    assert codes(post(film, privacy="")) == ["option_missing"]
    assert codes(post(film, consent="")) == ["option_missing"]
    assert codes(post(film, branded_content=True, privacy="SELF_ONLY")) == ["branded_private"]
    assert codes(replace(post(film), first_comment="a")) == ["comments_not_given"]
    assert "media_mixed" in codes(post(photo, film))
    gif = replace(film, kind="animation", mime="image/gif")
    assert codes(post(gif)) == ["animation_refused"]
