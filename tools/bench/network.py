"""The other side of the bench: a network that answers every call after 20 ms, and a bare loop that calls it.

    python -m bench.network serve          prints its port; GET /figures tells what reached it
    python -m bench.network bare PORT N    N times the two calls of a delivery, 100 at once, nothing else

It speaks just enough of the practice network's API for a post to be created and read back. Written on bare
protocols so that the processor is left to what is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any, Final

import uvloop

DELAY: Final = 0.020
AT_ONCE: Final = 100


class Figures:
    """What really reached the network: texts by id, and the moment of each creating call."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.moments: list[float] = []

    def create(self, body: bytes, moment: float) -> dict[str, Any]:
        self.moments.append(moment)
        self.texts.append(json.loads(body)["text"])
        return {"id": str(len(self.texts)), "url": f"http://practice.invalid/{len(self.texts)}"}

    def tell(self) -> dict[str, Any]:
        told = {"moments": self.moments, "texts": self.texts}
        self.texts, self.moments = [], []
        return told


class Talk(asyncio.Protocol):
    """One connection: HTTP/1.1 with keep-alive, one request at a time."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.buffer = b""
        self.transport: Any = None
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        at = head.lower().find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        self.loop.call_later(DELAY, self.answer, head, rest[:length], time.time())

    def answer(self, head: bytes, body: bytes, moment: float) -> None:
        method, path = head.split(b" ", 2)[:2]
        if path == b"/figures":
            told = self.figures.tell()
        elif method == b"POST":
            told = self.figures.create(body, moment)
        elif path.endswith(b"/stats"):
            told = {"views": 1, "likes": 1, "followers": 1}
        else:
            number = path.rpartition(b"/")[2].decode()
            told = {"id": number, "text": self.figures.texts[int(number) - 1], "media": []}
        reply = json.dumps(told).encode()
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(reply)
            + reply
        )


async def serve() -> None:
    """Answer until killed; the port is the first line printed."""
    figures = Figures()
    server = await asyncio.get_running_loop().create_server(lambda: Talk(figures), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def bare(port: int, count: int) -> dict[str, float]:
    """The measure of all things here: the same two calls and nothing else. Pairs of calls in a second."""
    import aiohttp

    numbers = iter(range(count))
    address = f"http://127.0.0.1:{port}/api/v1/posts"

    async def one(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            async with session.post(address, json={"text": f"bare {number}"}) as reply:
                made = json.loads(await reply.read())
            async with session.get(f"{address}/{made['id']}") as reply:
                assert json.loads(await reply.read())["text"].startswith("bare")

    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as session:
        begun, worked = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one(session) for _ in range(AT_ONCE)))
        seconds = time.perf_counter() - begun
        return {
            "per_second": round(count / seconds),
            "cpu_share": round((time.process_time() - worked) / seconds, 2),
        }


def main() -> None:
    if sys.argv[1] == "serve":
        uvloop.run(serve())
    else:
        print(json.dumps(uvloop.run(bare(int(sys.argv[2]), int(sys.argv[3])))))


if __name__ == "__main__":
    main()
