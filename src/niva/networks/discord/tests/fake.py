"""A Discord server on loopback, small but with a memory: messages, threads, nonces, rights.

Every request it gets and every reply it gives is put to the contract, where that is at hand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.discord.client import EPOCH_MS
from niva.networks.discord.tests import entities
from niva.networks.discord.tests.entities import BOT, BOT_ROLE, CHANNEL, GUILD, RIGHTS, SOMEBODY
from tests.networks.openapi import load_openapi

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "forgotten", "surplus",
    }
)  # fmt: skip
TOKEN: Final = "MTEwMDAwMDAwMDAwMDAwMDAwMw.GxYz12.not-a-real-token-but-of-the-right-shape"
_AFTER_COMMIT: Final = ("accepted_then_timeout", "error_after_commit", "reset")
BODY: Final = web.RequestKey("body", dict)
FILES: Final = web.RequestKey("files", dict)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message, **more}


class FakeDiscord(FakeServer):
    """`messages`: by id, over all channels and threads. `nonces`: what enforce_nonce has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.contract = load_openapi("discord/openapi.json")
        self.messages: dict[str, dict[str, Any]] = {}
        self.threads: set[str] = set()
        self.nonces: dict[str, str] = {}
        self.guild: dict[str, Any] = {
            "name": "Поле", "icon": "abc", "banner": None, "description": "Новости хозяйства",
            "roles": [entities.role(GUILD, "@everyone", 0), entities.role(BOT_ROLE, "Бот", RIGHTS)],
        }  # fmt: skip
        self.channel: dict[str, Any] = {"type": 0, "topic": "Урожай", "overwrites": []}
        self.revoked = self.surplus = self.existing_thread = self.blind = False
        self._last = 0
        self.pinned = [self.add(SOMEBODY, {"content": "Правила"})["id"]]

    # --- what tests do ---

    def fault(self, name: str) -> None:
        if name not in FAULTS:
            raise ValueError(name)
        if name == "forgotten":
            del self.messages[self.posts()[-1]["id"]]
        elif name in ("revoked", "surplus"):
            setattr(self, name, True)
        else:
            super().fault(name)

    def posts(self) -> list[dict[str, Any]]:
        return [{**one, "media": len(one["files"])} for one in self._ours() if not one["answers"]]

    def parts(self) -> list[str]:
        return [one["text"] for one in self._ours() if one["answers"]]

    def _ours(self) -> list[dict[str, Any]]:
        return [one for one in self.messages.values() if one["by"] == BOT and one["channel"] == CHANNEL]

    def say(self, kind: str, text: str, post: str) -> None:
        if kind == "comment":
            self.threads.add(post)
            self.add(SOMEBODY, {"content": text}, channel=post)
        else:
            made = self.add(SOMEBODY, {"content": text})
            made["mentions"] = [entities.user(BOT, "field_bot", bot=True)]

    def _snowflake(self) -> str:
        self._last = max(self._last + 1, (int(time.time() * 1000) - EPOCH_MS) << 22)
        return str(self._last)

    def add(
        self, by: str, body: dict[str, Any], files: list[dict[str, Any]] | None = None, channel: str = CHANNEL
    ) -> dict[str, Any]:
        answers = (body.get("message_reference") or {}).get("message_id", "")
        number = self._snowflake()
        self.messages[number] = {
            "id": number, "channel": channel, "by": by, "text": (body.get("content") or "").strip(),
            "files": files or [], "answers": answers, "type": 19 if answers else 0, "at": time.time(),
            "poll": body.get("poll"), "votes": 0, "reactions": {}, "mentions": [],
            "flags": body.get("flags") or 0, "allowed_mentions": body.get("allowed_mentions"),
        }  # fmt: skip
        return self.messages[number]

    # --- the door ---

    def routes(self, app: web.Application) -> None:
        app.middlewares.append(self.door)
        one = "/channels/{channel}/messages/{message}"
        app.add_routes(
            [
                web.get("/users/@me", self.me),
                web.get("/channels/{channel}", self.read_channel),
                web.patch("/channels/{channel}", self.patch_channel),
                web.get("/guilds/{guild}", self.read_guild),
                web.patch("/guilds/{guild}", self.patch_guild),
                web.get("/guilds/{guild}/members/{user}", self.read_member),
                web.get("/channels/{channel}/messages", self.list),
                web.post("/channels/{channel}/messages", self.create),
                web.get("/channels/{channel}/messages/pins", self.list_pins),
                web.put("/channels/{channel}/messages/pins/{message}", self.pin),
                web.delete("/channels/{channel}/messages/pins/{message}", self.unpin),
                web.get(one, self.show),
                web.patch(one, self.edit),
                web.delete(one, self.delete),
                web.post(one + "/crosspost", self.crosspost),
                web.post(one + "/threads", self.open_thread),
            ]
        )

    @web.middleware
    async def door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await self._read(request)
        self.requests.append((f"{request.method} {request.path}", body or {}))
        if self.contract:
            self.contract.request(
                request.method, request.path, query=request.query, kind="application/json", body=body
            )
        creates = request.method == "POST" and request.path == f"/channels/{CHANNEL}/messages"
        if self.take("nonsense"):
            return web.Response(text="<html>Discord</html>", content_type="text/html")
        if fault := self.take("limited", "limited_no_delay"):
            return self._too_often(told=fault == "limited")
        try:
            reply = await self._answer(request, handler, creates)
        except Refused as refusal:
            reply = web.json_response(refusal.body, status=refusal.status)
        if self.contract and reply.status != 204 and isinstance(reply.body, bytes):
            self.contract.reply(request.method, request.path, reply.status, json.loads(reply.body))
        if creates and reply.status == 200 and (fault := self.take(*_AFTER_COMMIT)):
            return await self.broken_answer(fault, request) or reply
        return reply

    def _too_often(self, *, told: bool) -> web.Response:
        body: dict[str, Any] = {"message": "You are being rate limited.", "global": False}
        if told:
            body["retry_after"] = 64.57
        return web.json_response(body, status=429)

    async def _read(self, request: web.Request) -> dict[str, Any] | None:
        """The body; of a form its payload_json, the files apart."""
        request[FILES], request[BODY] = {}, {}
        if not request.can_read_body:
            return None
        if request.content_type == "application/json":
            request[BODY] = await request.json()
        else:
            form = await request.post()
            request[BODY] = json.loads(str(form["payload_json"]))
            for name, value in form.items():
                if isinstance(value, web.FileField):
                    request[FILES][name] = (value.filename, value.file.read())
        return request[BODY]

    async def _answer(self, request: web.Request, handler: Handler, creates: bool) -> web.Response:
        assert request.headers["User-Agent"].startswith("DiscordBot (")
        if self.revoked or request.headers.get("Authorization") != f"Bot {TOKEN}":
            raise Refused(401, 0, "401: Unauthorized")
        if creates and self.take("refused"):
            raise Refused(400, 200000, "Message was blocked by automatic moderation")
        reply = await handler(request)
        assert isinstance(reply, web.Response)
        if not self.surplus or reply.status == 204 or not isinstance(reply.body, bytes):
            return reply
        told = json.loads(reply.body)
        for one in told if isinstance(told, list) else [told]:
            one["brand_new"] = {"mood": "sunny"}
        return web.json_response(told, status=reply.status)

    # --- messages ---

    def shown(self, number: str) -> dict[str, Any]:
        below = [one for one in self.messages.values() if one["channel"] == number]
        under = entities.thread(number, len(below)) if number in self.threads else None
        return entities.message(self.messages[number], under)

    def _here(self, request: web.Request) -> str:
        channel = request.match_info["channel"]
        if channel != CHANNEL and channel not in self.threads:
            raise Refused(404, 10003, "Unknown Channel")
        return channel

    def _found(self, request: web.Request) -> dict[str, Any]:
        one = self.messages.get(request.match_info["message"])
        if one is None or one["channel"] != self._here(request):
            raise Refused(404, 10008, "Unknown Message")
        return one

    def _check(self, body: dict[str, Any], files: list[Any]) -> None:
        if len(body.get("content") or "") > 2000:
            words = "Must be 2000 or fewer in length."
            errors = {"content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": words}]}}
            raise Refused(400, 50035, "Invalid Form Body", errors=errors)
        if not body.get("content") and not files and not body.get("poll"):
            raise Refused(400, 50006, "Cannot send an empty message")

    def _files(self, request: web.Request, old: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What `attachments` names: older files by their ids, new ones by their numbers in the form."""
        kept = {file["id"]: file for file in old}
        made = []
        for told in request[BODY].get("attachments") or ():
            if told["id"] in kept:
                made.append({**kept[told["id"]], "description": told.get("description", "")})
                continue
            name, content = request[FILES][f"files[{told['id']}]"]
            number = self._snowflake()
            made.append(
                {
                    "id": number, "filename": name, "size": len(content),
                    "url": f"https://cdn.discordapp.com/attachments/{number}/{name}",
                    "proxy_url": f"https://media.discordapp.net/attachments/{number}/{name}",
                    "description": told.get("description", ""),
                }
            )  # fmt: skip
        return made

    async def create(self, request: web.Request) -> web.Response:
        channel, body = self._here(request), request[BODY]
        nonce = str(body.get("nonce", ""))
        if body.get("enforce_nonce") and self.nonces.get(nonce) in self.messages:
            return web.json_response(self.shown(self.nonces[nonce]))
        files = self._files(request, [])
        self._check(body, files)
        answers = (body.get("message_reference") or {}).get("message_id")
        if answers and answers not in self.messages:
            raise Refused(400, 50035, "Invalid Form Body")
        made = self.add(BOT, body, files, channel)
        self.nonces[nonce] = made["id"]
        return web.json_response(self.shown(made["id"]))

    async def show(self, request: web.Request) -> web.Response:
        return web.json_response(self.shown(self._found(request)["id"]))

    async def edit(self, request: web.Request) -> web.Response:
        one = self._found(request)
        files = self._files(request, one["files"])
        self._check(request[BODY], files)
        one |= {"text": request[BODY]["content"].strip(), "files": files}
        return web.json_response(self.shown(one["id"]))

    async def delete(self, request: web.Request) -> web.Response:
        del self.messages[self._found(request)["id"]]
        return web.Response(status=204)

    async def list(self, request: web.Request) -> web.Response:
        channel, limit = self._here(request), int(request.query.get("limit", "50"))
        found = self._numbers(channel) if not self.blind else []
        if "after" in request.query:
            found = [number for number in found if number > int(request.query["after"])][:limit]
        else:
            found = found[-limit:]
        return web.json_response([self.shown(str(number)) for number in reversed(found)])

    def _numbers(self, channel: str) -> list[int]:
        return sorted(int(number) for number, one in self.messages.items() if one["channel"] == channel)

    async def crosspost(self, request: web.Request) -> web.Response:
        one = self._found(request)
        if one["flags"] & 1:
            raise Refused(400, 40033, "This message has already been crossposted.")
        one["flags"] |= 1
        return web.json_response(self.shown(one["id"]))

    async def open_thread(self, request: web.Request) -> web.Response:
        number = self._found(request)["id"]
        if number in self.threads or self.existing_thread:
            self.threads.add(number)
            raise Refused(400, 160004, "A thread has already been created for this message")
        self.threads.add(number)
        return web.json_response(entities.thread(number, 0), status=201)

    # --- pins, the channel, the server ---

    async def list_pins(self, request: web.Request) -> web.Response:
        items = [
            {"pinned_at": "2026-11-01T00:00:00+00:00", "message": self.shown(number)}
            for number in reversed(self.pinned)
        ]
        return web.json_response({"items": items, "has_more": False})

    async def pin(self, request: web.Request) -> web.Response:
        self.pinned.append(self._found(request)["id"])
        return web.Response(status=204)

    async def unpin(self, request: web.Request) -> web.Response:
        self.pinned.remove(request.match_info["message"])
        return web.Response(status=204)

    async def me(self, request: web.Request) -> web.Response:
        return web.json_response(entities.me())

    async def read_channel(self, request: web.Request) -> web.Response:
        last = max(self._numbers(self._here(request)), default=None)
        told = {**entities.channel(self.channel), "last_message_id": last and str(last)}
        return web.json_response(told)

    async def patch_channel(self, request: web.Request) -> web.Response:
        self.channel |= request[BODY]
        return await self.read_channel(request)

    async def read_guild(self, request: web.Request) -> web.Response:
        if request.match_info["guild"] != GUILD:
            raise Refused(404, 10004, "Unknown Guild")
        return web.json_response(entities.guild(self.guild))

    async def patch_guild(self, request: web.Request) -> web.Response:
        for name, value in request[BODY].items():
            self.guild[name] = (
                "new" if name in ("icon", "banner") and str(value).startswith("data:image/") else value
            )
        return await self.read_guild(request)

    async def read_member(self, request: web.Request) -> web.Response:
        return web.json_response(entities.member([BOT_ROLE]))
