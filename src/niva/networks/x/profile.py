"""How the account is set. The API v2 has no call that changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from niva.networks.base.errors import Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.x.client import ask, names_of
from niva.networks.x.payloads import address, moment
from niva.networks.x.setup import USER_FIELDS
from niva.networks.x.text import as_written


async def read_profile(call: Call) -> Profile:
    """GET /2/users/me with the pinned and the newest post."""
    names = names_of(call)
    params = {
        "user.fields": USER_FIELDS,
        "expansions": f"{names.pinned},{names.latest}",
        names.fields: "created_at,entities",
    }
    told = await ask(call, "GET", "users/me", params=params)
    user = told.get("data") or {}
    posts = _posts(told)
    pinned, latest = (posts.get(str(user.get(name) or "")) for name in (names.pinned, names.latest))
    username = str(user.get("username") or "")
    followers = (user.get("public_metrics") or {}).get("followers_count")
    picture = str(user.get("profile_image_url") or "")
    return Profile(
        name=str(user.get("name") or ""),
        handle=username,
        about=_unshortened(user, "description"),
        site=_unshortened(user, "url"),
        address=str(user.get("location") or ""),
        avatar=Picture("" if "default_profile" in picture else picture.replace("_normal.", "_400x400.")),
        cover=Picture(str(user.get("profile_banner_url") or "")),
        has_pinned=bool(user.get(names.pinned)),
        pinned=_pinned(pinned, username),
        verified=bool(user.get("verified")),
        closed=bool(user.get("protected")),
        followers=followers if isinstance(followers, int) else None,
        last_post_at=moment(latest.get("created_at")) if latest else None,
        more={"verified_type": str(user["verified_type"])} if user.get("verified_type") else {},
    )


def _posts(told: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    included = told.get("includes") or {}
    rows = included.get("posts") or included.get("tweets") or ()
    return {str(row.get("id")): row for row in rows if isinstance(row, dict)}


def _pinned(post: Mapping[str, Any] | None, username: str) -> Pinned | None:
    if post is None:
        return None
    number = str(post.get("id"))
    return Pinned(number, address(number, username), as_written(post), moment(post.get("created_at")))


def _unshortened(user: Mapping[str, Any], name: str) -> str:
    """A field of the profile with its addresses whole: X shortens them and tells the rest beside."""
    text = str(user.get(name) or "")
    entities = (user.get("entities") or {}).get(name) or {}
    for one in entities.get("urls") or ():
        if one.get("url") and one.get("expanded_url"):
            text = text.replace(str(one["url"]), str(one["expanded_url"]))
    return text


async def write_profile(call: Call, changes: Changes) -> None:
    raise Rejected("profile_write_unsupported")
