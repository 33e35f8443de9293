"""How the channel is set, and the two things of it that may be changed from outside."""

from __future__ import annotations

from typing import Any, Final

from niva.networks.base.errors import Gone, Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Profile
from niva.networks.base.transport import unclear
from niva.networks.base.types import MediaFile
from niva.networks.youtube.client import ask, items, send_picture
from niva.networks.youtube.payloads import moment
from niva.networks.youtube.publish import own_channel, uploads_of
from niva.networks.youtube.setup import picture_of

# What channels.update may set; what is left out would be emptied
# (https://developers.google.com/youtube/v3/docs/channels/update).
_SETTABLE: Final = (
    "country", "description", "defaultLanguage", "keywords", "trackingAnalyticsAccountId",
    "unsubscribedTrailer",
)  # fmt: skip


async def read_profile(call: Call) -> Profile:
    """channels.list, and the newest video for the date of the last post."""
    channel = await own_channel(call, "snippet,brandingSettings,statistics,status")
    snippet, branding = channel.get("snippet") or {}, channel.get("brandingSettings") or {}
    settings, images = branding.get("channel") or {}, branding.get("image") or {}
    counts, status = channel.get("statistics") or {}, channel.get("status") or {}
    url, width, height = picture_of(snippet)
    followers = str(counts.get("subscriberCount", ""))
    uploads, _ = await _newest(call)
    return Profile(
        name=str(snippet.get("title") or ""),
        handle=str(snippet.get("customUrl") or "").removeprefix("@"),
        about=str(snippet.get("description") or settings.get("description") or ""),
        avatar=Picture(url, width, height),
        cover=Picture(str(images.get("bannerExternalUrl") or "")),
        closed=status.get("privacyStatus", "public") != "public",
        followers=int(followers) if followers.isdecimal() else None,
        last_post_at=moment(uploads[0]["snippet"].get("publishedAt")) if uploads else None,
        more={
            name: settings[name]
            for name in ("country", "keywords", "defaultLanguage", "unsubscribedTrailer")
            if settings.get(name)
        },
    )


async def _newest(call: Call) -> tuple[list[dict[str, Any]], str]:
    try:
        params = {"part": "snippet", "playlistId": await uploads_of(call), "maxResults": "1"}
        return await items(call, "playlistItems", params)
    except Gone:  # a channel that never had a video has no list
        return [], ""


async def write_profile(call: Call, changes: Changes) -> None:
    """The description, the banner. What stands there besides goes along unchanged."""
    channel = await own_channel(call, "brandingSettings")
    branding = channel.get("brandingSettings") or {}
    settings = branding.get("channel") or {}
    kept = {name: settings[name] for name in _SETTABLE if name in settings}
    made: dict[str, Any] = {"channel": kept}
    if banner := (branding.get("image") or {}).get("bannerExternalUrl"):
        made["image"] = {"bannerExternalUrl": banner}
    if "about" in changes:
        kept["description"] = str(changes["about"] or "")
    if "cover" in changes:
        made["image"] = {"bannerExternalUrl": await _banner(call, changes["cover"])}
    body = {"id": str(channel.get("id") or ""), "brandingSettings": made}
    await ask(call, "PUT", "channels", {"part": "brandingSettings"}, body=body, writes=True)


async def _banner(call: Call, file: Any) -> str:
    if not isinstance(file, MediaFile):
        raise Rejected("media_refused")
    told = await send_picture(call, "channelBanners/insert", {}, file, forbidden="media_refused")
    if not isinstance(told.get("url"), str):
        raise unclear(False, "nonsense", "no address of the banner in the answer")
    return str(told["url"])
