"""A line between the desk and a network that does wrong on demand, at any byte: the same for all networks.

It stands before a network's server on loopback and passes requests on, one by one. An armed fault gets the
first request that it is meant for, as an `Exchange`, and does with it what it likes: forwards it or not,
answers with what the server said or with something else, in whole or in part, and cuts.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_CLOSING: Final = re.compile(rb"\r\nconnection: close", re.I)
_NO_LINGER: Final = struct.pack("ii", 1, 0)  # closing then sends RST instead of FIN

Act = Callable[["Exchange"], Awaitable[None]]


@dataclass(slots=True)
class Exchange:
    """One request as it came, and what can be done with it. `start`: the request line."""

    line: Line
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes = b""
    body: bytes = b""

    @property
    def start(self) -> str:
        return self.head.partition(b"\r\n")[0].decode()

    async def take(self) -> bool:
        """Read one whole request. False: the desk hung up instead."""
        try:
            self.head = await self.reader.readuntil(HEAD_END)
        except (asyncio.IncompleteReadError, OSError):
            return False
        if b"transfer-encoding: chunked" in self.head.lower():
            self.body = await self.reader.readuntil(b"0\r\n\r\n")
        elif length := _LENGTH.search(self.head):
            self.body = await self.reader.readexactly(int(length[1]))
        return True

    async def carry(self) -> bytes:
        """Have the server do it. Its whole answer, head and body."""
        head = self.head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        reader, writer = await self.line.upstream()
        writer.write(head + self.body)
        answer = await reader.read()
        writer.close()
        return _CLOSING.sub(b"", answer, count=1)

    async def carry_part(self, part: bytes) -> None:
        """Give the server the beginning of the request only, then hang up on it."""
        _, writer = await self.line.upstream()
        writer.write(part)
        await writer.drain()
        self.line.hang_up(writer)

    async def say(self, answer: bytes) -> None:
        self.writer.write(answer)
        with contextlib.suppress(OSError):
            await self.writer.drain()

    def cut(self) -> None:
        self.line.hang_up(self.writer)

    async def silence(self) -> None:
        """Until the desk hangs up."""
        with contextlib.suppress(OSError):
            await self.reader.read()

    async def trickle(self, answer: bytes, seconds: float) -> None:
        """Byte after byte with pauses; the last one never comes. Until the desk hangs up."""
        for index in range(len(answer) - 1):
            await self.say(answer[index : index + 1])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.reader.read(), seconds)
                return
        await self.silence()


@dataclass(slots=True)
class Line:
    """`resets`: cuts are made with RST, else with FIN. `seen`: the request lines that came, in order.

    `answers`: what the server said to the requests that `marks` picks out.
    """

    target: tuple[str, int]
    marks: Callable[[str], bool]
    resets: bool = True
    seen: list[str] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    act: Act | None = None
    wants: Callable[[str], bool] = lambda start: True
    port: int = 0
    _spoiler: Act | None = None
    _after: int | None = None
    _server: asyncio.Server | None = None
    _blocker: socket.socket | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def armed(self) -> bool:
        return self.act is not None or self._after is not None

    def arm(self, act: Act, wants: Callable[[str], bool] | None = None) -> None:
        """The next request that is meant (without `wants`: that the line marks) goes to `act`, once."""
        self.act, self.wants = act, wants or self.marks

    def spoil(self, act: Act | None) -> None:
        """Every request goes to `act`, until None is given."""
        self._spoiler = act

    def cut_after(self, count: int) -> None:
        """The next connection is taken and cut as soon as so many bytes of its request have been read."""
        self._after = count

    async def upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self.target)

    def hang_up(self, writer: asyncio.StreamWriter) -> None:
        own: socket.socket = writer.get_extra_info("socket")
        if self.resets and not writer.transport.is_closing():
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        writer.transport.abort() if self.resets else writer.close()

    async def up(self) -> None:
        """Take connections (again), always at the same port."""
        if self._blocker is not None:
            self._blocker.close()
            self._blocker = None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Refuse connections, as a host that is up with nothing listening; nobody else gets the port."""
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None
        self._blocker = socket.socket()
        self._blocker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._blocker.bind(("127.0.0.1", self.port))

    async def close(self) -> None:
        if self._server is not None:
            await self.down()
        if self._blocker is not None:
            self._blocker.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the desk hung up amid a request
        finally:
            self._open.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._after is not None:
            count, self._after = self._after, None
            await reader.readexactly(count)
            self.hang_up(writer)
            return
        while not writer.is_closing():
            exchange = Exchange(self, reader, writer)
            if not await exchange.take():
                return
            self.seen.append(exchange.start)
            if self._spoiler is not None:
                await self._spoiler(exchange)
                continue
            if self.act is not None and self.wants(exchange.start):
                act, self.act = self.act, None
                await act(exchange)
                continue
            answer = await exchange.carry()
            if self.marks(exchange.start):
                self.answers.append(answer)
            await exchange.say(answer)


@asynccontextmanager
async def open_line(url: str, marks: Callable[[str], bool]) -> AsyncIterator[Line]:
    """A line to the server at `url`. `marks`: which request line creates a post."""
    parts = urlsplit(url)
    line = Line((parts.hostname or "", parts.port or 0), marks)
    await line.up()
    try:
        yield line
    finally:
        await line.close()
