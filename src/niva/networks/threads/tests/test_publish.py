"""Containers, chains, polls, and what is found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from niva.networks.base import graph
from niva.networks.base.errors import NetworkError, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Question
from niva.networks.base.testing import TEXT, Harness, sample_image
from niva.networks.base.types import LinkCard, Outgoing, Part, Poll, Step
from niva.networks.threads import NETWORK, client, payloads
from niva.networks.threads.tests.fake import FakeThreads

CREATE = Step("create", "create", searchable=True)
PUBLIC = "https://niva.example.org/files/1"


def told(out: Outgoing) -> set[tuple[str, str]]:
    return {(one.code, one.severity) for one in NETWORK.check(out, NETWORK.limits)}


async def test_a_carousel_is_one_post_with_its_words(
    harness: Harness, fake: FakeThreads, tmp_path: Path
) -> None:
    out = replace(
        harness.samples(tmp_path)["album"], options={"reply_control": "followers_only", "topic": "#жатва"}
    )
    await harness.publish(out)
    (post,) = fake.posts
    assert (post["media"], post["sent"]["media_type"], post["text"]) == (3, "CAROUSEL", TEXT)
    assert (post["sent"]["reply_control"], post["sent"]["topic_tag"]) == ("followers_only", "жатва")
    first = next(iter(fake.containers.values()))["sent"]
    assert (first["alt_text"], first["is_carousel_item"], "text" in first) == ("Снимок 1", "true", False)


async def test_a_poll_takes_its_question_into_the_text_and_counts_votes(
    harness: Harness, fake: FakeThreads
) -> None:
    out = Outgoing("К весне", poll=Poll("Что сеять?", ("Рожь", "Пшеницу")))
    remote = await harness.publish(out)
    assert fake.posts[0]["text"] == "К весне\n\nЧто сеять?"
    assert fake.posts[0]["sent"]["poll_attachment"] == '{"option_a": "Рожь", "option_b": "Пшеницу"}'
    seen = await NETWORK.read_back(harness.call(), remote)
    assert seen.text == "К весне"
    numbers = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert getattr(numbers["votes"], "value", None) == 17
    again = Question(CREATE, out, {}, harness.clock())
    assert (await NETWORK.look_up(harness.call(), again)).found is True


async def test_a_link_is_a_card_beside_text_and_words_beside_a_picture(
    harness: Harness, fake: FakeThreads, tmp_path: Path
) -> None:
    link = LinkCard("https://example.org/harvest")
    await harness.publish(Outgoing("Жатва", link=link))
    assert fake.posts[0]["sent"]["link_attachment"] == "https://example.org/harvest"
    picture = replace(sample_image(tmp_path), url=PUBLIC)
    remote = await harness.publish(Outgoing("Жатва", media=(picture,), link=link), "b")
    assert fake.posts[1]["text"] == "Жатва\n\nhttps://example.org/harvest"
    assert (await NETWORK.read_back(harness.call(), remote)).text == "Жатва"


async def test_a_chain_and_a_comment_answer_what_they_should(harness: Harness, fake: FakeThreads) -> None:
    out = Outgoing("Первое", thread=(Part("Второе"), Part("Третье")), first_comment="Ещё")
    remote = await harness.publish(out)
    second, third, comment = fake.answers
    assert (second["to"], third["to"], comment["to"]) == (remote.id, second["id"], remote.id)
    await NETWORK.delete(harness.call(), remote)
    assert fake.every == []


async def test_an_unheard_comment_is_looked_up_under_its_post(harness: Harness, fake: FakeThreads) -> None:
    out = Outgoing("Пост", first_comment="Подробности")
    *_, create, comment = NETWORK.steps(out, harness.credential)
    done = {"create": await NETWORK.perform(harness.call(), create, out, {})}
    other = await harness.publish(Outgoing("Другой", first_comment="Подробности"), "b")
    question = Question(comment, out, done, harness.clock())
    assert other.extra["comment"] and (await NETWORK.look_up(harness.call(), question)).found is False
    fake.fault("reset")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(harness.call(), comment, out, done)
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.result == {"id": fake.answers[-1]["id"]}
    assert len(fake.answers) == 2


async def test_an_unpublished_container_is_a_clear_no(harness: Harness, fake: FakeThreads) -> None:
    out = Outgoing("Пост")
    upload, create = NETWORK.steps(out, harness.credential)
    await harness.publish(out)  # the same words by somebody else
    done = {upload.name: await NETWORK.perform(harness.call(), upload, out, {})}
    question = Question(create, out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    made = await NETWORK.perform(harness.call(), create, out, done)
    answer = await NETWORK.look_up(harness.call(), question)
    assert answer.result is not None and answer.result["id"] == made["id"]
    fake.every.clear()
    assert (await NETWORK.look_up(harness.call(), question)).found is None


async def test_a_busy_account_is_turned_over_and_then_given_up(harness: Harness, fake: FakeThreads) -> None:
    since = harness.clock()
    await harness.publish(Outgoing("Искомый"))
    for number in range(240):
        fake._keep(f"другой {number}", "31000000000000001", "")
    question = Question(CREATE, Outgoing("Искомый"), {}, since)
    assert (await NETWORK.look_up(harness.call(), question)).found is True
    for number in range(20):
        fake._keep(f"ещё {number}", "31000000000000001", "")
    assert (await NETWORK.look_up(harness.call(), question)).found is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("FAILED_DOWNLOADING_VIDEO", "media_not_fetched"),
        ("FAILED_PROCESSING_AUDIO", "media_refused"),
        ("INVALID_ASPEC_RATIO", "media_refused"),
        ("something of tomorrow", "media_refused"),
    ],
)
async def test_what_a_container_failed_of(harness: Harness, fake: FakeThreads, words: str, code: str) -> None:
    fake.fails = words
    with pytest.raises(Rejected, match=code):
        await harness.publish(Outgoing("Пост"))
    assert not fake.posts


async def test_a_container_that_never_gets_ready_is_left_for_later(
    harness: Harness, fake: FakeThreads
) -> None:
    fake.slow = 1000
    with pytest.raises(Temporary, match="media_processing"):
        await harness.publish(Outgoing("Пост"))


@pytest.mark.parametrize(
    ("told_words", "code"),
    [
        ("THREADS_API__LINK_LIMIT_EXCEEDED", "links_refused"),
        ("Media could not be fetched", "media_not_fetched"),
    ],
)
def test_words_beside_a_general_code(told_words: str, code: str) -> None:
    found = client.known({"code": 100, "message": told_words})
    assert isinstance(found, NetworkError) and found.code == code
    assert client.known({"code": 100, "message": "Invalid parameter"}) is None
    assert client.known({"code": 190, "message": told_words}) is None


def test_an_emoji_counts_as_its_bytes() -> None:
    assert payloads.length("Жатва №1") == 8
    assert payloads.length("🌾") == 4
    assert payloads.length("👩‍🌾") == 4 + 3 + 4
    assert payloads.length("“Нива” — 5 € ©") == 14
    assert ("text_too_long", "error") not in told(Outgoing("a" * 496 + "🌾"))
    assert ("text_too_long", "error") in told(Outgoing("a" * 497 + "🌾"))


def test_what_threads_does_not_take(tmp_path: Path) -> None:
    picture = replace(sample_image(tmp_path), url=PUBLIC)
    assert told(Outgoing("", media=(picture,))) == set()
    assert ("public_address_missing", "error") in told(Outgoing("", media=(replace(picture, url=""),)))
    assert told(Outgoing("", media=(picture,) * 20)) == set()
    assert ("media_too_many", "error") in told(Outgoing("", media=(picture,) * 21))
    asked = Poll("Да?", ("а" * 25, "б"))
    assert told(Outgoing("Вопрос", poll=asked)) == set()
    assert ("poll_option_too_long", "error") in told(Outgoing("В", poll=Poll("Да?", ("а" * 26, "б"))))
    assert ("poll_with_media", "error") in told(Outgoing("В", media=(picture,), poll=asked))
    assert ("poll_one_answer", "warning") in told(Outgoing("В", poll=replace(asked, multiple=True)))
    assert ("text_with_more_too_long", "error") in told(Outgoing("a" * 496, poll=asked))
    assert ("text_with_more_too_long", "error") not in told(Outgoing("a" * 495, poll=asked))
    links = " ".join(f"https://example.org/{number}" for number in range(6))
    assert ("links_too_many", "error") in told(Outgoing(links))
    assert ("hashtags_too_many", "warning") in told(Outgoing("#а #б"))
    for topic in ("а" * 51, "a.b", "a&b"):
        assert ("topic_refused", "error") in told(Outgoing("Пост", options={"topic": topic}))
    assert told(Outgoing("Пост", options={"topic": "а" * 50})) == set()
    gif = replace(picture, kind="animation", mime="image/gif")
    assert ("moving_gif_refused", "error") in told(Outgoing("", media=(gif,)))


async def test_one_picture_alone_is_not_told_from_another(
    harness: Harness, fake: FakeThreads, tmp_path: Path
) -> None:
    out = Outgoing("", media=(replace(sample_image(tmp_path), url=PUBLIC),))
    upload, create = NETWORK.steps(out, harness.credential)
    done = {upload.name: await NETWORK.perform(harness.call(), upload, out, {})}
    since = harness.clock()
    made = await NETWORK.perform(harness.call(), create, out, done)
    found = await NETWORK.look_up(harness.call(), Question(create, out, done, since))
    assert found.result is not None and found.result["id"] == made["id"], "published, and there is no other"
    assert (await NETWORK.look_up(harness.call(), Question(create, out, {}, since))).found is None
    await harness.publish(out, "b")
    assert (await NETWORK.look_up(harness.call(), Question(create, out, done, since))).found is None


async def test_an_answer_to_nobody_knows_whom_leaves_the_question_open(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Outgoing("Пост", first_comment="Подробности")
    done = await harness.perform_all(out)
    *_, comment = NETWORK.steps(out, harness.credential)
    asked = graph.ask

    async def silent(*about: Any, **more: Any) -> dict[str, Any]:
        told = await asked(*about, **more)
        for row in told.get("data", ()):
            row.pop("replied_to", None)
        return told

    monkeypatch.setattr(graph, "ask", silent)
    question = Question(comment, out, {"create": done["create"]}, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is None
