"""A line that is cut after any byte of the request or of the answer never passes for a clear one.

The matrix plays the cuts that matter through the whole engine; here the one way out is cut everywhere.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from niva.networks.base.errors import NetworkError, OutcomeUnknown, Temporary
from niva.networks.base.testing import open_session
from niva.networks.base.transport import Reply, Transport
from tests.faults.line import Act, Exchange, Line

BODY = json.dumps({"id": "77", "ok": True}).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
FRAMED = {
    "length": HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n7\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n"
    % (BODY[:7], len(BODY) - 7, BODY[7:]),
    "until closed": HEAD + b"Connection: close\r\n\r\n" + BODY,
}  # fmt: skip


@asynccontextmanager
async def cut_line(*, resets: bool) -> AsyncIterator[tuple[Line, Transport]]:
    line = Line(("127.0.0.1", 0), lambda start: True, resets)
    await line.up()
    async with open_session() as session:
        try:
            yield line, Transport(session, deadline=30.0)
        finally:
            await line.close()


async def _ask(line: Line, transport: Transport, *, writes: bool) -> Reply | NetworkError:
    try:
        return await transport.request(
            "POST", f"{line.url}/posts", writes=writes, json_body={"text": "Жатва"}
        )
    except NetworkError as error:
        return error


def _saying(part: bytes) -> Act:
    async def act(ex: Exchange) -> None:
        await ex.say(part)
        ex.cut()

    return act


@pytest.mark.parametrize("resets", [True, False], ids=["reset", "closed"])
@pytest.mark.parametrize("framing", FRAMED)
async def test_an_answer_cut_after_any_byte_is_no_answer(framing: str, resets: bool) -> None:
    whole = FRAMED[framing]
    async with cut_line(resets=resets) as (line, transport):
        for count in range(len(whole)):
            for writes, wanted in ((True, OutcomeUnknown), (False, Temporary)):
                line.arm(_saying(whole[:count]))
                found = await _ask(line, transport, writes=writes)
                if isinstance(found, Reply):  # a body that ends with the connection: cut, it is no JSON
                    assert framing == "until closed" and found.json() is None, (count, found)
                    break
                assert isinstance(found, wanted), (count, writes, found)
        line.arm(_saying(whole))
        found = await _ask(line, transport, writes=True)
        if isinstance(found, Reply):
            assert found.json() == {"id": "77", "ok": True}
        else:  # without a length a reset right behind the last byte cannot be told from one before it
            assert framing == "until closed" and resets and isinstance(found, OutcomeUnknown)


@pytest.mark.parametrize("resets", [True, False], ids=["reset", "closed"])
async def test_a_request_cut_after_any_byte_may_have_been_carried_out(resets: bool) -> None:
    """Whoever hangs up after a part of the request: from here it looks as if all of it had left."""
    async with cut_line(resets=resets) as (line, transport):
        sizes: list[int] = []

        async def measure(ex: Exchange) -> None:
            sizes.append(len(ex.head) + len(ex.body))
            ex.cut()

        line.arm(measure)
        assert isinstance(await _ask(line, transport, writes=True), OutcomeUnknown)
        for count in range(0, sizes[0] + 1, 3):
            line.cut_after(count)
            assert isinstance(await _ask(line, transport, writes=True), OutcomeUnknown), count
            line.cut_after(count)
            assert isinstance(await _ask(line, transport, writes=False), Temporary), count


async def test_a_refused_connection_is_certainly_not_carried_out() -> None:
    async with cut_line(resets=True) as (line, transport):
        await line.down()
        assert isinstance(await _ask(line, transport, writes=True), Temporary)
