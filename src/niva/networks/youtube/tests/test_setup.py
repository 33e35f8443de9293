"""Google's sign-in, the test button, numbers, the channel's settings, comments in long threads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.testing import Harness
from niva.networks.base.types import Absent, App, Credential, Measure, MediaFile, Outgoing, Remote
from niva.networks.youtube import NETWORK
from niva.networks.youtube.errors import next_reset
from niva.networks.youtube.payloads import limits_told, tags_length
from niva.networks.youtube.tests.contract import Contract, load_contract
from niva.networks.youtube.tests.fake import REFRESH, FakeYouTube
from niva.networks.youtube.tests.resources import CHANNEL, analytics

Field = tuple[Harness, FakeYouTube]
BACK, VERIFIER = "https://desk.example/back", "verifier-verifier-verifier-verifier-verifier-1"


async def test_oauth_round_and_renewal(field: Field):
    harness, fake = field
    app, facts = fake.app(), fake.credential().facts
    asked = NETWORK.authorize_url(app, redirect_uri=BACK, state="s-1", verifier=VERIFIER, facts=facts)
    query = parse_qs(urlsplit(asked).query)
    assert (query["access_type"], query["prompt"]) == (["offline"], ["consent"])
    assert query["code_challenge_method"] == ["S256"]
    async with harness.session.get(asked, allow_redirects=False) as reply:
        params = {k: v[0] for k, v in parse_qs(urlsplit(reply.headers["Location"]).query).items()}
    nobody = replace(harness.call(credential=Credential()), app=app)
    keys = await NETWORK.exchange(nobody, params=params, redirect_uri=BACK, verifier=VERIFIER, facts=facts)
    assert keys.secrets["refresh_token"] == REFRESH
    assert keys.facts["renewal_ends_at"] > keys.facts["access_expires_at"]  # an app in testing: seven days
    assert (await NETWORK.account(harness.call(credential=keys))).id == CHANNEL
    fresh = await NETWORK.refresh(replace(harness.call(credential=keys), app=app))
    assert fresh.secrets["access_token"] != keys.secrets["access_token"]
    assert fresh.secrets["refresh_token"] == REFRESH  # Google gives no new one
    fake.fault("revoked")
    with pytest.raises(NeedsLogin, match="token_revoked"):
        await NETWORK.refresh(replace(harness.call(credential=keys), app=app))
    with pytest.raises(Rejected, match="login_declined"):
        await NETWORK.exchange(nobody, params=params, redirect_uri=BACK, verifier="other", facts=facts)
    with pytest.raises(Rejected, match="app_missing"):
        NETWORK.authorize_url(App(), redirect_uri=BACK, state="s", verifier=VERIFIER, facts={})
    assert await NETWORK.refresh(harness.call(credential=Credential())) == Credential()


async def test_the_test_button(field: Field):
    harness, fake = field
    account = await NETWORK.account(harness.call())
    assert (account.name, account.followers, account.lacks) == ("Нива", 1230, ())
    assert account.url == "https://www.youtube.com/@niva"
    assert account.facts["playlists"] == [["PL-honey", "Мёд"]]
    poor = fake.credential(scope="https://www.googleapis.com/auth/youtube.upload")
    lacks = (await NETWORK.account(harness.call(credential=poor))).lacks
    assert set(lacks) == {"edit", "delete", "profile_write", "first_comment", "comments", "comment_answer"}
    assert (await NETWORK.account(harness.call(credential=fake.credential(scope="")))).lacks == ()


async def test_a_google_account_without_a_channel(field: Field, monkeypatch):
    harness, fake = field
    monkeypatch.setattr(fake, "_rows", lambda rows: {"pageInfo": {"totalResults": 0}})
    for question in (NETWORK.account, NETWORK.read_profile, NETWORK.read_community):
        with pytest.raises(NeedsLogin, match="no_channel"):
            await question(harness.call())
    with pytest.raises(NeedsLogin, match="not_connected"):
        await NETWORK.account(harness.call(credential=Credential()))


async def test_without_a_telephone_a_video_lasts_15_minutes(field: Field):
    harness, fake = field
    fake.channel["status"]["longUploadsStatus"] = "eligible"
    account = await NETWORK.account(harness.call())
    limits = NETWORK.limits_for(replace(harness.credential, facts=account.facts))
    assert limits.value("video_seconds_max") == 900
    assert NETWORK.limits_for(Credential(facts={"limits": {"video_seconds_max": 9}})) == NETWORK.limits
    assert limits_told({"status": {"longUploadsStatus": "unheard"}}) == {}


def test_the_day_begins_at_midnight_in_california():
    assert next_reset(datetime(2026, 11, 23, 12, tzinfo=UTC)) == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert next_reset(datetime(2026, 7, 1, 6, 59, tzinfo=UTC)) == datetime(2026, 7, 1, 7, tzinfo=UTC)


def film(seconds: float = 600, width: int = 1280, height: int = 720, **more) -> MediaFile:

    return replace(
        MediaFile(Path("a.mp4"), "video", "video/mp4", 10, width, height, duration=seconds), **more
    )


def codes(out: Outgoing) -> list[str]:
    return [problem.code for problem in NETWORK.check(out, NETWORK.limits)]


def test_limits():
    def post(text="a", files=None, **options):
        return Outgoing(text, files or (film(),), options={"title": "Мёд", **options})

    assert codes(post()) == []
    assert codes(post("я" * 2500)) == []
    assert codes(post("я" * 2501)) == ["text_too_many_bytes"]
    assert codes(post(title="я" * 100)) == []
    assert codes(post(title="я" * 101)) == ["title_too_long"]
    assert codes(post(title=" ")) == ["option_missing"]
    assert codes(post(tags=",".join(["a" * 99] * 1 + ["b" * 400]))) == []
    assert codes(post(tags=",".join(["a" * 100] * 1 + ["b" * 400]))) == ["tags_too_long"]
    assert tags_length(["мёд", "пчёлы и люди"]) == 3 + 1 + 12 + 2
    assert codes(post("a < b")) == ["angle_brackets"]
    assert codes(replace(post(made_for_kids=True), first_comment="a")) == ["no_comments_for_kids"]
    assert codes(post(files=(film(), film()))) == ["media_too_many", "media_too_many"]
    assert codes(post(files=(film(43_201),))) == ["video_too_long"]
    upright = film(180, 1080, 1920)
    assert codes(post(files=(upright,))) == ["will_be_a_short"]
    assert codes(post(files=(upright,), form="reel")) == []
    assert codes(post(files=(film(181, 1080, 1920),), form="reel")) == ["video_too_long"]
    assert codes(post(files=(film(60),), form="reel")) == ["media_too_wide"]
    picture = MediaFile(film().path, "image", "image/gif", 60_000_000, 10, 10)
    assert codes(post(files=(film(cover=picture),))) == ["cover_too_heavy", "cover_format"]


async def test_numbers_of_analytics_come_later_or_never(field: Field, tmp_path):
    harness, fake = field
    there = await harness.publish(harness.plain(tmp_path))
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), there)}
    assert (told["views"], told["saves"]) == (Measure("views", 17), Measure("saves", 2))
    assert told["reach"] == Absent("reach", "not_offered")
    fake.reports = {name: value for name, value in analytics().items() if name != "rows"}
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), there)}
    assert told["reposts"] == Absent("reposts", "not_counted_yet")
    poor = fake.credential(scope="https://www.googleapis.com/auth/youtube.force-ssl")
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(credential=poor), there)}
    assert told["reposts"] == Absent("reposts", "needs_right")
    fake.channel["statistics"]["hiddenSubscriberCount"] = True
    community = {one.metric: one for one in await NETWORK.read_community(harness.call())}
    assert community["followers"] == Absent("followers", "followers_hidden")


async def test_a_changed_description_keeps_the_rest_of_the_channel(field: Field):
    harness, fake = field
    await NETWORK.write_profile(harness.call(), {"about": "Мёд"})
    kept = fake.channel["brandingSettings"]
    assert kept["channel"] == {"description": "Мёд", "keywords": "мёд поле", "country": "RU"}
    assert kept["image"]["bannerExternalUrl"].endswith("/banner")
    found = await NETWORK.read_profile(harness.call())
    assert (found.handle, found.more["country"]) == ("niva", "RU")
    assert found.avatar is not None and found.avatar.width == 800


async def test_long_threads_are_read_whole(field: Field, tmp_path):
    harness, fake = field
    there = await harness.publish(harness.plain(tmp_path))
    since = harness.clock() - timedelta(minutes=1)
    for number in range(120):  # two pages of threads
        fake.say("comment", f"Вопрос {number}", there.id)
    found = await NETWORK.read_comments(harness.call(), there, since)
    assert len({one.id for one in found}) == 120
    asked = next(one for one in found if one.text == "Вопрос 7")
    for number in range(3):  # a thread shows two of its answers
        asked = await NETWORK.answer(harness.call(), asked, f"Ответ {number}")
    found = await NETWORK.read_comments(harness.call(), there, since)
    assert sum(one.ours for one in found) == 3
    assert await NETWORK.read_comments(harness.call(), there, harness.clock() + timedelta(hours=1)) == ()


# --- the contract is really asked ---


@pytest.fixture
def contract() -> Contract:
    loaded = load_contract()
    if loaded is None:
        pytest.skip("NIVA_CONTRACTS is not set: requests to YouTube are not put to its contract")
    return loaded


@pytest.mark.parametrize(
    ("verb", "path", "query", "body", "word"),
    [
        ("GET", "/youtube/v3/nothing", {}, None, "no such method"),
        ("GET", "/youtube/v3/videos", {"id": "1"}, None, "part is missing"),
        ("GET", "/youtube/v3/videos", {"part": "id", "colour": "red"}, None, "unknown parameter"),
        ("GET", "/youtube/v3/commentThreads", {"part": "id", "order": "random"}, None, "order=random"),
        ("POST", "/upload/youtube/v3/videos", {"part": "snippet"}, {"snippet": {"title": 5}}, "no string"),
        ("POST", "/upload/youtube/v3/videos", {"part": "snippet"}, {"colour": 5}, "unknown field"),
        ("PUT", "/youtube/v3/videos", {"part": "status"}, {"status": {"privacyStatus": "loud"}}, "none of"),
        ("PUT", "/youtube/v3/videos", {"part": "snippet"}, {"snippet": {"tags": "a"}}, "no array"),
        ("DELETE", "/youtube/v3/videos", {"id": "1"}, {}, "takes no body"),
    ],
)
def test_wrong_requests_are_noticed(contract: Contract, verb, path, query, body, word):
    contract.request(verb, path, query, body)
    assert any(word in breach for breach in contract.breaches), contract.breaches


async def test_every_request_was_put_to_it(field: Field, contract: Contract, tmp_path):
    harness, fake = field
    await harness.publish(harness.samples(tmp_path)["first_comment"])
    assert fake.contract is not None
    assert (fake.contract.checked >= 4, fake.contract.breaches) == (True, [])
    wrong = Remote("no-such-video")
    await NETWORK.delete(harness.call(), wrong)
