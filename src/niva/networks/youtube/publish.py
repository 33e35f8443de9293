"""Sending, changing, removing and finding again a video.

Where is "create"? YouTube makes the video when the last byte has come. So the address of the upload and all
pieces but the last are steps of their own kind (nothing exists yet, twice harms nobody), and "create" is the
last piece. The address remembers: asked for its state, it names the video or how much is missing, so a second
"create" at the same address never makes a second video. Is the address gone, the channel's list tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from niva.networks.base.errors import Gone, NeedsLogin, Rejected, Temporary
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.youtube import payloads
from niva.networks.youtube.client import (
    PIECE,
    ask,
    items,
    open_session,
    send_picture,
    send_piece,
    session_state,
)

SESSION: Final = "upload:session"
FILE: Final = "upload:0"
_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_PAGES: Final = 4
_STUCK: Final = 5  # pieces in a row after which YouTube has not one byte more


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """The upload, the video, and what hangs on it: comment, place in a playlist, cover.

    The cover comes last: a channel without a shown telephone is refused it, and the rest must not suffer.
    """
    made = [
        Step(SESSION, "upload", repeatable=True),
        Step(FILE, "upload", repeatable=True),
        Step("create", "create", searchable=True),
    ]
    if out.first_comment:
        made.append(Step("comment", "comment", searchable=True))
    if out.options.get("playlist"):
        made.append(Step("playlist", "comment", searchable=True))
    if _cover(out) is not None:
        made.append(Step("cover", "comment", searchable=True))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    match step.name:
        case "upload:session":
            return {"session": await _open(call, out)}
        case "upload:0":
            return await _upload(call, out, str(done.get(SESSION, {}).get("session", "")))
        case "create":
            return await _create(call, out, str(done.get(FILE, {}).get("session", "")))
        case "comment":
            return await comment(call, str(done["create"]["id"]), out.first_comment)
        case "playlist":
            return await _into_playlist(call, str(done["create"]["id"]), str(out.options["playlist"]))
        case _:
            cover = _cover(out)
            assert cover is not None
            return await _set_cover(call, str(done["create"]["id"]), cover)


def _file(out: Outgoing) -> MediaFile:
    if not out.media:
        raise Rejected("media_required")
    return out.media[0]


def _cover(out: Outgoing) -> MediaFile | None:
    return out.media[0].cover if out.media else None


async def _open(call: Call, out: Outgoing) -> str:
    params = {"part": "snippet,status"}
    if out.options.get("quiet"):
        params["notifySubscribers"] = "false"
    return await open_session(call, params, payloads.video(out), _file(out))


async def _upload(call: Call, out: Outgoing, where: str) -> JSON:
    """Every piece but the last. An address that has ended is replaced by a new one."""
    file = _file(out)
    try:
        if not where:
            raise Gone("upload_ended")
        state = await session_state(call, where, file.size)
    except Gone:
        where, state = await _open(call, out), 0
    last = (file.size - 1) // PIECE * PIECE
    if isinstance(state, int) and state < last:
        await _send(call, where, file, state, last)
    return {"session": where, "print": await fingerprint(file)}


async def _send(call: Call, where: str, file: MediaFile, start: int, end: int) -> int | dict[str, Any]:
    """Pieces from byte `start` until the server has `end` bytes; goes on where the server says it is."""
    state: int | dict[str, Any] = start
    stuck = 0
    while isinstance(state, int) and state < end:
        before = state
        try:
            state = await send_piece(call, where, file, state)
        except Gone as error:  # it was there a moment ago
            raise Temporary("upload_stuck", error.detail, retry_after=60) from error
        stuck = stuck + 1 if state == before else 0
        if stuck >= _STUCK:
            raise Temporary("upload_stuck", f"at byte {before} of {file.size}")
    return state


async def _create(call: Call, out: Outgoing, where: str) -> JSON:
    """The rest of the file, or nothing where the video is there already."""
    file = _file(out)
    state: int | dict[str, Any] = 0
    try:
        if not where:
            raise Gone("upload_ended")
        state = await session_state(call, where, file.size)
    except Gone:  # the engine has looked for the video before it came here again
        where = await _open(call, out)
    if isinstance(state, int):
        state = await _send(call, where, file, state, file.size)
    if isinstance(state, int):
        raise Temporary("upload_stuck", "the whole file is there, but no video")
    return await _noted(state, out)


async def _noted(video: Mapping[str, Any], out: Outgoing) -> dict[str, Any]:
    """The result with what `edit` and `read_back` will want to know."""
    video_id = str(video["id"])
    noted = {"id": video_id, "url": payloads.address(video_id, out.form), "privacy": payloads.privacy(out)}
    if out.media:
        noted["print"] = await fingerprint(out.media[0])
    return noted


async def comment(call: Call, video_id: str, text: str) -> dict[str, Any]:
    """commentThreads.insert: a comment of the channel's own."""
    body = {
        "snippet": {
            "channelId": await channel_id(call),
            "videoId": video_id,
            "topLevelComment": {"snippet": {"textOriginal": text}},
        }
    }
    told = await ask(call, "POST", "commentThreads", {"part": "snippet"}, body=body, writes=True,
                     forbidden="comments_switched_off")  # fmt: skip
    if not isinstance(told.get("id"), str):
        raise unclear(True, "nonsense", "no comment in the answer")
    return {"id": told["id"]}


