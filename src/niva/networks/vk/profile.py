"""How the community is set. https://dev.vk.com/ru/method/groups.getById, https://dev.vk.com/ru/method/groups.edit"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.base.types import MediaFile
from niva.networks.vk import payloads
from niva.networks.vk.client import ask, has_key, send_file
from niva.networks.vk.errors import NO_RIGHT

FIELDS: Final = (
    "description", "status", "site", "screen_name", "links", "contacts", "addresses", "cover",
    "members_count", "activity", "fixed_post", "age_limits", "verified", "can_message", "wall", "is_closed",
    "has_photo", "photo_max_orig", "photo_max_size", "photo_200", "market", "counters",
)  # fmt: skip
AGES: Final = {1: "", 2: "16+", 3: "18+"}
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WALL_LIMITED, WALL_CLOSED = 2, 3  # people may comment; nobody may
EDITED: Final = {
    "name": "title", "about": "description", "site": "website", "handle": "screen_name",
    "messages_on": "messages", "closed": "access",
}  # fmt: skip


# --- reading ---


async def read_profile(call: Call) -> Profile:
    """With the community's key alone the wall and its managers are not told."""
    group = await _group(call)
    user = has_key(call.credential, "user")
    posts = await _newest(call) if user else []
    fixed = group.get("fixed_post")
    pinned = next((_pinned(post) for post in posts if post.get("is_pinned")), None)
    if pinned is None and isinstance(fixed, int) and fixed:
        pinned = Pinned(str(fixed), payloads.address(group["id"], fixed))
    return Profile(
        **_words(group),
        **_switches(group),
        **await _place(call, group),
        avatar=_avatar(group),
        cover=_cover(group),
        pinned=pinned,
        has_pinned=pinned is not None,
        admins=await _managers(call) if user else None,
        last_post_at=max((_at(post) for post in posts), default=None),
        more={"clips": (group.get("counters") or {}).get("clips"),
              "market": bool((group.get("market") or {}).get("enabled"))},
    )  # fmt: skip


async def _group(call: Call) -> dict[str, Any]:
    params = {"group_id": payloads.group_of(call.credential), "fields": FIELDS}
    told = await ask(call, "groups.getById", params, writes=False)
    groups = told.get("groups") if isinstance(told, dict) else None
    if not isinstance(groups, list) or not groups or not isinstance(groups[0].get("id"), int):
        raise Temporary("nonsense", "no community in the answer")
    return dict(groups[0])


def _words(group: Mapping[str, Any]) -> dict[str, Any]:
    texts = {
        "name": "name", "handle": "screen_name", "status": "status", "about": "description", "site": "site",
        "category": "activity",
    }  # fmt: skip
    told: dict[str, Any] = {ours: str(group.get(theirs) or "") for ours, theirs in texts.items()}
    told["links"] = tuple(str(one["url"]) for one in group.get("links") or () if one.get("url"))
    told["contacts"] = tuple(filter(None, map(_contact, group.get("contacts") or ())))
    return told


def _contact(one: Mapping[str, Any]) -> str:
    words = [str(one[name]) for name in ("desc", "phone", "email") if one.get(name)]
    if one.get("user_id"):
        words.append(f"https://vk.com/id{one['user_id']}")
    return ", ".join(words)


def _switches(group: Mapping[str, Any]) -> dict[str, Any]:
    """Flags that VK leaves out are not told."""
    told: dict[str, Any] = {"age_mark": AGES.get(group.get("age_limits", 1), "")}
    for ours, theirs in (("verified", "verified"), ("messages_on", "can_message"), ("closed", "is_closed")):
        if isinstance(group.get(theirs), int):
            told[ours] = bool(group[theirs])
    if isinstance(group.get("wall"), int):
        told["comments_on"] = group["wall"] in (1, WALL_LIMITED)
    if isinstance(group.get("members_count"), int):
        told["followers"] = group["members_count"]
    return told


async def _place(call: Call, group: Mapping[str, Any]) -> dict[str, Any]:
    """The main address and its hours; asked for apart where it did not come along."""
    told = group.get("addresses") or {}
    main = told.get("main_address")
    number = told.get("main_address_id") if told.get("is_enabled") else None
    if not main and number and has_key(call.credential, "user"):
        params = {"group_id": int(group["id"]), "address_ids": [str(number)]}
        found = await ask(call, "groups.getAddresses", params, writes=False)
        rows = found.get("items") if isinstance(found, dict) else None
        main = rows[0] if isinstance(rows, list) and rows else None
    main = main if isinstance(main, dict) else {}
    words = [str(main[name]) for name in ("address", "additional_address") if main.get(name)]
    return {"address": ", ".join(words), "hours": _hours(main)}


def _hours(main: Mapping[str, Any]) -> str:
    """ "mon 9:00-18:00, ..."; "24/7" for what never closes."""
    if main.get("work_info_status") == "always_opened":
        return "24/7"
    table = main.get("timetable") or {}
    days = [
        f"{day} {_clock(table[day]['open_time'])}-{_clock(table[day]['close_time'])}"
        for day in DAYS
        if isinstance(table.get(day), dict) and "open_time" in table[day] and "close_time" in table[day]
    ]
    return ", ".join(days)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _avatar(group: Mapping[str, Any]) -> Picture:
    """The largest that VK keeps. A community without a picture gets a grey one, which is none."""
    url = str(group.get("photo_max_orig") or group.get("photo_200") or "")
    if not url or group.get("has_photo") == 0:
        return Picture("")
    size = group.get("photo_max_size") or {}
    return Picture(url, size.get("width"), size.get("height"))


