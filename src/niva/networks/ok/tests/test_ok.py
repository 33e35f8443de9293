"""OK through the door: the connector against a fake that recomputes every signature."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import (
    Gone,
    Limited,
    NeedsLogin,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.network import Question, SeveralFit
from niva.networks.base.testing import TEXT, Harness, sample_image, sample_posts, sample_video
from niva.networks.base.types import Absent, Credential, LinkCard, Measure, Outgoing, Poll
from niva.networks.ok import NETWORK, payloads
from niva.networks.ok.client import MANIFEST, md5, session_secret, signature
from niva.networks.ok.errors import CODES, error_of
from niva.networks.ok.tests.fake import (
    APP_SECRET,
    CLIENT,
    GROUP,
    SECRET,
    TOKEN,
    FakeOk,
)
from niva.networks.ok.tests.harness import open_ok

FIXTURES = sorted((MANIFEST.folder / "fixtures" / "from_docs").glob("*.json"))


@pytest.fixture
async def field() -> AsyncIterator[tuple[Harness, FakeOk]]:
    async with open_ok() as opened:
        yield opened


# --- the signature ---


def test_the_signature_is_that_of_the_documentation() -> None:
    """The steps of https://apiok.ru/dev/methods/: sorted, glued, the secret behind, md5."""
    params = {"method": "users.getCurrentUser", "application_key": "CBA", "format": "json"}
    glued = "application_key=CBAformat=jsonmethod=users.getCurrentUser" + "s3cret"
    assert signature(params, "s3cret") == md5(glued)
    assert signature({**params, "access_token": "t", "session_key": "k"}, "s3cret") == md5(glued)


def test_the_secret_is_made_of_token_and_application_where_it_is_not_given() -> None:
    made = session_secret(Credential({"access_token": "tkn", "application_secret": "APP"}))
    assert made == md5("tknAPP")
    with pytest.raises(NeedsLogin, match="ok_secret_missing"):
        session_secret(Credential({"access_token": "tkn"}))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_documented_errors(path: Path) -> None:
    told = json.loads(path.read_text("utf-8"))
    error = error_of(told["body"], writes=True, now=datetime(2026, 11, 23, tzinfo=UTC))
    assert (type(error).__name__, error.code) == (told["error"], told["code"])
    assert error.code in CODES


# --- what goes out ---


@pytest.mark.parametrize(
    "written",
    [GROUP, f"https://ok.ru/group/{GROUP}", f"ok.ru/group/{GROUP}/topics", f"https://m.ok.ru/group/{GROUP}"],
)
def test_a_group_is_written_in_many_ways(written: str) -> None:
    assert payloads.group_of(Credential(facts={"group_id": written})) == GROUP


def test_a_short_name_is_no_number_yet() -> None:
    for written in ("https://ok.ru/pole", "@pole", "pole"):
        credential = Credential(facts={"group_id": written})
        assert payloads.group_written(credential) == "https://ok.ru/pole"
        with pytest.raises(NeedsLogin, match="ok_group_missing"):
            payloads.group_of(credential)


async def test_all_parts_of_a_post_stand_in_one_topic(field: tuple[Harness, FakeOk], tmp_path: Path) -> None:
    harness, fake = field
    cover = sample_image(tmp_path, "cover.jpg")
    video = replace(sample_video(tmp_path), cover=cover)
    out = Outgoing(
        TEXT, (sample_image(tmp_path), video), sample_posts(tmp_path)["link"].link,
        Poll("Что сеять?", ("Рожь", "Овёс"), multiple=True, anonymous=False), options={"comments_off": True},
    )  # fmt: skip
    remote = await harness.publish(out)
    (topic,) = fake.posts()
    kinds = [block["type"] for block in topic["raw"]["media"]]
    assert kinds == ["text", "photo", "movie", "link", "poll"]
    assert topic["raw"]["raw"]["onBehalfOfGroup"] == "true"
    assert topic["raw"]["raw"]["disableComments"] == "true"
    assert "options" not in topic["raw"]["media"][4]
    assert len(fake.covers) == 1
    assert remote.url == f"https://ok.ru/group/{GROUP}/topic/{remote.id}"
    seen = await NETWORK.read_back(harness.call(), remote)
    assert (seen.text, seen.media_count) == (TEXT, 2)


