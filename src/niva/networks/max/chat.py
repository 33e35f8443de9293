"""The one chat that a community is: which it is, of what kind, and what was last said in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.max.client import ask
from niva.networks.max.payloads import listed

PAGE: Final = 100  # the most that GET /messages gives at once
_NUMBER: Final = re.compile(r"-?\d{1,20}")
_WEB: Final = re.compile(r"(?:https?://)?web\.max\.ru/(-?\d{1,20})(?:/.*)?")
_LINK: Final = re.compile(r"(?:https?://)?max\.ru/([\w.-]{1,100})/?|@?([\w.-]{1,100})")


def written(call: Call) -> str:
    """What the person wrote: a number, or the public name of a channel. Else Rejected("chat_missing")."""
    text = str(call.credential.facts.get("chat_id") or "").strip()
    if _NUMBER.fullmatch(text):
        return text
    if match := _WEB.fullmatch(text):
        return match[1]
    if match := _LINK.fullmatch(text):
        return match[1] or match[2]
    raise Rejected("chat_missing", text[:100])


async def chat_id(call: Call) -> str:
    """The chat's number: known since the test button, else found by the channel's public name."""
    name = written(call)
    if _NUMBER.fullmatch(name):
        return name
    return str((await read_chat(call))["chat_id"])


async def read_chat(call: Call) -> dict[str, Any]:
    """GET /chats/{id or public name}. NeedsLogin when the bot is out, or it is no chat for posts."""
    chat = await ask(call, "GET", f"/chats/{quote(written(call), safe='')}")
    if not isinstance(chat.get("chat_id"), int):
        raise Temporary("nonsense", "no chat in the answer")
    if chat.get("status") in ("removed", "left"):
        raise NeedsLogin("max_bot_not_in_chat", str(chat["status"]))
    if chat.get("status") == "closed":
        raise NeedsLogin("max_chat_closed")
    if chat.get("type") == "dialog":
        raise Rejected("max_dialog")
    return chat


def is_group(call: Call) -> bool:
    """Told by the test button. In a group the answers to a message stand for comments."""
    return call.credential.facts.get("chat_type") == "chat"


async def latest(call: Call, count: int = PAGE) -> list[Mapping[str, Any]]:
    """The last messages of the chat, newest first."""
    params = {"chat_id": await chat_id(call), "count": str(count)}
    return listed(await ask(call, "GET", "/messages", params=params), "messages")
