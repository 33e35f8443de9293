"""Against a real PDS. What it holds is always asked by plain urllib, never by our own client."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, Limited, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, sample_image, sample_posts, sample_video
from niva.networks.base.types import Absent, LinkCard, Measure, Outgoing, Step
from niva.networks.bluesky import NETWORK
from niva.networks.bluesky.tests.proxy import LIMITED_SECONDS, Proxy
from tests.servers.pds import Person

Sky = tuple[Harness, Proxy, Person]
CREATE = Step("create", "create", keyed=True, searchable=True)


async def test_picture_with_alt_and_ratio_arrives_byte_for_byte(sky: Sky, tmp_path: Path):
    harness, proxy, person = sky
    image = sample_image(tmp_path, alt="Поле ржи")
    remote = await harness.publish(Outgoing("Жатва: https://example.org/a #урожай", media=(image,)))
    [post] = harness.posts()
    assert post["id"] == remote.id
    value = post["value"]
    [shown] = value["embed"]["images"]
    assert shown["alt"] == "Поле ржи"
    assert shown["aspectRatio"] == {"width": 320, "height": 200}
    bytes_there = proxy.pds.blob(person.did, shown["image"]["ref"]["$link"])
    assert hashlib.sha256(bytes_there).digest() == hashlib.sha256(image.path.read_bytes()).digest()
    raw = value["text"].encode()
    pieces = [raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in value["facets"]]
    assert pieces == ["https://example.org/a", "#урожай"]


async def test_card_with_its_picture(sky: Sky, tmp_path: Path):
    harness, proxy, person = sky
    card = LinkCard("https://example.org/harvest", "Жатва", "Как прошла", sample_image(tmp_path, "thumb.jpg"))
    await harness.publish(Outgoing("Читайте", link=card))
    external = harness.posts()[0]["value"]["embed"]["external"]
    assert (external["uri"], external["title"], external["description"]) == (
        "https://example.org/harvest",
        "Жатва",
        "Как прошла",
    )
    assert proxy.pds.blob(person.did, external["thumb"]["ref"]["$link"]) == card.image.path.read_bytes()


async def test_link_beside_a_picture_joins_the_text_and_is_not_read_back(sky: Sky, tmp_path: Path):
    harness, _, _ = sky
    out = Outgoing("Снимок", media=(sample_image(tmp_path),), link=LinkCard("https://example.org/a", "A"))
    remote = await harness.publish(out)
    assert harness.posts()[0]["text"] == "Снимок\n\nhttps://example.org/a"
    seen = await NETWORK.read_back(harness.call(), remote)
    assert (seen.alive, seen.text, seen.media_count) == (True, "Снимок", 1)


async def test_album_and_video(sky: Sky, tmp_path: Path):
    harness, _, _ = sky
    posts = sample_posts(tmp_path)
    await harness.publish(posts["album"], "album")
    await harness.publish(replace(posts["video"], media=(sample_video(tmp_path, "b.mp4"),)), "video")
    embeds = [post["value"]["embed"] for post in harness.posts()]
    album = next(one for one in embeds if "images" in one)
    film = next(one for one in embeds if "video" in one)
    assert [one["alt"] for one in album["images"]] == ["Снимок 1", "Снимок 2", "Снимок 3"]
    assert len({one["image"]["ref"]["$link"] for one in album["images"]}) == 3
    assert film["video"]["mimeType"] == "video/mp4"
    assert film["aspectRatio"] == {"width": 160, "height": 120}


async def test_first_comment_answers_the_post_and_goes_with_it(sky: Sky):
    harness, proxy, person = sky
    remote = await harness.publish(Outgoing("Пост", first_comment="Подробности: https://example.org"))
    records = proxy.pds.records(person.did)
    comment = next(one for one in records if "reply" in one["value"])
    post = next(one for one in records if "reply" not in one["value"])
    assert comment["value"]["reply"]["parent"] == {"uri": post["uri"], "cid": post["cid"]}
    assert comment["value"]["facets"]
    await NETWORK.delete(harness.call(), remote)
    assert proxy.pds.records(person.did) == []


async def test_mention_of_a_real_account_and_of_nobody(sky: Sky):
    harness, _, person = sky
    await harness.publish(Outgoing(f"@{person.handle} и @nobody-here.test"))
    [facet] = harness.posts()[0]["value"]["facets"]
    assert facet["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": person.did}]


async def test_delete_twice_and_what_then(sky: Sky):
    harness, _, _ = sky
    remote = await harness.publish(Outgoing("Пост"))
    await NETWORK.delete(harness.call(), remote)
    await NETWORK.delete(harness.call(), remote)
    assert harness.posts() == []
    assert not (await NETWORK.read_back(harness.call(), remote)).alive


async def test_same_key_twice_is_one_record(sky: Sky):
    harness, proxy, person = sky
    once = await harness.publish(Outgoing("Раз"), "one")
    again = await harness.publish(Outgoing("Раз"), "one")
    other = await harness.publish(Outgoing("Раз"), "two")
    assert once.id == again.id != other.id
    assert len(proxy.pds.records(person.did)) == 2


async def test_a_step_repeated_after_a_crash_writes_the_very_same_record(sky: Sky):
    harness, proxy, person = sky
    drawn = harness.clock() - timedelta(minutes=7)
    key = f"{int(drawn.timestamp() * 1000):012x}7abc8def0123456789ab"
    out = Outgoing("Раз")
    once = await NETWORK.perform(replace(harness.call(), key=key), CREATE, out, {})
    harness.clock.advance(3600)
    again = await NETWORK.perform(replace(harness.call(), key=key), CREATE, out, {})
    assert again == once
    [record] = proxy.pds.records(person.did)
    assert record["cid"] == once["cid"]
    assert datetime.fromisoformat(record["value"]["createdAt"]) == drawn


@pytest.mark.parametrize("fault", ["accepted_then_timeout", "error_after_commit", "reset"])
async def test_lost_answer_is_looked_up_and_repeated_without_a_double(sky: Sky, fault: str):
    harness, proxy, person = sky
    out = Outgoing("Только один")
    call = harness.call("lost", timeout=2.0)
    question = Question(CREATE, out, {}, harness.clock())
    assert (await NETWORK.look_up(call, question)).found is False
    harness.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(call, CREATE, out, {})
    answer = await NETWORK.look_up(call, question)
    repeated = await NETWORK.perform(call, CREATE, out, {})
    assert answer.found is True
    assert answer.result["id"] == repeated["id"]
    assert [one["uri"] for one in proxy.pds.records(person.did)] == [repeated["id"]]


async def test_301_graphemes_are_refused_by_us_and_by_the_server(sky: Sky):
    harness, _, _ = sky
    long = Outgoing("я" * 301)
    assert [one.code for one in NETWORK.check(long, NETWORK.limits)] == ["text_too_long"]
    with pytest.raises(Rejected) as refused:
        await NETWORK.perform(harness.call(), CREATE, long, {})
    assert refused.value.code == "text_too_long"
    family = "👨‍👩‍👧"  # 18 bytes: 160 of them fit both limits
    assert NETWORK.check(Outgoing(family * 160), NETWORK.limits) == ()
    await harness.publish(Outgoing(family * 160), "fits")
    await harness.publish(Outgoing("я" * 300), "fits too")
    assert len(harness.posts()) == 2


async def test_old_access_token_is_renewed_with_rotation(sky: Sky):
    harness, _, _ = sky
    harness.fault("expired")
    with pytest.raises(NeedsLogin) as old:
        await NETWORK.perform(harness.call(), CREATE, Outgoing("a"), {})
    assert old.value.code == "token_expired"
    fresh = await NETWORK.refresh(harness.call())
    assert fresh.secrets["refresh_token"] != harness.credential.secrets["refresh_token"]
    assert fresh.secrets["app_password"] == harness.credential.secrets["app_password"]
    ends = datetime.fromisoformat(fresh.facts["access_expires_at"])
    assert timedelta(minutes=90) < ends - datetime.now(UTC) < timedelta(hours=3)
    await NETWORK.perform(harness.call(credential=fresh), CREATE, Outgoing("a"), {})
    assert len(harness.posts()) == 1


async def test_spent_refresh_token_falls_back_to_the_app_password(sky: Sky):
    harness, _, _ = sky
    broken = replace(
        harness.credential, secrets={**harness.credential.secrets, "refresh_token": "not.a.token"}
    )
    fresh = await NETWORK.refresh(harness.call(credential=broken))
    assert fresh.secrets["refresh_token"].count(".") == 2
    without = replace(broken, secrets={"refresh_token": "not.a.token"})
    with pytest.raises(NeedsLogin):
        await NETWORK.refresh(harness.call(credential=without))


async def test_wrong_password_and_unknown_server(sky: Sky):
    harness, _, _ = sky
    wrong = replace(harness.credential, secrets={"app_password": "aaaa-bbbb-cccc-dddd"})
    for ask in (NETWORK.account, NETWORK.refresh):
        with pytest.raises(NeedsLogin) as refused:
            await ask(harness.call(credential=wrong))
        assert refused.value.code == "login_refused"
    empty = replace(harness.credential, secrets={})
    with pytest.raises(NeedsLogin) as none:
        await NETWORK.refresh(harness.call(credential=empty))
    assert none.value.code == "not_connected"
    nowhere = replace(harness.credential, facts={**harness.credential.facts, "service": "ftp://x"})
    with pytest.raises(Rejected) as bad:
        await NETWORK.account(harness.call(credential=nowhere))
    assert bad.value.code == "address_bad"


async def test_account_tells_who_it_is_and_that_nobody_counts(sky: Sky):
    harness, _, person = sky
    account = await NETWORK.account(harness.call())
    assert (account.id, account.name, account.followers) == (person.did, person.handle, None)
    assert set(account.lacks) == {
        "post_numbers", "community_numbers", "comments", "mentions", "messages", "message_answer",
    }  # fmt: skip
    assert account.facts["did"] == person.did


async def test_the_first_call_after_connecting_needs_only_the_app_password(sky: Sky):
    harness, _, _ = sky
    bare = replace(harness.credential, secrets={"app_password": harness.credential.secrets["app_password"]})
    result = await NETWORK.perform(harness.call(credential=bare), CREATE, Outgoing("a"), {})
    assert [post["id"] for post in harness.posts()] == [result["id"]]


async def test_numbers_are_absent_without_an_appview_and_counted_with_one(sky: Sky, appview_answers):
    harness, proxy, _ = sky
    remote = await harness.publish(Outgoing("a"))
    for readings in (
        await NETWORK.read_post(harness.call(), remote),
        await NETWORK.read_community(harness.call()),
    ):
        assert readings and all(isinstance(one, Absent) and one.reason == "no_appview" for one in readings)
    proxy.appview = appview_answers
    post = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert [post[name] for name in ("likes", "comments", "reposts", "saves")] == [
        Measure("likes", 12), Measure("comments", 3), Measure("reposts", 6), Measure("saves", 2),
    ]  # fmt: skip
    assert post["views"] == Absent("views", "not_offered")
    community = await NETWORK.read_community(harness.call())
    assert Measure("followers", 345) in community and Measure("posts", 67) in community
    assert (await NETWORK.account(harness.call())).followers == 345


async def test_numbers_of_an_uncounted_and_of_a_removed_post(sky: Sky):
    harness, proxy, _ = sky
    remote = await harness.publish(Outgoing("a"))
    proxy.appview = {"app.bsky.feed.getPosts": {"posts": []}}
    readings = await NETWORK.read_post(harness.call(), remote)
    assert {one.reason for one in readings} == {"not_indexed_yet"}
    harness.fault("forgotten")
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), remote)


async def test_limits_nonsense_and_a_revoked_password(sky: Sky):
    harness, _, _ = sky
    harness.fault("limited")
    with pytest.raises(Limited) as often:
        await NETWORK.perform(harness.call(), CREATE, Outgoing("a"), {})
    wait = often.value.until - datetime.now(UTC)
    assert timedelta(0) < wait <= timedelta(seconds=LIMITED_SECONDS)
    harness.fault("limited_no_delay")
    with pytest.raises(Limited) as unnamed:
        await NETWORK.read_community(harness.call())
    assert unnamed.value.until is None
    harness.fault("nonsense")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(harness.call(), CREATE, Outgoing("a"), {})
    harness.fault("nonsense")
    with pytest.raises(Temporary):
        await NETWORK.read_community(harness.call())
    harness.fault("revoked")
    with pytest.raises(NeedsLogin):
        await NETWORK.perform(harness.call(), CREATE, Outgoing("a"), {})
    with pytest.raises(NeedsLogin):
        await NETWORK.refresh(harness.call())
    assert harness.posts() == []
