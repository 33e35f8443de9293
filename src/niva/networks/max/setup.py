"""The test button: whose token this is, which chat it writes to, and what it may do there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import Account, Credential
from niva.networks.max.chat import read_chat
from niva.networks.max.client import ask

_CONTENT: Final = ("text", "image", "album", "video", "animation", "link", "thread")
# Ability -> rights of which any one gives it, in a channel; older names of the same rights beside the new:
# https://dev.max.ru/docs-api/methods/POST/chats/-chatId-/members/admins
_CHANNEL: Final = {
    _CONTENT: {"write", "post_edit_delete_message"},
    ("edit",): {"edit", "edit_message", "write", "post_edit_delete_message"},
    ("delete",): {"delete", "delete_message", "write", "post_edit_delete_message"},
    ("first_comment", "comment_answer"): {"write", "post_edit_delete_message", "edit"},
}
_READS: Final = ("read_back", "look_up", "post_numbers", "comments")


async def account(call: Call) -> Account:
    """Three reads: the bot, the chat, and the bot's place in it."""
    me = await ask(call, "GET", "/me")
    if not isinstance(me.get("user_id"), int):
        raise Temporary("nonsense", "no bot in the answer")
    if me.get("is_bot") is False:
        raise NeedsLogin("bad_token")
    chat = await read_chat(call)
    member = await ask(call, "GET", f"/chats/{chat['chat_id']}/members/me")
    missing = lacks(str(chat.get("type")), member)
    followers, icon = chat.get("participants_count"), chat.get("icon")
    return Account(
        id=str(chat["chat_id"]),
        name=str(chat.get("title") or chat["chat_id"]),
        url=str(chat.get("link") or ""),
        avatar_url=str(icon.get("url") or "") if isinstance(icon, dict) else "",
        followers=followers if isinstance(followers, int) else None,
        lacks=missing,
        facts={
            "chat_id": str(chat["chat_id"]),
            "chat_type": str(chat.get("type")),
            "bot_id": me["user_id"],
            "may_read": "look_up" not in missing,
            "bot_username": str(me.get("username") or ""),
        },
    )


async def refresh(call: Call) -> Credential:
    """A bot's token does not end until somebody takes it back."""
    return call.credential


def lacks(chat_type: str, member: Mapping[str, Any]) -> tuple[str, ...]:
    """Abilities that the bot's place in the chat does not give it."""
    if member.get("is_owner"):
        return ()
    told = member.get("permissions")
    rights = set(map(str, told)) if isinstance(told, list) and member.get("is_admin") else set()
    missing: list[str] = []
    if chat_type == "channel":
        for words, any_of in _CHANNEL.items():
            if not rights & any_of:
                missing += words
    if "read_all_messages" not in rights:
        missing += _READS
    if not member.get("is_admin"):
        missing.append("profile")
    if "change_chat_info" not in rights:
        missing.append("profile_write")
    return tuple(missing)
