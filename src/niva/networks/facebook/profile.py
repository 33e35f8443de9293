"""How a page is set, as far as the API tells and changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base import graph
from niva.networks.base.errors import Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Profile
from niva.networks.base.types import MediaFile
from niva.networks.facebook import client
from niva.networks.facebook.client import ask, page_of

_FIELDS: Final = (
    "id,name,username,about,description,website,phone,emails,single_line_address,hours,category,"
    "verification_status,link,is_published,followers_count,cover{source},"
    "picture.width(720).height(720){url,width,height,is_silhouette},"
    "call_to_actions{type,status},published_posts.limit(1){created_time}"
)
# Ours -> theirs, for fields that are one text on both sides.
_TEXTS: Final = {"status": "about", "about": "description", "site": "website"}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def read_profile(call: Call) -> Profile:
    """One call. The API leaves out what is empty."""
    page = await ask(call, "GET", page_of(call), {"fields": _FIELDS})
    emails = page.get("emails")
    contacts = [str(page["phone"])] if page.get("phone") else []
    contacts += [str(one) for one in emails] if isinstance(emails, list) else []
    followers, last = page.get("followers_count"), _inside(page, "published_posts")
    buttons = [one for one in _inside(page, "call_to_actions") if one.get("status") != "DELETED"]
    cover = page.get("cover")
    return Profile(
        name=str(page.get("name") or ""),
        handle=str(page.get("username") or ""),
        status=str(page.get("about") or ""),
        about=str(page.get("description") or ""),
        site=str(page.get("website") or ""),
        contacts=tuple(contacts),
        address=str(page.get("single_line_address") or ""),
        hours=hours_told(page.get("hours")),
        category=str(page.get("category") or ""),
        avatar=_avatar(page.get("picture")),
        cover=Picture(str(cover.get("source") or "") if isinstance(cover, dict) else ""),
        button=str(buttons[0].get("type") or "") if buttons else "",
        verified=page.get("verification_status") in ("blue_verified", "gray_verified"),
        closed=page.get("is_published") is False,
        followers=followers if isinstance(followers, int) else None,
        last_post_at=graph.moment(last[0].get("created_time")) if last else None,
        more={"link": str(page.get("link") or "")},
    )


def _inside(page: Mapping[str, Any], edge: str) -> list[dict[str, Any]]:
    found = page.get(edge)
    return graph.rows(found) if isinstance(found, dict) else []


def _avatar(told: Any) -> Picture:
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, dict) or data.get("is_silhouette"):
        return Picture("")
    width, height = graph.number(data.get("width")), graph.number(data.get("height"))
    return Picture(str(data.get("url") or ""), width or None, height or None)


def hours_told(told: Any) -> str:
    """{"mon_1_open": "09:00", "mon_1_close": "18:00"} as "mon 09:00-18:00"."""
    if not isinstance(told, dict):
        return ""
    spans = [
        f"{day} {told[f'{day}_{turn}_open']}-{told.get(f'{day}_{turn}_close', '')}"
        for day in _DAYS for turn in (1, 2) if f"{day}_{turn}_open" in told
    ]  # fmt: skip
    return "; ".join(spans)


async def write_profile(call: Call, changes: Changes) -> None:
    """Texts and contacts in one call, then each picture. The same twice is the same once."""
    page = page_of(call)
    sent: dict[str, Any] = {_TEXTS[name]: str(changes[name] or "") for name in _TEXTS if name in changes}
    if "contacts" in changes:
        sent |= contacts_sent(changes["contacts"] or ())
    if sent:
        graph.succeeded(await ask(call, "POST", page, sent, writes=True))
    if isinstance(file := changes.get("avatar"), MediaFile):
        graph.succeeded(await client.send_picture(call, f"{page}/picture", file, {}))
    if isinstance(file := changes.get("cover"), MediaFile):
        fields = {"published": "false"}
        told = await client.send_picture(call, f"{page}/photos", file, fields)
        cover = {"cover": graph.identified(told, writes=False), "no_feed_story": True}
        graph.succeeded(await ask(call, "POST", page, cover, writes=True))


def contacts_sent(contacts: Any) -> dict[str, Any]:
    """Addresses with an @ are mail, the other is the telephone; Rejected("contacts_too_many") for two."""
    written = [str(one).strip() for one in contacts if str(one).strip()]
    phones = [one for one in written if "@" not in one]
    if len(phones) > 1:
        raise Rejected("contacts_too_many", ", ".join(phones))
    return {"phone": phones[0] if phones else "", "emails": [one for one in written if "@" in one]}
