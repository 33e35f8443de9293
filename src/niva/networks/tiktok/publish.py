"""Sending a video or photos, asking what became of it. TikTok has no call that changes or removes a post.

Where is "create"? A video is published after the last piece of its file: so the beginning (which gives the
number of the publishing) and all pieces but the last may be repeated, and "create" is the last piece; the
number tells for certain what became of it. What TikTok fetches itself (photos, a video where the post says
so) is published by the very first call, whose answer alone brings the number: when that is lost, nobody can
tell.

A file whose address has ended is begun anew inside "create", under a number that only the answer brings. So
"certainly not there" is said only where that cannot have happened: the first publishing still waits for its
last piece, and its address cannot have ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Gone, NetworkError, Rejected, Temporary
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.tiktok import payloads
from niva.networks.tiktok.client import ask, pieces, send_piece
from niva.networks.tiktok.errors import failure

INIT: Final = "upload:init"
FILE: Final = "upload:0"
# Seconds between questions for the post's id: it comes when TikTok has looked through the post, which may
# take hours. So it is waited for a little, and asked for again by every later reading.
PAUSES: Final = (1, 2, 3, 5)
VIDEO_FIELDS: Final = (
    "id,title,video_description,share_url,create_time,view_count,like_count,comment_count,share_count"
)
# "The upload_url is valid for one hour": .../content-posting-api-reference-direct-post
_ADDRESS_LIVES: Final = 3600
_LONGEST_TRY: Final = 600  # seconds: longer no single "create" is at work
pause = asyncio.sleep


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    if payloads.is_fetched(out):
        return (Step("create", "create"),)
    return (
        Step(INIT, "upload", repeatable=True),
        Step(FILE, "upload", repeatable=True),
        Step("create", "create", searchable=True),
    )


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if not out.media:
        raise Rejected("media_required")
    if step.name == INIT:
        return await _begin(call, out)
    if step.name == FILE:
        return await _all_but_last(call, out, done.get(INIT, {}))
    if payloads.is_fetched(out):
        path, body = payloads.fetched(out, await creator(call))
        made = await ask(call, "POST", path, body=body, writes=True)
        return await _noted(call, out, _number(made, True))
    return await _create(call, out, done.get(FILE, {}))


async def creator(call: Call) -> dict[str, Any]:
    """What TikTok allows this account now; it wants to be asked before every post."""
    return await ask(call, "POST", "post/publish/creator_info/query/", body={})


async def state_of(call: Call, publish_id: str) -> dict[str, Any]:
    """What became of a publishing. Gone where TikTok does not know its number (any more)."""
    return await ask(call, "POST", "post/publish/status/fetch/", body={"publish_id": publish_id})


def _number(made: Mapping[str, Any], writes: bool) -> str:
    number = made.get("publish_id")
    if not isinstance(number, str) or not number:
        raise unclear(writes, "nonsense", "no publish_id in the answer")
    return number


async def _begin(call: Call, out: Outgoing) -> JSON:
    """The number of the publishing and the address for its pieces. Nothing is there yet."""
    file = out.media[0]
    length, many = pieces(file.size)
    source = {
        "source": "FILE_UPLOAD", "video_size": file.size, "chunk_size": length, "total_chunk_count": many,
    }  # fmt: skip
    body = {"post_info": payloads.post_info(out, await creator(call)), "source_info": source}
    made = await ask(call, "POST", "post/publish/video/init/", body=body)
    if not isinstance(made.get("upload_url"), str):
        raise Temporary("nonsense", "no upload_url in the answer")
    at = call.now().timestamp()
    return {"publish_id": _number(made, False), "upload_url": made["upload_url"], "at": at}


async def _all_but_last(call: Call, out: Outgoing, begun: JSON) -> JSON:
    """Every piece but the last, from where it broke off. An address that has ended is replaced."""
    file = out.media[0]
    if begun:
        try:
            await _send(call, file, begun, await _arrived(call, file, begun), pieces(file.size)[1] - 1)
            return begun
        except Gone:
            pass
    return await _anew(call, out, pieces(file.size)[1] - 1)


async def _anew(call: Call, out: Outgoing, end: int) -> JSON:
    """Begin, and send the first `end` pieces."""
    begun = await _begin(call, out)
    try:
        await _send(call, out.media[0], begun, 0, end)
    except Gone as error:  # an address that was given a moment ago
        raise Temporary("upload_stuck", error.detail, retry_after=60) from error
    return begun


async def _arrived(call: Call, file: MediaFile, begun: JSON) -> int:
    """How many pieces TikTok has. Gone where the publishing failed or is unknown: then nothing came of it."""
    state = await state_of(call, str(begun["publish_id"]))
    if state.get("status") == "FAILED":
        raise Gone("upload_ended", str(state.get("fail_reason") or ""))
    if state.get("status") != "PROCESSING_UPLOAD":
        return pieces(file.size)[1]
    told = state.get("uploaded_bytes")
    have = told if isinstance(told, int) else 0
    length, many = pieces(file.size)
    return many if have >= file.size else min(have // length, many - 1)


async def _send(call: Call, file: MediaFile, begun: JSON, start: int, end: int) -> None:
    for index in range(start, end):
        await send_piece(call, str(begun["upload_url"]), file, index)


async def _create(call: Call, out: Outgoing, begun: JSON) -> JSON:
    """The last piece, or nothing where all of them are there already."""
    file = out.media[0]
    many = pieces(file.size)[1]
    if begun:
        arrived = None
        try:
            arrived = await _arrived(call, file, begun)
            await _send(call, file, begun, arrived, many)
            return await _noted(call, out, str(begun["publish_id"]))
        except Gone as gone:  # not whole, and it never will be: begun anew
            if arrived is not None and call.now().timestamp() < _ends(begun):
                # its hour is not over: `look_up` relies on it that nothing was begun anew before
                raise Temporary("upload_stuck", gone.detail, retry_after=600) from gone
    begun = await _anew(call, out, many)
    return await _noted(call, out, str(begun["publish_id"]))


def _ends(begun: JSON) -> float:
    """When the address of a publishing ends, in seconds since 1970; long ago where that is not known."""
    return float(begun.get("at") or 0) + _ADDRESS_LIVES


async def _noted(call: Call, out: Outgoing, number: str) -> dict[str, Any]:
    """The result, with the post's id where TikTok tells it soon. Raises why it failed, if it does so soon."""
    made = {"id": number, "photo": payloads.is_photo(out), "post_id": "", "url": ""}
    for seconds in (*PAUSES, 0):
        try:
            state = await state_of(call, number)
        except NetworkError:  # it is out, or on its way; later looks will tell
            return made
        if state.get("status") == "FAILED":
            raise failure(state, call.now())
        if state.get("status") == "PUBLISH_COMPLETE":
            break
        await pause(seconds)
    made["post_id"] = payloads.post_id(state)
    return {**made, "url": _address(call, made)}