async def test_an_edit_keeps_the_video_and_sends_pictures_again(
    field: tuple[Harness, FakeOk], tmp_path: Path
) -> None:
    harness, fake = field
    out = Outgoing(TEXT, (sample_video(tmp_path), sample_image(tmp_path)))
    remote = await harness.publish(out)
    sent = len(fake.files)
    after = await NETWORK.edit(harness.call(), remote, replace(out, text="Иначе"))
    assert len(fake.files) == sent + 1  # the picture
    assert (await NETWORK.read_back(harness.call(), after)).media_count == 2
    again = await NETWORK.edit(harness.call(), after, Outgoing("Только слова"))
    assert (await NETWORK.read_back(harness.call(), again)).media_count == 0


async def test_a_poll_is_not_rewritten(field: tuple[Harness, FakeOk], tmp_path: Path) -> None:
    harness, _ = field
    out = sample_posts(tmp_path)["poll"]
    remote = await harness.publish(out)
    for changed in (replace(out, text="Иначе"), Outgoing("Без опроса")):
        with pytest.raises(Rejected, match="ok_poll_stays"):
            await NETWORK.edit(harness.call(), remote, changed)
    (votes,) = [one for one in await NETWORK.read_post(harness.call(), remote) if one.metric == "votes"]
    assert votes == Measure("votes", 7)  # 3 and 4, answer by answer


async def test_a_broken_picture_is_refused(field: tuple[Harness, FakeOk], tmp_path: Path) -> None:
    harness, fake = field
    picture = sample_image(tmp_path)
    picture.path.write_bytes(b"<svg/>")
    out = Outgoing("С картинкой", (picture,))
    with pytest.raises(Rejected, match="media_refused"):
        await harness.publish(out)
    assert fake.posts() == []


async def test_files_go_to_no_inner_host(field: tuple[Harness, FakeOk], tmp_path: Path) -> None:
    harness, fake = field
    fake.do_photosV2_getUploadUrl = lambda _: {"upload_url": "https://127.0.0.2/up", "photo_ids": ["1"]}  # type: ignore[method-assign]
    with pytest.raises(Rejected, match="upload_host_refused"):
        await harness.publish(Outgoing("Куда?", (sample_image(tmp_path),)))


def test_what_the_check_says() -> None:
    def codes(out: Outgoing) -> set[tuple[str, str]]:
        return {(one.code, one.severity) for one in NETWORK.check(out, NETWORK.limits)}

    assert codes(Outgoing("Слово", first_comment="Вслед")) == {("ok_writes_no_comment", "error")}
    poll = Poll("в" * 251, ("а" * 51, "б"), closes_in=60)
    assert codes(Outgoing("Слово", poll=poll)) == {
        ("poll_question_too_long", "warning"),
        ("poll_option_too_long", "warning"),
        ("ok_poll_stays_open", "warning"),
    }


# --- found again ---


async def test_the_older_of_two_equal_posts_is_ours(field: tuple[Harness, FakeOk], tmp_path: Path) -> None:
    harness, _ = field
    out = Outgoing(TEXT)
    since = harness.clock() - timedelta(seconds=1)
    first = await harness.publish(out, "a")
    await harness.publish(out, "b")
    (step,) = NETWORK.steps(out, harness.credential)
    answer = await NETWORK.look_up(harness.call(), Question(step, out, {}, since))
    assert answer.result is not None and answer.result["id"] == first.id


async def test_a_video_proves_more_than_words(field: tuple[Harness, FakeOk], tmp_path: Path) -> None:
    harness, _ = field
    out = Outgoing(TEXT, (sample_video(tmp_path),))
    done = await harness.perform_all(out)
    step = NETWORK.steps(out, harness.credential)[-1]
    question = Question(step, replace(out, text="правлено рукой"), done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is True
    other = {**done, "upload:0": {"video_id": "1"}}
    answer = await NETWORK.look_up(harness.call(), Question(step, out, other, harness.clock()))
    assert answer.found is False


async def test_a_full_stream_tells_nothing(field: tuple[Harness, FakeOk]) -> None:
    harness, _ = field
    for number in range(50):
        await harness.publish(Outgoing(f"Пост {number}"), f"k{number}")
    out = Outgoing("Совсем другой")
    (step,) = NETWORK.steps(out, harness.credential)
    question = Question(step, out, {}, harness.clock() - timedelta(minutes=1))
    assert (await NETWORK.look_up(harness.call(), question)).found is None


@pytest.mark.parametrize("error", [(10, "PERMISSION_DENIED"), (3, "METHOD : Unknown method")])
async def test_statistics_stand_in_for_a_closed_stream(
    field: tuple[Harness, FakeOk], error: tuple[int, str]
) -> None:
    """They may prove that a topic is there, but never that it is not."""
    harness, fake = field
    fake.stream_error = error
    out = Outgoing(TEXT)
    (step,) = NETWORK.steps(out, harness.credential)
    question = Question(step, out, {}, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is None
    remote = await harness.publish(out)
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.found and answer.result is not None and answer.result["id"] == remote.id
    assert (await NETWORK.read_profile(harness.call())).last_post_at is None
    fake.statistics_open = False
    assert (await NETWORK.look_up(harness.call(), question)).found is None


# --- numbers ---


async def test_numbers_with_and_without_statistics(field: tuple[Harness, FakeOk]) -> None:
    harness, fake = field
    remote = await harness.publish(Outgoing(TEXT))
    open_ = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert open_["views"] == Measure("views", 900) and open_["clicks"] == Measure("clicks", 7)
    fake.statistics_open = False
    closed = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert closed["likes"] == Measure("likes", 5) and closed["reposts"] == Measure("reposts", 1)
    assert closed["views"] == Absent("views", "ok_hides_statistics")
    fake.fault("forgotten")
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), remote)


