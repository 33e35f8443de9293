"""What a line may do to a request that creates a post: one function for each fault of the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from tests.faults.line import HEAD_END, Act, Exchange

PAUSE: Final = 0.05  # seconds between two bytes of an answer that trickles
HUGE: Final = 9 * 1024 * 1024  # bytes; the desk reads 8 MB of an answer at most
TOLD_SECONDS: Final = 40
# Shaped like a good answer of every network at once, with nothing in it that could be an id.
WRONG_JSON: Final = json.dumps({"ok": True, "result": {}, "response": {}, "error": None, "id": None}).encode()
PROXY_PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def answer(status: str, body: bytes, kind: str = "text/html", **headers: object) -> bytes:
    """A whole HTTP answer. `headers`: names with _ for -."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


async def cut_in_request_head(ex: Exchange) -> None:
    await ex.carry_part(ex.head[: len(ex.head) // 2])
    ex.cut()


async def cut_in_request_body(ex: Exchange) -> None:
    await ex.carry_part(ex.head + ex.body[: len(ex.body) // 2])
    ex.cut()


async def cut_before_answer(ex: Exchange) -> None:
    await ex.carry()
    ex.cut()


async def lost_before_server(ex: Exchange) -> None:
    ex.cut()


async def cut_in_status_line(ex: Exchange) -> None:
    await ex.say((await ex.carry())[:9])
    ex.cut()


async def cut_in_answer_head(ex: Exchange) -> None:
    whole = await ex.carry()
    await ex.say(whole[: (whole.index(b"\r\n") + whole.index(HEAD_END)) // 2])
    ex.cut()


async def cut_in_answer_body(ex: Exchange) -> None:
    whole = await ex.carry()
    start = whole.index(HEAD_END) + len(HEAD_END)
    await ex.say(whole[: (start + len(whole)) // 2])
    ex.cut()


async def cut_after_answer(ex: Exchange) -> None:
    await ex.say(await ex.carry())
    ex.cut()


async def done_then_silence(ex: Exchange) -> None:
    await ex.carry()
    await ex.silence()


async def silence(ex: Exchange) -> None:
    await ex.silence()


async def trickle(ex: Exchange) -> None:
    await ex.trickle(await ex.carry(), PAUSE)


def instead(reply: bytes, *, carried: bool) -> Act:
    """Say this, whether or not the server did (`carried`) what was asked."""

    async def act(ex: Exchange) -> None:
        if carried:
            await ex.carry()
        await ex.say(reply)

    return act


async def same_answer_as_before(ex: Exchange) -> None:
    """Carried out, but the answer is that of the post before."""
    await ex.carry()
    await ex.say(ex.line.answers[-1])


async def same_answer_not_done(ex: Exchange) -> None:
    await ex.say(ex.line.answers[-1])


_BROKEN: Final = answer("500 Internal Server Error", b"<h1>Something broke</h1>")
_GATEWAY: Final = answer("502 Bad Gateway", PROXY_PAGE)

# The word of a row in the matrix -> what the line does to the request that creates the post.
ACTS: Final[Mapping[str, Act]] = {
    "cut_in_request_head": cut_in_request_head,
    "cut_in_request_body": cut_in_request_body,
    "lost_before_server": lost_before_server,
    "cut_before_answer": cut_before_answer,
    "cut_in_status_line": cut_in_status_line,
    "cut_in_answer_head": cut_in_answer_head,
    "cut_in_answer_body": cut_in_answer_body,
    "cut_after_answer": cut_after_answer,
    "done_then_silence": done_then_silence,
    "silence": silence,
    "trickle": trickle,
    "error_after_commit": instead(_BROKEN, carried=True),
    "error_not_done": instead(_BROKEN, carried=False),
    "gateway_after_commit": instead(_GATEWAY, carried=True),
    "gateway_not_done": instead(_GATEWAY, carried=False),
    "not_json": instead(answer("200 OK", b"It works!", "text/plain"), carried=True),
    "wrong_json": instead(answer("200 OK", WRONG_JSON, "application/json"), carried=True),
    "json_list": instead(answer("200 OK", b"[]", "application/json"), carried=True),
    "empty": instead(answer("200 OK", b""), carried=True),
    "empty_not_done": instead(answer("200 OK", b""), carried=False),
    "page_of_a_proxy": instead(answer("200 OK", b"<html><h1>Welcome</h1></html>"), carried=True),
    "page_not_done": instead(answer("200 OK", b"<html><h1>Welcome</h1></html>"), carried=False),
    "huge": instead(answer("200 OK", b"x" * HUGE, "application/json"), carried=True),
    "same_answer": same_answer_as_before,
    "same_answer_not_done": same_answer_not_done,
    "limited_by_proxy": instead(
        answer("429 Too Many Requests", b"<h1>Slow down</h1>", Retry_After=TOLD_SECONDS), carried=False
    ),
}
# Faults that end only by the desk's own deadline.
SLOW: Final = frozenset({"done_then_silence", "silence", "trickle"})
