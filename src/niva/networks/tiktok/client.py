"""One method of the API v2 = one HTTP call; the pieces of a video are calls, too.

Sources: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post,
https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.address import upload_address
from niva.networks.base.errors import Gone, NeedsLogin, Rejected, Temporary
from niva.networks.base.files import upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import redact, unclear
from niva.networks.base.types import JSON, MediaFile
from niva.networks.tiktok.errors import error_of

API_BASE: Final = "https://open.tiktokapis.com"
# A piece may have 5 to 64 MB; the last takes the rest as well, so it may be almost twice as long.
PIECE: Final = 10 * 1024 * 1024


def pieces(size: int) -> tuple[int, int]:
    """(bytes of a piece, how many): the whole file where it is smaller than a piece; rounded down."""
    length = max(1, min(PIECE, size))
    return length, max(1, size // length)


async def ask(
    call: Call,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: JSON | None = None,
    writes: bool = False,
) -> dict[str, Any]:
    """The `data` of a good answer."""
    kept = call.credential.secrets.get("access_token", "").strip()
    if not kept:
        raise NeedsLogin("not_connected")
    base = str(call.credential.facts.get("api_base") or API_BASE)
    reply = await call.transport.request(
        method, f"{base}/v2/{path}", writes=writes,
        headers={"Authorization": f"Bearer {kept}"}, params=params, json_body=body,
    )  # fmt: skip
    if (error := error_of(reply, writes=writes, now=call.now())) is not None:
        raise error
    data = reply.json()["data"]
    if not isinstance(data, dict):
        raise unclear(writes, "nonsense", f"{path}: no data in the answer")
    return data


async def send_piece(call: Call, where: str, file: MediaFile, index: int) -> None:
    """Hand over one piece. Only the last is a write: the video is published after it.

    Raises Gone("upload_ended") where the address has ended (an hour after it was given).
    """
    length, many = pieces(file.size)
    start = index * length
    last = index == many - 1
    content = await asyncio.to_thread(_read, file, start, file.size - start if last else length)
    own = str(call.credential.facts.get("api_base") or "")
    reply = await call.transport.request(
        "PUT", upload_address(where, own), writes=last, data=content,
        headers={
            "Content-Type": file.mime,
            "Content-Range": f"bytes {start}-{start + len(content) - 1}/{file.size}",
        },
        deadline=upload_deadline(call.transport.deadline, len(content)),
    )  # fmt: skip
    words = f"HTTP {reply.status}: {redact(reply.text[:200])}"
    if reply.status == (201 if last else 206):
        return
    if reply.status in (403, 404, 410):
        raise Gone("upload_ended", words)
    if reply.status in (400, 416):
        raise Temporary("upload_stuck", words)
    raise unclear(last, "server_error" if reply.status >= 500 else "nonsense", words)


def _read(file: MediaFile, start: int, length: int) -> bytes:
    try:
        with file.path.open("rb") as stream:
            stream.seek(start)
            content = stream.read(length)
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error
    if len(content) != length:
        raise Rejected("media_unreadable", f"{file.path.name}: it is not as long as it was")
    return content
