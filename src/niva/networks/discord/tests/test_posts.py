"""Posts of Discord: nonces, threads, announcements, and what refusals mean."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, OutcomeUnknown, Rejected
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, sample_image
from niva.networks.base.transport import Reply
from niva.networks.base.types import LinkCard, Measure, MediaFile, Outgoing, Poll
from niva.networks.discord import NETWORK, payloads, publish
from niva.networks.discord.errors import error_of
from niva.networks.discord.tests import entities
from niva.networks.discord.tests.entities import CHANNEL, GUILD
from niva.networks.discord.tests.fake import FakeDiscord

Field = tuple[Harness, FakeDiscord]


def announcing(harness: Harness, fake: FakeDiscord) -> None:
    fake.channel["type"] = payloads.ANNOUNCEMENTS
    facts = {**harness.credential.facts, "channel_type": payloads.ANNOUNCEMENTS}
    harness.credential = replace(harness.credential, facts=facts)


# --- posts ---


async def test_options_become_flags_and_mentions(field: Field):
    harness, fake = field
    await harness.publish(Outgoing("a"), "1")
    await harness.publish(Outgoing("b", options={"silent": "1", "no_preview": "1", "ping": "1"}), "2")
    first, second = fake.posts()
    assert (first["flags"], first["allowed_mentions"]) == (0, {"parse": ["users"]})
    assert second["flags"] == 4 | 4096
    assert second["allowed_mentions"] == {"parse": ["everyone", "roles", "users"]}


async def test_a_nonce_fits_and_differs():
    keys = ["8f14e45f-ceea-467f-9f2b-1d4c3a5b6c7d", "8f14e45f-ceea-467f-9f2b-1d4c3a5c6c7d"]
    nonces = [payloads.nonce(key) for key in keys]
    assert [len(one) for one in nonces] == [25, 25] and nonces[0] != nonces[1]


async def test_poll_and_its_votes(field: Field):
    harness, fake = field
    poll = Poll("Что сеять?", ("Рожь", "Овёс"), multiple=True, closes_in=5400)
    remote = await harness.publish(Outgoing("Голосуем", poll=poll))
    (post,) = fake.posts()
    assert post["poll"]["duration"] == 2  # whole hours, never less than asked
    assert post["poll"]["answers"] == [{"poll_media": {"text": "Рожь"}}, {"poll_media": {"text": "Овёс"}}]
    fake.messages[remote.id]["votes"] = 7
    assert Measure("votes", 7) in await NETWORK.read_post(harness.call(), remote)
    with pytest.raises(Rejected, match="poll_not_editable"):
        await NETWORK.edit(harness.call(), remote, Outgoing("Иначе"))


async def test_an_announcement_goes_to_those_who_follow(field: Field):
    harness, fake = field
    out = Outgoing("Всем", options={"crosspost": "1"})
    assert [step.name for step in NETWORK.steps(out, harness.credential)] == ["create"]
    announcing(harness, fake)
    step = NETWORK.steps(out, harness.credential)[1]
    done = {
        "create": await NETWORK.perform(harness.call(), NETWORK.steps(out, harness.credential)[0], out, {})
    }
    question = Question(step, out, done, harness.clock())
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    for _ in range(2):  # the second time it is out already, and that is what was wanted
        assert await NETWORK.perform(harness.call(), step, out, done) == {"id": done["create"]["id"]}
    assert (await NETWORK.look_up(harness.call(), question)).found is True


async def test_the_first_comment_opens_a_thread_or_finds_one(field: Field):
    harness, fake = field
    fake.existing_thread = True
    out, since = Outgoing("Пост\nвторая строка", first_comment="Подробности"), harness.clock()
    done = await harness.perform_all(out)
    remote = NETWORK.remote(done)
    step = NETWORK.steps(out, harness.credential)[-1]
    assert fake.messages[done["comment"]["id"]]["channel"] == remote.id
    answer = await NETWORK.look_up(harness.call(), Question(step, out, done, since))
    assert (answer.found, answer.result) == (True, done["comment"])
    assert Measure("comments", 1) in await NETWORK.read_post(harness.call(), remote)
    await NETWORK.delete(harness.call(), remote)
    assert done["comment"]["id"] not in fake.messages and fake.posts() == []
    await NETWORK.delete(harness.call(), remote)


async def test_a_comment_whose_thread_was_never_opened_is_not_there(field: Field):
    harness, _ = field
    out = Outgoing("Пост", first_comment="Подробности")
    create, comment = NETWORK.steps(out, harness.credential)
    done = {"create": await NETWORK.perform(harness.call(), create, out, {})}
    answer = await NETWORK.look_up(harness.call(), Question(comment, out, done, harness.clock()))
    assert answer.found is False


@pytest.mark.parametrize(
    ("text", "name"),
    [("  \n", "…"), ("Жатва\nвторая", "Жатва"), ("a" * 100, "a" * 100), ("🌾" * 60, "🌾" * 49 + "…")],
)
def test_a_thread_has_a_name_that_fits(text: str, name: str):
    assert payloads.thread_name(text) == name
    assert payloads.length(name) <= 100


async def test_an_edit_sends_only_new_files_and_keeps_descriptions(field: Field, tmp_path: Path):
    harness, fake = field
    first, second = (sample_image(tmp_path, f"{n}.png", width=300 + n, alt=f"Снимок {n}") for n in (1, 2))
    remote = await harness.publish(Outgoing("Два", (first, second)))
    assert [file["description"] for file in fake.posts()[0]["files"]] == ["Снимок 1", "Снимок 2"]
    third = sample_image(tmp_path, "3.png", width=333, alt="")
    after = await NETWORK.edit(
        harness.call(), remote, Outgoing("Иначе", (replace(second, alt="Новое"), third))
    )
    files = fake.posts()[0]["files"]
    assert [file["description"] for file in files] == ["Новое", ""]
    assert [file["id"] for file in files] == [one["id"] for one in after.extra["files"]]
    assert files[0]["id"] == remote.extra["files"][1]["id"]
    seen = await NETWORK.read_back(harness.call(), after)
    assert (seen.text, seen.media_count) == ("Иначе", 2)


async def test_the_added_address_is_not_read_back_as_text(field: Field):
    harness, fake = field
    out = Outgoing("Жатва", link=LinkCard("https://example.org/harvest"))
    remote = await harness.publish(out)
    assert fake.posts()[0]["text"] == "Жатва\n\nhttps://example.org/harvest"
    assert (await NETWORK.read_back(harness.call(), remote)).text == "Жатва"
    assert remote.url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/{remote.id}"


def test_limits_just_fit_and_one_over():
    limits = NETWORK.limits

    def codes(out: Outgoing) -> list[str]:
        return [problem.code for problem in NETWORK.check(out, limits)]

    file = MediaFile(Path("a.png"), "image", "image/png", 10_485_760, 10, 10, "a" * 1024)
    assert codes(Outgoing("a" * 2000, (file,) * 10)) == []
    assert codes(Outgoing("", (file,) * 11)) == ["media_too_many"]
    assert codes(Outgoing("", (replace(file, size=file.size + 1, alt="a" * 1025),))) == [
        "media_too_heavy", "alt_too_long",
    ]  # fmt: skip
    poll = Poll("?" * 300, ("a" * 55,) * 10, closes_in=32 * 86400)
    assert codes(Outgoing("", poll=poll)) == []
    over = Poll("?" * 301, ("a" * 56, *("b",) * 10), closes_in=32 * 86400 + 1)
    assert codes(Outgoing("", poll=over)) == [
        "poll_too_many_options", "poll_question_too_long", "poll_option_too_long", "poll_too_long",
    ]  # fmt: skip
    assert payloads.length("🌾") == 2


# --- looking things up ---


async def test_the_channel_is_read_page_by_page(field: Field, monkeypatch: pytest.MonkeyPatch):
    harness, fake = field
    monkeypatch.setattr(publish, "PAGE", 2)
    out, since = Outgoing("Пост"), harness.clock()
    for number in range(5):
        fake.add(entities.SOMEBODY, {"content": f"{number}"})
    await harness.publish(out)
    step = NETWORK.steps(out, harness.credential)[0]
    answer = await NETWORK.look_up(harness.call(), Question(step, out, {}, since))
    assert answer.found and answer.result and answer.result["id"] == fake.posts()[0]["id"]
    for number in range(9):
        fake.add(entities.SOMEBODY, {"content": f"позже {number}"})
    other = Outgoing("Не выходил")
    assert (await NETWORK.look_up(harness.call(), Question(step, other, {}, since))).found is None


async def test_words_of_somebody_else_are_not_ours(field: Field):
    harness, fake = field
    out = Outgoing("Пост")
    fake.add(entities.SOMEBODY, {"content": "Пост"})
    step = NETWORK.steps(out, harness.credential)[0]
    facts = {name: value for name, value in harness.credential.facts.items() if name != "bot_id"}
    call = harness.call(credential=replace(harness.credential, facts=facts))
    assert (await NETWORK.look_up(call, Question(step, out, {}, harness.clock()))).found is False


# --- refusals ---


@pytest.mark.parametrize(
    ("status", "code", "kind", "ours"),
    [
        (401, 0, NeedsLogin, "token_revoked"),
        (403, 50001, NeedsLogin, "discord_no_access"),
        (403, 50013, NeedsLogin, "no_right"),
        (403, 20001, NeedsLogin, "discord_wrong_key"),
        (403, 40002, NeedsLogin, "account_blocked"),
        (404, 10003, NeedsLogin, "chat_not_found"),
        (404, 10004, NeedsLogin, "discord_not_in_server"),
        (404, 10008, Gone, "post_gone"),
        (400, 50006, Rejected, "text_empty"),
        (400, 50035, Rejected, "refused"),
        (400, 50041, Rejected, "discord_version_withdrawn"),
        (400, 240000, Rejected, "discord_filtered"),
        (400, 30046, Limited, "too_often"),
        (413, 40005, Rejected, "file_too_big"),
        (403, 999999, NeedsLogin, "no_right"),
        (500, 0, OutcomeUnknown, "server_error"),
    ],
)
async def test_what_refusals_mean(field: Field, status: int, code: int, kind: type[NetworkError], ours: str):
    harness, _ = field
    body = json.dumps({"code": code, "message": "words"}).encode()
    error = error_of(Reply(status, {}, body), writes=True, now=harness.clock())
    assert (type(error), error.code) == (kind, ours)


async def test_where_a_form_is_wrong_is_told(field: Field):
    harness, _ = field
    errors = {"embeds": {"0": {"url": {"_errors": [{"code": "X", "message": "Not a well formed URL."}]}}}}
    body = json.dumps({"code": 50035, "message": "Invalid Form Body", "errors": errors}).encode()
    error = error_of(Reply(400, {}, body), writes=True, now=harness.clock())
    assert error.detail == "50035: Invalid Form Body; embeds.0.url: Not a well formed URL."


@pytest.mark.parametrize(
    ("body", "headers", "scope", "seconds"),
    [
        (b'{"message": "x", "retry_after": 1.5, "global": true}', {}, "account", 1.5),
        (b'{"message": "x", "retry_after": 64, "global": false}', {"Retry-After": "65"}, "community", 64),
        (b"<html>Cloudflare</html>", {"Retry-After": "600"}, "address", 600),
        (b'{"message": "x", "retry_after": 99999999, "global": false}', {}, "community", 86400),
        (b'{"message": "x", "retry_after": true}', {}, "community", None),
    ],
)
async def test_whose_limit_it_is(field: Field, body: bytes, headers: dict[str, str], scope: str, seconds):
    harness, _ = field
    error = error_of(Reply(429, headers, body), writes=True, now=harness.clock())
    assert isinstance(error, Limited) and error.scope == scope
    wanted = None if seconds is None else harness.clock() + timedelta(seconds=seconds)
    assert error.until == wanted


async def test_a_channel_that_shows_nothing_though_something_was_said_proves_nothing(field: Field):
    """Who lost the right to read the history gets an empty list and no refusal."""
    harness, fake = field
    out, since = Outgoing("Пост"), harness.clock()
    await harness.publish(out)
    fake.blind = True
    step = NETWORK.steps(out, harness.credential)[0]
    assert (await NETWORK.look_up(harness.call(), Question(step, out, {}, since))).found is None
    later = since + timedelta(hours=1)  # nothing was said since then, so nothing can be hidden
    assert (await NETWORK.look_up(harness.call(), Question(step, out, {}, later))).found is False


async def test_another_picture_or_poll_without_a_word_is_another_message(field: Field, tmp_path: Path):
    harness, _ = field
    since = harness.clock()
    await harness.publish(Outgoing("", (sample_image(tmp_path),)), "1")
    await harness.publish(Outgoing("", poll=Poll("Что сеять?", ("Рожь", "Овёс"))), "2")
    picture = Outgoing("", (sample_image(tmp_path, "other.png", width=500),))
    poll = Outgoing("", poll=Poll("Что жать?", ("Рожь", "Овёс")))
    for out, found in ((picture, None), (poll, False)):  # a size may have changed on the way
        step = NETWORK.steps(out, harness.credential)[0]
        question = Question(step, out, {}, since)
        assert (await NETWORK.look_up(harness.call(), question)).found is found
        made = await harness.publish(out, str(out))
        answer = await NETWORK.look_up(harness.call(), question)
        assert answer.result is not None and answer.result["id"] == made.id


async def test_a_field_and_a_picture_that_are_emptied_are_empty(field: Field):
    harness, fake = field
    await NETWORK.write_profile(harness.call(), {"about": None, "status": None, "avatar": None})
    assert (fake.guild["description"], fake.channel["topic"], fake.guild["icon"]) == ("", "", None)