def _cover(group: Mapping[str, Any]) -> Picture:
    cover = group.get("cover") or {}
    images = [one for one in cover.get("images") or () if one.get("url")]
    if not cover.get("enabled") or not images:
        return Picture("")
    best = max(images, key=lambda one: one.get("width", 0))
    return Picture(str(best["url"]), best.get("width"), best.get("height"))


async def _newest(call: Call) -> list[Mapping[str, Any]]:
    """The pinned post, which comes first, and the newest."""
    params = {"owner_id": -payloads.group_of(call.credential), "count": 2, "filter": "owner"}
    told = await ask(call, "wall.get", params, writes=False)
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise Temporary("nonsense", "no items in the answer")
    return items


def _pinned(post: Mapping[str, Any]) -> Pinned:
    url = payloads.address(-int(post["owner_id"]), post["id"])
    return Pinned(str(post["id"]), url, str(post.get("text", "")), _at(post))


def _at(post: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(post.get("date", 0)), UTC)


async def _managers(call: Call) -> int | None:
    """How many people run it; told to administrators only."""
    params = {"group_id": payloads.group_of(call.credential), "filter": "managers", "count": 1}
    try:
        told = await ask(call, "groups.getMembers", params, writes=False, kind="user")
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return None
    count = told.get("count") if isinstance(told, dict) else None
    return count if isinstance(count, int) else None


# --- writing ---


async def write_profile(call: Call, changes: Changes) -> None:
    """One call for the plain fields, then what has calls of its own. What went before a refusal stays."""
    group = payloads.group_of(call.credential)
    edit: dict[str, Any] = {}
    for ours, theirs in EDITED.items():
        if ours in changes:
            edit[theirs] = changes[ours]
    if "age_mark" in changes:
        edit["age_limits"] = _age(str(changes["age_mark"] or ""))
    if "comments_on" in changes:
        edit |= await _wall(call, on=bool(changes["comments_on"]))
    if edit:
        await ask(call, "groups.edit", {"group_id": group, **edit}, writes=True)
    if "status" in changes:
        await ask(call, "status.set", {"group_id": group, "text": changes["status"] or ""}, writes=True)
    if "links" in changes:
        await _set_links(call, group, tuple(changes["links"] or ()))
    if "pinned" in changes:
        await _pin(call, group, changes["pinned"])
    if "avatar" in changes:
        await _set_avatar(call, group, _picture(changes["avatar"]))
    if "cover" in changes:
        await _set_cover(call, group, _picture(changes["cover"]))


def _age(mark: str) -> int:
    """VK knows three marks; a younger one is no mark at all."""
    if mark in ("", "0+", "6+", "12+"):
        return 1
    try:
        return next(number for number, known in AGES.items() if known == mark)
    except StopIteration:
        raise Rejected("age_mark_unknown", mark) from None


async def _wall(call: Call, *, on: bool) -> dict[str, Any]:
    """Comments go with the wall: an open wall stays as open as it is."""
    now = (await _group(call)).get("wall")
    if on:
        return {} if now in (1, WALL_LIMITED) else {"wall": WALL_LIMITED}
    return {"wall": WALL_CLOSED}


async def _set_links(call: Call, group: int, wanted: tuple[str, ...]) -> None:
    known = {str(one.get("url")): one.get("id") for one in (await _group(call)).get("links") or ()}
    for url in wanted:
        if url not in known:
            await ask(call, "groups.addLink", {"group_id": group, "link": url}, writes=True)
    for url, number in known.items():
        if url not in wanted:
            await ask(call, "groups.deleteLink", {"group_id": group, "link_id": number}, writes=True)


async def _pin(call: Call, group: int, pinned: Pinned | None) -> None:
    if pinned is not None:
        await ask(call, "wall.pin", {"owner_id": -group, "post_id": int(pinned.id)}, writes=True)
        return
    post = (await _group(call)).get("fixed_post")
    if post:
        await ask(call, "wall.unpin", {"owner_id": -group, "post_id": int(post)}, writes=True)


def _picture(value: Any) -> MediaFile:
    if not isinstance(value, MediaFile):
        raise Rejected("picture_needed")  # VK has no call that takes a picture away
    return value


async def _set_avatar(call: Call, group: int, file: MediaFile) -> None:
    place = await ask(call, "photos.getOwnerPhotoUploadServer", {"owner_id": -group}, writes=False)
    sent = await _sent(call, place, file)
    params = {name: str(sent[name]) for name in ("server", "hash", "photo") if name in sent}
    await ask(call, "photos.saveOwnerPhoto", params, writes=True)


async def _set_cover(call: Call, group: int, file: MediaFile) -> None:
    """The whole picture, uncut."""
    params = {"group_id": group, "crop_x": 0, "crop_y": 0, "crop_x2": file.width, "crop_y2": file.height}
    place = await ask(call, "photos.getOwnerCoverPhotoUploadServer", params, writes=False)
    sent = await _sent(call, place, file)
    saved = {name: str(sent[name]) for name in ("hash", "photo") if name in sent}
    await ask(call, "photos.saveOwnerCoverPhoto", saved, writes=True)


async def _sent(call: Call, place: Any, file: MediaFile) -> Mapping[str, Any]:
    url = place.get("upload_url") if isinstance(place, dict) else None
    if not isinstance(url, str) or not url:
        raise Temporary("nonsense", "no upload_url in the answer")
    sent = await send_file(call, url, "photo", file)
    if sent.get("photo") in (None, "", "[]"):
        raise Rejected("media_refused", "VK found no picture in the file")
    return sent
