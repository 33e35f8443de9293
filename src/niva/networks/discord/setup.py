"""The test button: whose token this is, which channel it writes to, and what it may do there."""

from __future__ import annotations

from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.network import Call
from niva.networks.base.types import Account, Credential
from niva.networks.discord import payloads
from niva.networks.discord.client import ask, ask_object, channel_of
from niva.networks.discord.profile import picture_of, read_channel, read_guild
from niva.networks.discord.rights import lacks, may_see, rights

_TEXT: Final = 0
# More kinds of channels than these two exist; a forum's posts are threads, a direct chat has no server.
_TAKEN: Final = (_TEXT, payloads.ANNOUNCEMENTS)


async def account(call: Call) -> Account:
    """Four reads: the bot, the channel, its server, the bot's roles there."""
    me = await ask_object(call, "GET", "/users/@me")
    if me.get("bot") is False:
        raise NeedsLogin("discord_wrong_key")
    channel = await read_channel(call)
    if not channel.get("guild_id"):
        raise Rejected("discord_no_server")
    if channel.get("type") not in _TAKEN:
        raise Rejected("discord_channel_kind", str(channel.get("type")))
    guild = await read_guild(call, str(channel["guild_id"]))
    bits = await _bits(call, guild, channel, str(me["id"]))
    if not may_see(bits):
        raise NeedsLogin("discord_no_access")
    missing = lacks(bits)
    members = guild.get("approximate_member_count")
    return Account(
        id=channel_of(call),
        name=f"{guild.get('name') or guild['id']} · #{channel.get('name') or channel['id']}",
        url=f"https://discord.com/channels/{guild['id']}/{channel['id']}",
        avatar_url=picture_of("icons", guild, "icon").url,
        followers=members if isinstance(members, int) else None,
        lacks=missing,
        facts={
            "channel_id": channel_of(call),
            "channel_type": channel.get("type"),
            "guild_id": str(guild["id"]),
            "bot_id": str(me["id"]),
            "may_read": "look_up" not in missing,
            "bot_username": str(me.get("username") or ""),
        },
    )


async def _bits(call: Call, guild: dict[str, Any], channel: dict[str, Any], bot: str) -> int:
    member = await ask(call, "GET", f"/guilds/{guild['id']}/members/{bot}")
    return rights(guild, channel, member if isinstance(member, dict) else {}, bot)


async def refresh(call: Call) -> Credential:
    """A bot's token does not end until somebody has a new one made."""
    return call.credential
