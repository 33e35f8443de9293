"""MAX on loopback, small but with a memory: messages, files, comments, the chat's settings.

Every request it gets and every reply it gives is put to the contract, where that is at hand.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.max.tests import entities
from niva.networks.max.tests.contract import load_contract
from niva.networks.max.tests.entities import BOT_ID, CHAT_ID, OWNER_ID, RIGHTS

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "forgotten", "surplus",
    }
)  # fmt: skip
TOKEN: Final = "f9LHodD0cOL5NY7All_9xJRh5ZhPw6bRvq_0Adm8-1bZZEHdRy6_ZHDMNVPejUYNZg7Zhty-wKHNv2X2WJBQ"
PEOPLE: Final = 55_001
_AFTER_COMMIT: Final = ("accepted_then_timeout", "error_after_commit", "reset")
BODY: Final = web.RequestKey("body", dict)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.body = status, {"code": code, "message": message or code}


class FakeMax(FakeServer):
    """`messages`: by mid, in the order in which they came; what the owner wrote is there from the start.
    `slow_files`: how often a message with a file is refused because the file is not ready yet."""

    def __init__(self) -> None:
        super().__init__()
        self.contract = load_contract()
        self.messages: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.chat: dict[str, Any] = {
            "type": "channel", "status": "active", "title": "Поле", "about": "Новости хозяйства",
            "icon": "https://i.oneme.ru/i?r=avatar",
        }  # fmt: skip
        self.rights: list[str] | None = list(RIGHTS)
        self.slow_files = 0
        self.comments_open = True
        self.page = 100
        self.revoked = self.surplus = False
        self.pinned = self._add({"text": "Правила канала", "attachments": []}, OWNER_ID)

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

    def _ours(self, *, answers: bool) -> list[dict[str, Any]]:
        return [
            {"id": mid, "text": one["text"], "media": len(_files(one)), **one}
            for mid, one in self.messages.items()
            if one["by"] == BOT_ID and bool(one["answers"]) is answers
        ]

    def posts(self) -> list[dict[str, Any]]:
        return self._ours(answers=False)

    def parts(self) -> list[str]:
        return [one["text"] for one in self._ours(answers=True)]

    def say(self, kind: str, text: str, post: str) -> None:
        """Somebody comments; in a group, answers."""
        assert kind == "comment"
        if self.chat["type"] == "chat":
            self._add({"text": text, "attachments": [], "link": {"mid": post}}, PEOPLE)
        else:
            self._comment(post, {"text": text}, PEOPLE)

    def _add(self, body: dict[str, Any], by: int) -> str:
        mid = f"mid.{CHAT_ID & 0xFFFFFFFF:08x}{len(self.messages) + 1:08x}{by:06x}"
        self.messages[mid] = {
            "text": body.get("text") or "",
            "attachments": body.get("attachments") or [],
            "answers": (body.get("link") or {}).get("mid", ""),
            "by": by,
            "at": _now(),
            "notify": body.get("notify", True),
        }
        return mid

    def _comment(self, post: str, body: dict[str, Any], by: int) -> dict[str, Any]:
        made = {
            "mid": f"{post}.c{len(self.comments.get(post, ())) + 1}",
            "text": body["text"],
            "answers": (body.get("link") or {}).get("mid", ""),
            "by": by,
            "at": _now(),
        }
        self.comments.setdefault(post, []).append(made)
        return made

    # --- the door ---

    def routes(self, app: web.Application) -> None:
        app.middlewares.append(self.door)
        app.add_routes(
            [
                web.get("/me", self.me),
                web.get("/chats/{chat}", self.read_chat),
                web.patch("/chats/{chat}", self.patch_chat),
                web.get("/chats/{chat}/pin", self.read_pin),
                web.put("/chats/{chat}/pin", self.put_pin),
                web.delete("/chats/{chat}/pin", self.drop_pin),
                web.get("/chats/{chat}/members/me", self.membership),
                web.get("/chats/{chat}/members/admins", self.admins),
                web.post("/uploads", self.place),
                web.post("/files/{kind}", self.take_file),
                web.get("/messages", self.list),
                web.post("/messages", self.create),
                web.put("/messages", self.edit),
                web.delete("/messages", self.delete),
                web.get("/messages/{mid}", self.show),
                web.get("/messages/{mid}/comments", self.list_comments),
                web.post("/messages/{mid}/comments", self.add_comment),
            ]
        )

    @web.middleware
    async def door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/files/"):
            return await handler(request)
        body = await request.json() if request.can_read_body else None
        request[BODY] = body or {}
        self.requests.append((f"{request.method} {request.path}", {**request.query, **(body or {})}))
        if self.contract:
            self.contract.request(
                request.method, request.path, query=request.query, kind=request.content_type, body=body
            )
        creates = (request.method, request.path) == ("POST", "/messages")
        if self.take("nonsense"):
            return web.Response(text="<html>MAX</html>", content_type="text/html")
        if fault := self.take("limited", "limited_no_delay"):
            headers = {"Retry-After": "60"} if fault == "limited" else {}
            return web.json_response(
                {"code": "too.many.requests", "message": ""}, status=429, headers=headers
            )
        try:
            reply = await self._answer(request, handler, creates)
        except Refused as refusal:
            reply = web.json_response(refusal.body, status=refusal.status)
        if self.contract and isinstance(reply.body, bytes):
            self.contract.reply(request.method, request.path, reply.status, json.loads(reply.body))
        if creates and reply.status == 200 and (fault := self.take(*_AFTER_COMMIT)):
            return await self.broken_answer(fault, request) or reply
        return reply

    async def _answer(self, request: web.Request, handler: Handler, creates: bool) -> web.Response:
        if self.revoked or request.headers.get("Authorization") != TOKEN:
            raise Refused(401, "verify.token", "Invalid access_token")
        if creates and self.take("refused"):
            raise Refused(400, "proto.payload", "text: forbidden content")
        reply = await handler(request)
        assert isinstance(reply, web.Response) and isinstance(reply.body, bytes)
        if not self.surplus:
            return reply
        told = json.loads(reply.body)
        for one in (told, told.get("message"), *told.get("messages", ())):
            if isinstance(one, dict):
                one["brand_new"] = {"mood": "sunny"}
        return web.json_response({**told, "kind_of_future": "unheard"})

    # --- messages ---

    def shown(self, mid: str) -> dict[str, Any]:
        one = self.messages[mid]
        link = None
        if there := one["answers"]:
            body = {"mid": there, "seq": 1, "text": "", "attachments": None}
            link = {"type": "reply", "message": body}
        number = list(self.messages).index(mid) + 1
        made: dict[str, Any] = {
            "sender": entities.user(one["by"], "Полевой бот", bot=one["by"] == BOT_ID),
            "recipient": {"chat_id": CHAT_ID, "chat_type": self.chat["type"], "user_id": None},
            "timestamp": one["at"],
            "link": link,
            "body": {
                "mid": mid,
                "seq": number,
                "text": one["text"],
                "attachments": [entities.attachment(file, n) for n, file in enumerate(one["attachments"], 1)],
            },
        }
        if self.chat["type"] == "channel":
            made |= {"stat": {"views": 321}, "url": f"https://max.ru/niva_field/{number}"}
        return made

    def _found(self, mid: str) -> dict[str, Any]:
        if mid not in self.messages:
            raise Refused(404, "not.found", f"Message {mid} not found")
        return self.messages[mid]

    def _check_body(self, body: dict[str, Any]) -> None:
        if len(body.get("text") or "") > 4000:
            raise Refused(400, "proto.payload", "text: size must be between 0 and 4000")
        if not body.get("text") and not body.get("attachments"):
            raise Refused(400, "proto.payload", "Must not be empty")
        files = [file for file in body["attachments"] if file["type"] in ("image", "video")]
        if files and self.slow_files:
            self.slow_files -= 1
            raise Refused(400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed")
        for file in files:
            told = file["payload"].get("token") or next(iter(file["payload"]["photos"].values()))["token"]
            if told not in self.files:
                raise Refused(400, "proto.payload", "No such token")

    def _right(self, *names: str) -> None:
        if self.chat["status"] != "active" or self.rights is None:
            raise Refused(403, "chat.denied", "Bot is not a member of the chat")
        if not set(self.rights) & set(names) and self.chat["type"] == "channel":
            raise Refused(403, "access.denied", "No rights")

    async def create(self, request: web.Request) -> web.Response:
        if int(request.query["chat_id"]) != CHAT_ID:
            raise Refused(404, "chat.not.found", "Chat not found")
        self._right("write")
        self._check_body(request[BODY])
        mid = self._add(request[BODY], BOT_ID)
        return web.json_response({"message": self.shown(mid)})

    async def edit(self, request: web.Request) -> web.Response:
        one = self._found(request.query["message_id"])
        self._right("edit", "write")
        self._check_body(request[BODY])
        one |= {"text": request[BODY]["text"], "attachments": request[BODY]["attachments"]}
        return web.json_response({"success": True})

    async def delete(self, request: web.Request) -> web.Response:
        mid = request.query["message_id"]
        if mid not in self.messages:
            return web.json_response({"success": False, "message": "Message not found"})
        self._right("delete")
        del self.messages[mid]
        return web.json_response({"success": True})

    async def show(self, request: web.Request) -> web.Response:
        self._found(request.match_info["mid"])
        return web.json_response(self.shown(request.match_info["mid"]))

    async def list(self, request: web.Request) -> web.Response:
        self._right("read_all_messages")
        newest = list(reversed(self.messages))[: int(request.query.get("count", "50"))]
        return web.json_response({"messages": [self.shown(mid) for mid in newest]})

    # --- comments ---

    async def list_comments(self, request: web.Request) -> web.Response:
        found = [
            one
            for one in self.comments.get(request.match_info["mid"], ())
            if one["at"] >= int(request.query.get("after", "0"))
        ]
        start = int(request.query.get("marker", "0"))
        end = start + min(self.page, int(request.query.get("count", "50")))
        marker = end if end < len(found) else None
        shown = [self._shown_comment(one) for one in found[start:end]]
        return web.json_response({"comments": shown, "marker": marker})

    def _shown_comment(self, one: dict[str, Any]) -> dict[str, Any]:
        link = None
        if one["answers"]:
            body = {"mid": one["answers"], "seq": 1, "text": "", "attachments": None}
            link = {"type": "reply", "message": body}
        return {
            "sender": entities.user(one["by"], "Анна", bot=one["by"] == BOT_ID),
            "recipient": {"chat_id": CHAT_ID, "chat_type": "channel", "user_id": None},
            "timestamp": one["at"],
            "link": link,
            "body": {"mid": one["mid"], "seq": 1, "text": one["text"], "attachments": None},
        }

    async def add_comment(self, request: web.Request) -> web.Response:
        self._found(request.match_info["mid"])
        if not self.comments_open:
            raise Refused(403, "comments.disabled", "Comments are disabled")
        made = self._comment(request.match_info["mid"], request[BODY], BOT_ID)
        return web.json_response({"message": self._shown_comment(made)})

    # --- files ---

    async def place(self, request: web.Request) -> web.Response:
        kind = request.query["type"]
        made: dict[str, Any] = {"url": f"{self.url}/files/{kind}?sig=1"}
        if kind == "video":
            made["token"] = self._token()
            self.files[made["token"]] = ("video", b"")
        return web.json_response(made)

    def _token(self) -> str:
        return f"file-{len(self.files) + 1:04d}"

    async def take_file(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers, "the token is not for the host that takes files"
        form = await request.post()
        file = form["data"]
        assert isinstance(file, web.FileField)
        content = file.file.read()
        if request.match_info["kind"] == "video":
            return web.Response(text="<retval>1</retval>", content_type="text/xml")
        token = self._token()
        self.files[token] = (file.content_type, content)
        return web.json_response({"photos": {f"key{token}": {"token": token}}})

    # --- the bot and its chat ---

    async def me(self, request: web.Request) -> web.Response:
        return web.json_response(entities.bot())

    def _in_chat(self, request: web.Request) -> None:
        if request.match_info["chat"] not in (str(CHAT_ID), "niva_field"):
            raise Refused(404, "chat.not.found", "Chat not found")

    async def read_chat(self, request: web.Request) -> web.Response:
        self._in_chat(request)
        return web.json_response(entities.chat({**self.chat, "count": len(self.messages)}))

    async def patch_chat(self, request: web.Request) -> web.Response:
        self._in_chat(request)
        self._right("change_chat_info")
        body = request[BODY]
        if "title" in body:
            self.chat["title"] = body["title"]
        if icon := body.get("icon"):
            token = next(iter(icon["photos"].values()))["token"]
            assert token in self.files
            self.chat["icon"] = f"https://i.oneme.ru/i?r={token}"
        return await self.read_chat(request)

    async def read_pin(self, request: web.Request) -> web.Response:
        return web.json_response({"message": self.shown(self.pinned) if self.pinned else None})

    async def put_pin(self, request: web.Request) -> web.Response:
        self._right("pin_message")
        self._found(request[BODY]["message_id"])
        self.pinned = request[BODY]["message_id"]
        return web.json_response({"success": True})

    async def drop_pin(self, request: web.Request) -> web.Response:
        if not self.pinned:
            return web.json_response({"success": False, "message": "No pinned message"})
        self.pinned = ""
        return web.json_response({"success": True})

    async def membership(self, request: web.Request) -> web.Response:
        return web.json_response(entities.member(entities.bot(), self.rights))

    async def admins(self, request: web.Request) -> web.Response:
        owner = entities.member(entities.user(OWNER_ID, "Хозяин"), list(RIGHTS), owner=True)
        return web.json_response({"members": [owner, entities.member(entities.bot(), self.rights)]})


def _files(one: dict[str, Any]) -> list[dict[str, Any]]:
    return [file for file in one["attachments"] if file["type"] in ("image", "video")]


def _now() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)
