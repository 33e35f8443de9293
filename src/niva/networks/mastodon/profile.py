"""How the account is set. https://docs.joinmastodon.org/methods/accounts/#update_credentials"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from niva.networks.base.errors import Gone, Temporary
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.base.types import MediaFile
from niva.networks.mastodon.client import ask, ask_with_form
from niva.networks.mastodon.publish import STATUSES
from niva.networks.mastodon.text import from_html

ME: Final = "/api/v1/accounts/verify_credentials"
UPDATE: Final = "/api/v1/accounts/update_credentials"
NO_PICTURE: Final = "/missing.png"  # what a server shows for who has none
PLAIN: Final = {"name": "display_name", "about": "note", "closed": "locked"}


async def read_profile(call: Call) -> Profile:
    """The account, its newest status and what it pinned: three reads."""
    me = await _account(call)
    newest = await _statuses(call, me, {"limit": "1", "exclude_reblogs": "true"})
    pinned = await _statuses(call, me, {"pinned": "true", "limit": "1"})
    fields = _fields(me)
    followers = me.get("followers_count")
    return Profile(
        name=str(me.get("display_name") or ""),
        handle=str(me.get("username") or ""),
        about=str((me.get("source") or {}).get("note") or ""),
        links=tuple(value for _, value in fields),
        avatar=_picture(me.get("avatar")),
        cover=_picture(me.get("header")),
        pinned=_pinned(pinned[0]) if pinned else None,
        has_pinned=bool(pinned),
        closed=bool(me.get("locked")),
        followers=followers if isinstance(followers, int) else None,
        last_post_at=_moment(newest[0]) if newest else None,
        more={"fields": fields, "bot": bool(me.get("bot")), "discoverable": bool(me.get("discoverable"))},
    )


async def _account(call: Call) -> Mapping[str, Any]:
    me = await ask(call, "GET", ME)
    if not isinstance(me, dict) or not me.get("id"):
        raise Temporary("nonsense", "no account in the answer")
    return me


def _fields(me: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, value) as they were typed in; the account shows them as a table."""
    rows = (me.get("source") or {}).get("fields") or ()
    return [(str(row.get("name", "")), str(row.get("value", ""))) for row in rows if row.get("value")]


def _picture(url: Any) -> Picture:
    """Sizes are not told: a server keeps an avatar in 400 x 400 and a header in 1500 x 500."""
    shown = str(url or "")
    return Picture("" if urlsplit(shown).path.endswith(NO_PICTURE) else shown)


async def _statuses(call: Call, me: Mapping[str, Any], params: Mapping[str, str]) -> list[Mapping[str, Any]]:
    found = await ask(call, "GET", f"/api/v1/accounts/{me['id']}/statuses", params=params)
    if not isinstance(found, list):
        raise Temporary("nonsense", "no list of statuses in the answer")
    return found


def _pinned(status: Mapping[str, Any]) -> Pinned:
    text = from_html(str(status.get("content", "")))
    return Pinned(str(status["id"]), str(status.get("url") or ""), text, _moment(status))


def _moment(status: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(status.get("created_at")))
    except ValueError as error:
        raise Temporary("nonsense", "a status without its moment") from error


async def write_profile(call: Call, changes: Changes) -> None:
    """Words in one call, each picture in one of its own. What went before a refusal stays."""
    body: dict[str, Any] = {}
    for ours, theirs in PLAIN.items():
        if ours in changes:
            body[theirs] = changes[ours] if changes[ours] is not None else ""
    if "links" in changes:
        body["fields_attributes"] = await _new_fields(call, tuple(changes["links"] or ()))
    if body:
        await ask(call, "PATCH", UPDATE, body=body, writes=True)
    for ours, theirs in (("avatar", "avatar"), ("cover", "header")):
        if ours in changes:
            await _set_picture(call, theirs, changes[ours])
    if "pinned" in changes:
        await _pin(call, changes["pinned"])


async def _new_fields(call: Call, links: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """A known address keeps its label, a new one is labelled by its host; rows that remain are emptied."""
    known = _fields(await _account(call))
    labels = {value: label for label, value in known}
    rows = [(labels.get(one) or urlsplit(one).hostname or one[:30], one) for one in links]
    rows += [("", "")] * (len(known) - len(rows))
    return {str(index): {"name": name, "value": value} for index, (name, value) in enumerate(rows)}


async def _set_picture(call: Call, field: str, value: Any) -> None:
    if not isinstance(value, MediaFile):
        await ask(call, "DELETE", f"/api/v1/profile/{field}", writes=True)
        return
    deadline = upload_deadline(call.transport.deadline, value.size)
    with form_with_files({}, {field: value}) as form:
        await ask_with_form(call, "PATCH", UPDATE, form, deadline)


async def _pin(call: Call, pinned: Pinned | None) -> None:
    if pinned is not None:
        await ask(call, "POST", f"{STATUSES}/{pinned.id}/pin", writes=True)
        return
    me = await _account(call)
    for status in await _statuses(call, me, {"pinned": "true", "limit": "40"}):
        try:
            await ask(call, "POST", f"{STATUSES}/{status['id']}/unpin", writes=True)
        except Gone:
            continue
