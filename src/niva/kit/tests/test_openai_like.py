"""What leaves for a service that speaks OpenAI's two calls, and what of its answers is believed.

The shapes of requests and answers are from_docs: https://platform.openai.com/docs/api-reference/chat/create
and https://platform.openai.com/docs/api-reference/audio/verbose-json-object.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from niva.kit import openai_like
from niva.kit.openai_like import Heard, Segment, Service, ServiceFailed, Written

KEY = "sk-proj-abcdefghijklmnop0123456789"
SAID = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-like-2026",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": " Три крючка \n"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
}
HEARD = {
    "task": "transcribe",
    "language": "russian",
    "duration": 8.47,
    "text": "Сеять рано. Ждём дождя.",
    "segments": [
        {"id": 0, "seek": 0, "start": 0.0, "end": 3.3, "text": " Сеять рано."},
        {"id": 1, "seek": 0, "start": 3.3, "end": 8.4, "text": " Ждём дождя."},
    ],
}


class Stand:
    """A server on loopback. `answer`: what it does with the next request; `seen`: what it was sent."""

    def __init__(self) -> None:
        self.port = 0
        self.seen: list[dict[str, Any]] = []
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = self.says(json=SAID)

    def says(self, *, json: Any = None, **answer: Any) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def say(_: web.Request) -> web.Response:
            return web.json_response(json, **answer) if json is not None else web.Response(**answer)

        return say

    def service(self, key: str = KEY, *, host: str = "127.0.0.1", inner: bool = True) -> Service:
        return Service(f"http://{host}:{self.port}/v1/", key, [(host, self.port)] if inner else [])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        got: dict[str, Any] = {"path": request.path, "headers": dict(request.headers)}
        if request.content_type == "multipart/form-data":
            got["parts"] = [
                (part.name, part.filename, part.headers.get("Content-Type", ""), await part.read())
                async for part in await request.multipart()
            ]
        else:
            got["json"] = await request.json()
        self.seen.append(got)
        return await self.answer(request)


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    served = Stand()
    app = web.Application(client_max_size=2**22)
    app.router.add_post("/{path:.*}", served.handle)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.port = runner.addresses[0][1]
    yield served
    await runner.cleanup()


async def ask(service: Service, seconds: float = 5.0) -> Written:
    messages = [("system", "Ты редактор."), ("user", "Предложи крючок.")]
    return await openai_like.chat(service, model="gpt-like", messages=messages, seconds=seconds)


async def failing(service: Service, seconds: float = 5.0) -> ServiceFailed:
    with pytest.raises(ServiceFailed) as caught:
        await ask(service, seconds)
    assert KEY not in str(caught.value)
    return caught.value


async def test_a_text_is_asked_for_exactly_so(stand: Stand) -> None:
    assert await ask(stand.service()) == Written("Три крючка", "gpt-like-2026")
    [sent] = stand.seen
    assert sent["path"] == "/v1/chat/completions"
    assert sent["json"] == {
        "model": "gpt-like",
        "messages": [
            {"role": "system", "content": "Ты редактор."},
            {"role": "user", "content": "Предложи крючок."},
        ],
        "stream": False,
    }
    assert sent["headers"]["Authorization"] == f"Bearer {KEY}"
    assert "Cookie" not in sent["headers"]


async def test_without_a_key_none_is_sent_and_a_cut_text_says_so(stand: Stand) -> None:
    short = {"choices": [{"message": {"content": "Начало"}, "finish_reason": "length"}]}
    stand.answer = stand.says(json=short)
    assert await ask(stand.service("")) == Written("Начало", "gpt-like", cut=True)
    assert "Authorization" not in stand.seen[0]["headers"]


async def test_a_recording_is_sent_as_a_form(stand: Stand, tmp_path: Path) -> None:
    stand.answer = stand.says(json=HEARD)
    recording = tmp_path / "Эфир с заказчиком.WAV"
    recording.write_bytes(b"RIFF" + b"\x00" * 3000)
    heard = await openai_like.transcribe(
        stand.service(), model="whisper-like", path=recording, mime="audio/wav", language="ru", seconds=5
    )
    assert heard == Heard(
        "Сеять рано. Ждём дождя.",
        (Segment(0.0, 3.3, "Сеять рано."), Segment(3.3, 8.4, "Ждём дождя.")),
        "russian",
        8.47,
    )
    [sent] = stand.seen
    assert sent["path"] == "/v1/audio/transcriptions"
    assert sent["headers"]["Authorization"] == f"Bearer {KEY}"
    assert [(name, filename, body) for name, filename, _, body in sent["parts"]] == [
        ("file", "audio.wav", recording.read_bytes()),
        ("model", None, b"whisper-like"),
        ("response_format", None, b"verbose_json"),
        ("timestamp_granularities[]", None, b"segment"),
        ("language", None, b"ru"),
    ]
    assert sent["parts"][0][2] == "audio/wav"


async def test_broken_times_of_a_transcript_are_left_out(stand: Stand, tmp_path: Path) -> None:
    bad = [{"start": 5, "end": 2, "text": "назад"}, {"start": "x", "end": 2, "text": "?"}, "слово", None,
           {"start": -1, "end": 2, "text": "до начала"}, {"start": 1, "end": 2, "text": "годно"}]  # fmt: skip
    stand.answer = stand.says(json={"text": "всё", "segments": bad, "duration": "?", "language": 7})
    (tmp_path / "a.mp3").write_bytes(b"ID3")
    heard = await openai_like.transcribe(stand.service(), model="w", path=tmp_path / "a.mp3", seconds=5)
    assert heard == Heard("всё", (Segment(1.0, 2.0, "годно"),))


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "key_refused"), (403, "key_refused"), (404, "not_there"), (413, "too_much"), (429, "enough"),
     (400, "refused"), (500, "broken"), (503, "broken")],
)  # fmt: skip
async def test_what_a_status_means(stand: Stand, status: int, code: str) -> None:
    words = f"Incorrect API key provided: {KEY}. You can find yours elsewhere."
    stand.answer = stand.says(json={"error": {"message": words, "type": "x"}}, status=status)
    error = await failing(stand.service())
    assert error.code == code
    assert error.detail.startswith(f"{status}: Incorrect") and KEY not in error.detail


@pytest.mark.parametrize(
    "answer",
    [{"text": "<html>не JSON</html>"}, {"json": ["список"]}, {"json": {"choices": []}},
     {"json": {"choices": [{"message": "строка"}]}}, {"json": {"choices": [{"message": {"content": 5}}]}},
     {"text": "[" * 100_000}, {"body": b"\x1f\x8b", "headers": {"Content-Encoding": "gzip"}}],
)  # fmt: skip
async def test_what_cannot_be_read(stand: Stand, answer: dict[str, Any]) -> None:
    stand.answer = stand.says(**answer)
    assert (await failing(stand.service())).code == "unreadable"


async def test_nothing_written_is_no_text(stand: Stand) -> None:
    stand.answer = stand.says(json={"choices": [{"message": {"content": " \n"}}]})
    assert (await failing(stand.service())).code == "empty"


async def test_a_huge_answer_is_not_read_to_its_end(stand: Stand) -> None:
    given = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal given
        reply = web.StreamResponse()
        await reply.prepare(request)
        while given < 64 * openai_like.TEXT_BYTES:
            await reply.write(b"x" * 65536)
            given += 65536
        return reply

    stand.answer = flood
    assert (await failing(stand.service())).code == "too_large"
    assert given < 32 * openai_like.TEXT_BYTES


async def test_one_that_never_ends_is_left(stand: Stand) -> None:
    async def sleep(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    stand.answer = sleep
    assert (await failing(stand.service(), seconds=0.1)).code == "too_slow"


async def test_a_redirect_is_not_followed(stand: Stand) -> None:
    stand.answer = stand.says(status=307, headers={"Location": f"http://127.0.0.1:{stand.port}/v1/inside"})
    assert (await failing(stand.service())).code == "moved"
    assert [one["path"] for one in stand.seen] == ["/v1/chat/completions"]


async def test_inner_hosts_are_not_called(stand: Stand) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433"):
        assert (await failing(stand.service(host=host, inner=False))).code == "address_inside"
    assert (await failing(Service("file:///etc/passwd"))).code == "address_bad"
    assert (await failing(Service("http://name:word@example.org/v1"))).code == "address_bad"
    assert stand.seen == []


async def test_nobody_there_and_a_key_that_is_none(stand: Stand, unused_tcp_port: int) -> None:
    closed = Service(f"http://127.0.0.1:{unused_tcp_port}/v1", KEY, [("127.0.0.1", unused_tcp_port)])
    assert (await failing(closed)).code == "no_answer"
    assert (await failing(stand.service("ключ\r\nX-Evil: 1"))).code == "key_refused"
    assert stand.seen == [] and KEY not in repr(stand.service())
