"""Sending, changing, removing and finding again a post."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Gone, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.linkedin import payloads
from niva.networks.linkedin.client import (
    ask,
    ask_object,
    author_of,
    coded,
    elements,
    is_page,
    put_file,
    put_part,
)
from niva.networks.linkedin.errors import NO_RIGHT
from niva.networks.linkedin.text import escaped

PAUSES: Final = (1, 2, 4, 8, 15)  # seconds between looks at a video that is being prepared
_SKEW: Final = 120  # seconds by which LinkedIn's clock may be behind ours
_PAGE: Final = 50  # posts that one look takes in; the API gives 100 at most
_COMMENTS: Final = 100
pause = asyncio.sleep


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    return payloads.steps(out, credential)


def remote(done: Mapping[str, JSON]) -> Remote:
    """See `payloads.remote_of`."""
    return payloads.remote_of(done)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    """Do one step of `payloads.steps`."""
    if step.name == "create":
        return await _create(call, out, done)
    if step.name == "comment":
        return {"id": await write_comment(call, str(done["create"]["id"]), out.first_comment)}
    return await _upload(call, step.name, out, done)


# --- uploads ---


async def _upload(call: Call, name: str, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if name == "upload:link":
        assert out.link is not None and out.link.image is not None
        return await _image(call, out.link.image)
    parts = name.split(":")
    file = out.media[int(parts[1])]
    if not payloads.is_video(file):
        return await _image(call, file)
    if len(parts) == 2:
        return await _video_place(call, file)
    place = done[f"upload:{parts[1]}"]
    if parts[2] == "file":
        return await _video_bytes(call, file, place)
    return await _video_ready(call, str(place["urn"]))


async def _image(call: Call, file: MediaFile) -> JSON:
    """Two calls that belong together: the place lives for a day and is worth nothing without its file."""
    body = {"initializeUploadRequest": {"owner": author_of(call.credential)}}
    place = _value(await ask_object(call, "POST", "/rest/images?action=initializeUpload", body=body))
    await put_file(call, _text(place, "uploadUrl"), file)
    return {"urn": _text(place, "image")}


async def _video_place(call: Call, file: MediaFile) -> JSON:
    request = {
        "owner": author_of(call.credential),
        "fileSizeBytes": file.size,
        "uploadCaptions": False,
        "uploadThumbnail": file.cover is not None,
    }
    body = {"initializeUploadRequest": request}
    place = _value(await ask_object(call, "POST", "/rest/videos?action=initializeUpload", body=body))
    parts = place.get("uploadInstructions")
    if not isinstance(parts, list) or not parts:
        raise Temporary("nonsense", "no uploadInstructions in the answer")
    try:
        cut = [[_text(one, "uploadUrl"), int(one["firstByte"]), int(one["lastByte"])] for one in parts]
    except (KeyError, TypeError, ValueError) as error:
        raise Temporary("nonsense", "an upload instruction without its bytes") from error
    return {
        "urn": _text(place, "video"),
        "token": str(place.get("uploadToken") or ""),
        "parts": cut,
        "thumbnail_url": str(place.get("thumbnailUploadUrl") or ""),
    }


async def _video_bytes(call: Call, file: MediaFile, place: JSON) -> JSON:
    """Part by part, as LinkedIn cut it; then the parts are named in their order."""
    marks = [await put_part(call, str(url), file, first, last) for url, first, last in place["parts"]]
    if file.cover is not None and place.get("thumbnail_url"):
        kind = {"media-type-family": "STILLIMAGE"}
        await put_file(call, str(place["thumbnail_url"]), file.cover, kind)
    request = {"video": place["urn"], "uploadToken": place["token"], "uploadedPartIds": marks}
    await ask(call, "POST", "/rest/videos?action=finalizeUpload", body={"finalizeUploadRequest": request})
    return {}


async def _video_ready(call: Call, urn: str) -> JSON:
    for seconds in (0, *PAUSES):
        if seconds:
            await pause(seconds)
        told = await ask_object(call, "GET", f"/rest/videos/{coded(urn)}")
        if told.get("status") == "AVAILABLE":
            return {}
        if told.get("status") == "PROCESSING_FAILED":
            raise Rejected("media_refused", str(told.get("processingFailureReason") or ""))
    raise Temporary("media_processing", "LinkedIn is still at work on the video", retry_after=60)


def _value(data: Mapping[str, Any]) -> Mapping[str, Any]:
    value = data.get("value")
    if not isinstance(value, dict):
        raise Temporary("nonsense", "no value in the answer")
    return value


def _text(data: Any, name: str) -> str:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise Temporary("nonsense", f"no {name} in the answer")
    return value


# --- the post and its comment ---


async def _create(call: Call, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    body = payloads.post(out, author_of(call.credential), done)
    reply = await ask(call, "POST", "/rest/posts", body=body, writes=True)
    urn = reply.headers.get("x-restli-id", "")
    if not urn.startswith(("urn:li:share:", "urn:li:ugcPost:")):
        raise OutcomeUnknown("nonsense", "no x-restli-id in the answer")
    return _made(urn, out)


def _made(urn: str, out: Outgoing) -> dict[str, Any]:
    return {
        "id": urn,
        "url": payloads.address(urn),
        "mark": payloads.mark(out),
        "poll": out.poll is not None,
    }


async def write_comment(call: Call, post: str, text: str, parent: str = "") -> str:
    """The id of a new comment under a post, or under a comment (`parent`, its URN)."""
    body: dict[str, Any] = {
        "actor": author_of(call.credential),
        "object": post,
        "message": {"text": text},
    }
    if parent:
        body["parentComment"] = parent
    path = f"/rest/socialActions/{coded(parent or post)}/comments"
    reply = await ask(call, "POST", path, body=body, writes=True)
    told = reply.json()
    number = reply.headers.get("x-restli-id") or (told.get("id") if isinstance(told, dict) else "")
    if not number:
        raise OutcomeUnknown("nonsense", "no id of the comment in the answer")
    return str(number)


async def look_up(call: Call, question: Question) -> Answer:
    """Find a post or a comment of the page's. Whose keys may not read gets no answer."""
    if question.step.kind == "upload":
        return Answer(False)  # done again it harms nobody, so nobody looks
    if not is_page(call.credential):
        return Answer(None)
    try:
        if question.step.kind == "comment":
            return await _find_comment(call, question)
        return await _find_post(call, question)
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return Answer(None)


