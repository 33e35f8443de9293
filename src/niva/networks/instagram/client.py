"""One method = one HTTP call, with the key of the page that the account hangs on; and what refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base import graph
from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import JSON

# Subcodes of https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
_SUBCODES: Final[Mapping[int, tuple[type[NetworkError], str]]] = {
    2207003: (Temporary, "media_not_fetched"),
    2207004: (Rejected, "file_too_big"),
    2207005: (Rejected, "media_refused"),
    2207006: (Gone, "not_found"),
    2207009: (Rejected, "media_refused"),
    2207010: (Rejected, "caption_refused"),
    2207023: (Rejected, "media_refused"),
    2207026: (Rejected, "media_refused"),
    2207027: (Temporary, "media_processing"),
    2207040: (Rejected, "caption_refused"),
    2207042: (Limited, "posts_per_day"),
    2207050: (NeedsLogin, "account_restricted"),
    2207051: (Rejected, "action_blocked"),
    2207052: (Rejected, "media_not_fetched"),
    2207057: (Rejected, "media_refused"),
}


def account_of(call: Call) -> str:
    """The account's id at Meta. The test button puts it into the facts."""
    account = str(call.credential.facts.get("ig_id") or "")
    if not account:
        raise NeedsLogin("account_missing")
    return account


def url(call: Call, path: str) -> str:
    return f"{graph.base_of(call, graph.FACEBOOK)}/{graph.VERSION}/{path}"


async def ask(
    call: Call, method: str, path: str, params: JSON | None = None, *, writes: bool = False
) -> dict[str, Any]:
    """The parsed answer of a call."""
    return await graph.ask(call, method, url(call, path), params=params, writes=writes, known=known)


def known(told: Mapping[str, Any]) -> NetworkError | None:
    """What Instagram's own subcodes mean."""
    return failed(graph.number(told.get("error_subcode")), graph.words_of(told))


def failed(subcode: int, words: str) -> NetworkError | None:
    """The error of a subcode, which comes in refusals and in the status of a container."""
    if subcode not in _SUBCODES:
        return None
    kind, code = _SUBCODES[subcode]
    if kind is Temporary:
        return Temporary(code, words, retry_after=60)
    return kind(code, words)
