"""How the account is set, as far as the API tells it. It changes nothing of it."""

from __future__ import annotations

from niva.networks.base import graph
from niva.networks.base.errors import Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Profile
from niva.networks.threads.client import ask


async def read_profile(call: Call) -> Profile:
    """The account and its newest post."""
    fields = "id,username,name,threads_profile_picture_url,threads_biography,is_verified"
    told = await ask(call, "GET", "me", {"fields": fields})
    last = graph.rows(await ask(call, "GET", "me/threads", {"fields": "id,timestamp", "limit": "1"}))
    return Profile(
        name=str(told.get("name") or ""),
        handle=str(told.get("username") or ""),
        about=str(told.get("threads_biography") or ""),
        avatar=Picture(str(told.get("threads_profile_picture_url") or "")),
        verified=told.get("is_verified") is True,
        last_post_at=graph.moment(last[0].get("timestamp")) if last else None,
    )


async def write_profile(call: Call, changes: Changes) -> None:
    raise Rejected("profile_write_unsupported")
