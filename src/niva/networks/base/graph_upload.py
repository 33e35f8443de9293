"""Meta's host for the bytes of videos: reels and stories of pages, containers of Instagram."""

from __future__ import annotations

import asyncio
from typing import Final

from niva.networks.base import graph
from niva.networks.base.errors import Rejected
from niva.networks.base.files import upload_deadline
from niva.networks.base.graph_talk import Known
from niva.networks.base.network import Call
from niva.networks.base.types import MediaFile

HOST: Final = "https://rupload.facebook.com"


async def send_bytes(call: Call, path: str, file: MediaFile, known: Known | None = None) -> None:
    """Send a whole file, streamed from the disk, to where `path` says. Nothing shows it yet.

    The network names an address for it, too; ours is the same, so none that comes from outside is followed.
    https://developers.facebook.com/docs/video-api/guides/reels-publishing
    """
    host = str(call.credential.facts.get("upload_base") or HOST)
    headers = {
        "Authorization": f"OAuth {graph.token_of(call)}",
        "offset": "0",
        "file_size": str(file.size),
        "Content-Type": "application/octet-stream",
    }
    try:
        stream = await asyncio.to_thread(file.path.open, "rb")
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error
    with stream:
        reply = await call.transport.request(
            "POST", f"{host}/{path}", writes=False, headers=headers, data=stream,
            deadline=upload_deadline(call.transport.deadline, file.size),
        )  # fmt: skip
    graph.parsed(call, reply, writes=False, known=known)
