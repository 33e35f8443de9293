"""The test button: whose token this is, which chat it writes to, and what it may do there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import Account, Credential
from niva.networks.telegram.client import ask, chat_of

_CONTENT: Final = ("text", "image", "album", "video", "animation", "link", "poll")
_GROUP_RIGHTS: Final = {
    "can_send_messages": ("text", "link"),
    "can_send_photos": ("image", "album"),
    "can_send_videos": ("video",),
    "can_send_other_messages": ("animation",),
    "can_send_polls": ("poll",),
}


async def account(call: Call) -> Account:
    """Four reads: getMe, getChat, getChatMember of the bot itself, getChatMemberCount; a fifth in the linked
    group."""
    me = await _mapping(call, "getMe", {})
    chat = await _mapping(call, "getChat", {"chat_id": chat_of(call.credential)})
    where = {"chat_id": chat.get("id")}
    member = await _mapping(call, "getChatMember", {**where, "user_id": me.get("id")})
    followers = await ask(call, "getChatMemberCount", where, writes=False)
    if member.get("status") in ("left", "kicked"):
        raise NeedsLogin("bot_removed")
    name = chat.get("username")
    return Account(
        id=str(chat.get("id")),
        name=str(chat.get("title") or name or chat.get("id")),
        url=f"https://t.me/{name}" if name else "",
        followers=followers if isinstance(followers, int) else None,
        lacks=(*lacks(str(chat.get("type")), member), *await _lacks_talk(call, me, chat, member)),
        facts={
            "chat_id": chat.get("id"),
            "chat_type": chat.get("type"),
            "bot_username": me.get("username", ""),
        },
    )


async def refresh(call: Call) -> Credential:
    """A bot's token does not end until BotFather takes it back."""
    return call.credential


def lacks(chat_type: str, member: Mapping[str, Any]) -> tuple[str, ...]:
    """Abilities that the bot's place in the chat does not give it.

    In a channel the right to post carries edits of one's own posts and, for 48 hours, their removal; only
    "delete messages of others" removes them later, so without it the desk cannot promise a removal.
    """
    if member.get("status") == "creator":
        return ()
    missing: list[str] = []
    if chat_type == "channel":
        posts = bool(member.get("can_post_messages"))
        if not posts:
            missing += _CONTENT
        if not posts and not member.get("can_edit_messages"):
            missing += ("edit", "read_back")
        if not member.get("can_delete_messages"):
            missing.append("delete")
    elif member.get("status") == "restricted":
        for right, words in _GROUP_RIGHTS.items():
            if not member.get(right):
                missing += words
    return tuple(missing)


async def _lacks_talk(
    call: Call, me: Mapping[str, Any], chat: Mapping[str, Any], member: Mapping[str, Any]
) -> tuple[str, ...]:
    """Comments on a channel stand in its linked group, which the bot hears as an administrator there."""
    missing: list[str] = []
    if not member.get("can_change_info") and member.get("status") != "creator":
        missing.append("profile_write")
    if chat.get("type") != "channel":
        return tuple(missing)
    group = chat.get("linked_chat_id")
    if group is not None:
        try:
            there = await _mapping(call, "getChatMember", {"chat_id": group, "user_id": me.get("id")})
        except (NeedsLogin, Rejected) as error:
            if error.code in ("token_revoked", "bad_token"):
                raise
            there = {}
        if there.get("status") in ("administrator", "creator"):
            return tuple(missing)
    return (*missing, "comments", "comment_answer")


async def _mapping(call: Call, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    result = await ask(call, method, params, writes=False)
    if not isinstance(result, dict):
        raise Temporary("nonsense", f"{method}: no object in the answer")
    return result
