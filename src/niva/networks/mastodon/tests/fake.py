"""A Mastodon server on loopback, small but with a memory: statuses, files, keys, applications.

Every request it gets and every reply it gives is put to the contract, where that is at hand.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from niva.networks.mastodon.tests.contract import Contract, load_contract
from niva.networks.mastodon.tests.entities import (
    instance_entity,
    media_entity,
    status_entity,
)
from niva.networks.mastodon.tests.fake_oauth import BODY, FILE, Refused
from niva.networks.mastodon.tests.talk import Talk, grown

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "forgotten", "surplus",
    }
)  # fmt: skip
LIMITED_SECONDS: Final = 120
_AFTER_COMMIT: Final = {"accepted_then_timeout", "error_after_commit", "reset"}
Handler = Callable[[web.Request], Awaitable[web.Response]]


class FakeMastodon(Talk):
    """`statuses`: by id, in the order in which they came. `slow_media`: how often a file is not yet ready."""

    def __init__(self) -> None:
        super().__init__()
        self.contract: Contract | None = load_contract()
        self.statuses: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[str, datetime]] = {}
        self.seen: list[tuple[str, str, Any]] = []
        self.max_characters = 500
        self.slow_media = 0
        self.set_talk()
        self.surplus = False
        self._armed: str | None = None
        self._stopping = asyncio.Event()

    def fault(self, name: str) -> None:
        if name not in FAULTS:
            raise ValueError(name)
        if name == "forgotten":
            newest = [one for one in self.statuses.values() if one["in_reply_to_id"] is None][-1]
            del self.statuses[newest["id"]]
        elif name == "revoked":
            self.revoked = True
        elif name == "surplus":
            self.surplus = True
        else:
            self._armed = name

    def posts(self) -> list[dict[str, Any]]:
        return [
            {"id": one["id"], "text": one["text"], "media": len(one["media_ids"]), "status": one}
            for one in self.statuses.values()
            if one["in_reply_to_id"] is None
        ]

    def parts(self) -> list[str]:
        """The texts of statuses that answer another, oldest first."""
        return [one["text"] for one in self.statuses.values() if one["in_reply_to_id"] is not None]

    # --- the door ---

    @web.middleware
    async def door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await self._read(request)
        self.seen.append((request.method, request.path, body))
        if self.contract:
            self.contract.request(
                request.method, request.path,
                query=request.query_string, headers=request.headers, kind=request.content_type, body=body,
            )  # fmt: skip
        creates = (request.method, request.path) == ("POST", "/api/v1/statuses")
        if self._armed in ("limited", "limited_no_delay", "nonsense") or (
            self._armed == "refused" and creates
        ):
            return self._spoiled(request, self._take())
        try:
            reply = await handler(request)
        except Refused as refusal:
            reply = web.json_response(refusal.body, status=refusal.status)
        self._check_reply(request, reply)
        if self.surplus and isinstance(reply.body, bytes):
            return web.json_response(grown(json.loads(reply.body)), status=reply.status)
        if creates and reply.status == 200 and self._armed in _AFTER_COMMIT:
            return await self._lose(request, self._take())
        return reply

    async def _read(self, request: web.Request) -> Any:
        """The body as an object: of JSON itself, of a form its fields, files as their content's length."""
        if not request.can_read_body:
            return None
        if request.content_type == "application/json":
            request[BODY] = await request.json()
            return request[BODY]
        form = await request.post()
        fields: dict[str, Any] = {}
        for name, value in form.items():
            if isinstance(value, web.FileField):
                content = value.file.read()
                request[FILE] = (content, value.content_type)
                fields[name] = f"{len(content)} bytes"
            else:
                fields[name] = value
        request[BODY] = fields
        return fields

    def _check_reply(self, request: web.Request, reply: web.Response) -> None:
        if self.contract and isinstance(reply.body, bytes):
            self.contract.reply(request.method, request.path, reply.status, json.loads(reply.body))

    def _take(self) -> str:
        armed, self._armed = self._armed, None
        assert armed is not None
        return armed

    def _spoiled(self, request: web.Request, fault: str) -> web.Response:
        if fault == "nonsense":
            return web.Response(text="<html><title>Hello</title></html>", content_type="text/html")
        if fault == "refused":
            reply = web.json_response({"error": "Validation failed: Text is not allowed"}, status=422)
        else:
            headers = {}
            if fault == "limited":
                until = datetime.now(UTC) + timedelta(seconds=LIMITED_SECONDS)
                headers = {
                    "X-RateLimit-Limit": "300",
                    "X-RateLimit-Remaining": "0",
                    "X-RateLimit-Reset": until.isoformat(timespec="microseconds").replace("+00:00", "Z"),
                }
            reply = web.json_response({"error": "Too many requests"}, status=429, headers=headers)
        self._check_reply(request, reply)
        return reply

    async def _lose(self, request: web.Request, how: str) -> web.StreamResponse:
        if how == "error_after_commit":
            return web.Response(status=500, text="<h1>We're sorry</h1>", content_type="text/html")
        if how == "accepted_then_timeout":
            await self._stopping.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    # --- statuses ---

    async def create(self, request: web.Request) -> web.Response:
        self.login(request, "write:statuses")
        key = request.headers.get("Idempotency-Key", "")
        known = self.keys.get(key)
        if key and known and self.now() - known[1] < timedelta(hours=1) and known[0] in self.statuses:
            return web.json_response(self._shown(known[0]))
        body = request[BODY]
        media = body.get("media_ids", [])
        self._valid(body, media)
        parent = body.get("in_reply_to_id")
        if parent is not None and parent not in self.statuses and parent not in self.others:
            raise Refused(404, "Record not found")
        made = str(113_000_000_000_000_000 + len(self.statuses) * 7 + secrets.randbelow(7) + 1)
        made = str(max([int(made), *(int(one) + 1 for one in (*self.statuses, *self.others))]))
        self.statuses[made] = {
            "id": made,
            "text": body.get("status", "").strip(),
            "media_ids": media,
            "poll": body.get("poll"),
            "in_reply_to_id": parent,
            "language": body.get("language"),
            "visibility": body.get("visibility", "public"),
            "spoiler_text": body.get("spoiler_text", ""),
            "sensitive": body.get("sensitive", False),
            "created_at": self.now(),
            "edited_at": None,
            "counts": {"replies": 0, "reblogs": 0, "favourites": 0, "quotes": 0, "votes": 0},
        }
        if key:
            self.keys[key] = (made, self.now())
        return web.json_response(self._shown(made))

    def _valid(self, body: dict[str, Any], media: list[str]) -> None:
        text = body.get("status", "").strip()
        if not text and not media:
            raise Refused(422, "Validation failed: Text can't be blank")
        if len(text) + len(body.get("spoiler_text", "")) > self.max_characters and "http" not in text:
            words = f"Validation failed: Text character limit of {self.max_characters} exceeded"
            raise Refused(422, words)
        if any(one not in self.media for one in media):
            raise Refused(404, "Record not found")
        if any(self.media[one]["pending"] > 0 for one in media):
            raise Refused(
                422, "Cannot attach files that have not finished processing. Try again in a moment!"
            )
        if body.get("poll") and len(set(body["poll"]["options"])) < len(body["poll"]["options"]):
            raise Refused(422, "Validation failed: Poll options contain duplicates")

    def _shown(self, status_id: str) -> dict[str, Any]:
        return status_entity(self.url, self.statuses[status_id], self.media)

    def _found(self, request: web.Request) -> dict[str, Any]:
        found = self.statuses.get(request.match_info["id"])
        if found is None:
            raise Refused(404, "Record not found")
        return found

    async def show(self, request: web.Request) -> web.Response:
        self.login(request, "read:statuses")
        return web.json_response(self._shown(self._found(request)["id"]))

    async def source(self, request: web.Request) -> web.Response:
        self.login(request, "read:statuses")
        one = self._found(request)
        return web.json_response({"id": one["id"], "text": one["text"], "spoiler_text": one["spoiler_text"]})

    async def edit(self, request: web.Request) -> web.Response:
        self.login(request, "write:statuses")
        one, body = self._found(request), request[BODY]
        media = body.get("media_ids", [])
        self._valid(body, media)
        one.update(text=body["status"].strip(), media_ids=media, poll=body.get("poll"))
        one.update(spoiler_text=body.get("spoiler_text", ""), edited_at=self.now())
        for told in body.get("media_attributes", ()):
            self.media[told["id"]]["description"] = told["description"]
        return web.json_response(self._shown(one["id"]))

    async def delete(self, request: web.Request) -> web.Response:
        self.login(request, "write:statuses")
        one = self._found(request)
        shown = {**self._shown(one["id"]), "text": one["text"]}
        del self.statuses[one["id"]]
        return web.json_response(shown)

    async def list(self, request: web.Request) -> web.Response:
        self.login(request, "read:statuses")
        newest = sorted(self.statuses, key=int, reverse=True)
        if request.query.get("pinned") == "true":
            newest = [one for one in newest if one in self.pinned]
        if "max_id" in request.query:
            newest = [one for one in newest if int(one) < int(request.query["max_id"])]
        limit = min(40, int(request.query.get("limit", "20")))
        return web.json_response([self._shown(one) for one in newest[:limit]])

    # --- files ---

    async def upload(self, request: web.Request) -> web.Response:
        self.login(request, "write:media")
        content, mime = request[FILE]
        if (
            mime
            not in instance_entity(self.url, 500)["configuration"]["media_attachments"][
                "supported_mime_types"
            ]
        ):
            raise Refused(422, "Validation failed: File content type is invalid")
        made = str(22_345_000 + len(self.media))
        self.media[made] = {
            "id": made,
            "mime": mime,
            "content": content,
            "description": request[BODY].get("description"),
            "pending": self.slow_media,
        }
        slow = self.slow_media > 0
        return web.json_response(media_entity(self.url, self.media[made]), status=202 if slow else 200)

    async def media_state(self, request: web.Request) -> web.Response:
        self.login(request, "write:media")
        one = self.media.get(request.match_info["id"])
        if one is None:
            raise Refused(404, "Record not found")
        one["pending"] = max(0, one["pending"] - 1)
        return web.json_response(media_entity(self.url, one), status=206 if one["pending"] else 200)

    # --- the account and the server ---

    async def me(self, request: web.Request) -> web.Response:
        self.login(request, "read:accounts")
        return web.json_response(self.account())

    async def instance(self, request: web.Request) -> web.Response:
        return web.json_response(instance_entity(self.url, self.max_characters))


