"""How the chat is set: what GET /chats tells, and the little that PATCH /chats changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.max import payloads
from niva.networks.max.chat import chat_id, latest, read_chat
from niva.networks.max.client import ask, upload
from niva.networks.max.publish import pin


async def read_profile(call: Call) -> Profile:
    """Four reads: the chat, the message on top, the administrators, the last message."""
    chat = await read_chat(call)
    number = chat["chat_id"]
    top = (await ask(call, "GET", f"/chats/{number}/pin")).get("message")
    admins = payloads.listed(await ask(call, "GET", f"/chats/{number}/members/admins"), "members")
    last = await latest(call, 1)
    icon, link = chat.get("icon"), str(chat.get("link") or "")
    return Profile(
        name=str(chat.get("title") or ""),
        handle=link.rstrip("/").rpartition("/")[2],
        about=str(chat.get("description") or ""),
        avatar=Picture(str(icon.get("url") or "") if isinstance(icon, dict) else ""),
        pinned=_pinned(top) if isinstance(top, dict) else None,
        has_pinned=isinstance(top, dict),
        admins=len(admins),
        closed=None if chat.get("is_public") is None else not chat["is_public"],
        followers=_count(chat.get("participants_count")),
        last_post_at=payloads.moment(last[0]) if last else None,
        more={"kind": chat.get("type"), "messages": _count(chat.get("messages_count"))},
    )


def _pinned(one: Mapping[str, Any]) -> Pinned:
    mid = str(payloads.body_of(one).get("mid") or "")
    return Pinned(mid, str(one.get("url") or ""), payloads.text_of(one), payloads.moment(one))


def _count(value: Any) -> int | None:
    return value if type(value) is int else None


async def write_profile(call: Call, changes: Changes) -> None:
    """Title and picture by PATCH /chats (members get no notice of it), the message on top by its own call.

    "pinned": a `Pinned`, or None to take down what stands there.
    """
    body: dict[str, Any] = {}
    if "name" in changes:
        body["title"] = str(changes["name"])
    if "avatar" in changes:
        body["icon"] = (await upload(call, changes["avatar"]))["payload"]
    if body:
        path = f"/chats/{await chat_id(call)}"
        await ask(call, "PATCH", path, body={**body, "notify": False}, writes=True)
    if "pinned" in changes:
        top = changes["pinned"]
        await pin(call, top.id if isinstance(top, Pinned) else "")
