"""How the account is set. TikTok has no call that changes it."""

from __future__ import annotations

from niva.networks.base.errors import Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Profile
from niva.networks.tiktok.setup import user_of


async def read_profile(call: Call) -> Profile:
    """user/info with the rights user.info.profile and user.info.stats."""
    user = await user_of(
        call, "open_id", "avatar_url", "avatar_large_url", "display_name", "username", "bio_description",
        "is_verified", "follower_count",
    )  # fmt: skip
    followers = user.get("follower_count")
    return Profile(
        name=str(user.get("display_name") or ""),
        handle=str(user.get("username") or ""),
        about=str(user.get("bio_description") or ""),
        avatar=Picture(str(user.get("avatar_large_url") or user.get("avatar_url") or "")),
        verified=bool(user.get("is_verified")),
        followers=followers if isinstance(followers, int) else None,
    )


async def write_profile(call: Call, changes: Changes) -> None:
    raise Rejected("profile_write_unsupported")
