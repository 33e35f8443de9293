"""What the fake servers of networks share: a loopback server that can be told to misbehave once.

A fake keeps the state that its network would keep and writes down every request. With the contract at hand
it also checks each request and each of its own replies and collects what is wrong in `violations`.
"""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn, Self

from aiohttp import web


class FakeServer:
    """One aiohttp server on 127.0.0.1 with a port of its own; `async with` starts and stops it."""

    def __init__(self) -> None:
        self.armed: list[str] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.violations: list[str] = []
        self.url = ""
        self._closing = asyncio.Event()

    def routes(self, app: web.Application) -> None:
        """Add the handlers; the fakes fill it in."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        self.routes(app)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    def fault(self, name: str) -> None:
        """Arm one of `niva.networks.base.testing.FAULTS` for the next call that it can hit."""
        self.armed.append(name)

    def take(self, *names: str) -> str:
        """The first armed fault among `names`, disarmed by this; "" when none is armed."""
        for name in self.armed:
            if name in names:
                self.armed.remove(name)
                return name
        return ""

    async def hang(self) -> NoReturn:
        """Never answer: until the client goes away or the server is closed."""
        await self._closing.wait()
        raise web.HTTPServiceUnavailable

    def cut(self, request: web.Request) -> NoReturn:
        """Cut the connection without an answer."""
        if request.transport is not None:
            request.transport.abort()
        raise web.HTTPServiceUnavailable

    async def broken_answer(self, fault: str, request: web.Request) -> web.Response | None:
        """What comes instead of the answer to a call that was carried out; None when all is well."""
        if fault == "accepted_then_timeout":
            await self.hang()
        if fault == "reset":
            self.cut(request)
        if fault == "error_after_commit":
            return web.Response(status=500, text="<html>500</html>", content_type="text/html")
        return None