async def _into_playlist(call: Call, video_id: str, playlist: str) -> JSON:
    body = {"snippet": {"playlistId": playlist, "resourceId": {"kind": "youtube#video", "videoId": video_id}}}
    told = await ask(call, "POST", "playlistItems", {"part": "snippet"}, body=body, writes=True)
    return {"id": str(told.get("id") or "")}


async def _set_cover(call: Call, video_id: str, cover: MediaFile) -> JSON:
    await send_picture(call, "thumbnails/set", {"videoId": video_id}, cover, forbidden="cover_refused")
    return {"id": video_id, "print": await fingerprint(cover)}


# --- finding it again ---------------------------------------------------------------------------------


async def look_up(call: Call, question: Question) -> Answer:
    """What became of a step whose answer never came."""
    step, out, done = question.step, question.out, question.done
    if step.kind == "upload":
        return Answer(False)
    if step.name == "create":
        return await _look_for_video(call, question)
    video_id = str(done["create"]["id"])
    if step.name == "comment":
        return await _look_for_comment(call, video_id, payloads.comparable(out.first_comment))
    if step.name == "playlist":
        params = {"part": "id", "playlistId": str(out.options["playlist"]), "videoId": video_id}
        rows, _ = await items(call, "playlistItems", params)
        return Answer(True, {"id": str(rows[0].get("id") or "")}) if rows else Answer(False)
    rows, _ = await items(call, "videos", {"part": "contentDetails", "id": video_id})
    details = rows[0].get("contentDetails") if rows else None
    has_own = isinstance(details, dict) and details.get("hasCustomThumbnail")
    return Answer(True, {"id": video_id}) if has_own else Answer(False)


async def _look_for_video(call: Call, question: Question) -> Answer:
    """First the address of the upload, which knows; then the channel's own list, newest first."""
    out = question.out
    if where := str(question.done.get(FILE, {}).get("session", "")):
        try:
            state = await session_state(call, where, _file(out).size)
        except Gone:
            pass
        else:
            return Answer(True, await _noted(state, out)) if isinstance(state, dict) else Answer(False)
    wanted = (payloads.comparable(payloads.title(out)), payloads.comparable(payloads.body(out)))
    since, page = question.since - _CLOCKS_DIFFER, ""
    for _ in range(_PAGES):
        params = {"part": "snippet", "playlistId": await uploads_of(call), "maxResults": "50"}
        try:
            rows, page = await items(
                call, "playlistItems", {**params, **({"pageToken": page} if page else {})}
            )
        except Gone:  # a channel that never had a video has no list
            return Answer(False)
        for row in rows:
            about = row.get("snippet")
            if not isinstance(about, dict) or payloads.moment(about.get("publishedAt")) < since:
                continue
            found = (payloads.comparable(str(about.get("title", ""))), _description(about))
            if found == wanted:
                return Answer(True, await _noted({"id": about["resourceId"]["videoId"]}, out))
        if not page or (rows and payloads.moment(rows[-1]["snippet"].get("publishedAt")) < since):
            return Answer(False)
    return Answer(None)


