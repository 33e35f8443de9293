"""VK: refusals, keys, the test button, numbers and limits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import (
    Limited,
    NeedsLogin,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.network import Call, SeveralFit
from niva.networks.base.testing import TEXT, Harness, sample_image
from niva.networks.base.types import Absent, Credential, LinkCard, Measure, Outgoing, Poll
from niva.networks.vk import NETWORK
from niva.networks.vk.client import KEYS, MANIFEST, send_file
from niva.networks.vk.errors import CODES, error_of
from niva.networks.vk.tests import fake as fakes
from niva.networks.vk.tests.fake import GROUP, FakeVk

# --- trouble ---


async def test_limits_and_captcha_are_pauses(desk: Harness, fake: FakeVk) -> None:
    for fault, code in (("limited", "too_often"), ("limited_no_delay", "flood"), ("captcha", "captcha")):
        fake.fault(fault)
        with pytest.raises(Limited, match=code) as told:
            await desk.publish(Outgoing(TEXT))
        assert (told.value.until is not None) == (fault == "limited")
    assert fake.posts() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://pu.vk.com/upload", "https://127.0.0.1/upload", "https://[::1]/upload", "https://localhost/x",
        "https://10.0.0.1/x", "file:///etc/passwd", "https://user@pu.vk.com/x", "",
    ],
)  # fmt: skip
async def test_files_go_nowhere_but_to_an_open_https_host(
    url: str, desk: Harness, fake: FakeVk, tmp_path: Path
) -> None:
    with pytest.raises(Rejected, match="upload_host_refused"):
        await send_file(desk.call(), url, "photo", sample_image(tmp_path))
    assert fake.files == []


_FIXTURES = sorted((Path(fakes.__file__).parent.parent / "fixtures" / "from_docs").glob("*.json"))


@pytest.mark.parametrize("path", _FIXTURES, ids=lambda path: path.stem)
def test_every_known_refusal_has_its_meaning(path: Path) -> None:
    told = json.loads(path.read_text("utf-8"))
    error = error_of(told["body"]["error"], writes=True, now=datetime.now(UTC))
    assert (type(error).__name__, error.code) == (told["error"], told["code"])
    assert error.code in CODES


def test_an_unknown_number_is_never_guessed() -> None:
    strange = {"error_code": 98765, "error_msg": "?"}
    assert isinstance(error_of(strange, writes=True, now=datetime.now(UTC)), OutcomeUnknown)
    assert isinstance(error_of(strange, writes=False, now=datetime.now(UTC)), Temporary)


# --- keys ---


def with_app(call: Call, fake: FakeVk) -> Call:
    return replace(call, app=fake.app())


async def test_the_way_through_vk_id_ends_in_a_connected_community(desk: Harness, fake: FakeVk) -> None:
    verifier = "v" * 43
    back = "https://niva.example/oauth/vk/"
    url = NETWORK.authorize_url(fake.app(), redirect_uri=back, state="s1", verifier=verifier, facts={})
    assert verifier not in url
    facts = {"group_id": "https://vk.com/pole_test", "api_base": fake.url, "id_base": fake.url}
    credential = await NETWORK.exchange(
        with_app(desk.call(), fake),
        params=fake.grant_code(url),
        redirect_uri=back,
        verifier=verifier,
        facts=facts,
    )
    assert credential.facts["device_id"] == fakes.DEVICE
    assert credential.facts["user_id"] == fakes.EDITOR_ID
    desk.credential = credential
    account = await NETWORK.account(desk.call())
    assert (account.id, account.name) == (str(GROUP), "Поле")
    assert account.lacks == ("messages", "message_answer"), "these want the community's key"
    desk.credential = replace(credential, facts={**credential.facts, **account.facts})
    await desk.publish(Outgoing(TEXT))
    assert len(fake.posts()) == 1


async def test_who_edits_several_communities_chooses_one(desk: Harness, fake: FakeVk) -> None:
    back, verifier = "https://niva.example/oauth/vk/", "v" * 43

    async def sign_in() -> Credential:
        url = NETWORK.authorize_url(fake.app(), redirect_uri=back, state="s1", verifier=verifier, facts={})
        return await NETWORK.exchange(
            with_app(desk.call(), fake), params=fake.grant_code(url), redirect_uri=back, verifier=verifier,
            facts={"api_base": fake.url, "id_base": fake.url},
        )  # fmt: skip

    assert (await sign_in()).facts["group_id"] == GROUP, "the only one needs no choice"
    fake.edits_two = True
    with pytest.raises(SeveralFit) as caught:
        await sign_in()
    assert not caught.value.together, "one renewal key, which VK takes once, serves one community"
    found = {one.id: one for one in caught.value.candidates}
    assert found[str(GROUP)].credential.facts["group_id"] == GROUP
    assert found[str(GROUP)].detail == "vk.com/pole_test"
    fake.place = 1
    with pytest.raises(NeedsLogin, match="no_groups"):
        await sign_in()


async def test_a_declined_consent_and_a_wrong_verifier_end_in_words(desk: Harness, fake: FakeVk) -> None:
    call = with_app(desk.call(), fake)
    with pytest.raises(Rejected, match="login_declined"):
        await NETWORK.exchange(
            call, params={"error": "access_denied"}, redirect_uri="https://a.example/", verifier="v", facts={}
        )
    url = NETWORK.authorize_url(
        fake.app(), redirect_uri="https://a.example/", state="s", verifier="v" * 43, facts={}
    )
    with pytest.raises(NeedsLogin):
        await NETWORK.exchange(
            call, params=fake.grant_code(url), redirect_uri="https://a.example/", verifier="w" * 43, facts={}
        )


async def test_an_ended_key_is_renewed_once_and_the_old_renewal_is_spent(desk: Harness, fake: FakeVk) -> None:
    fake.fault("expired")
    with pytest.raises(NeedsLogin, match="token_expired"):
        await desk.publish(Outgoing(TEXT))
    fresh = await NETWORK.refresh(desk.call())
    assert fresh.secrets["refresh_token"] != fakes.REFRESH_KEY
    assert fresh.secrets["community_token"] == fakes.GROUP_KEY
    ends = datetime.fromisoformat(fresh.facts["access_expires_at"])
    assert ends == desk.clock() + timedelta(hours=1)
    with pytest.raises(NeedsLogin, match="token_revoked"):
        await NETWORK.refresh(desk.call())
    desk.credential = fresh
    await desk.publish(Outgoing(TEXT))
    assert len(fake.posts()) == 1


async def test_keys_without_renewal_come_back_as_they_are(desk: Harness, fake: FakeVk) -> None:
    lasting = replace(fake.credential(), secrets={"access_token": fakes.USER_KEY})
    assert await NETWORK.refresh(desk.call(credential=lasting)) is lasting
    assert fake.requests == []


async def test_no_key_ever_stands_in_an_address_or_a_message(desk: Harness, fake: FakeVk) -> None:
    fake.fault("revoked")
    with pytest.raises(NeedsLogin) as told:
        await desk.publish(Outgoing(TEXT))
    assert fakes.USER_KEY not in str(told.value)
    assert not any(fakes.USER_KEY in str(params) for _, params in fake.requests)


# --- account and numbers ---


@pytest.mark.parametrize(
    "written", [str(GROUP), f"-{GROUP}", f"club{GROUP}", f"https://vk.com/public{GROUP}", "vk.ru/pole_test",
                "https://m.vk.com/pole_test/", "@pole_test"],
)  # fmt: skip
async def test_the_community_may_be_written_in_many_ways(written: str, desk: Harness, fake: FakeVk) -> None:
    desk.credential = fake.credential(group_id=written)
    account = await NETWORK.account(desk.call())
    assert account.facts == {"group_id": GROUP}
    assert (account.url, account.followers) == ("https://vk.com/pole_test", 4870)


async def test_the_test_button_names_missing_rights(desk: Harness, fake: FakeVk) -> None:
    assert (await NETWORK.account(desk.call())).lacks == ()
    fake.rights = fakes.ALL_RIGHTS & ~16
    assert (await NETWORK.account(desk.call())).lacks == ("video",)
    fake.rights, fake.place = fakes.ALL_RIGHTS, 1
    assert {"text", "image", "edit", "delete"} <= set((await NETWORK.account(desk.call())).lacks)
    fake.rights, fake.place = 0, 3  # what a key of VK ID without extended access meets
    assert {"text", "image", "edit", "delete"} <= set((await NETWORK.account(desk.call())).lacks)


async def test_keys_of_two_communities_are_told_apart(desk: Harness, fake: FakeVk) -> None:
    desk.credential = fake.credential(group_id=fakes.OTHER_GROUP)
    with pytest.raises(NeedsLogin, match="community_key_of_other"):
        await NETWORK.account(desk.call())
    desk.credential = fake.credential(user=False, group_id=fakes.OTHER_GROUP)
    with pytest.raises(NeedsLogin, match="community_key_of_other"):
        await NETWORK.account(desk.call())
    desk.credential = fake.credential(group_id="nobody_here")
    with pytest.raises(NeedsLogin, match="group_missing"):
        await NETWORK.account(desk.call())


async def test_numbers_are_counted_and_closed_statistics_are_absent(desk: Harness, fake: FakeVk) -> None:
    remote = await desk.publish(Outgoing(TEXT))
    readings = await NETWORK.read_post(desk.call(), remote)
    counted = {reading.metric: reading.value for reading in readings if isinstance(reading, Measure)}
    assert counted == {
        "views": 210, "likes": 3, "comments": 0, "reposts": 1, "reach": 180, "clicks": 4,
    }  # fmt: skip
    assert Absent("votes", "no_poll") in readings
    community = await NETWORK.read_community(desk.call())
    assert {r.metric: r.value for r in community if isinstance(r, Measure)} == {
        "followers": 4870, "posts": 1, "visitors": 41,
    }  # fmt: skip
    fake.statistics_open = False
    del fake.wall[int(remote.id)]["views"]
    readings = await NETWORK.read_post(desk.call(), remote)
    assert Absent("reach", "vk_hides_statistics") in readings
    assert Absent("views", "vk_not_counted_yet") in readings
    assert Absent("visitors", "vk_hides_statistics") in await NETWORK.read_community(desk.call())


# --- limits ---


def codes(out: Outgoing) -> list[tuple[str, str, str]]:
    return [(p.code, p.where, p.severity) for p in NETWORK.check(out, NETWORK.limits)]


def test_limits_just_fit_or_are_one_over(tmp_path: Path) -> None:
    picture = sample_image(tmp_path)
    moving = replace(picture, kind="animation", mime="image/gif")
    assert codes(Outgoing("я" * 16384)) == []
    assert codes(Outgoing("я" * 16385)) == [("text_too_long", "text", "warning")]
    assert codes(Outgoing("я" * 16384, media=(picture,))) == []
    assert codes(Outgoing("🌾" * 16384)) == []  # VK counts characters, not their halves
    assert codes(Outgoing("", media=(picture,) * 10)) == []
    assert codes(Outgoing("", media=(picture,) * 11)) == [("media_too_many", "media", "error")]
    assert codes(Outgoing("", media=(replace(picture, size=50_000_001),))) == [
        ("media_too_heavy", "media:0", "error")
    ]
    assert codes(Outgoing("", media=(replace(picture, width=700, height=13301),)))
    assert codes(Outgoing("", media=(replace(picture, mime="image/webp"),))) == [
        ("media_format", "media:0", "error")
    ]
    assert codes(Outgoing("", media=(moving, picture, moving))) == [
        ("animation_too_many", "media:2", "error")
    ]
    assert codes(Outgoing("т", poll=Poll("?", ("a" * 100, "b")))) == []
    assert codes(Outgoing("т", poll=Poll("?", ("a" * 101, "b")))) == [
        ("poll_option_too_long", "poll:0", "error")
    ]
    assert codes(Outgoing("т", poll=Poll("?", ("a",) * 11))) == [("poll_too_many_options", "poll", "warning")]
    assert codes(Outgoing("", poll=Poll("?", ("a", "b")))) == [("poll_alone", "poll", "error")]
    assert codes(Outgoing("", poll=Poll("?", ("a", "b")), media=(picture,))) == []
    card = LinkCard("https://example.org/a")
    assert codes(Outgoing("т", link=card)) == [("link_card_without_picture", "link", "warning")]
    assert codes(Outgoing("т", link=replace(card, image=picture))) == []
    assert codes(Outgoing("")) == [("post_empty", "text", "error")]


def test_the_manifest_names_a_key_for_every_call() -> None:
    assert set(MANIFEST.calls) == set(KEYS)
    assert all(set(kinds) <= {"user", "community"} for kinds in KEYS.values())
