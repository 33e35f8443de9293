"""How the community is set: every field there is, and all but what the network decides itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.base.transport import unclear
from niva.networks.base.types import MediaFile
from niva.networks.practice.client import Client, id_of

TEXTS: Final = (
    "name", "handle", "status", "about", "site", "address", "hours", "category", "button", "age_mark",
    "greeting",
)  # fmt: skip
LISTS: Final = ("links", "contacts", "menu")
SWITCHES: Final = ("messages_on", "comments_on", "verified", "registered", "closed")
COUNTS: Final = ("admins", "followers")


async def read_profile(call: Call) -> Profile:
    data = await Client(call).profile()
    try:
        return parse(data)
    except (KeyError, TypeError, ValueError) as error:
        raise unclear(False, "nonsense", f"no profile: {error!r}") from error


def parse(data: Mapping[str, Any]) -> Profile:
    """Raises KeyError, TypeError or ValueError when it is no profile."""
    kinds: tuple[tuple[tuple[str, ...], Callable[[Any], Any]], ...] = (
        (TEXTS, str), (LISTS, lambda rows: tuple(map(str, rows))), (SWITCHES, bool), (COUNTS, int),
    )  # fmt: skip
    told = {name: read(data[name]) for names, read in kinds for name in names}
    pinned, last = data["pinned"], data["last_post_at"]
    return Profile(
        **told,
        avatar=_picture(data["avatar"]),
        cover=_picture(data["cover"]),
        pinned=pinned and Pinned(pinned["id"], pinned["url"], pinned["text"], _moment(pinned["created_at"])),
        has_pinned=pinned is not None,
        last_post_at=last and _moment(last),
    )


def _picture(told: Mapping[str, Any] | None) -> Picture:
    return Picture(str(told["url"]), int(told["width"]), int(told["height"])) if told else Picture("")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def write_profile(call: Call, changes: Changes) -> None:
    """Pictures are uploaded first; then one call sets everything, or nothing."""
    client, body = Client(call), dict[str, Any]()
    for field, value in changes.items():
        if isinstance(value, MediaFile):
            body[field] = id_of(await client.upload(value))
        elif isinstance(value, Pinned):
            body[field] = value.id
        elif value is None:
            body[field] = ""
        else:
            body[field] = list(value) if isinstance(value, tuple) else value
    await client.change_profile(body)
