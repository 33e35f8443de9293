"""What Discord's refusals mean: `{"code": number, "message": words, "errors": {...}}` beside the status.

Numbers: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected
from niva.networks.base.transport import Reply, after, redact, unclear

ALREADY_CROSSPOSTED: Final = "discord_crossposted"
THREAD_EXISTS: Final = "discord_thread_exists"
_CODES: Final[Mapping[int, tuple[type[NetworkError], str]]] = {
    10003: (NeedsLogin, "chat_not_found"),
    10004: (NeedsLogin, "discord_not_in_server"),
    10007: (NeedsLogin, "discord_not_in_server"),
    10008: (Gone, "post_gone"),
    20001: (NeedsLogin, "discord_wrong_key"),
    20026: (NeedsLogin, "account_blocked"),
    40002: (NeedsLogin, "account_blocked"),
    40005: (Rejected, "file_too_big"),
    40033: (Rejected, ALREADY_CROSSPOSTED),
    50001: (NeedsLogin, "discord_no_access"),
    50006: (Rejected, "text_empty"),
    50013: (NeedsLogin, "no_right"),
    50014: (NeedsLogin, "token_revoked"),
    50024: (Rejected, "discord_channel_kind"),
    50041: (Rejected, "discord_version_withdrawn"),
    50045: (Rejected, "file_too_big"),
    50046: (Rejected, "media_refused"),
    50083: (Rejected, "discord_thread_archived"),
    160004: (Rejected, THREAD_EXISTS),
    160005: (Rejected, "discord_thread_archived"),
    200000: (Rejected, "discord_filtered"),
    200001: (Rejected, "discord_filtered"),
    240000: (Rejected, "discord_filtered"),
}
# Refused with another status than 429, but for being too often all the same.
_TOO_OFTEN: Final = frozenset({20016, 20022, 20028, 20029, 30046, 31002, 40004, 40062})


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with a status other than 2xx stands for."""
    data = reply.json()
    told: Mapping[str, Any] = data if isinstance(data, dict) else {}
    code = told.get("code") if isinstance(told.get("code"), int) else None
    words = "; ".join((str(told.get("message") or ""), *_leaves(told.get("errors"))))
    detail = redact(f"{code}: {words}" if told else f"HTTP {reply.status}: {reply.text[:200]}")[:500]
    if reply.status == 429:
        return _limited(reply, told, detail, now)
    if reply.status >= 500:
        return unclear(writes, "server_error", detail)
    if code in _TOO_OFTEN:
        return Limited("too_often", detail, scope="community", until=reply.retry_at(now))
    if isinstance(code, int) and code in _CODES:
        kind, ours = _CODES[code]
        return kind(ours, detail)
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status == 403:
        return NeedsLogin("no_right", detail)
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    if reply.status == 404 and told:
        return Gone("post_gone", detail)
    return Rejected("refused" if told else "wrong_service", detail)


def _limited(reply: Reply, told: Mapping[str, Any], detail: str, now: datetime) -> Limited:
    """Of one route of one channel, of the whole bot ("global"), or (no JSON) of our address as a whole.

    https://docs.discord.com/developers/topics/rate-limits
    """
    wait = told.get("retry_after")
    until = reply.retry_at(now)
    if isinstance(wait, int | float) and not isinstance(wait, bool) and wait >= 0:
        until = after(now, wait)
    if not told:
        return Limited("too_often", detail, scope="address", until=until)
    return Limited("too_often", detail, scope="account" if told.get("global") else "community", until=until)


def _leaves(errors: Any, where: str = "") -> Iterator[str]:
    """The words at the leaves of a tree of errors, with the path to each."""
    if isinstance(errors, dict):
        for name, inner in errors.items():
            if name == "_errors" and isinstance(inner, list):
                for one in inner:
                    words = one.get("message", "") if isinstance(one, dict) else one
                    yield f"{where}: {words}".removeprefix(": ")
            else:
                yield from _leaves(inner, f"{where}.{name}".removeprefix("."))