def _description(about: Mapping[str, Any]) -> str:
    return payloads.comparable(str(about.get("description") or ""))


async def _look_for_comment(call: Call, video_id: str, text: str) -> Answer:
    params = {"part": "snippet", "videoId": video_id, "order": "time", "textFormat": "plainText"}
    rows, more = await items(call, "commentThreads", {**params, "maxResults": "100"})
    own = await channel_id(call)
    for row in rows:
        said = row["snippet"]["topLevelComment"]["snippet"]
        author = said.get("authorChannelId")
        author_id = author.get("value") if isinstance(author, dict) else ""
        words = payloads.comparable(str(said.get("textOriginal") or said.get("textDisplay") or ""))
        if author_id == own and words == text:
            return Answer(True, {"id": str(row["id"])})
    return Answer(None if more else False)


async def own_channel(call: Call, part: str) -> dict[str, Any]:
    """channels.list of the channel that the keys belong to."""
    rows, _ = await items(call, "channels", {"part": part, "mine": "true"})
    if not rows:
        raise NeedsLogin("no_channel")
    return rows[0]


async def channel_id(call: Call) -> str:
    """The channel's id: known since the test button, else asked."""
    return str(call.credential.facts.get("channel_id") or (await own_channel(call, "id")).get("id") or "")


async def uploads_of(call: Call) -> str:
    """The playlist of all videos of the channel: known since the test button, else asked."""
    known = call.credential.facts.get("uploads")
    if known:
        return str(known)
    lists = (await own_channel(call, "contentDetails")).get("contentDetails", {}).get("relatedPlaylists", {})
    if not isinstance(lists, dict) or not lists.get("uploads"):
        raise unclear(False, "nonsense", "no list of uploads in the answer")
    return str(lists["uploads"])


# --- changing, removing, looking ----------------------------------------------------------------------


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("privacy", "print") if made.get(name)}
    if "cover" in done and done["cover"].get("print"):
        extra["cover"] = done["cover"]["print"]
    return Remote(str(made["id"]), str(made.get("url") or ""), extra)


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Title, description, keywords, who sees it, and the cover. The film itself can never be changed."""
    extra = dict(there.extra)
    if out.media and extra.get("print") and await fingerprint(out.media[0]) != extra["print"]:
        raise Rejected("video_cannot_change")
    found = await _video(call, there.id, "snippet,status")
    body = payloads.changed(out, found)
    await ask(call, "PUT", "videos", {"part": "snippet,status"}, body=body, writes=True)
    cover = _cover(out)
    if cover is not None and (mark := await fingerprint(cover)) != extra.get("cover"):
        await _set_cover(call, there.id, cover)
        extra["cover"] = mark
    return Remote(there.id, there.url, {**extra, "privacy": payloads.privacy(out)})


async def _video(call: Call, video_id: str, part: str) -> dict[str, Any]:
    rows, _ = await items(call, "videos", {"part": part, "id": video_id})
    if not rows:
        raise Gone("post_gone", video_id)
    return rows[0]


async def delete(call: Call, there: Remote) -> None:
    """Comments go with the video. One that is gone already is no error."""
    try:
        await ask(call, "DELETE", "videos", {"id": there.id}, writes=True)
    except Gone:
        return


async def read_back(call: Call, there: Remote) -> Seen:
    """Is the video there, was it worked through and let through, and may people see it as was asked?

    Raises Rejected("locked_private") where YouTube made private what was to be public: it does so with
    everything that an application brings which Google has not audited
    (https://developers.google.com/youtube/v3/docs/videos/insert).
    """
    try:
        video = await _video(call, there.id, "snippet,status")
    except Gone:
        return Seen(alive=False)
    status, snippet = video.get("status"), video.get("snippet")
    if not isinstance(status, dict) or not isinstance(snippet, dict):
        raise unclear(False, "nonsense", "a video without its state")
    if status.get("uploadStatus") in ("failed", "rejected", "deleted"):
        why = status.get("rejectionReason") or status.get("failureReason") or status["uploadStatus"]
        raise Gone("video_rejected", str(why))
    if status.get("privacyStatus") == "private" and there.extra.get("privacy", "private") != "private":
        raise Rejected("locked_private", there.id)
    return Seen(True, _description(snippet), 1, there.url)
