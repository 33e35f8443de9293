"""What Pinterest's refusals mean: `{"code", "message"}` beside the status.

Source: https://developers.pinterest.com/docs/api/v5/ (the responses of each call) and, for the numbers, the
messages that they come with.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from niva.kit.redaction import hide
from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected
from niva.networks.base.transport import LONGEST_PAUSE, Reply, unclear

NO_RIGHT: Final = "no_right"
# (part of the message in lower case, error class, our code); the first that is found counts.
_WORDS: Final[tuple[tuple[str, type[NetworkError], str], ...]] = (
    ("trial access", NeedsLogin, "pin_trial_access"),
    ("board not found", Rejected, "pin_board_gone"),
    ("board_id", Rejected, "pin_board_gone"),
    ("missing: [", NeedsLogin, NO_RIGHT),
    ("scope", NeedsLogin, NO_RIGHT),
    ("suspended", NeedsLogin, "account_blocked"),
    ("deactivated", NeedsLogin, "account_blocked"),
    ("blocked", Rejected, "pin_link_blocked"),
    ("spam", Rejected, "pin_link_blocked"),
    ("image is too small", Rejected, "media_refused"),
    ("image", Rejected, "media_refused"),
    ("media", Rejected, "media_refused"),
)
CODES: Final = {code for *_, code in _WORDS} | {
    "token_revoked", "too_often", "post_gone", "refused", "file_too_big", "server_error", "nonsense",
    "media_processing", "media_unreadable", "upload_host_refused", "not_connected", "login_declined",
    "app_missing", "pin_only_words_change", "pin_not_yours",
}  # fmt: skip


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with a status other than 2xx stands for."""
    data = reply.json()
    told: dict[str, Any] = data if isinstance(data, dict) else {}
    detail = hide(str(told.get("message") or f"HTTP {reply.status}: {reply.text[:200]}"))[:500]
    words = detail.lower()
    if reply.status == 429:
        return Limited("too_often", detail, until=reply.retry_at(now) or _reset(reply, now))
    if not told and reply.status in (401, 403, 413):  # of a gateway: what did not get in was not done
        door = {401: "token_revoked", 403: NO_RIGHT}.get(reply.status)
        return NeedsLogin(door, detail) if door else Rejected("file_too_big", detail)
    if reply.status >= 500 or not told:
        return unclear(writes, "server_error" if reply.status >= 500 else "nonsense", detail)
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    if reply.status == 404 and "board" not in words:
        return Gone("post_gone", detail)
    for part, kind, code in _WORDS:
        if part in words:
            return kind(code, detail)
    if reply.status == 403:
        return NeedsLogin("pin_not_yours" if "not authorized to access" in words else NO_RIGHT, detail)
    return Rejected("refused", detail)


def _reset(reply: Reply, now: datetime) -> datetime | None:
    """X-RateLimit-Reset: seconds until the window is over
    (https://developers.pinterest.com/docs/reference/rate-limits/)."""
    told = reply.headers.get("X-RateLimit-Reset", "").strip()
    if not (told.isascii() and told.isdecimal()):
        return None
    return now + min(timedelta(seconds=int(told[:9])), LONGEST_PAUSE)
