"""One method of the Data API or of Analytics = one HTTP call; the pieces of an upload are calls, too.

Sources: the discovery documents of youtube.v3 and youtubeAnalytics.v2;
https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.address import upload_address
from niva.networks.base.errors import Gone, NeedsLogin, Rejected, Temporary
from niva.networks.base.files import upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, unclear
from niva.networks.base.types import JSON, MediaFile
from niva.networks.youtube.errors import error_of

API_BASE: Final = "https://youtube.googleapis.com"
ANALYTICS_BASE: Final = "https://youtubeanalytics.googleapis.com"
# Pieces must be whole multiples of 256 KiB, all but the last.
PIECE: Final = 8 * 1024 * 1024


async def ask(
    call: Call,
    method: str,
    path: str,
    params: Mapping[str, str],
    *,
    body: JSON | None = None,
    writes: bool = False,
    forbidden: str = "no_right",
) -> dict[str, Any]:
    """The parsed answer of one method of the Data API; {} where the answer is empty by contract (204)."""
    base = str(call.credential.facts.get("api_base") or API_BASE)
    reply = await call.transport.request(
        method, f"{base}/youtube/v3/{path}",
        writes=writes, headers=token(call), params=params, json_body=body,
    )  # fmt: skip
    if reply.status == 204:
        return {}
    return parsed(call, reply, writes=writes, forbidden=forbidden)


async def items(call: Call, path: str, params: Mapping[str, str]) -> tuple[list[dict[str, Any]], str]:
    """(the rows of one page, the mark of the next page or "")."""
    told = await ask(call, "GET", path, params)
    rows = told.get("items", [])  # no rows: some methods leave the list out
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Temporary("nonsense", f"{path}: no list of items")
    return rows, str(told.get("nextPageToken") or "")


async def report(call: Call, params: Mapping[str, str]) -> dict[str, Any]:
    """reports.query of YouTube Analytics."""
    base = str(call.credential.facts.get("analytics_base") or ANALYTICS_BASE)
    reply = await call.transport.request(
        "GET", f"{base}/v2/reports", writes=False, headers=token(call), params=params
    )
    return parsed(call, reply, writes=False)


async def send_picture(
    call: Call, path: str, params: Mapping[str, str], file: MediaFile, *, forbidden: str
) -> dict[str, Any]:
    """Set or keep a picture in one go. Twice is the same as once."""
    try:
        content = await asyncio.to_thread(file.path.read_bytes)
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error
    base = str(call.credential.facts.get("api_base") or API_BASE)
    reply = await call.transport.request(
        "POST", f"{base}/upload/youtube/v3/{path}",
        writes=False, headers={**token(call), "Content-Type": file.mime},
        params={**params, "uploadType": "media"}, data=content,
        deadline=upload_deadline(call.transport.deadline, file.size),
    )  # fmt: skip
    return parsed(call, reply, writes=False, forbidden=forbidden)


async def open_session(call: Call, params: Mapping[str, str], body: JSON, file: MediaFile) -> str:
    """The address for the pieces of one video. Nothing exists yet: an address left alone ends by itself."""
    base = str(call.credential.facts.get("api_base") or API_BASE)
    reply = await call.transport.request(
        "POST", f"{base}/upload/youtube/v3/videos",
        writes=False,
        headers={
            **token(call),
            "X-Upload-Content-Length": str(file.size),
            "X-Upload-Content-Type": file.mime,
        },
        params={**params, "uploadType": "resumable"}, json_body=body,
    )  # fmt: skip
    if reply.status != 200:
        raise error_of(reply, writes=False, now=call.now())
    where = reply.headers.get("Location", "")
    if not where:
        raise Temporary("nonsense", "no address for the upload in the answer")
    return upload_address(where, base)


async def session_state(call: Call, where: str, size: int) -> int | dict[str, Any]:
    """How many bytes have arrived, or the video that came of them. Gone where the address has ended."""
    reply = await _put(call, where, {"Content-Range": f"bytes */{size}"}, b"", writes=False)
    return arrived(call, reply, writes=False)


async def send_piece(call: Call, where: str, file: MediaFile, start: int) -> int | dict[str, Any]:
    """Send the piece that begins at byte `start`. Answers like `session_state`.

    Only the last piece is a write: it makes the video.
    """
    content = await asyncio.to_thread(_piece, file, start)
    last = start + len(content) >= file.size
    span = {"Content-Range": f"bytes {start}-{start + len(content) - 1}/{file.size}"}
    return arrived(call, await _put(call, where, span, content, writes=last), writes=last)


def _piece(file: MediaFile, start: int) -> bytes:
    try:
        with file.path.open("rb") as stream:
            stream.seek(start)
            content = stream.read(PIECE)
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error
    if len(content) != min(PIECE, file.size - start):
        raise Rejected("media_unreadable", f"{file.path.name}: it is not as long as it was")
    return content


async def _put(call: Call, where: str, span: Mapping[str, str], content: bytes, *, writes: bool) -> Reply:
    own = str(call.credential.facts.get("api_base") or "")
    return await call.transport.request(
        "PUT", upload_address(where, own),
        writes=writes, headers={**token(call), **span}, data=content,
        deadline=upload_deadline(call.transport.deadline, len(content)),
    )  # fmt: skip


def arrived(call: Call, reply: Reply, *, writes: bool) -> int | dict[str, Any]:
    """308: so many bytes (the header Range names the last one); 200 and 201: the video; 404: it has ended."""
    if reply.status == 308:
        told = reply.headers.get("Range", "").rpartition("-")[2]
        return int(told) + 1 if told.isdecimal() else 0
    if reply.status in (404, 410):
        raise Gone("upload_ended", f"HTTP {reply.status}")
    found = parsed(call, reply, writes=writes)
    if not isinstance(found.get("id"), str) or not found["id"]:
        raise unclear(writes, "nonsense", "no video in the answer")
    return found


def token(call: Call) -> dict[str, str]:
    kept = call.credential.secrets.get("access_token", "").strip()
    if not kept:
        raise NeedsLogin("not_connected")
    return {"Authorization": f"Bearer {kept}"}


def parsed(call: Call, reply: Reply, *, writes: bool, forbidden: str = "no_right") -> dict[str, Any]:
    """The JSON of a good reply. Raises what any other reply means."""
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now(), forbidden=forbidden)
    data = reply.json()
    if not isinstance(data, dict):
        raise unclear(writes, "nonsense", f"HTTP {reply.status}, {reply.text[:100]!r}")
    return data