def _address(call: Call, made: Mapping[str, Any]) -> str:
    username = str(call.credential.facts.get("username") or "")
    return payloads.address(str(made["post_id"]), username, bool(made["photo"]))


async def look_up(call: Call, question: Question) -> Answer:
    """The number of the publishing tells. Without one (photos) nobody can, nor where another publishing may
    have been begun in its place, whose number went with the answer."""
    if question.step.kind == "upload":
        return Answer(False)
    begun = question.done.get(FILE, {})
    if payloads.is_fetched(question.out) or not begun:
        return Answer(None)
    file = question.out.media[0]
    try:
        arrived = await _arrived(call, file, begun)
    except Gone:
        return Answer(None)
    if arrived < pieces(file.size)[1]:
        return Answer(False if question.since.timestamp() + _LONGEST_TRY < _ends(begun) else None)
    return Answer(True, await _noted(call, question.out, str(begun["publish_id"])))


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("photo", "post_id") if made.get(name)}
    return Remote(str(made["id"]), str(made.get("url") or ""), extra)


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    raise Rejected("edit_unsupported")


async def delete(call: Call, there: Remote) -> None:
    raise Rejected("delete_unsupported")


async def post_of(call: Call, there: Remote) -> tuple[str, Mapping[str, Any] | None]:
    """(the post's id, the post as others see it). "": it has no id yet, or nobody else sees it; None: it is
    not in TikTok's list. Raises Gone where the publishing failed."""
    number = str(there.extra.get("post_id") or "")
    if not number:
        state = await state_of(call, there.id)
        if state.get("status") == "FAILED":
            raise Gone("video_rejected", str(state.get("fail_reason") or ""))
        if state.get("status") != "PUBLISH_COMPLETE":
            raise Temporary("media_processing", "TikTok is still at work on the post", retry_after=60)
        number = payloads.post_id(state)
    if not number:
        return "", None
    told = await ask(call, "POST", "video/query/", params={"fields": VIDEO_FIELDS},
                     body={"filters": {"video_ids": [number]}})  # fmt: skip
    rows = told.get("videos")
    if not isinstance(rows, list):
        raise unclear(False, "nonsense", "no list of videos in the answer")
    return number, next((row for row in rows if isinstance(row, dict) and str(row.get("id")) == number), None)


async def read_back(call: Call, there: Remote) -> Seen:
    """Is it there? What only the account itself sees is known by the state of its publishing alone."""
    photo = bool(there.extra.get("photo"))
    try:
        number, post = await post_of(call, there)
    except Gone as gone:
        if gone.code == "video_rejected":
            raise
        raise Rejected("read_back_unsupported", gone.detail) from gone  # the number is too old to be known
    if not number:
        return Seen(True)
    if post is None:
        if photo:  # the list speaks of videos alone: whether it holds photos is not promised
            raise Rejected("read_back_unsupported", "photo")
        return Seen(False)
    username = str(call.credential.facts.get("username") or "")
    text = post.get("video_description") or post.get("title")
    return Seen(
        True, str(text) if text else None, None, there.url or payloads.address(number, username, photo)
    )
