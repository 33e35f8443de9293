"""Puts the practice network together and serves it, alone or inside another process."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from niva.networks.practice.server import admin, api, joining, pages, settings_api, voices_api
from niva.networks.practice.server.answers import STORE, fail
from niva.networks.practice.server.life import DEFAULT_PACE
from niva.networks.practice.server.store import Clock, Store

DEFAULT_PORT: Final = 8131
BODY_MAX: Final = 64 * 1024 * 1024  # of one request; uploads are streamed and bounded more tightly


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs. `url`: without a slash at its end; `store`: its state."""

    url: str
    store: Store


def make_app(store: Store, secret: str = "") -> web.Application:
    """`secret`: opens /admin; without it the back door is shut."""
    app = web.Application(middlewares=[api.gate, _lost], client_max_size=BODY_MAX)
    app[STORE] = store
    app[admin.SECRET] = secret
    for module in (api, settings_api, voices_api, admin, pages, joining):
        app.add_routes(module.routes)
    return app


@web.middleware
async def _lost(request: web.Request, handler: api.Handler) -> web.StreamResponse:
    """A kind page for people and an error in JSON for programs, instead of a bare 404."""
    try:
        return await handler(request)
    except web.HTTPNotFound as error:
        if request.path.startswith(("/api/", "/admin/")):
            if error.content_type == "application/json":
                raise
            return fail(404, "no_such_call", "see docs/reference/practice.md")
        return pages.sorry(request, "missing", 404)


@asynccontextmanager
async def serve(
    data_path: Path,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    speed: float = DEFAULT_PACE,
    *,
    secret: str = "",
    clock: Clock = time.time,
) -> AsyncIterator[Serving]:
    """The server, until the block is left. `port` 0 picks a free one; `speed`: how many times faster than
    the wall clock new posts live. Raises OSError when the port is taken."""
    store = Store(data_path, pace=speed, clock=clock)
    runner = web.AppRunner(
        make_app(store, secret), access_log=None, handler_cancellation=True, shutdown_timeout=1.0
    )
    try:
        store.sweep()
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        yield Serving(f"http://{shown}:{bound}", store)
    finally:
        await runner.cleanup()
        store.close()
