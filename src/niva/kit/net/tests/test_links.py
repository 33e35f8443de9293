"""Where links lead: alive, gone, round in a circle, inside, and servers that know no HEAD."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from niva.kit.net import links
from niva.kit.net.guard import guarded_connector
from niva.kit.net.links import Led, where_it_leads


@asynccontextmanager
async def site() -> AsyncIterator[tuple[str, list[str]]]:
    """A server on loopback; (its address, the requests that came)."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(f"{request.method} {request.path}")
        path = request.path
        if path == "/round":
            raise web.HTTPFound("/round")
        if path == "/moved":
            raise web.HTTPMovedPermanently("/fine")
        if path == "/inside":
            raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")
        if path == "/elsewhere":
            raise web.HTTPFound("ftp://ferma.example/")
        if path == "/no-head" and request.method == "HEAD":
            raise web.HTTPMethodNotAllowed("HEAD", ["GET"])
        if path == "/slow":
            await asyncio.Event().wait()
        status = {"/gone": 410, "/refused": 403, "/ill": 500, "/missing": 404}.get(path, 200)
        return web.Response(status=status)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}", asked
    finally:
        await runner.cleanup()


async def led(url: str, *allowed: tuple[str, int]) -> Led:
    async with aiohttp.ClientSession(connector=guarded_connector(allowed)) as session:
        return await where_it_leads(session, url, allowed=allowed)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/fine", Led("alive", status=200)),
        ("/moved", Led("alive", status=200)),
        ("/no-head", Led("alive", status=200)),
        ("/missing", Led("dead", "status", 404)),
        ("/gone", Led("dead", "status", 410)),
        ("/refused", Led("unsure", "status", 403)),
        ("/ill", Led("unsure", "status", 500)),
        ("/round", Led("dead", "too_many_redirects")),
        ("/inside", Led("dead", "address_inside")),
        ("/elsewhere", Led("dead", "address_bad")),
    ],
)
async def test_where_it_leads(path, expected):
    async with site() as (url, asked):
        port = int(url.rpartition(":")[2])
        assert await led(url + path, ("127.0.0.1", port)) == expected
        assert len(asked) <= 2 * (links.HOPS + 1)


async def test_an_inner_address_is_never_called():
    async with site() as (url, asked):
        assert await led(url + "/fine") == Led("dead", "address_inside")
        assert asked == []


async def test_a_server_that_never_answers_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(links, "SECONDS", 0.05)
    async with site() as (url, _asked):
        port = int(url.rpartition(":")[2])
        assert await led(url + "/slow", ("127.0.0.1", port)) == Led("unsure", "no_answer")


async def test_what_is_no_address():
    assert (await led("javascript:alert(1)")).code == "address_bad"
    assert (await led("https://user:pass@ferma.example/")).code == "address_bad"
