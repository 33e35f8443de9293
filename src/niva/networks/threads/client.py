"""One method = one HTTP call, with the account's key; and what only Threads refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from niva.networks.base import graph
from niva.networks.base.errors import NetworkError, Rejected
from niva.networks.base.network import Call
from niva.networks.base.types import JSON

HOST: Final = "https://graph.threads.net"
VERSION: Final = "v1.0"
# Part of Meta's words -> our code: https://developers.facebook.com/docs/threads/troubleshooting
_WORDS: Final = (
    ("LINK_LIMIT_EXCEEDED", "links_refused"),
    ("param text must be at most", "text_too_long"),
    ("could not be fetched", "media_not_fetched"),
    ("FAILED_DOWNLOADING_VIDEO", "media_not_fetched"),
    ("FAILED_PROCESSING_", "media_refused"),
    ("INVALID_", "media_refused"),
)


def url(call: Call, path: str) -> str:
    return f"{graph.base_of(call, HOST)}/{VERSION}/{path}"


async def ask(
    call: Call, method: str, path: str, params: JSON | None = None, *, writes: bool = False
) -> dict[str, Any]:
    """The parsed answer of a call. Threads knows no `appsecret_proof`."""
    return await graph.ask(
        call, method, url(call, path), params=params, writes=writes, proves=False, known=known
    )


def listed(call: Call, path: str, params: JSON) -> AsyncIterator[dict[str, Any] | None]:
    """Entries of an edge, see `graph.listed`."""
    return graph.listed(call, url(call, path), params, proves=False, known=known)


def known(told: Mapping[str, Any]) -> NetworkError | None:
    """What Threads says in words beside a general code."""
    if graph.number(told.get("code")) != 100:
        return None
    words = f"{told.get('message')} {told.get('error_user_title')}"
    return failed(words) if any(part in words for part, _ in _WORDS) else None


def failed(words: str) -> NetworkError:
    """The error of a container's own words (`error_message`)."""
    code = next((code for part, code in _WORDS if part in words), "media_refused")
    return Rejected(code, words[:300])
