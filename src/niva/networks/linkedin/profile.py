"""How a page is set, as far as the organisation's record tells. LinkedIn has no call that changes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from niva.networks.base.errors import Gone, NeedsLogin, Rejected
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Profile
from niva.networks.linkedin.client import ask_object, author_of, coded, elements, is_page
from niva.networks.linkedin.errors import NO_RIGHT
from niva.networks.linkedin.publish import newest


async def read_profile(call: Call) -> Profile:
    """The organisation, its pictures, its administrators, and when it last published."""
    if not is_page(call.credential):
        raise Rejected("profile_unsupported")
    author = author_of(call.credential)
    page = await ask_object(call, "GET", f"/rest/organizations/{author.rpartition(':')[2]}")
    path = f"/rest/networkSizes/{coded(author)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    size = (await ask_object(call, "GET", path)).get("firstDegreeSize")
    posts = await newest(call, 1)
    last = posts[0].get("createdAt") if posts else None
    return Profile(
        name=_text(page, "localizedName"),
        handle=_text(page, "vanityName"),
        about=_text(page, "localizedDescription"),
        site=_text(page, "localizedWebsite"),
        address=_address(page),
        category=_text(page, "primaryOrganizationType"),
        avatar=await _picture(call, page.get("logoV2")),
        cover=await _picture(call, page.get("coverPhotoV2")),
        admins=await _admins(call, author),
        followers=size if type(size) is int else None,
        last_post_at=datetime.fromtimestamp(last / 1000, UTC) if type(last) is int else None,
    )


def _text(page: Mapping[str, Any], name: str) -> str:
    return str(page.get(name) or "")


def _address(page: Mapping[str, Any]) -> str:
    places = page.get("locations")
    first = places[0].get("address") if isinstance(places, list) and places else None
    if not isinstance(first, dict):
        return ""
    parts = (first.get(name) for name in ("postalCode", "city", "line1", "line2"))
    return ", ".join(str(part) for part in parts if part)


async def _picture(call: Call, told: Any) -> Picture | None:
    """The picture behind an asset, by its image of the same number; None where it cannot be told."""
    asset = str((told or {}).get("original") or (told or {}).get("cropped") or "")
    if not asset:
        return Picture("")
    urn = f"urn:li:image:{asset.rpartition(':')[2]}"
    try:
        image = await ask_object(call, "GET", f"/rest/images/{coded(urn)}")
    except (Gone, Rejected):
        return None
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return None
    return Picture(str(image.get("downloadUrl") or "")) if image.get("downloadUrl") else None


async def _admins(call: Call, author: str) -> int | None:
    """People who administer the page; None where the keys may not see them."""
    path = (
        f"/rest/organizationAcls?q=organization&organization={coded(author)}"
        "&role=ADMINISTRATOR&state=APPROVED&count=100"
    )
    try:
        return len(elements(await ask_object(call, "GET", path)))
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return None


async def write_profile(call: Call, changes: Changes) -> None:
    """No call changes a page."""
    raise Rejected("profile_write_unsupported")
