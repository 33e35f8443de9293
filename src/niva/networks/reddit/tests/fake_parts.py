"""The corners of the fake Reddit: signing in, the store of files, letters to the moderators."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.reddit.tests.entities import NAME

CLIENT: Final = ("app-id-14", "app-secret-27")
BODY: Final = web.RequestKey("body", dict)


class Corners(FakeServer):
    """`mail`: letters by conversation. `store_says`: with which code the store of files refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.places: dict[str, str] = {}
        self.access, self.renewing = "access-1", "renewing-1"
        self.codes: dict[str, str] = {}
        self.mail: dict[str, list[dict[str, Any]]] = {}
        self.changes: dict[str, Any] = {}
        self.rotates = False
        self.store_says = ""

    def _told(self, data: Any) -> web.Response:
        raise NotImplementedError

    # --- letters to the moderators ---

    def write_mail(self, conversation: str, who: str, text: str, *, mod: bool = False) -> None:
        rows = self.mail.setdefault(conversation, [])
        author = {"name": who, "id": len(who), "isMod": mod}
        rows.append(
            {
                "id": f"{conversation}{len(rows)}", "bodyMarkdown": text, "body": f"<p>{text}</p>",
                "author": author, "date": datetime.now(UTC).isoformat(), "isInternal": False,
            }
        )  # fmt: skip

    def _letters(self, conversation: str) -> dict[str, Any]:
        return {row["id"]: row for row in self.mail[conversation]}

    async def mail_list(self, request: web.Request) -> web.Response:
        assert request.query["entity"] == NAME
        rows = {
            number: {"id": number, "lastUpdated": rows[-1]["date"], "isInternal": number.startswith("inner")}
            for number, rows in self.mail.items()
        }
        return self._told({"conversations": rows or [], "messages": {}, "conversationIds": list(rows)})

    async def mail_one(self, request: web.Request) -> web.Response:
        number = request.match_info["mail"]
        return self._told({"conversation": {"id": number}, "messages": self._letters(number)})

    async def mail_answer(self, request: web.Request) -> web.Response:
        assert request[BODY]["isAuthorHidden"] == "true"
        self.write_mail(request.match_info["mail"], "niva_desk", request[BODY]["body"], mod=True)
        return await self.mail_one(request)

    # --- files ---

    async def place(self, request: web.Request) -> web.Response:
        asset = f"asset{len(self.places) + 1}"
        key = f"rte_images/{asset}"
        self.places[asset] = key
        fields = [{"name": name, "value": value} for name, value in (
            ("acl", "private"), ("key", key), ("X-Amz-Signature", "signed"), ("policy", "p"),
        )]  # fmt: skip
        args = {"action": f"{self.url}/store", "fields": fields}
        return self._told({"args": args, "asset": {"asset_id": asset, "processing_state": "incomplete"}})

    async def take_file(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers, "the key is not for the store of files"
        body = request[BODY]
        assert list(body)[-1] == "file" and next(iter(body)) == "acl", "the order of the form is signed"
        if self.store_says:
            words = f"<Error><Code>{self.store_says}</Code></Error>"
            return web.Response(status=400, text=words, content_type="application/xml")
        self.files[body["key"]] = body["file"].file.read()
        return web.Response(status=201, text="<PostResponse/>", content_type="application/xml")

    # --- signing in ---

    async def consent(self, request: web.Request) -> web.Response:
        query = request.query
        if query["client_id"] != CLIENT[0] or query.get("duration") != "permanent":
            raise web.HTTPBadRequest
        code = secrets.token_urlsafe(8)
        self.codes[code] = query["redirect_uri"]
        raise web.HTTPFound(f"{query['redirect_uri']}?state={query['state']}&code={code}")

    async def give_keys(self, request: web.Request) -> web.Response:
        word = base64.b64encode(f"{CLIENT[0]}:{CLIENT[1]}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {word}":
            return web.json_response({"message": "Unauthorized", "error": 401}, status=401)
        body = request[BODY]
        made = {"token_type": "bearer", "expires_in": 86400, "scope": self.changes.get("scope", "*")}
        if body["grant_type"] == "refresh_token":
            if body["refresh_token"] != self.renewing:
                return web.json_response({"message": "Bad Request", "error": 400}, status=400)
            self.access = f"access-{len(self.requests)}"
            if self.rotates:
                self.renewing = f"renewing-{len(self.requests)}"
            return web.json_response({**made, "access_token": self.access, "refresh_token": self.renewing})
        if self.codes.pop(body["code"], None) != body["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"})
        return web.json_response({**made, "access_token": self.access, "refresh_token": self.renewing})
