"""How the server and the channel are set. What is written of the server goes to all its channels."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Gone, Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.base.types import MediaFile
from niva.networks.discord import payloads
from niva.networks.discord.client import ask, ask_list, ask_object, channel_of, moment_of

_CDN: Final = "https://cdn.discordapp.com"
_LEVELS: Final[dict[Any, str]] = {0: "none", 1: "low", 2: "medium", 3: "high", 4: "very_high"}
# Our field of the server -> theirs. The channel's own is its topic.
_TEXTS: Final = {"name": "name", "about": "description"}
_PICTURES: Final = {"avatar": "icon", "cover": "banner"}


async def read_channel(call: Call) -> dict[str, Any]:
    return await ask_object(call, "GET", f"/channels/{channel_of(call)}")


async def read_guild(call: Call, number: str = "") -> dict[str, Any]:
    """The server, with the number of its members."""
    guild = number or await guild_id(call)
    return await ask_object(call, "GET", f"/guilds/{guild}", params={"with_counts": "true"})


async def guild_id(call: Call) -> str:
    """Known since the test button, else the channel tells it. Rejected for a direct chat."""
    known = call.credential.facts.get("guild_id") or (await read_channel(call)).get("guild_id")
    if not known:
        raise Rejected("discord_no_server")
    return str(known)


def picture_of(folder: str, guild: Mapping[str, Any], name: str) -> Picture:
    """https://docs.discord.com/developers/reference#image-formatting"""
    mark = guild.get(name)
    return Picture(f"{_CDN}/{folder}/{guild['id']}/{mark}.png?size=1024" if mark else "")


async def read_profile(call: Call) -> Profile:
    """Four reads: the server, the channel, the message on top, the last message."""
    channel = await read_channel(call)
    guild = await read_guild(call, str(channel.get("guild_id") or ""))
    top = await _pinned(call)
    last = await ask_list(call, f"/channels/{channel_of(call)}/messages", {"limit": "1"})
    features = guild.get("features") if isinstance(guild.get("features"), list) else []
    members, level = guild.get("approximate_member_count"), guild.get("verification_level")
    return Profile(
        name=str(guild.get("name") or ""),
        handle=str(guild.get("vanity_url_code") or ""),
        status=str(channel.get("topic") or ""),
        about=str(guild.get("description") or ""),
        avatar=picture_of("icons", guild, "icon"),
        cover=picture_of("banners", guild, "banner"),
        pinned=top,
        has_pinned=top is not None,
        verified="VERIFIED" in (features or ()),
        followers=members if isinstance(members, int) else None,
        last_post_at=moment_of(last[0].get("id")) if last else None,
        more={
            "channel": channel.get("name"),
            "verification_level": _LEVELS.get(level),
            "rules_channel": guild.get("rules_channel_id"),
            "features": features,
        },
    )


async def _pinned(call: Call) -> Pinned | None:
    """The message that was pinned last."""
    data = await ask(call, "GET", f"/channels/{channel_of(call)}/messages/pins", params={"limit": "1"})
    rows = data.get("items") if isinstance(data, dict) else None
    one = rows[0].get("message") if rows and isinstance(rows[0], dict) else None
    if not isinstance(one, dict):
        return None
    number = str(one.get("id"))
    url = payloads.address(str(call.credential.facts.get("guild_id") or ""), channel_of(call), number)
    return Pinned(number, url, str(one.get("content") or ""), moment_of(number))


async def write_profile(call: Call, changes: Changes) -> None:
    """Name, description, icon and banner of the server, the topic of the channel, the message on top.

    Which of them a server may have hangs on its level: what it has not is refused in Discord's own words.
    """
    body: dict[str, Any] = {_TEXTS[name]: str(changes[name] or "") for name in _TEXTS if name in changes}
    for name, theirs in _PICTURES.items():
        if name in changes:
            file = changes[name]
            there = isinstance(file, MediaFile)
            body[theirs] = await asyncio.to_thread(_as_address, file) if there else None
    if body:
        await ask_object(call, "PATCH", f"/guilds/{await guild_id(call)}", body=body, writes=True)
    if "status" in changes:
        topic = {"topic": str(changes["status"] or "")}
        await ask_object(call, "PATCH", f"/channels/{channel_of(call)}", body=topic, writes=True)
    if "pinned" in changes:
        await _pin(call, changes["pinned"])


async def _pin(call: Call, wanted: Any) -> None:
    """A `Pinned` is put on top; None takes down what stands there."""
    base = f"/channels/{channel_of(call)}/messages/pins"
    if isinstance(wanted, Pinned):
        await ask(call, "PUT", f"{base}/{wanted.id}", writes=True)
        return
    if (top := await _pinned(call)) is not None:
        try:
            await ask(call, "DELETE", f"{base}/{top.id}", writes=True)
        except Gone:
            return


def _as_address(file: MediaFile) -> str:
    """The whole picture as a data: address, as Discord wants it (its limit is ten megabytes)."""
    try:
        content = file.path.read_bytes()
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error
    return f"data:{file.mime};base64,{base64.b64encode(content).decode()}"
