"""How an account is set, as GET /user_account tells. Pinterest has no call that changes it."""

from __future__ import annotations

from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Profile
from niva.networks.pinterest.client import all_items, ask
from niva.networks.pinterest.errors import NO_RIGHT

_MORE: Final = ("account_type", "monthly_views", "board_count")


async def read_profile(call: Call) -> Profile:
    me = await ask(call, "GET", "/user_account")
    followers = me.get("follower_count")
    more: dict[str, Any] = {name: me[name] for name in _MORE if name in me}
    return Profile(
        name=str(me.get("business_name") or me.get("username") or ""),
        handle=str(me.get("username") or ""),
        about=str(me.get("about") or ""),
        site=str(me.get("website_url") or ""),
        links=await _sites(call),
        avatar=Picture(str(me.get("profile_image") or "")),
        followers=followers if type(followers) is int else None,
        more=more,
    )


async def _sites(call: Call) -> tuple[str, ...] | None:
    """Sites that the account proved to be its own; None where the keys may not see them."""
    try:
        rows, _ = await all_items(call, "/user_account/websites", pages=1)
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return None
    return tuple(str(row.get("website")) for row in rows if row.get("website"))


async def write_profile(call: Call, changes: Changes) -> None:
    """No call changes an account."""
    raise Rejected("profile_write_unsupported")
