"""A little server between us and a real PDS: passes everything on, and spoils what a test asks it to.

It also stands in for the AppView, which no PDS has of its own, once a test gives it answers for `app.bsky.*`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import aiohttp
from aiohttp import web

from niva.networks.bluesky.tests.talk import Talk
from tests.servers.pds import Person, RealPds

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "forgotten", "surplus",
    }
)  # fmt: skip
LIMITED_SECONDS: Final = 120
_AFTER_COMMIT: Final = {"accepted_then_timeout", "error_after_commit", "reset"}
_HOP: Final = {"host", "connection", "transfer-encoding", "content-length", "content-encoding", "keep-alive"}


class Proxy:
    """`seen`: the methods that were called, in order. `appview`: answers by method instead of the PDS's."""

    def __init__(self, pds: RealPds, person: Person) -> None:
        self.pds = pds
        self.person = person
        self.url = ""
        self.seen: list[str] = []
        self.bodies: list[Any] = []
        self.appview: dict[str, Any] = {}
        self.talk: Talk | None = None
        self._surplus = False
        self._armed: str | None = None
        self._revoked = False
        self._stale = False
        self._fresh_tokens: set[str] = set()
        self._stopping = asyncio.Event()

    def fault(self, name: str) -> None:
        """Arm one fault; "expired" and "revoked" last, "forgotten" happens at once."""
        if name not in FAULTS:
            raise ValueError(name)
        if name == "forgotten":
            self._forget_newest()
        elif name == "expired":
            self._stale, self._fresh_tokens = True, set()
        elif name == "revoked":
            self._revoked = True
        elif name == "surplus":
            self._surplus = True
        else:
            self._armed = name

    def _forget_newest(self) -> None:
        newest = [one for one in self.pds.records(self.person.did) if "reply" not in one["value"]][-1]
        did, collection, rkey = newest["uri"].removeprefix("at://").split("/")
        body = {"repo": did, "collection": collection, "rkey": rkey}
        self.pds.ask("com.atproto.repo.deleteRecord", body=body, token=self.pds.login(self.person))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.path.removeprefix("/xrpc/")
        self.seen.append(method)
        content = await request.read()
        if request.content_type == "application/json" and content:
            self.bodies.append(json.loads(content))
        if self._revoked and (said := _revoked_answer(method, request)) is not None:
            return said
        creates = method == "com.atproto.repo.putRecord"
        if self._armed in ("nonsense", "limited", "limited_no_delay") or (
            self._armed == "refused" and creates
        ):
            return _spoiled(self._take())
        if self.talk is not None and method in self.talk.methods:
            answer = await self.talk.answer(method, request, content)
        elif method in self.appview:
            answer = web.json_response(self.appview[method])
        else:
            answer = await self._forward(request, content, method)
        if self._surplus and answer.status == 200 and isinstance(answer.body, bytes):
            return web.json_response(_grown(json.loads(answer.body)))
        if creates and self._armed in _AFTER_COMMIT:
            return await self._lose(request, self._take())
        return answer

    def _take(self) -> str:
        armed, self._armed = self._armed, None
        assert armed is not None
        return armed

    async def _lose(self, request: web.Request, how: str) -> web.StreamResponse:
        """The PDS has carried it out; what becomes of the answer."""
        if how == "error_after_commit":
            return web.json_response(
                {"error": "InternalServerError", "message": "Internal Server Error"}, status=500
            )
        if how == "accepted_then_timeout":
            await self._stopping.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _forward(self, request: web.Request, content: bytes, method: str) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        session_call = method.startswith("com.atproto.server.")
        if self._stale and token and not session_call and token not in self._fresh_tokens:
            headers["Authorization"] = f"Bearer {self.pds.aged(token)}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, f"{self.pds.url}{request.path_qs}", headers=headers, data=content or None
            ) as reply,
        ):
            body = await reply.read()
            if session_call and reply.status == 200 and body:
                self._fresh_tokens.add(str(json.loads(body).get("accessJwt")))
            kept = {name: value for name, value in reply.headers.items() if name.lower() not in _HOP}
            return web.Response(status=reply.status, headers=kept, body=body)


def _grown(value: Any) -> Any:
    """The same answer with fields that no lexicon knows. What is hashed (records, blobs) stays as it is."""
    if isinstance(value, list):
        return [_grown(item) for item in value]
    if isinstance(value, dict):
        kept = {name: inner if name in ("value", "blob") else _grown(inner) for name, inner in value.items()}
        return {**kept, "zorg": {"of": ["later"]}}
    return value


def _spoiled(fault: str) -> web.Response:
    if fault == "nonsense":
        return web.Response(text="<html><title>Hello</title></html>", content_type="text/html")
    if fault == "refused":
        words = {"error": "InvalidRequest", "message": "Invalid app.bsky.feed.post record"}
        return web.json_response(words, status=400)
    headers = {}
    if fault == "limited":
        headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(time.time()) + LIMITED_SECONDS)}
    words = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
    return web.json_response(words, status=429, headers=headers)


def _revoked_answer(method: str, request: web.Request) -> web.Response | None:
    """What a PDS says of an app password that was taken back, and of every token that came from it."""
    if method == "com.atproto.server.createSession":
        words = {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        return web.json_response(words, status=401)
    if method == "com.atproto.server.refreshSession":
        return web.json_response({"error": "ExpiredToken", "message": "Token has been revoked"}, status=400)
    if "Authorization" in request.headers:
        words = {"error": "InvalidToken", "message": "Token could not be verified"}
        return web.json_response(words, status=400)
    return None


@asynccontextmanager
async def open_proxy(pds: RealPds, person: Person) -> AsyncIterator[Proxy]:
    proxy = Proxy(pds, person)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{tail:.*}", proxy.handle)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    proxy.url = f"http://{host}:{port}"
    try:
        yield proxy
    finally:
        proxy._stopping.set()
        with suppress(asyncio.CancelledError):
            await runner.cleanup()