# --- keys ---


async def test_the_test_button_says_what_is_missing(field: tuple[Harness, FakeOk]) -> None:
    harness, fake = field
    account = await NETWORK.account(harness.call())
    assert (account.name, account.followers, account.lacks) == ("Поле", 1204, ())
    fake.rights -= {"VIDEO_CONTENT"}
    assert (await NETWORK.account(harness.call())).lacks == ("video",)
    fake.rights |= {"VIDEO_CONTENT"}
    fake.place = "ACTIVE"
    assert {"text", "image", "edit"} <= set((await NETWORK.account(harness.call())).lacks)
    short = replace(harness.credential, facts={**harness.credential.facts, "group_id": "ok.ru/pole"})
    assert (await NETWORK.account(harness.call(credential=short))).facts["group_id"] == GROUP


@pytest.mark.parametrize(
    ("secrets", "facts", "code"),
    [
        ({"access_token": "somebody's"}, {}, "token_revoked"),
        ({"session_secret": "of another token"}, {}, "ok_signature"),
        ({"access_token": ""}, {}, "not_connected"),
        ({}, {"application_key": "WRONG"}, "ok_app_unknown"),
        ({}, {"group_id": "123"}, "ok_group_missing"),
        ({}, {"group_id": "ok.ru/nobody"}, "ok_group_missing"),
        ({}, {"group_id": ""}, "ok_group_not_named"),
    ],
)
async def test_wrong_keys_have_each_a_code(
    field: tuple[Harness, FakeOk], secrets: dict[str, str], facts: dict[str, str], code: str
) -> None:
    harness, _ = field
    keys = Credential({**harness.credential.secrets, **secrets}, {**harness.credential.facts, **facts})
    with pytest.raises(NeedsLogin) as caught:
        await NETWORK.account(harness.call(credential=keys))
    assert caught.value.code == code


async def test_a_blocked_group(field: tuple[Harness, FakeOk]) -> None:
    harness, fake = field
    fake.group["blocked"] = True
    with pytest.raises(NeedsLogin, match="ok_group_closed"):
        await NETWORK.account(harness.call())


async def test_sign_in_and_renewal(field: tuple[Harness, FakeOk]) -> None:
    harness, fake = field
    back = "https://n.example/b"
    url = NETWORK.authorize_url(fake.app(), redirect_uri=back, state="s", verifier="v", facts={})
    assert url.startswith("https://connect.ok.ru/oauth/authorize?") and "VALUABLE_ACCESS%3BLONG" in url
    call = replace(harness.call(), app=fake.app())
    keys = await NETWORK.exchange(
        call, params={"code": "good-code"}, redirect_uri=back, verifier="v",
        facts={"group_id": GROUP, "api_base": fake.url},
    )  # fmt: skip
    assert keys.secrets["session_secret"] == fake.secret and "client" not in str(keys.facts)
    assert (await NETWORK.account(harness.call(credential=keys))).id == GROUP
    new = await NETWORK.refresh(replace(call, credential=keys))
    assert new.secrets["access_token"] != keys.secrets["access_token"]
    assert new.secrets["refresh_token"] == keys.secrets["refresh_token"]
    assert (await NETWORK.account(harness.call(credential=new))).id == GROUP
    stale = replace(new, secrets={**new.secrets, "refresh_token": "used"})
    with pytest.raises(NeedsLogin, match="token_revoked"):
        await NETWORK.refresh(replace(call, credential=stale))
    with pytest.raises(Rejected, match="login_declined"):
        await NETWORK.exchange(
            call, params={"error": "access_denied"}, redirect_uri="", verifier="", facts={}
        )


