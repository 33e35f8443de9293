"""How a subreddit is set: read by anybody, changed by its moderators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Gone, NeedsLogin, Temporary
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.reddit import payloads
from niva.networks.reddit.client import ask, ask_object, subreddit_of

_OURS: Final[Mapping[str, str]] = {"name": "title", "about": "public_description"}
# GET about/edit and POST /api/site_admin call the same things by two names.
_RENAMED: Final[Mapping[str, str]] = {
    "content_options": "link_type", "default_set": "allow_top", "header_hover_text": "header-title",
    "language": "lang", "subreddit_type": "type", "subreddit_id": "sr",
}  # fmt: skip


async def read_about(call: Call) -> Mapping[str, Any]:
    """GET /r/{name}/about. NeedsLogin when there is no such subreddit, or it is closed to us."""
    name = subreddit_of(call.credential.facts)
    try:
        told = await ask_object(call, "GET", f"/r/{name}/about")
    except Gone as error:
        raise NeedsLogin("reddit_no_subreddit", name) from error
    about = told.get("data")
    if told.get("kind") == "Listing":  # a search for the name, not the thing itself
        raise NeedsLogin("reddit_no_subreddit", name)
    if not isinstance(about, dict) or not about.get("display_name"):
        raise Temporary("nonsense", "no subreddit in the answer")
    return about


async def read_profile(call: Call) -> Profile:
    """Four reads: the subreddit, what stands on top, its newest post, its moderators."""
    about = await read_about(call)
    base = f"/r/{about['display_name']}"
    hot = payloads.posts(await ask(call, "GET", f"{base}/hot", params={"limit": "2"}))
    new = payloads.posts(await ask(call, "GET", f"{base}/new", params={"limit": "1"}))
    top = next((one for one in hot if one.get("stickied")), None)
    subscribers = about.get("subscribers")
    return Profile(
        name=str(about.get("title") or ""),
        handle=str(about["display_name"]),
        about=str(about.get("public_description") or ""),
        avatar=Picture(str(about.get("community_icon") or about.get("icon_img") or "")),
        cover=Picture(str(about.get("banner_background_image") or about.get("banner_img") or "")),
        pinned=_pinned(top) if top is not None else None,
        has_pinned=top is not None,
        age_mark="18+" if about.get("over18") else "",
        admins=await _moderators(call, base),
        closed=about.get("subreddit_type") not in ("public", "user", "restricted"),
        followers=subscribers if type(subscribers) is int else None,
        last_post_at=payloads.moment(new[0]) if new else None,
        more={
            "kind": about.get("subreddit_type"),
            "submission_type": about.get("submission_type"),
            "side_bar": about.get("description"),
        },
    )


def _pinned(one: Mapping[str, Any]) -> Pinned:
    return Pinned(
        str(one.get("name") or ""), payloads.link_to(one), str(one.get("title") or ""), payloads.moment(one)
    )


async def _moderators(call: Call, base: str) -> int | None:
    """How many; None where the list is shown to moderators only."""
    try:
        told = await ask_object(call, "GET", f"{base}/about/moderators")
    except (NeedsLogin, Gone):
        return None
    data = told.get("data")
    rows = data.get("children") if isinstance(data, dict) else None
    return len(rows) if isinstance(rows, list) else None


async def write_profile(call: Call, changes: Changes) -> None:
    """Title, description, and the post on top (a `Pinned`, or None to take down what stands there)."""
    if texts := {field: value for field, value in changes.items() if field in _OURS}:
        await _write_settings(call, texts)
    if "pinned" in changes:
        await _pin(call, changes["pinned"])


async def _pin(call: Call, wanted: Any) -> None:
    """The first of the places on top (a profile has places of its own); what stood there makes room."""
    name = subreddit_of(call.credential.facts)
    form = {"num": "1", "state": "true", "to_profile": "true" if name.startswith("u_") else "false"}
    if isinstance(wanted, Pinned):
        await ask(call, "POST", "/api/set_subreddit_sticky", form={**form, "id": wanted.id}, writes=True)
        return
    for one in payloads.posts(await ask(call, "GET", f"/r/{name}/hot", params={"limit": "2"})):
        if one.get("stickied"):
            down = {**form, "state": "false", "id": str(one.get("name"))}
            await ask(call, "POST", "/api/set_subreddit_sticky", form=down, writes=True)
            return


async def _write_settings(call: Call, changes: Changes) -> None:
    """Reddit wants all settings at once: they are read and sent back with the new ones."""
    name = subreddit_of(call.credential.facts)
    told = await ask_object(call, "GET", f"/r/{name}/about/edit")
    before = told.get("data")
    if not isinstance(before, dict) or not before.get("subreddit_id"):
        raise Temporary("nonsense", "no settings in the answer")
    form = {_RENAMED.get(str(field), str(field)): value for field, value in before.items()}
    form |= {_OURS[field]: str(value or "") for field, value in changes.items()}
    plain = {
        field: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for field, value in form.items()
        if isinstance(value, str | int | float)
    }
    await ask(call, "POST", "/api/site_admin", form=plain, writes=True)
