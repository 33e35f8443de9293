"""Posts of MAX, what becomes of them, and what refusals mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
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
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, sample_image, sample_video
from niva.networks.base.transport import Reply
from niva.networks.base.types import LinkCard, MediaFile, Outgoing
from niva.networks.max import NETWORK, client, payloads
from niva.networks.max.errors import error_of
from niva.networks.max.tests.fake import BOT_ID, PEOPLE, FakeMax

Field = tuple[Harness, FakeMax]


# --- posts ---


async def test_the_link_stands_in_the_text_or_on_a_button(field: Field):
    harness, fake = field
    card = LinkCard("https://example.org/harvest?a=1&b=2")
    await harness.publish(Outgoing("Жатва", link=card), "text")
    await harness.publish(Outgoing("Жатва", link=card, options={"button": "Читать"}), "button")
    await harness.publish(Outgoing("Жатва https://example.org/harvest?a=1&b=2", link=card), "there")
    texts = [post["text"] for post in fake.posts()]
    assert texts == ["Жатва\n\nhttps://example.org/harvest?a=1&b=2", "Жатва", texts[2]]
    (keyboard,) = fake.posts()[1]["attachments"]
    assert keyboard["payload"]["buttons"] == [[{"type": "link", "text": "Читать", "url": card.url}]]


async def test_the_added_address_is_not_read_back_as_text(field: Field):
    harness, _ = field
    out = Outgoing("Жатва", link=LinkCard("https://example.org/harvest"))
    seen = await NETWORK.read_back(harness.call(), await harness.publish(out))
    assert (seen.text, seen.media_count, seen.url) == ("Жатва", 0, "https://max.ru/niva_field/2")


async def test_silent_posts_say_so(field: Field):
    harness, fake = field
    await harness.publish(Outgoing("Тихо", options={"silent": "1"}))
    assert fake.posts()[0]["notify"] is False


async def test_a_file_that_is_not_ready_is_tried_later(field: Field, tmp_path: Path):
    harness, fake = field
    fake.slow_files = 1
    out = Outgoing("Видео", (sample_video(tmp_path),))
    with pytest.raises(Temporary) as early:
        await harness.publish(out)
    assert (early.value.code, early.value.retry_after) == ("media_processing", 10)
    await harness.publish(out)
    assert [post["media"] for post in fake.posts()] == [1]


async def test_a_gif_goes_as_a_picture(field: Field, tmp_path: Path):
    harness, fake = field
    gif = replace(sample_image(tmp_path, "field.gif"), kind="animation")
    await harness.publish(Outgoing("", (gif,)))
    assert [file["type"] for file in fake.posts()[0]["attachments"]] == ["image"]


async def test_an_edit_sends_only_new_files(field: Field, tmp_path: Path):
    harness, fake = field
    first, second = (sample_image(tmp_path, f"{n}.png", width=300 + n) for n in (1, 2))
    remote = await harness.publish(Outgoing("Два", (first, second)))
    third = sample_image(tmp_path, "3.png", width=333)
    after = await NETWORK.edit(harness.call(), remote, Outgoing("Теперь так", (second, third)))
    assert len(fake.files) == 3
    assert (fake.posts()[0]["text"], fake.posts()[0]["media"]) == ("Теперь так", 2)
    assert after.extra["files"][0]["print"] == remote.extra["files"][1]["print"]
    await NETWORK.edit(harness.call(), after, Outgoing("Без картинок"))
    assert (fake.posts()[0]["media"], len(fake.files)) == (0, 3)


async def test_files_go_without_the_token_and_only_to_named_hosts(field: Field, tmp_path: Path):
    harness, fake = field
    await harness.publish(Outgoing("", (sample_image(tmp_path),)))  # the fake refuses a token there
    fake.url = "http://10.0.0.5"
    with pytest.raises(Rejected, match="upload_host_refused"):
        await client.upload(harness.call(), sample_image(tmp_path))


async def test_an_upload_without_tokens_is_nonsense(field: Field, tmp_path: Path, monkeypatch):
    harness, fake = field
    picture = sample_image(tmp_path)
    with pytest.raises(Rejected, match="media_unreadable"):
        await client.upload(harness.call(), replace(picture, path=tmp_path / "gone.png"))
    monkeypatch.setattr(fake, "_token", str)  # the place names none, and its host answers with no JSON
    with pytest.raises(Temporary, match="no token of the file"):
        await client.upload(harness.call(), replace(picture, mime="video/mp4", kind="video"))


async def test_limits_just_fit_and_one_over():
    limits = NETWORK.limits
    video = MediaFile(Path("a.mp4"), "video", "video/mp4", 250_000_000, 1920, 1080, duration=60)
    assert not NETWORK.check(Outgoing("", (video,)), limits)
    assert [p.code for p in NETWORK.check(Outgoing("", (replace(video, size=250_000_001),)), limits)] == [
        "media_too_heavy"
    ]
    picture = MediaFile(Path("a.png"), "image", "image/png", 1, 7680, 10)
    assert not NETWORK.check(Outgoing("", (picture,) * 12), limits)
    found = NETWORK.check(Outgoing("", (replace(picture, width=7681),) * 13), limits)
    assert {(p.code, p.severity) for p in found} == {
        ("media_too_many", "warning"),
        ("image_too_large", "error"),
    }
    link = LinkCard("https://example.org/a")
    long = Outgoing("a" * (4000 - len(link.url) - 2), link=link)
    assert not NETWORK.check(long, limits)
    assert [p.code for p in NETWORK.check(replace(long, text=long.text + "a"), limits)] == ["text_too_long"]
    button = replace(long, options={"button": "б" * 129})
    assert [p.code for p in NETWORK.check(button, limits)] == ["button_too_long"]
    assert payloads.length("🌾") == 2


# --- when nobody heard the answer ---


async def test_the_first_comment_is_found_again(field: Field):
    harness, fake = field
    out, since = Outgoing("Пост", first_comment="Ссылка внутри"), harness.clock()
    done = await harness.perform_all(out)
    step = next(s for s in NETWORK.steps(out, harness.credential) if s.name == "comment")
    found = await NETWORK.look_up(harness.call(), Question(step, out, done, since))
    assert (found.found, found.result) == (True, {"id": done["comment"]["id"], "url": ""})
    fake.comments.clear()
    assert (await NETWORK.look_up(harness.call(), Question(step, out, done, since))).found is False


async def test_a_full_page_without_it_tells_nothing(field: Field):
    harness, fake = field
    since = harness.clock() - timedelta(seconds=5)
    for number in range(100):
        fake._add({"text": f"сообщение {number}"}, 1)
    out = Outgoing("Пост")
    step = NETWORK.steps(out, harness.credential)[0]
    assert (await NETWORK.look_up(harness.call(), Question(step, out, {}, since))).found is None


async def test_an_answer_without_a_message_is_unknown():
    for told in ({}, {"message": None}, {"message": {"body": None}}, {"message": {"body": {"mid": 5}}}):
        with pytest.raises(OutcomeUnknown):
            payloads.sent(told)


# --- refusals ---


@pytest.mark.parametrize(
    ("status", "code", "kind", "ours"),
    [
        (401, "verify.token", NeedsLogin, "token_revoked"),
        (403, "verify.token", NeedsLogin, "token_revoked"),
        (403, "chat.denied", NeedsLogin, "max_bot_not_in_chat"),
        (403, "access.denied", NeedsLogin, "no_right"),
        (404, "chat.not.found", NeedsLogin, "chat_not_found"),
        (404, "not.found", Gone, "post_gone"),
        (400, "proto.payload", Rejected, "refused"),
        (400, "attachment.not.ready", Temporary, "media_processing"),
        (422, "comments.timeout_exceeded", Rejected, "max_comments_closed"),
        (429, "too.many.requests", Limited, "too_often"),
        (503, "service.unavailable", OutcomeUnknown, "server_error"),
        (418, "unheard.of", Rejected, "refused"),
    ],
)
async def test_what_refusals_mean(field: Field, status: int, code: str, kind: type[NetworkError], ours: str):
    harness, _ = field
    reply = Reply(status, {}, f'{{"code": "{code}", "message": "words"}}'.encode())
    error = error_of(reply, writes=True, now=harness.clock())
    assert (type(error), error.code) == (kind, ours)


async def test_a_page_of_somebody_else_is_no_answer(field: Field):
    harness, _ = field
    for status, kind in ((502, OutcomeUnknown), (413, Rejected), (404, Rejected), (301, Rejected)):
        error = error_of(Reply(status, {}, b"<html>"), writes=True, now=harness.clock())
        assert type(error) is kind
    suspended = Reply(403, {}, b'{"code": "chat.denied", "message": "Key: error.dialog.suspended"}')
    assert error_of(suspended, writes=True, now=harness.clock()).code == "max_bot_suspended"


async def test_an_untrusted_certificate_is_told_as_such(field: Field, monkeypatch):
    harness, _ = field
    call = harness.call()

    async def fails(*_: object, **__: object) -> Reply:
        raise Temporary("cannot_connect", "SSL: CERTIFICATE_VERIFY_FAILED self-signed certificate in chain")

    monkeypatch.setattr(call.transport, "request", fails)
    with pytest.raises(Temporary, match="max_certificate"):
        await NETWORK.account(call)


async def test_comments_that_are_closed(field: Field):
    harness, fake = field
    fake.comments_open = False
    out = Outgoing("Пост", first_comment="Первый")
    with pytest.raises(Rejected, match="max_comments_closed"):
        await harness.publish(out)
    assert len(fake.posts()) == 1


async def test_the_same_words_of_somebody_else_are_not_ours(field: Field):
    harness, fake = field
    since, out = harness.clock(), Outgoing("С праздником", first_comment="Спасибо")
    harness.credential = replace(
        harness.credential, facts={**harness.credential.facts, "bot_id": BOT_ID, "chat_type": "chat"}
    )
    fake.chat["type"] = "chat"
    fake._add({"text": "С праздником"}, PEOPLE)
    step = NETWORK.steps(out, harness.credential)[0]
    assert (await NETWORK.look_up(harness.call(), Question(step, out, {}, since))).found is False
