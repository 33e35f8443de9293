"""One method = one HTTP call, with the key of the page."""

from __future__ import annotations

import asyncio
import io
import mimetypes
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from niva.networks.base import graph, graph_upload
from niva.networks.base.errors import NeedsLogin, NetworkError, Rejected
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, MediaFile

VIDEO_HOST: Final = "https://graph-video.facebook.com"
CHUNK: Final = 16 * 1024 * 1024  # bytes of a video sent at a time, at most: one piece is in memory


def page_of(call: Call) -> str:
    """The page's id. The test button puts it into the facts."""
    page = str(call.credential.facts.get("page_id") or "")
    if not page:
        raise NeedsLogin("page_missing")
    return page


async def ask(
    call: Call, method: str, path: str, params: JSON | None = None, *, writes: bool = False
) -> dict[str, Any]:
    """The parsed answer of a call."""
    return await graph.ask(call, method, url(call, path), params=params, writes=writes, known=known)


def url(call: Call, path: str, host: str = graph.FACEBOOK) -> str:
    return f"{graph.base_of(call, host)}/{graph.VERSION}/{path}"


def known(told: Mapping[str, Any]) -> NetworkError | None:
    """What only pages answer: a call that wants the page's key was made with a person's (code 210), or the
    person behind it may not do this task (code 283, or 200 with these words)."""
    code, words = graph.number(told.get("code")), str(told.get("message"))
    if code == 210 or "page access token is required" in words.lower():
        return NeedsLogin("user_key_given", graph.words_of(told))
    if code == 200 and "CREATE_CONTENT" in words:
        return NeedsLogin("task_missing", graph.words_of(told))
    return None


async def send_picture(call: Call, path: str, file: MediaFile, fields: Mapping[str, str]) -> dict[str, Any]:
    """A picture as part of a form. Nothing shows it yet, or the same twice is the same once."""
    with form_with_files(fields, {"source": file}) as form:
        return await graph.ask(
            call, "POST", url(call, path), body=form, known=known,
            deadline=upload_deadline(call.transport.deadline, file.size),
        )  # fmt: skip


async def send_video(call: Call, file: MediaFile) -> dict[str, str]:
    """A video for the feed, in pieces as the server asks for them; not published. {"id", "session"}."""
    path = f"{page_of(call)}/videos"
    told = await _video_call(call, path, {"upload_phase": "start", "file_size": str(file.size)})
    made = {
        "id": graph.identified(told, "video_id", writes=False),
        "session": graph.identified(told, "upload_session_id", writes=False),
    }
    start, end = graph.number(told.get("start_offset")), graph.number(told.get("end_offset"))
    while start < end:
        piece = await asyncio.to_thread(_piece, file, start, min(end - start, CHUNK))
        form = aiohttp.FormData(
            {"upload_phase": "transfer", "upload_session_id": made["session"], "start_offset": str(start)}
        )
        form.add_field("video_file_chunk", io.BytesIO(piece), filename=f"video{_ending(file)}")
        told = await graph.ask(
            call, "POST", url(call, path, VIDEO_HOST), body=form, known=known,
            deadline=upload_deadline(call.transport.deadline, len(piece)),
        )  # fmt: skip
        behind, start = start, graph.number(told.get("start_offset"))
        end = graph.number(told.get("end_offset"))
        if start <= behind:  # it would go round for ever
            raise Rejected("media_refused", f"the server stays at byte {behind}")
    if start < file.size:
        raise Rejected("media_refused", f"the server took {start} of {file.size} bytes")
    return made


async def finish_video(call: Call, session: str, params: JSON, cover: MediaFile | None) -> None:
    """Publish a video that was sent, with its own cover where there is one. A write."""
    fields = {"upload_phase": "finish", "upload_session_id": session, **params}
    where = url(call, f"{page_of(call)}/videos", VIDEO_HOST)
    if cover is None:
        told = await graph.ask(call, "POST", where, params=fields, writes=True, known=known)
    else:
        with form_with_files(
            {name: graph.plain(value) for name, value in fields.items()}, {"thumb": cover}
        ) as form:
            told = await graph.ask(
                call, "POST", where, body=form, writes=True, known=known,
                deadline=upload_deadline(call.transport.deadline, cover.size),
            )  # fmt: skip
    graph.succeeded(told)


async def _video_call(call: Call, path: str, params: JSON) -> dict[str, Any]:
    return await graph.ask(call, "POST", url(call, path, VIDEO_HOST), params=params, known=known)


def _piece(file: MediaFile, start: int, size: int) -> bytes:
    try:
        with file.path.open("rb") as stream:
            stream.seek(start)
            return stream.read(size)
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error


def _ending(file: MediaFile) -> str:
    return mimetypes.guess_extension(file.mime) or file.path.suffix


async def send_upright(call: Call, edge: str, file: MediaFile) -> str:
    """A video for `edge` ("video_reels", "video_stories"), streamed from the disk; its id. Not published.

    https://developers.facebook.com/docs/video-api/guides/reels-publishing
    """
    told = await ask(call, "POST", f"{page_of(call)}/{edge}", {"upload_phase": "start"})
    video = graph.identified(told, "video_id", writes=False)
    await graph_upload.send_bytes(call, f"video-upload/{graph.VERSION}/{video}", file, known)
    return video
