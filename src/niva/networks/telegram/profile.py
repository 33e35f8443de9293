"""How the channel or group is set, and the bot's own greeting and commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.base.types import MediaFile
from niva.networks.telegram.client import ask, chat_of

BIG_PHOTO: Final = 640  # pixels: https://core.telegram.org/bots/api#chatphoto
KEPT: Final = ("linked_chat_id", "slow_mode_delay", "permissions", "has_protected_content")
COMMAND_SIGN: Final = " — "  # between a command and its description, as a label of the menu


async def read_profile(call: Call) -> Profile:
    """Six reads. The bot sees the administrators only as a member of the chat."""
    chat = await ask(call, "getChat", {"chat_id": chat_of(call.credential)}, writes=False)
    if not isinstance(chat, dict) or "id" not in chat:
        raise Temporary("nonsense", "getChat: no object in the answer")
    where = {"chat_id": chat["id"]}
    followers = await ask(call, "getChatMemberCount", where, writes=False)
    greeting = await ask(call, "getMyDescription", {}, writes=False)
    commands = await ask(call, "getMyCommands", {}, writes=False)
    if not isinstance(greeting, dict) or not isinstance(commands, list):
        raise Temporary("nonsense", "getMyCommands: no list in the answer")
    channel = chat.get("type") == "channel"
    pinned = chat.get("pinned_message")
    return Profile(
        name=str(chat.get("title", "")),
        handle=str(chat.get("username", "")),
        about=str(chat.get("description", "")),
        avatar=_avatar(chat),
        pinned=_pinned(chat, pinned) if isinstance(pinned, dict) else None,
        has_pinned=isinstance(pinned, dict),
        menu=tuple(f"/{one['command']}{COMMAND_SIGN}{one['description']}" for one in commands),
        greeting=str(greeting.get("description", "")),
        comments_on=chat.get("linked_chat_id") is not None if channel else _may_write(chat),
        admins=await _admins(call, where),
        closed=not chat.get("username"),
        followers=followers if isinstance(followers, int) else None,
        more={name: chat[name] for name in KEPT if name in chat},
    )


def _avatar(chat: Mapping[str, Any]) -> Picture | None:
    """Telegram keeps it in 640 x 640. A public chat's is open to all under its name; a private one's stands
    behind the bot's token alone, which must not go into an address: there is one, and it is not told."""
    if not chat.get("photo"):
        return Picture("")
    name = chat.get("username")
    return Picture(f"https://t.me/i/userpic/320/{name}.jpg", BIG_PHOTO, BIG_PHOTO) if name else None


def _may_write(chat: Mapping[str, Any]) -> bool:
    """May people write in the group."""
    permissions = chat.get("permissions")
    return bool(permissions.get("can_send_messages", True)) if isinstance(permissions, dict) else True


def _pinned(chat: Mapping[str, Any], message: Mapping[str, Any]) -> Pinned:
    number, name = message["message_id"], chat.get("username")
    place = name or f"c/{str(chat['id']).removeprefix('-100')}"
    text = str(message.get("text") or message.get("caption") or "")
    at = datetime.fromtimestamp(message["date"], UTC) if message.get("date") else None
    return Pinned(str(number), f"https://t.me/{place}/{number}", text, at)


async def _admins(call: Call, where: Mapping[str, Any]) -> int | None:
    """People, not bots."""
    try:
        told = await ask(call, "getChatAdministrators", where, writes=False)
    except (NeedsLogin, Rejected) as error:
        if error.code not in ("no_right", "refused", "bot_removed"):
            raise
        return None
    if not isinstance(told, list):
        raise Temporary("nonsense", "getChatAdministrators: no list in the answer")
    return sum(not (one.get("user") or {}).get("is_bot") for one in told)


async def write_profile(call: Call, changes: Changes) -> None:
    """One call for every field. What went before a refusal stays."""
    where = {"chat_id": chat_of(call.credential)}
    if "name" in changes:
        await ask(call, "setChatTitle", {**where, "title": changes["name"]}, writes=True)
    if "about" in changes:
        await _set_about(call, {**where, "description": changes["about"] or ""})
    if "avatar" in changes:
        await _set_avatar(call, where, changes["avatar"])
    if "pinned" in changes:
        await _pin(call, where, changes["pinned"])
    if "greeting" in changes:
        await ask(call, "setMyDescription", {"description": changes["greeting"] or ""}, writes=True)
    if "menu" in changes:
        commands = [_command(label) for label in changes["menu"] or ()]
        await ask(call, "setMyCommands", {"commands": commands}, writes=True)


async def _set_about(call: Call, params: Mapping[str, Any]) -> None:
    try:
        await ask(call, "setChatDescription", params, writes=True)
    except Rejected as error:
        if "not modified" not in error.detail:
            raise


async def _set_avatar(call: Call, where: Mapping[str, Any], value: Any) -> None:
    if isinstance(value, MediaFile):
        await ask(call, "setChatPhoto", where, writes=True, files={"photo": value})
    else:
        await ask(call, "deleteChatPhoto", where, writes=True)


async def _pin(call: Call, where: Mapping[str, Any], pinned: Pinned | None) -> None:
    """Quietly: nobody is told by a sound."""
    if pinned is None:
        await ask(call, "unpinChatMessage", where, writes=True)
        return
    params = {**where, "message_id": int(pinned.id), "disable_notification": True}
    await ask(call, "pinChatMessage", params, writes=True)


def _command(label: str) -> dict[str, str]:
    """ "/price — Prices" as a command. Raises Rejected when it is none."""
    command, _, description = label.partition(COMMAND_SIGN.strip())
    command = command.strip().removeprefix("/")
    if not command or not description.strip():
        raise Rejected("command_wanted", label[:100])
    return {"command": command, "description": description.strip()}
