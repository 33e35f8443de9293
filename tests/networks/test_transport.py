"""The one way out says honestly what became of a request (the common suite covers the rest)."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from niva.kit.net.guard import guarded_connector
from niva.networks.base.errors import LeaseLost, OutcomeUnknown, Rejected
from niva.networks.base.transport import Transport


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/?access_token=hidden", "http://localhost:9/"])
async def test_forbidden_address_is_final_not_temporary(url: str) -> None:
    async with aiohttp.ClientSession(connector=guarded_connector()) as session:
        with pytest.raises(Rejected) as caught:
            await Transport(session).request("POST", url, writes=True)
    assert caught.value.code == "address_inside"
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
async def test_a_write_over_a_connection_that_breaks_goes_out_once(method: str) -> None:
    came: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        came.append(request.method)
        if len(came) > 1:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(text="{}")

    app = web.Application()
    app.router.add_route("*", "/", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        transport = Transport(session)
        await transport.request("GET", str(server.make_url("/")), writes=False)  # the connection is kept
        with pytest.raises(OutcomeUnknown):
            await transport.request(method, str(server.make_url("/")), writes=True, data=b"x")
    assert came == ["GET", method]


async def test_a_lease_that_ends_behind_a_write_leaves_it_in_doubt() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="{}")

    allowed: list[str] = ["read", "write"]

    async def hold() -> None:
        if not allowed:
            raise LeaseLost("over")
        allowed.pop()

    app = web.Application()
    app.router.add_route("*", "/", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url, whole = str(server.make_url("/")), Transport(session, before_send=hold)
        step = whole.for_a_step()
        await step.request("GET", url, writes=False)
        await step.request("POST", url, writes=True)
        with pytest.raises(OutcomeUnknown):  # "nothing was sent" would have the post sent a second time
            await step.request("GET", url, writes=False)
        with pytest.raises(LeaseLost):  # the next step has sent nothing
            await whole.for_a_step().request("GET", url, writes=False)
