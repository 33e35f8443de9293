"""How the account is set, as far as the API tells it. It changes nothing of it."""

from __future__ import annotations

from typing import Final

from niva.networks.base import graph
from niva.networks.base.errors import Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Profile
from niva.networks.instagram.client import account_of, ask

_FIELDS: Final = (
    "id,username,name,biography,website,followers_count,follows_count,media_count,profile_picture_url,"
    "media.limit(1){timestamp}"
)


async def read_profile(call: Call) -> Profile:
    """One call. The API leaves out what is empty."""
    told = await ask(call, "GET", account_of(call), {"fields": _FIELDS})
    followers, media = told.get("followers_count"), told.get("media")
    last = graph.rows(media) if isinstance(media, dict) else []
    return Profile(
        name=str(told.get("name") or ""),
        handle=str(told.get("username") or ""),
        about=str(told.get("biography") or ""),
        site=str(told.get("website") or ""),
        avatar=Picture(str(told.get("profile_picture_url") or "")),
        followers=followers if isinstance(followers, int) else None,
        last_post_at=graph.moment(last[0].get("timestamp")) if last else None,
        more={"follows": told.get("follows_count"), "posts": told.get("media_count")},
    )


async def write_profile(call: Call, changes: Changes) -> None:
    raise Rejected("profile_write_unsupported")
