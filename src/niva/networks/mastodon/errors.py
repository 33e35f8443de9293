"""What a Mastodon server's refusals mean: `{"error": words}` beside the status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected
from niva.networks.base.transport import LONGEST_PAUSE, Reply, redact, unclear

CODES: Final = {
    "token_revoked", "no_right", "account_blocked", "too_often", "post_gone", "file_too_big", "text_too_long",
    "media_refused", "media_processing", "poll_refused", "refused", "server_error", "nonsense",
    "wrong_service", "address_bad", "media_unreadable", "not_connected", "login_declined", "app_missing",
}  # fmt: skip
# Words for figures that are absent.
REASONS: Final = {"not_offered", "no_poll"}
# Problems of a draft that only Mastodon has.
PROBLEMS: Final = {"poll_options_same"}

# (part of the server's words in lower case, error class, our code); the first that is found counts.
_WORDS: Final[tuple[tuple[str, type[NetworkError], str], ...]] = (
    ("outside the authorized scopes", NeedsLogin, "no_right"),
    ("login is currently disabled", NeedsLogin, "account_blocked"),
    ("login is currently pending", NeedsLogin, "account_blocked"),
    ("account is suspended", NeedsLogin, "account_blocked"),
    ("missing a confirmed e-mail", NeedsLogin, "account_blocked"),
    ("character limit", Rejected, "text_too_long"),
    ("have not finished processing", Rejected, "media_refused"),
    ("file content type", Rejected, "media_refused"),
    ("file size", Rejected, "file_too_big"),
    ("poll", Rejected, "poll_refused"),
)


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with a status other than 2xx stands for."""
    data = reply.json()
    told = data.get("error") if isinstance(data, dict) else None
    more = data.get("error_description") if isinstance(data, dict) else None
    detail = redact(str(more or told or f"HTTP {reply.status}: {reply.text[:200]}"))[:500]
    if reply.status == 429:
        return Limited("too_often", detail, until=_until(reply, now) or reply.retry_at(now))
    if reply.status >= 500:
        return unclear(writes, "server_error", detail)
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    if not isinstance(told, str):  # a redirect, a web page: no Mastodon answers like this
        return Gone("post_gone", detail) if reply.status == 410 else Rejected("wrong_service", detail)
    if reply.status in (404, 410):
        return Gone("post_gone", detail)
    words = detail.lower()
    for part, kind, code in _WORDS:
        if part in words:
            return kind(code, detail)
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status == 403:
        return NeedsLogin("no_right", detail)
    return Rejected("refused", detail)


def _until(reply: Reply, now: datetime) -> datetime | None:
    """X-RateLimit-Reset: a date in ISO 8601 (https://docs.joinmastodon.org/api/rate-limits/)."""
    try:
        moment = datetime.fromisoformat(reply.headers.get("X-RateLimit-Reset", ""))
    except ValueError:
        return None
    return min(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now + LONGEST_PAUSE)
