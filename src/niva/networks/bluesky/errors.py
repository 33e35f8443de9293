"""What the refusals of an XRPC server mean: `{"error": name, "message": words}` beside the status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected
from niva.networks.base.transport import LONGEST_PAUSE, Reply, redact, unclear

CODES: Final = {
    "token_expired", "token_revoked", "login_refused", "app_password_needed", "account_blocked", "no_right",
    "too_often", "post_gone", "file_too_big", "text_too_long", "media_refused", "refused", "server_error",
    "nonsense", "wrong_service", "media_unreadable", "address_bad", "not_connected",
    "chat_right_missing", "changed_meanwhile", "conversation_closed", "edit_unsupported",
}  # fmt: skip
# Words for figures that are absent.
REASONS: Final = {"not_offered", "no_appview", "not_indexed_yet"}
# Problems of a draft that only Bluesky has.
PROBLEMS: Final = {"gif_will_not_move", "card_image_too_heavy"}

_NAMES: Final[dict[str, tuple[type[NetworkError], str]]] = {
    "ExpiredToken": (NeedsLogin, "token_expired"),
    "InvalidToken": (NeedsLogin, "token_revoked"),
    "AuthMissing": (NeedsLogin, "token_expired"),
    "AuthenticationRequired": (NeedsLogin, "login_refused"),
    "AuthFactorTokenRequired": (NeedsLogin, "app_password_needed"),
    "AccountTakedown": (NeedsLogin, "account_blocked"),
    "AccountDeactivated": (NeedsLogin, "account_blocked"),
    "AccountSuspended": (NeedsLogin, "account_blocked"),
    "RecordNotFound": (Gone, "post_gone"),
    "NotFound": (Gone, "post_gone"),
    "InvalidSwap": (Rejected, "changed_meanwhile"),
    "ConvoLocked": (Rejected, "conversation_closed"),
    "InvalidConvo": (Rejected, "conversation_closed"),
    "BlobTooLarge": (Rejected, "file_too_big"),
    "InvalidMimeType": (Rejected, "media_refused"),
    "BlobNotFound": (Rejected, "media_refused"),
}


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with a status other than 2xx stands for."""
    data = reply.json()
    data = data if isinstance(data, dict) else {}
    name = str(data.get("error", ""))
    detail = redact(
        f"{name}: {data.get('message', '')}" if name else f"HTTP {reply.status}: {reply.text[:200]}"
    )
    detail = detail[:500]
    if reply.status == 429:
        return Limited("too_often", detail, until=_until(reply, now) or reply.retry_at(now))
    if reply.status >= 500:
        return unclear(writes, "server_error", detail)
    if name in _NAMES:
        kind, code = _NAMES[name]
        return kind(code, detail)
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status == 403:
        return NeedsLogin("no_right", detail)
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    if not name:  # no XRPC server speaks like this: a redirect, a web page
        return Rejected("wrong_service", detail)
    if "too big" in detail and "record.text" in detail:
        return Rejected("text_too_long", detail)
    return Rejected("refused", detail)


def _until(reply: Reply, now: datetime) -> datetime | None:
    """RateLimit-Reset: seconds since 1970 (https://docs.bsky.app/docs/advanced-guides/rate-limits)."""
    try:
        moment = datetime.fromtimestamp(int(reply.headers.get("RateLimit-Reset", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return min(moment, now + LONGEST_PAUSE)
