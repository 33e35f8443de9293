"""LinkedIn through the door: the connector against a fake that keeps to the pages and the description."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import (
    Gone,
    NeedsLogin,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.network import Question
from niva.networks.base.testing import TEXT, Harness, sample_image, sample_video
from niva.networks.base.transport import Reply
from niva.networks.base.types import Absent, Credential, LinkCard, Measure, Outgoing, Poll, Remote
from niva.networks.linkedin import NETWORK, payloads, publish
from niva.networks.linkedin.errors import error_of
from niva.networks.linkedin.setup import PERSON_LACKS
from niva.networks.linkedin.tests.contract import load_contract
from niva.networks.linkedin.tests.fake import MEMBER, TOKEN, FakeLinkedIn
from niva.networks.linkedin.text import escaped, plain

Field = tuple[Harness, FakeLinkedIn]


# --- the little text ---


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("a (b) [c] {d} <e>", r"a \(b\) \[c\] \{d\} \<e\>"),
        ("*x* _y_ ~z~ | \\ @a", r"\*x\* \_y\_ \~z\~ \| \\ \@a"),
        ("#мёд и #2026 и C#", r"#мёд и \#2026 и C\#"),
        ("##двойной", r"\#\#двойной"),
        ("чисто, 100 % & «да»", "чисто, 100 % & «да»"),
    ],
)
def test_signs_that_mean_something_are_escaped(ours: str, theirs: str) -> None:
    assert escaped(ours) == theirs
    assert plain(theirs) == ours


def test_templates_are_opened() -> None:
    assert plain(r"Люблю {hashtag|\#|мёд} у @[Поля](urn:li:organization:1)") == "Люблю #мёд у Поля"


def test_the_description_notices_what_is_wrong() -> None:
    contract = load_contract()
    if contract is None:
        pytest.skip("NIVA_CONTRACTS is not set: nothing to check with")
    headers = {"LinkedIn-Version": "1", "X-Restli-Protocol-Version": "2"}
    contract.request(
        "POST", "/rest/images", "action=initializeUpload", headers, {"initializeUploadRequest": {}}
    )
    assert contract.breaches == []
    contract.request("POST", "/rest/images", "", {}, {"upload": {}})
    assert len(contract.breaches) == 5


# --- what goes out ---


async def test_alt_text_and_card_and_visibility(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    await harness.publish(Outgoing("Снимок", (sample_image(tmp_path),), options={"visibility": "LOGGED_IN"}))
    card = LinkCard("https://example.org/a", "Жатва", "Как прошла", sample_image(tmp_path, "card.png"))
    await harness.publish(Outgoing("Карточка", link=card), "b")
    both = Outgoing("Снимок и ссылка", (sample_image(tmp_path),), link=card)
    await harness.publish(both, "c")
    first, second, third = (one["raw"] for one in fake.posts())
    assert first["content"]["media"]["altText"] == "Поле" and first["visibility"] == "LOGGED_IN"
    assert second["content"]["article"]["thumbnail"].startswith("urn:li:image:")
    assert second["content"]["article"]["description"] == "Как прошла" and second["visibility"] == "PUBLIC"
    assert "article" not in third["content"] and "example.org/a" in third["commentary"]


async def test_a_video_goes_in_parts_and_is_waited_for(
    field: Field, tmp_path: Path, pauses: list[float]
) -> None:
    harness, fake = field
    fake.slow = 2
    cover = sample_image(tmp_path, "cover.jpg")
    video = replace(sample_video(tmp_path, seconds=2, width=320, height=240), cover=cover)
    await harness.publish(Outgoing(TEXT, (video,)))
    (asset,) = (one for urn, one in fake.assets.items() if "video" in urn)
    assert len(asset["parts"]) > 1 and sum(asset["parts"].values()) == video.size
    assert asset["cover"] and pauses == [1, 2]


async def test_a_video_that_is_never_ready_waits_for_another_turn(
    field: Field, tmp_path: Path, pauses: list[float]
) -> None:
    harness, fake = field
    fake.slow = 1000
    with pytest.raises(Temporary, match="media_processing") as caught:
        await harness.publish(Outgoing(TEXT, (sample_video(tmp_path),)))
    assert caught.value.retry_after == 60 and tuple(pauses) == publish.PAUSES
    assert fake.posts() == []


@pytest.mark.parametrize(
    ("wanted", "word"),
    [(None, "SEVEN_DAYS"), (86_400, "ONE_DAY"), (90_000, "THREE_DAYS"), (1_209_600, "FOURTEEN_DAYS")],
)
async def test_polls_last_as_long_as_linkedin_can(field: Field, wanted: int | None, word: str) -> None:
    harness, fake = field
    out = Outgoing(TEXT, poll=Poll("Что сеять?", ("Рожь", "Овёс"), closes_in=wanted))
    remote = await harness.publish(out)
    assert fake.posts()[0]["raw"]["content"]["poll"]["settings"] == {"duration": word}
    with pytest.raises(Rejected, match="li_poll_stays"):
        await NETWORK.edit(harness.call(), remote, replace(out, text="Иначе"))
    votes = [one for one in await NETWORK.read_post(harness.call(), remote) if one.metric == "votes"]
    assert votes == [Measure("votes", 9)]


async def test_only_words_are_changed(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    out = Outgoing(TEXT, (sample_image(tmp_path),))
    remote = await harness.publish(out)
    await NETWORK.edit(harness.call(), remote, replace(out, text="Иначе (совсем)"))
    assert fake.posts()[0]["raw"]["commentary"] == r"Иначе \(совсем\)"
    with pytest.raises(Rejected, match="li_only_text_changes"):
        await NETWORK.edit(harness.call(), remote, Outgoing(TEXT))


def test_what_linkedin_would_cut_off_is_stopped() -> None:
    def found(out: Outgoing) -> list[tuple[str, str]]:
        return [(one.code, one.severity) for one in NETWORK.check(out, NETWORK.limits)]

    assert found(Outgoing("а" * 3000)) == []
    assert found(Outgoing("а" * 3001)) == [("text_too_long", "error")]
    assert found(Outgoing("#" * 2999)) == []  # the backslashes are not counted
    poll = Poll("Что?", ("а", "б"), multiple=True, closes_in=100_000)
    assert found(Outgoing("а", poll=poll)) == [
        ("li_poll_duration", "warning"),
        ("li_poll_one_answer", "warning"),
    ]
    link = LinkCard("https://example.org/")
    assert found(Outgoing("а" * 2990, poll=Poll("Что?", ("а", "б")), link=link)) == [
        ("text_too_long", "error")
    ]


async def test_a_broken_file_and_a_strange_host(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    picture = sample_image(tmp_path)
    picture.path.unlink()
    with pytest.raises(Rejected, match="media_unreadable"):
        await harness.publish(Outgoing(TEXT, (picture,)))
    fake.do_images = lambda *_: {"value": {"uploadUrl": "http://10.0.0.1/up", "image": "urn:li:image:1"}}  # type: ignore[method-assign]
    with pytest.raises(Rejected, match="upload_host_refused"):
        await harness.publish(Outgoing(TEXT, (sample_image(tmp_path),)))


# --- found again ---


async def test_the_older_of_two_equal_posts_is_ours(field: Field) -> None:
    harness, _ = field
    since = harness.clock() - timedelta(seconds=1)
    first = await harness.publish(Outgoing(TEXT), "a")
    await harness.publish(Outgoing(TEXT), "b")
    (step,) = NETWORK.steps(Outgoing(TEXT), harness.credential)
    answer = await NETWORK.look_up(harness.call(), Question(step, Outgoing(TEXT), {}, since))
    assert answer.result is not None and answer.result["id"] == first.id


async def test_a_picture_proves_more_than_words(field: Field, tmp_path: Path) -> None:
    harness, _ = field
    out = Outgoing(TEXT, (sample_image(tmp_path),))
    done = await harness.perform_all(out)
    step = NETWORK.steps(out, harness.credential)[-1]
    question = Question(step, replace(out, text="правлено"), done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is True
    other = {"upload:0": {"urn": "urn:li:image:1"}}
    assert (await NETWORK.look_up(harness.call(), Question(step, out, other, harness.clock()))).found is False


async def test_an_unheard_comment_is_looked_for(field: Field) -> None:
    harness, fake = field
    out = Outgoing(TEXT, first_comment="Подробности")
    done = {"create": (await harness.perform_all(Outgoing(TEXT)))["create"]}
    step = NETWORK.steps(out, harness.credential)[-1]
    question = Question(step, out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    fake.say("comment", "Подробности", done["create"]["id"])  # somebody else's words prove nothing
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    made = await NETWORK.perform(harness.call(), step, out, done)
    assert (await NETWORK.look_up(harness.call(), question)).result == made


async def test_a_persons_feed_is_written_and_not_read(person: Field) -> None:
    harness, fake = person
    account = await NETWORK.account(harness.call())
    assert (account.name, account.facts["author"], account.lacks) == ("Пётр Полев", MEMBER, PERSON_LACKS)
    out = Outgoing(TEXT, first_comment="Вслед")
    remote = await harness.publish(out)
    assert fake.posts()[0]["raw"]["author"] == MEMBER
    steps = NETWORK.steps(out, harness.credential)
    assert not any(step.searchable for step in steps)
    answer = await NETWORK.look_up(harness.call(), Question(steps[0], out, {}, harness.clock()))
    assert answer.found is None
    with pytest.raises(Rejected, match="read_back_unsupported"):
        await NETWORK.read_back(harness.call(), remote)
    assert await NETWORK.read_post(harness.call(), remote)
    assert all(isinstance(one, Absent) for one in await NETWORK.read_community(harness.call()))
    for reading in (NETWORK.read_comments(harness.call(), remote, harness.clock()),
                    NETWORK.read_mentions(harness.call(), harness.clock()),
                    NETWORK.read_profile(harness.call())):  # fmt: skip
        with pytest.raises(Rejected, match="_unsupported"):
            await reading
    await NETWORK.edit(harness.call(), remote, Outgoing("Иначе"))
    await NETWORK.delete(harness.call(), remote)
    assert fake.posts() == []


# --- numbers ---


async def test_numbers(field: Field) -> None:
    harness, fake = field
    remote = await harness.publish(Outgoing(TEXT))
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert told["views"] == Measure("views", 800) and told["clicks"] == Measure("clicks", 31)
    assert told["votes"] == Absent("votes", "no_poll")
    page = {one.metric: one for one in await NETWORK.read_community(harness.call())}
    assert (page["followers"], page["posts"]) == (Measure("followers", 5120), Measure("posts", 1))
    assert page["visitors"] == Measure("visitors", 44)
    fake.counted = False
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert told["views"] == Absent("views", "li_not_counted_yet")
    fake.fault("forgotten")
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), remote)


# --- what people say ---


async def test_answers_to_comments_are_read_too(field: Field) -> None:
    harness, fake = field
    remote = await harness.publish(Outgoing(TEXT))
    fake.say("comment", "Почём мёд?", remote.id)
    since = harness.clock() - timedelta(minutes=1)
    (asked,) = await NETWORK.read_comments(harness.call(), remote, since)
    said = await NETWORK.answer(harness.call(), asked, "500 рублей")
    heard = await NETWORK.read_comments(harness.call(), remote, since)
    assert [(one.text, one.ours) for one in heard] == [("Почём мёд?", False), ("500 рублей", True)]
    assert heard[1].answers == asked.id
    again = await NETWORK.answer(harness.call(), heard[1], "и доставка")  # beside it, not under it
    assert again.extra == said.extra == asked.extra
    with pytest.raises(Rejected, match="messages_unsupported"):
        await NETWORK.read_messages(harness.call(), since)


async def test_comments_page_by_page(field: Field) -> None:
    harness, fake = field
    remote = await harness.publish(Outgoing(TEXT))
    for number in range(205):
        fake.say("comment", f"Слово {number}", remote.id)
    heard = await NETWORK.read_comments(harness.call(), remote, harness.clock() - timedelta(minutes=1))
    assert len({one.id for one in heard}) == 205
    late = await NETWORK.read_comments(harness.call(), remote, harness.clock() + timedelta(hours=1))
    assert late == ()


# --- answers that are none ---


async def test_a_post_without_its_number_is_unknown(field: Field) -> None:
    harness, fake = field
    fake.do_posts = lambda *_: {"ok": True}  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        await harness.publish(Outgoing(TEXT))


async def test_a_deleted_post_reads_as_gone(field: Field) -> None:
    harness, fake = field
    remote = await harness.publish(Outgoing(TEXT))
    fake.shares[remote.id]["lifecycleState"] = "DELETED"
    assert not (await NETWORK.read_back(harness.call(), remote)).alive
    assert not (await NETWORK.read_back(harness.call(), Remote("urn:li:share:404"))).alive


async def test_no_secret_stands_in_an_error(field: Field) -> None:
    harness, fake = field
    fake.key_error = (401, f"Invalid access_token={TOKEN}", 65600)
    with pytest.raises(NetworkError) as caught:
        await harness.publish(Outgoing(TEXT))
    assert TOKEN not in str(caught.value) and caught.value.code == "bad_token"


def test_a_credential_without_anything_says_so() -> None:
    assert payloads.steps(Outgoing(TEXT), Credential())[0].searchable is False


async def test_a_post_without_a_letter_is_not_any_other(field: Field) -> None:
    harness, _ = field
    await harness.publish(Outgoing("🎉"))
    poll = Poll("Мёд?", ("Да", "Нет"))
    for out in (Outgoing("🌾🌾"), Outgoing("", poll=poll)):
        (step,) = NETWORK.steps(out, harness.credential)
        question = Question(step, out, {}, harness.clock())
        assert (await NETWORK.look_up(harness.call(), question)).found is False
        await harness.publish(out, str(out))
        assert (await NETWORK.look_up(harness.call(), question)).found


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(401, NeedsLogin, "bad_token"), (403, NeedsLogin, "no_right"), (413, Rejected, "file_too_big")],
)
def test_a_gateway_that_lets_nothing_in_leaves_no_doubt(
    status: int, kind: type[NetworkError], code: str
) -> None:
    reply = Reply(status, {}, b"<html>no</html>")
    error = error_of(reply, writes=True, now=datetime(2026, 11, 23, tzinfo=UTC))
    assert (type(error), error.code) == (kind, code)