def _application(fake: FakeMastodon) -> web.Application:
    app = web.Application(middlewares=[fake.door], client_max_size=64 * 1024 * 1024)
    app.add_routes(
        [
            *fake.talk_routes(),
            web.post("/api/v1/statuses", fake.create),
            web.get("/api/v1/statuses/{id}", fake.show),
            web.put("/api/v1/statuses/{id}", fake.edit),
            web.delete("/api/v1/statuses/{id}", fake.delete),
            web.get("/api/v1/statuses/{id}/source", fake.source),
            web.post("/api/v2/media", fake.upload),
            web.get("/api/v1/media/{id}", fake.media_state),
            web.get("/api/v1/accounts/verify_credentials", fake.me),
            web.get("/api/v1/accounts/{id}/statuses", fake.list),
            web.get("/api/v2/instance", fake.instance),
            web.get("/api/v1/apps/verify_credentials", fake.own_app),
            web.post("/api/v1/apps", fake.register),
            web.get("/.well-known/oauth-authorization-server", fake.metadata),
            web.get("/oauth/authorize", fake.consent),
            web.post("/oauth/token", fake.give_token),
        ]
    )
    return app


@asynccontextmanager
async def open_fake() -> AsyncIterator[FakeMastodon]:
    """The server, running; at the end whatever broke the contract is raised."""
    fake = FakeMastodon()
    runner = web.AppRunner(_application(fake), shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        fake._stopping.set()
        await runner.cleanup()
    if fake.contract and fake.contract.breaches:
        raise AssertionError("against the contract:\n" + "\n".join(fake.contract.breaches))