async def _find_post(call: Call, question: Question) -> Answer:
    since = (question.since.timestamp() - _SKEW) * 1000
    rows = await newest(call, _PAGE)
    uploads = {name: made for name, made in question.done.items() if name.startswith("upload:")}
    # the first of its kind: when a post was repeated by hand afterwards, ours is the older one
    for row in sorted(rows, key=_age):
        if payloads.is_ours(row, question.out, uploads, since):
            return Answer(True, _made(str(row.get("id")), question.out))
    full = len(rows) >= _PAGE and all(int(one.get("createdAt") or 0) >= since for one in rows)
    return Answer(None if full else False)


def _age(row: Mapping[str, Any]) -> tuple[int, int, str]:
    """What orders posts, the oldest first; numbers of URNs grow."""
    urn = str(row.get("id"))
    return int(row.get("createdAt") or 0), len(urn), urn


async def newest(call: Call, count: int) -> list[Mapping[str, Any]]:
    """The author's newest posts."""
    author = coded(author_of(call.credential))
    path = f"/rest/posts?author={author}&q=author&count={count}&sortBy=CREATED"
    return elements(await ask_object(call, "GET", path))


async def _find_comment(call: Call, question: Question) -> Answer:
    post = str(question.done["create"]["id"])
    author, wanted = author_of(call.credential), payloads.bare(question.out.first_comment)
    path = f"/rest/socialActions/{coded(post)}/comments?start=0&count={_COMMENTS}"
    rows = elements(await ask_object(call, "GET", path))
    for row in rows:
        said = str((row.get("message") or {}).get("text") or "")
        if row.get("actor") == author and payloads.bare(said) == wanted:
            return Answer(True, {"id": str(row.get("id"))})
    return Answer(None if len(rows) >= _COMMENTS else False)


async def post_of(call: Call, there: Remote) -> Mapping[str, Any]:
    """The post as LinkedIn gives it. Gone when it is not there any more."""
    told: Mapping[str, Any] = await ask_object(call, "GET", f"/rest/posts/{coded(there.id)}")
    if told.get("lifecycleState") == "DELETED":
        raise Gone("post_gone")
    return told


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """New words for a post; LinkedIn changes nothing else, and polls not at all."""
    if there.extra.get("poll") or out.poll is not None:
        raise Rejected("li_poll_stays")
    if payloads.mark(out) != there.extra.get("mark"):
        raise Rejected("li_only_text_changes")
    body = {"patch": {"$set": {"commentary": escaped(payloads.written(out))}}}
    path = f"/rest/posts/{coded(there.id)}"
    await ask(call, "POST", path, body=body, restli="PARTIAL_UPDATE", writes=True)
    return there


async def delete(call: Call, there: Remote) -> None:
    """Remove the post with everything under it; one that is gone already is no error."""
    try:
        await ask(call, "DELETE", f"/rest/posts/{coded(there.id)}", restli="DELETE", writes=True)
    except Gone:
        return


async def read_back(call: Call, there: Remote) -> Seen:
    """A person's own posts can be read by few applications: there nobody can tell."""
    if not is_page(call.credential):
        raise Rejected("read_back_unsupported")
    try:
        row = await post_of(call, there)
    except Gone:
        return Seen(alive=False)
    return Seen(True, payloads.text_of(row), len(payloads.shown(row)), there.url)