async def test_a_sign_in_finds_the_groups_where_one_may_publish(field: tuple[Harness, FakeOk]) -> None:
    harness, fake = field
    call = replace(harness.call(), app=fake.app())

    async def sign_in() -> Credential:
        return await NETWORK.exchange(
            call, params={"code": "good-code"}, redirect_uri="", verifier="", facts={"api_base": fake.url}
        )

    assert (await sign_in()).facts["group_id"] == GROUP  # the only one
    fake.others = {str(7000 + number): {"status": "ACTIVE"} for number in range(120)}
    fake.others |= {
        "8001": {"status": "MODERATOR", "role": ["EDITOR"]},
        "8002": {"status": "MODERATOR", "role": ["ANALYST"]},
        "8003": {"status": "MODERATOR", "role": "SUPER_MODERATOR"},
    }
    with pytest.raises(SeveralFit) as caught:
        await sign_in()
    fit = caught.value
    assert [one.id for one in fit.candidates] == [GROUP, "8001", "8003"] and fit.together
    assert (fit.candidates[0].name, fit.candidates[0].detail) == ("Поле", "https://ok.ru/pole")
    assert fit.candidates[1].detail == "https://ok.ru/group/8001"
    for one in fit.candidates:  # renewal spends nothing, so all may live by this one sign-in
        assert one.credential.facts["group_id"] == one.id
        new = await NETWORK.refresh(replace(call, credential=one.credential))
        assert new.secrets["refresh_token"] == one.credential.secrets["refresh_token"]
    fake.others, fake.place = {}, ""
    with pytest.raises(NeedsLogin, match="ok_no_groups"):
        await sign_in()


async def test_a_long_token_is_prolonged_and_an_everlasting_one_left_alone(
    field: tuple[Harness, FakeOk],
) -> None:
    harness, fake = field
    assert await NETWORK.refresh(harness.call()) == harness.credential
    assert fake.requests == []
    ends = harness.clock() + timedelta(hours=1)
    long = replace(harness.credential, expires_at=ends)
    new = await NETWORK.refresh(harness.call(credential=long))
    assert new.expires_at == harness.clock() + timedelta(days=30)
    assert [name for name, _ in fake.requests] == ["auth.touchSession"]


# --- what people say ---


async def test_comments_page_back_to_the_hour_asked_for(field: tuple[Harness, FakeOk]) -> None:
    harness, fake = field
    remote = await harness.publish(Outgoing(TEXT))
    for number in range(230):
        fake.say("comment", f"Слово {number}", remote.id)
    heard = await NETWORK.read_comments(harness.call(), remote, harness.clock() - timedelta(minutes=1))
    assert len({one.id for one in heard}) == 230
    assert [name for name, _ in fake.requests].count("discussions.getComments") == 3
    with pytest.raises(Rejected, match="comment_answer_unsupported"):
        await NETWORK.answer(harness.call(), heard[0], "Ответ")
    with pytest.raises(Rejected, match="mentions_unsupported"):
        await NETWORK.read_mentions(harness.call(), harness.clock())


async def test_messages_need_the_groups_own_key(field: tuple[Harness, FakeOk]) -> None:
    harness, _ = field
    for key, code in (("", "ok_group_key_missing"), ("tkn-old:1", "ok_group_key_refused")):
        keys = replace(harness.credential, secrets={**harness.credential.secrets, "group_token": key})
        with pytest.raises(NeedsLogin) as caught:
            await NETWORK.read_messages(harness.call(credential=keys), harness.clock())
        assert caught.value.code == code
        assert "tkn-old" not in str(caught.value)
        if not key:
            lacks = (await NETWORK.account(harness.call(credential=keys))).lacks
            assert lacks == ("messages", "message_answer")


async def test_the_avatar_is_sent_committed_and_named(field: tuple[Harness, FakeOk], tmp_path: Path) -> None:
    harness, _ = field
    before = (await NETWORK.read_profile(harness.call())).avatar
    await NETWORK.write_profile(harness.call(), {"avatar": sample_image(tmp_path)})
    assert (await NETWORK.read_profile(harness.call())).avatar != before
    with pytest.raises(Rejected, match="profile_write_unsupported"):
        await NETWORK.write_profile(harness.call(), {"about": "Иначе"})


