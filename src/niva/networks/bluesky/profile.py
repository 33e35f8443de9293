"""How the account is set: a record of its own on its server; what others count of it, an AppView tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from niva.networks.base.errors import Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.profile import Changes, Picture, Pinned, Profile
from niva.networks.base.types import MediaFile
from niva.networks.bluesky import payloads
from niva.networks.bluesky.client import POSTS, Session, ask, service_of, session_of, upload_blob
from niva.networks.bluesky.publish import get_record
from niva.networks.bluesky.readings import without_appview

PROFILE: Final = "app.bsky.actor.profile"
CHAT_DECLARATION: Final = "chat.bsky.actor.declaration"
WORDS: Final = {"name": "displayName", "about": "description", "site": "website"}
PICTURES: Final = {"avatar": "avatar", "cover": "banner"}


async def read_profile(call: Call) -> Profile:
    """The account's own record, its newest post, what it pinned, who may write to it; then the AppView."""
    session = await session_of(call)
    value = (await _own(call, session, PROFILE))[0]
    chat = (await _own(call, session, CHAT_DECLARATION))[0]
    told = await _counted(call, session)
    verification = told.get("verification")
    pinned = await _pinned(call, value.get("pinnedPost"))
    followers = told.get("followersCount")
    words: dict[str, Any] = {ours: str(value.get(theirs) or "") for ours, theirs in WORDS.items()}
    return Profile(
        **words,
        handle=session.handle or str(call.credential.facts.get("handle", "")),
        avatar=_picture(call, session, value.get("avatar")),
        cover=_picture(call, session, value.get("banner")),
        pinned=pinned,
        has_pinned=pinned is not None,
        messages_on=chat.get("allowIncoming") != "none",
        verified=_verified(verification) if told else None,
        followers=followers if isinstance(followers, int) else None,
        last_post_at=await _newest(call, session),
        more={"allow_incoming": chat.get("allowIncoming", "following")},
    )


def _verified(told: Any) -> bool:
    return isinstance(told, dict) and told.get("verifiedStatus") == "valid"


async def _own(call: Call, session: Session, collection: str) -> tuple[dict[str, Any], str]:
    """(the one record of this kind, its content id); ({}, "") where there is none yet."""
    found = await get_record(call, f"at://{session.did}/{collection}/self")
    return ({}, "") if found is None else (dict(found["value"]), str(found.get("cid", "")))


async def _counted(call: Call, session: Session) -> Mapping[str, Any]:
    """What the AppView says of the account, {} where the server has none behind it."""
    try:
        return await ask(
            call, "app.bsky.actor.getProfile", token=session.access, params={"actor": session.did}
        )
    except Temporary as error:
        if not without_appview(error):
            raise
        return {}


def _picture(call: Call, session: Session, blob: Any) -> Picture:
    """The file itself, which every server gives to everybody. Its sides are not told."""
    number = ((blob or {}).get("ref") or {}).get("$link") if isinstance(blob, dict) else None
    if not number:
        return Picture("")
    query = urlencode({"did": session.did, "cid": number})
    return Picture(f"{service_of(call.credential)}/xrpc/com.atproto.sync.getBlob?{query}")


async def _pinned(call: Call, reference: Any) -> Pinned | None:
    """The pinned post; None where it has been deleted since."""
    uri = reference.get("uri") if isinstance(reference, dict) else None
    if not uri:
        return None
    found = await get_record(call, str(uri))
    if found is None:
        return None
    did, _, rkey = payloads.parts(str(uri))
    value = found["value"]
    return Pinned(str(uri), payloads.page(did, rkey), str(value.get("text", "")), _moment(value))


async def _newest(call: Call, session: Session) -> datetime | None:
    params = {"repo": session.did, "collection": POSTS, "limit": "1"}
    told = await ask(call, "com.atproto.repo.listRecords", params=params)
    records = told.get("records")
    if not isinstance(records, list):
        raise Temporary("nonsense", "no list of records in the answer")
    return _moment(records[0].get("value") or {}) if records else None


def _moment(value: Mapping[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value.get("createdAt")))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


async def write_profile(call: Call, changes: Changes) -> None:
    """The record anew with the changes in it, refused when somebody else changed it meanwhile."""
    session = await session_of(call)
    if changes.keys() & {*WORDS, *PICTURES, "pinned"}:
        value, cid = await _own(call, session, PROFILE)
        await _put(call, session, PROFILE, await _changed(call, session, value, changes), cid)
    if "messages_on" in changes:
        value, cid = await _own(call, session, CHAT_DECLARATION)
        if changes["messages_on"] != (value.get("allowIncoming") != "none"):
            allowed = "all" if changes["messages_on"] else "none"
            await _put(call, session, CHAT_DECLARATION, {**value, "allowIncoming": allowed}, cid)


async def _changed(
    call: Call, session: Session, value: Mapping[str, Any], changes: Changes
) -> dict[str, Any]:
    made = dict(value)
    for ours, theirs in WORDS.items():
        if ours in changes:
            made[theirs] = str(changes[ours] or "")
            if not made[theirs]:
                del made[theirs]
    for ours, theirs in PICTURES.items():
        if ours in changes:
            made.pop(theirs, None)
            if isinstance(changes[ours], MediaFile):
                made[theirs] = await upload_blob(call, session, changes[ours])
    if "pinned" in changes:
        made.pop("pinnedPost", None)
        if changes["pinned"] is not None:
            made["pinnedPost"] = await _reference(call, changes["pinned"])
    return made


async def _reference(call: Call, pinned: Pinned) -> dict[str, str]:
    found = await get_record(call, pinned.id)
    if found is None:
        raise Rejected("post_gone", pinned.id)
    return {"uri": pinned.id, "cid": str(found.get("cid", ""))}


async def _put(call: Call, session: Session, collection: str, value: Mapping[str, Any], before: str) -> None:
    body: dict[str, Any] = {
        "repo": session.did,
        "collection": collection,
        "rkey": "self",
        "record": {"$type": collection, **value},
        "swapRecord": before or None,
    }
    await ask(call, "com.atproto.repo.putRecord", token=session.access, body=body, writes=True)
