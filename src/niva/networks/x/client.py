"""One method of the API v2 = one HTTP call.

Two descriptions of the API are about (2.159 and 2.167): the newer says "post" where the older said "tweet".
`Names` holds what differs; the test button learns which one this account is answered with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.files import upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, unclear
from niva.networks.base.types import JSON, MediaFile
from niva.networks.x.errors import error_of, partial

API_BASE: Final = "https://api.x.com"
SEGMENT: Final = 4 * 1024 * 1024  # bytes; a segment may have up to 5 MB


@dataclass(frozen=True, slots=True)
class Names:
    """Words of one description of the API. `fields`, `referred`: parameters; `note`: where long texts are."""

    fields: str
    referred: str
    pinned: str
    latest: str
    note: str


POST: Final = Names("post.fields", "referenced_posts", "pinned_post_id", "most_recent_post_id", "note_post")
TWEET: Final = Names(
    "tweet.fields", "referenced_tweets.id", "pinned_tweet_id", "most_recent_tweet_id", "note_tweet"
)


def names_of(call: Call) -> Names:
    return TWEET if call.credential.facts.get("naming") == "tweet" else POST


def base_of(call: Call) -> str:
    return str(call.credential.facts.get("api_base") or API_BASE)


async def ask(
    call: Call,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: JSON | None = None,
    writes: bool = False,
) -> dict[str, Any]:
    """The parsed answer. An answer that brings problems alone is raised as what they mean."""
    reply = await call.transport.request(
        method, f"{base_of(call)}/2/{path}",
        writes=writes, headers=token(call), params=params, json_body=body,
    )  # fmt: skip
    return parsed(call, reply, writes)


async def append(call: Call, media_id: str, file: MediaFile, index: int) -> None:
    """Hand over one segment of a file."""
    content = await asyncio.to_thread(_segment, file, index)
    form = aiohttp.FormData()
    form.add_field("segment_index", str(index))
    form.add_field("media", content, filename="segment", content_type="application/octet-stream")
    reply = await call.transport.request(
        "POST", f"{base_of(call)}/2/media/upload/{media_id}/append",
        writes=False, headers=token(call), form=form,
        deadline=upload_deadline(call.transport.deadline, len(content)),
    )  # fmt: skip
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=False, now=call.now())


def _segment(file: MediaFile, index: int) -> bytes:
    try:
        with file.path.open("rb") as stream:
            stream.seek(index * SEGMENT)
            return stream.read(SEGMENT)
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error


def token(call: Call) -> dict[str, str]:
    kept = call.credential.secrets.get("access_token", "").strip()
    if not kept:
        raise NeedsLogin("not_connected")
    return {"Authorization": f"Bearer {kept}"}


def parsed(call: Call, reply: Reply, writes: bool) -> dict[str, Any]:
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now())
    data = reply.json()
    if not isinstance(data, dict):
        raise unclear(writes, "nonsense", f"HTTP {reply.status}, {reply.text[:100]!r}")
    if (problem := partial(data)) is not None:
        raise problem
    return data