# --- answers that are none ---


@pytest.mark.parametrize("body", ["null", "true", '{"id": 1}', "[]"])
async def test_a_post_without_a_number_is_unknown(field: tuple[Harness, FakeOk], body: str) -> None:
    harness, fake = field
    fake.do_mediatopic_post = lambda _: json.loads(body)  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        await harness.publish(Outgoing(TEXT))


async def test_unknown_numbers_are_no_guess(field: tuple[Harness, FakeOk]) -> None:
    harness, fake = field
    for number in (77777, 1, 9999):
        fake.key_error = (number, "SYSTEM : Critical system error")
        with pytest.raises(OutcomeUnknown):
            await harness.publish(Outgoing(TEXT))
        with pytest.raises(Temporary):
            await NETWORK.account(harness.call())
    fake.key_error = (9, "IP_BLOCKED : blocked")
    with pytest.raises(Limited) as caught:
        await harness.publish(Outgoing(TEXT))
    assert caught.value.scope == "address"


async def test_no_secret_stands_in_an_error(field: tuple[Harness, FakeOk]) -> None:
    harness, fake = field
    fake.key_error = (
        100,
        f"PARAM : access_token={TOKEN} session_secret_key={SECRET} client_secret={APP_SECRET}",
    )
    with pytest.raises(NetworkError) as caught:
        await harness.publish(Outgoing(TEXT))
    assert not {TOKEN, SECRET, APP_SECRET} & set(str(caught.value).replace("=", " ").split())
    assert CLIENT not in str(caught.value)


async def test_a_topic_without_a_letter_is_not_any_other(field: tuple[Harness, FakeOk]) -> None:
    harness, _ = field
    await harness.publish(Outgoing("🎉"))
    poll = Poll("Мёд?", ("Да", "Нет"))
    for out in (
        Outgoing("🌾🌾"),
        Outgoing("", poll=poll),
        Outgoing("", link=LinkCard("https://example.org/a")),
    ):
        (step,) = NETWORK.steps(out, harness.credential)
        question = Question(step, out, {}, harness.clock())
        assert (await NETWORK.look_up(harness.call(), question)).found is False
        await harness.publish(out, str(out))
        assert (await NETWORK.look_up(harness.call(), question)).found


async def test_a_stream_full_of_pictures_tells_nothing(
    field: tuple[Harness, FakeOk], monkeypatch: pytest.MonkeyPatch
) -> None:
    harness, fake = field
    usual = fake.do_stream_get

    def crowded(params: dict[str, str]) -> dict[str, object]:
        told = usual(params)
        pictures = [{"pattern": "POST", "target_refs": [f"group_photo:{n}"]} for n in range(50)]
        return {**told, "feeds": pictures}

    monkeypatch.setattr(fake, "do_stream_get", crowded)
    (step,) = NETWORK.steps(Outgoing(TEXT), harness.credential)
    question = Question(step, Outgoing(TEXT), {}, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is None


@pytest.mark.parametrize(
    "told", [{"media_topics": [{"media": 5, "like_summary": "many"}]}, {"media_topics": 7}]
)
async def test_an_answer_of_another_shape_is_nonsense_and_no_crash(
    field: tuple[Harness, FakeOk], monkeypatch: pytest.MonkeyPatch, told: dict[str, object]
) -> None:
    harness, fake = field
    remote = await harness.publish(Outgoing(TEXT))
    fake.statistics_open = False
    monkeypatch.setattr(fake, "do_mediatopic_getByIds", lambda params: told)
    with pytest.raises(Temporary, match="nonsense"):
        await NETWORK.read_post(harness.call(), remote)


async def test_a_picture_alone_is_known_by_nothing(field: tuple[Harness, FakeOk], tmp_path: Path) -> None:
    """Another picture of the group's looks the same; one that a person put up himself is none of ours."""
    harness, fake = field
    out = Outgoing("", (sample_image(tmp_path),))
    done = await harness.perform_all(out)
    step = NETWORK.steps(out, harness.credential)[-1]
    question = Question(step, out, done, harness.clock() - timedelta(seconds=1))
    assert (await NETWORK.look_up(harness.call(), question)).found is None
    (topic,) = fake.topics.values()
    topic["author_ref"] = "user:580000000777"
    assert (await NETWORK.look_up(harness.call(), question)).found is False
