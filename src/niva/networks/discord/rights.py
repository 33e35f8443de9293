"""What a bot may do in a channel: Discord's sum of roles and overwrites. Pure.

https://docs.discord.com/developers/topics/permissions#permission-overwrites
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

ADMINISTRATOR: Final = 1 << 3
_BITS: Final = {
    "MANAGE_CHANNELS": 1 << 4, "MANAGE_GUILD": 1 << 5, "VIEW_CHANNEL": 1 << 10, "SEND_MESSAGES": 1 << 11,
    "MANAGE_MESSAGES": 1 << 13, "EMBED_LINKS": 1 << 14, "ATTACH_FILES": 1 << 15,
    "READ_MESSAGE_HISTORY": 1 << 16, "CREATE_PUBLIC_THREADS": 1 << 35, "SEND_MESSAGES_IN_THREADS": 1 << 38,
    "SEND_POLLS": 1 << 49,
}  # fmt: skip
# Right -> the abilities that are lost without it.
_CARRIES: Final[Mapping[str, tuple[str, ...]]] = {
    "SEND_MESSAGES": ("text", "image", "album", "video", "animation", "link", "poll", "thread"),
    "ATTACH_FILES": ("image", "album", "video", "animation"),
    "EMBED_LINKS": ("link",),
    "SEND_POLLS": ("poll",),
    "READ_MESSAGE_HISTORY": ("read_back", "look_up", "post_numbers", "comments", "mentions", "thread"),
    "CREATE_PUBLIC_THREADS": ("first_comment",),
    "SEND_MESSAGES_IN_THREADS": ("first_comment", "comment_answer"),
    "MANAGE_GUILD": ("profile_write",),
}


def rights(guild: Mapping[str, Any], channel: Mapping[str, Any], member: Mapping[str, Any], bot: str) -> int:
    """All rights of the bot in the channel, as bits."""
    everyone = str(guild.get("id"))
    roles = {everyone, *map(str, member.get("roles") or ())}
    total = 0
    for role in _objects(guild.get("roles")):
        if str(role.get("id")) in roles:
            total |= _number(role.get("permissions"))
    if total & ADMINISTRATOR or guild.get("owner_id") == bot:
        return ~0
    overwrites = {str(one.get("id")): one for one in _objects(channel.get("permission_overwrites"))}
    for group in ([everyone], sorted(roles - {everyone}), [bot]):
        applied = [overwrites[name] for name in group if name in overwrites]
        for one in applied:
            total &= ~_number(one.get("deny"))
        for one in applied:
            total |= _number(one.get("allow"))
    return total


def may_see(bits: int) -> bool:
    return bool(bits & _BITS["VIEW_CHANNEL"])


def lacks(bits: int) -> tuple[str, ...]:
    """Abilities that these rights do not carry, each once."""
    lost = (word for right, words in _CARRIES.items() if not bits & _BITS[right] for word in words)
    return tuple(dict.fromkeys(lost))


def _objects(rows: Any) -> Iterable[Mapping[str, Any]]:
    return (one for one in rows if isinstance(one, dict)) if isinstance(rows, list) else ()


def _number(text: Any) -> int:
    """Rights come as text, for they outgrow what JavaScript counts."""
    return int(text) if isinstance(text, str) and text.isdecimal() else 0
