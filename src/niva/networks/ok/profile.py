"""How a group is set: what group.getInfo tells; its avatar is all that the API changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from niva.networks.base.errors import NeedsLogin, OutcomeUnknown, Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Profile
from niva.networks.ok.client import ask
from niva.networks.ok.errors import NO_METHOD, NO_RIGHT
from niva.networks.ok.payloads import group_of
from niva.networks.ok.publish import newest, upload_photo
from niva.networks.ok.setup import group_info


async def read_profile(call: Call) -> Profile:
    """The group's settings, the number of moderators, and when it last published."""
    number = group_of(call.credential)
    group = await group_info(call, number)
    followers = group.get("members_count")
    return Profile(
        name=_text(group, "name"),
        handle=_text(group, "shortname"),
        about=_text(group, "description"),
        site=_text(group, "homepage_url"),
        contacts=_contacts(group),
        address=", ".join(filter(None, (_text(group, "city"), _text(group, "address")))),
        category=_text(group, "subcategory") or _text(group, "category"),
        avatar=Picture(_text(group, "pic_avatar")),
        cover=_cover(group.get("cover")),
        age_mark=f"{group['min_age']}+" if type(group.get("min_age")) is int else "",
        messages_on=group.get("messages_allowed") is True,
        comments_on=str(group.get("who_can_comment") or "ALL") not in ("NOBODY", "NO_ONE"),
        admins=await _moderators(call, number),
        registered=bool(group.get("rkn_mark")),
        closed=group.get("private") is True or group.get("access_type") in ("CLOSED", "SECRET"),
        followers=followers if type(followers) is int else None,
        last_post_at=await _last_post(call),
    )


async def _last_post(call: Call) -> datetime | None:
    """When the group last published; None where its stream is closed to these keys, or empty."""
    try:
        topics = await newest(call, 1)
    except (NeedsLogin, Rejected) as error:
        if error.code not in (NO_RIGHT, NO_METHOD):
            raise
        return None
    last = topics[0].get("created_ms") if topics else None
    return datetime.fromtimestamp(last / 1000, UTC) if type(last) is int else None


def _text(group: Mapping[str, Any], name: str) -> str:
    return str(group.get(name) or "")


def _contacts(group: Mapping[str, Any]) -> tuple[str, ...]:
    phone = _text(group, "phone")
    return (phone,) if phone else ()


def _cover(told: Any) -> Picture:
    """The cover's picture, of which OK tells the address and the size it was uploaded in."""
    photo = told.get("photo") if isinstance(told, dict) and isinstance(told.get("photo"), dict) else told
    if not isinstance(photo, dict):
        return Picture("")
    sizes = [photo.get(name) for name in ("standard_width", "standard_height")]
    width, height = (size if type(size) is int else None for size in sizes)
    return Picture(str(photo.get("pic_base") or photo.get("pic_max") or ""), width, height)


async def _moderators(call: Call, number: str) -> int | None:
    params = {"group_id": number, "counterTypes": ["MODERATORS"]}
    told = await ask(call, "group.getCounters", params, writes=False)
    count = (told.get("counters") or {}).get("moderators") if isinstance(told, dict) else None
    return count if type(count) is int else None


async def write_profile(call: Call, changes: Changes) -> None:
    """A new main picture: sent, committed to the group's album, named as the main one.
    Done again it shows the same picture."""
    if (picture := changes.get("avatar")) is None:
        return
    photo, token = await upload_photo(call, picture)
    told = await ask(call, "photosV2.commit", {"photo_id": photo, "token": token}, writes=True)
    photos = told.get("photos") if isinstance(told, dict) else None
    made = photos[0].get("assigned_photo_id") if isinstance(photos, list) and photos else None
    if not made:
        raise OutcomeUnknown("nonsense", "no assigned_photo_id in the answer")
    params = {"group_id": group_of(call.credential), "photo_id": str(made)}
    await ask(call, "group.setMainPhoto", params, writes=True)
