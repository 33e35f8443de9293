"""Uploads in pieces that break off and go on, and everything that hangs on a video."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, Limited, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, sample_image
from niva.networks.base.types import LinkCard, MediaFile, Outgoing, Remote
from niva.networks.youtube import NETWORK, client, publish
from niva.networks.youtube.tests.fake import FakeYouTube

Field = tuple[Harness, FakeYouTube]
KIB256 = 256 * 1024


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MediaFile:
    """A file of four pieces of 256 KiB and a rest."""
    monkeypatch.setattr(client, "PIECE", KIB256)
    monkeypatch.setattr(publish, "PIECE", KIB256)
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(range(256)) * 4 * 1024 + b"the end")
    return MediaFile(path, "video", "video/mp4", path.stat().st_size, 1280, 720, duration=9.0)


def post(film: MediaFile, **options: object) -> Outgoing:
    return Outgoing("Как качают мёд", (film,), options={"title": "Мёд", **options})


async def upload(harness: Harness, out: Outgoing) -> dict[str, dict[str, object]]:
    """The steps before "create"."""
    done: dict[str, dict[str, object]] = {}
    for step in NETWORK.steps(out, harness.credential)[:2]:
        done[step.name] = dict(await NETWORK.perform(harness.call(), step, out, done))
    return done


def step_of(out: Outgoing, name: str, harness: Harness):
    return next(step for step in NETWORK.steps(out, harness.credential) if step.name == name)


async def test_all_pieces_but_the_last_make_no_video(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)
    (session,) = fake.sessions.values()
    assert (len(session["data"]), fake.posts()) == (4 * KIB256, [])
    made = await NETWORK.perform(harness.call(), step_of(out, "create", harness), out, done)
    assert bytes(session["data"]) == film.path.read_bytes()
    assert made["url"] == f"https://www.youtube.com/watch?v={made['id']}"


async def test_an_upload_goes_on_where_it_broke_off(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    first = NETWORK.steps(out, harness.credential)[0]
    done = {first.name: await NETWORK.perform(harness.call(), first, out, {})}
    (session,) = fake.sessions.values()
    session["data"] += film.path.read_bytes()[:KIB256]
    await NETWORK.perform(harness.call(), step_of(out, "upload:0", harness), out, done)
    starts = [one for one, _ in fake.requests if one.startswith("PUT")]
    assert len(starts) == 1 + 3  # one question, three pieces
    assert len(fake.sessions) == 1


async def test_youtube_may_keep_less_of_a_piece_than_was_sent(field: Field, film: MediaFile):
    harness, fake = field
    fake.eats = KIB256 // 2
    remote = await harness.publish(post(film))
    assert remote.id
    (session,) = fake.sessions.values()
    assert bytes(session["data"]) == film.path.read_bytes()
    fake.eats = 0
    with pytest.raises(Temporary, match="upload_stuck"):
        await harness.publish(post(film))


async def test_a_second_create_at_the_same_address_makes_no_second_video(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)
    create, since = step_of(out, "create", harness), harness.clock()
    fake.fault("reset")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(harness.call(), create, out, done)
    answer = await NETWORK.look_up(harness.call(), Question(create, out, done, since))
    assert answer.found and answer.result is not None
    again = await NETWORK.perform(harness.call(), create, out, done)
    assert again["id"] == answer.result["id"] == fake.posts()[0]["id"]
    assert len(fake.posts()) == 1


async def test_the_address_says_that_the_last_piece_never_came(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    done = await upload(harness, out)
    question = Question(step_of(out, "create", harness), out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    fake.sessions.clear()  # the address has ended: the channel's list is asked
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    made = await NETWORK.perform(harness.call(), step_of(out, "create", harness), out, done)
    fake.sessions.clear()
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.result is not None and answer.result["id"] == made["id"]


async def test_an_ended_address_is_replaced(field: Field, film: MediaFile):
    harness, fake = field
    out = post(film)
    first = NETWORK.steps(out, harness.credential)[0]
    done = {first.name: await NETWORK.perform(harness.call(), first, out, {})}
    fake.sessions.clear()
    result = await NETWORK.perform(harness.call(), step_of(out, "upload:0", harness), out, done)
    assert result["session"] != done["upload:session"]["session"]


async def test_the_file_on_the_disk_became_another(field: Field, film: MediaFile):
    harness, _ = field
    film.path.write_bytes(b"short")
    with pytest.raises(Rejected, match="media_unreadable"):
        await harness.publish(post(film))


async def test_an_address_elsewhere_is_not_followed(field: Field, film: MediaFile):
    harness, _ = field
    for where in ("http://upload.example/x", "https://10.0.0.1/x", "https://localhost/x"):
        done = {"upload:0": {"session": where}}
        with pytest.raises(Rejected, match="upload_host_refused"):
            await NETWORK.perform(harness.call(), step_of(post(film), "create", harness), post(film), done)


async def test_what_a_video_says_of_itself(field: Field, film: MediaFile):
    harness, fake = field
    options = {
        "tags": "мёд, пчёлы и люди, #мёд", "category": "27", "privacy": "unlisted", "quiet": True,
        "made_for_kids": True, "synthetic": True, "language": "ru",
    }  # fmt: skip
    link = LinkCard("https://example.org/honey")
    await harness.publish(replace(post(film, **options), link=link))
    (video,) = (one["video"] for one in fake.posts())
    assert video["snippet"]["description"] == "Как качают мёд\n\nhttps://example.org/honey"
    assert video["snippet"]["tags"] == ["мёд", "пчёлы и люди"]
    assert (video["snippet"]["categoryId"], video["snippet"]["defaultLanguage"]) == ("27", "ru")
    told = {"privacyStatus": "unlisted", "selfDeclaredMadeForKids": True, "containsSyntheticMedia": True}
    assert told.items() <= video["status"].items()
    assert [one["quiet"] for one in fake.sessions.values()] == [True]


async def test_comment_playlist_and_cover_come_after(field: Field, film: MediaFile, tmp_path: Path):
    harness, fake = field
    film = replace(film, cover=sample_image(tmp_path, "cover.jpg"))
    out = replace(post(film, playlist="PL-honey", form="reel"), first_comment="Рецепт внутри")
    assert [one.name for one in NETWORK.steps(out, harness.credential)][3:] == [
        "comment",
        "playlist",
        "cover",
    ]
    done = await harness.perform_all(out)
    video = str(done["create"]["id"])
    assert NETWORK.remote(done).url == f"https://www.youtube.com/shorts/{video}"
    assert (fake.playlists["PL-honey"], list(fake.covers)) == ([video], [video])
    assert [one["snippet"]["textOriginal"] for one in fake.threads[video]] == ["Рецепт внутри"]
    for name in ("comment", "playlist", "cover"):
        question = Question(step_of(out, name, harness), out, done, harness.clock())
        assert (await NETWORK.look_up(harness.call(), question)).found, name
    fake.threads[video].clear()
    fake.playlists["PL-honey"].clear()
    fake.videos[video]["contentDetails"]["hasCustomThumbnail"] = False
    for name in ("comment", "playlist", "cover"):
        question = Question(step_of(out, name, harness), out, done, harness.clock())
        assert (await NETWORK.look_up(harness.call(), question)).found is False, name


async def test_an_edit_keeps_what_it_does_not_change(field: Field, film: MediaFile, tmp_path: Path):
    harness, fake = field
    film = replace(film, cover=sample_image(tmp_path, "cover.jpg"))
    there = await harness.publish(post(film, tags="мёд"))
    video = fake.videos[there.id]
    video["snippet"]["defaultAudioLanguage"] = "ru"
    video["status"]["publicStatsViewable"] = False
    fake.covers.clear()
    after = await NETWORK.edit(harness.call(), there, post(film, title="Новое"))
    video = fake.videos[there.id]
    assert (video["snippet"]["title"], video["snippet"]["defaultAudioLanguage"]) == ("Новое", "ru")
    assert "tags" not in video["snippet"] and video["status"]["publicStatsViewable"] is False
    assert fake.covers == {}  # the same cover is not sent again
    other = replace(film, cover=sample_image(tmp_path, "other.jpg", width=640))
    await NETWORK.edit(harness.call(), after, post(other))
    assert list(fake.covers) == [there.id]
    film.path.write_bytes(b"another film")
    with pytest.raises(Rejected, match="video_cannot_change"):
        await NETWORK.edit(harness.call(), there, post(film))


async def test_an_unaudited_application_is_told_from_its_videos(field: Field, film: MediaFile):
    harness, fake = field
    fake.locked = True
    there = await harness.publish(post(film))
    with pytest.raises(Rejected, match="locked_private"):
        await NETWORK.read_back(harness.call(), there)
    private = await harness.publish(post(film, privacy="private"))
    assert (await NETWORK.read_back(harness.call(), private)).alive


async def test_a_video_that_youtube_rejected(field: Field, film: MediaFile):
    harness, fake = field
    there = await harness.publish(post(film))
    fake.videos[there.id]["status"] |= {"uploadStatus": "rejected", "rejectionReason": "copyright"}
    with pytest.raises(Gone, match="video_rejected: copyright"):
        await NETWORK.read_back(harness.call(), there)


@pytest.mark.parametrize(
    ("status", "reason", "kind", "code"),
    [
        (400, "uploadLimitExceeded", Limited, "uploads_used_up"),
        (403, "quotaExceeded", Limited, "quota_used_up"),
        (403, "youtubeSignupRequired", NeedsLogin, "no_channel"),
        (403, "accessNotConfigured", NeedsLogin, "api_not_enabled"),
        (403, "authenticatedUserAccountSuspended", NeedsLogin, "account_blocked"),
        (403, "insufficientPermissions", NeedsLogin, "no_right"),
        (400, "invalidDescription", Rejected, "description_refused"),
        (400, "neverHeardOf", Rejected, "refused"),
        (503, "backendError", Temporary, "server_error"),
    ],
)
async def test_refusals(field: Field, film: MediaFile, status, reason, kind, code):
    harness, fake = field
    fake.refuse["POST videos"] = (status, reason)
    with pytest.raises(kind) as caught:
        await harness.publish(post(film))
    assert caught.value.code == code
    if code == "uploads_used_up":
        assert caught.value.scope == "account"
        assert (caught.value.until - harness.clock()).total_seconds() == 86_400
    if code == "quota_used_up":
        assert caught.value.scope == "app"


async def test_an_interface_that_was_withdrawn(field: Field):
    harness, fake = field
    old = fake.credential(api_base=f"{fake.url}/gone")  # answered by a web page, 404
    for question in (NETWORK.account, NETWORK.read_community):
        with pytest.raises(Rejected, match="interface_withdrawn"):
            await question(harness.call(credential=old))


async def test_a_bare_403_means_what_the_call_can_mean(field: Field, film: MediaFile, tmp_path: Path):
    harness, fake = field
    film = replace(film, cover=sample_image(tmp_path, "cover.jpg"))
    fake.refuse["POST thumbnails/set"] = (403, "forbidden")
    with pytest.raises(Rejected, match="cover_refused"):
        await harness.publish(post(film))
    fake.refuse = {"POST commentThreads": (403, "commentsDisabled")}
    with pytest.raises(Rejected, match="comments_switched_off"):
        await harness.publish(replace(post(film), first_comment="Первый"))
    fake.refuse = {"GET commentThreads": (403, "commentsDisabled")}
    assert await NETWORK.read_comments(harness.call(), Remote("video2"), harness.clock()) == ()


async def test_a_comment_among_many_or_of_another_is_not_said_to_be_missing(field: Field, film: MediaFile):
    harness, fake = field
    out = replace(post(film), first_comment="Рецепт внутри ")
    done = await harness.perform_all(out)
    video = str(done["create"]["id"])
    question = Question(step_of(out, "comment", harness), out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found
    for number in range(100):
        fake.say("comment", f"Ура {number}", video)
    assert (await NETWORK.look_up(harness.call(), question)).found is None
    fake.threads[video].clear()
    fake.say("comment", "Рецепт внутри", video)
    facts = {name: told for name, told in harness.credential.facts.items() if name != "channel_id"}
    harness.credential = replace(harness.credential, facts=facts)
    assert (await NETWORK.look_up(harness.call(), question)).found is False
