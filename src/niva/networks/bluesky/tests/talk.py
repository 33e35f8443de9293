"""What no PDS has of its own: an AppView with answers and mentions, and Bluesky's chat. Small, with a memory.

Each request and each reply is put to the lexicons, where those are at hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from niva.networks.base.inbox import MessageKind
from niva.networks.bluesky.inbox import CHAT
from niva.networks.bluesky.tests.lexicon import folder, input_breaches, output_breaches

READER: Final = {"did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "handle": "anna.example", "displayName": "Анна"}
CID: Final = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"


def now(ago: float = 0.0) -> str:
    moment = datetime.now(UTC) - timedelta(seconds=ago)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Talk:
    """`said`: posts of others; `convos`: messages by conversation, oldest first; `page`: rows at a time."""

    def __init__(self, did: str) -> None:
        self.did = did
        self.said: list[dict[str, Any]] = []
        self.convos: dict[str, list[dict[str, Any]]] = {}
        self.gone: set[str] = set()
        self.page = 100
        self.breaches: list[str] = []
        self.refused: dict[str, str] = {}  # what the account's server says of every call to the chat
        self.methods = {
            "app.bsky.feed.getPostThread": self.thread,
            "app.bsky.notification.listNotifications": self.notifications,
            "chat.bsky.convo.listConvos": self.list_convos,
            "chat.bsky.convo.getMessages": self.messages,
            "chat.bsky.convo.sendMessage": self.send,
        }

    def say(self, kind: MessageKind, text: str, post: str) -> None:
        if kind == "message":
            self.letter("c1", text)
        else:
            self.post(text, post)

    def post(self, text: str, answers: str = "", *, root: str = "", ago: float = 0.0) -> str:
        """A post of another person; its address. Without `answers` it mentions us."""
        uri = f"at://{READER['did']}/app.bsky.feed.post/3l{len(self.said):011d}"
        record: dict[str, Any] = {"$type": "app.bsky.feed.post", "text": text, "createdAt": now(ago)}
        if answers:
            top = {"uri": root or answers, "cid": CID}
            record["reply"] = {"root": top, "parent": {"uri": answers, "cid": CID}}
        view = {"uri": uri, "cid": CID, "author": READER, "record": record, "indexedAt": now(ago)}
        self.said.append(view)
        return uri

    def letter(self, convo: str, text: str, *, did: str = "", ago: float = 0.0) -> dict[str, Any]:
        rows = self.convos.setdefault(convo, [])
        message = {
            "$type": "chat.bsky.convo.defs#messageView", "id": f"{convo}-{len(rows)}", "rev": f"r{len(rows)}",
            "text": text, "sender": {"did": did or READER["did"]}, "sentAt": now(ago),
        }  # fmt: skip
        rows.append(message)
        return message

    async def answer(self, method: str, request: web.Request, content: bytes) -> web.Response:
        params: dict[str, Any] = {name: request.query.getall(name) for name in request.query}
        body = json.loads(content) if content else None
        if method.startswith("chat.") and request.headers.get("atproto-proxy") != CHAT:
            self.breaches.append(f"{method}: not handed on to the chat")
        if folder() is not None:
            self.breaches += input_breaches(method, params, body)
        if method.startswith("chat.") and self.refused:
            return web.json_response(self.refused, status=400)
        plain = {name: values[0] for name, values in params.items()}
        told = self.methods[method](body if body is not None else plain)
        if "error" in told:
            return web.json_response(told, status=400)
        if folder() is not None:
            self.breaches += output_breaches(method, told)
        return web.json_response(told)

    # --- the AppView ---

    def thread(self, params: Mapping[str, Any]) -> dict[str, Any]:
        if params["uri"] in self.gone:
            return {"error": "NotFound", "message": "Post not found"}
        own = {"did": self.did, "handle": "niva.test"}
        top = {"uri": params["uri"], "cid": CID, "author": own, "record": {"text": ""}, "indexedAt": now()}
        return {"thread": self._threaded(top)}

    def _threaded(self, view: dict[str, Any]) -> dict[str, Any]:
        below = [
            self._threaded(one)
            for one in self.said
            if one["record"].get("reply", {}).get("parent", {}).get("uri") == view["uri"]
        ]
        hidden = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://did:plc:x/a/b", "notFound": True}
        return {"$type": "app.bsky.feed.defs#threadViewPost", "post": view, "replies": [*below, hidden]}

    def notifications(self, params: Mapping[str, Any]) -> dict[str, Any]:
        rows = [
            {**one, "reason": "mention", "isRead": False} for one in self.said if "reply" not in one["record"]
        ]
        return self._paged(rows[::-1], "notifications", params)

    def _paged(self, rows: list[dict[str, Any]], name: str, params: Mapping[str, Any]) -> dict[str, Any]:
        start = int(params.get("cursor", 0))
        told: dict[str, Any] = {name: rows[start : start + self.page]}
        if start + self.page < len(rows):
            told["cursor"] = str(start + self.page)
        return told

    # --- the chat ---

    def list_convos(self, params: Mapping[str, Any]) -> dict[str, Any]:
        rows = [
            {
                "id": name, "rev": "r", "muted": False, "unreadCount": 1, "lastMessage": said[-1],
                "members": [READER, {"did": self.did, "handle": "niva.test"}],
            }
            for name, said in self.convos.items()
        ]  # fmt: skip
        rows.sort(key=lambda row: row["lastMessage"]["sentAt"], reverse=True)
        return self._paged(rows, "convos", params)

    def messages(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._paged(self.convos[params["convoId"]][::-1], "messages", params)

    def send(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if body["convoId"] not in self.convos:
            return {"error": "InvalidConvo", "message": "Convo not found"}
        made = self.letter(body["convoId"], body["message"]["text"], did=self.did)
        return {name: value for name, value in made.items() if name != "$type"}
