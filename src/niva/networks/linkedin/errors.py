"""What LinkedIn's refusals mean: `{"message", "code", "serviceErrorCode", "status"}` beside the status.

Source: https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from niva.kit.redaction import hide
from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Temporary
from niva.networks.base.transport import Reply, unclear

NO_RIGHT: Final = "no_right"
# Numbers that a reply of 401 carries.
_TOKENS: Final = {65601: "token_revoked", 65602: "token_expired", 65604: "token_expired"}
# (part of the message in lower case, error class, our code); the first that is found counts.
_WORDS: Final[tuple[tuple[str, type[NetworkError], str], ...]] = (
    ("organization permissions must be used", NeedsLogin, "li_person_key"),
    ("unpermitted fields", NeedsLogin, NO_RIGHT),
    ("duplicate", Rejected, "li_duplicate"),
    ("comments are disabled", Rejected, "li_comments_closed"),
    ("comments are closed", Rejected, "li_comments_closed"),
    ("exceeds the max", Rejected, "li_text_refused"),
    ("too long", Rejected, "li_text_refused"),
    ("processing", Temporary, "media_processing"),
)
CODES: Final = {code for *_, code in _WORDS} | set(_TOKENS.values()) | {
    "bad_token", NO_RIGHT, "li_daily_limit", "li_version_withdrawn", "post_gone", "refused", "file_too_big",
    "server_error", "nonsense", "media_refused", "media_unreadable", "media_processing", "li_page_missing",
    "upload_host_refused", "not_connected", "login_declined", "app_missing", "token_revoked",
    "li_not_page_admin", "li_poll_stays", "li_only_text_changes", "li_page_not_named", "li_no_pages",
}  # fmt: skip


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with a status other than 2xx stands for."""
    data = reply.json()
    told: dict[str, Any] = data if isinstance(data, dict) else {}
    detail = hide(str(told.get("message") or f"HTTP {reply.status}: {reply.text[:200]}"))[:500]
    words = detail.lower()
    if reply.status == 429:
        return Limited("li_daily_limit", detail, scope="app", until=reply.retry_at(now) or midnight(now))
    if not told and reply.status in (401, 403, 413):
        return _of_a_gateway(reply.status, detail)
    if reply.status >= 500 or not told:
        return unclear(writes, "server_error" if reply.status >= 500 else "nonsense", detail)
    if reply.status == 401:
        known = told.get("serviceErrorCode")
        return NeedsLogin(_TOKENS.get(known, "bad_token") if isinstance(known, int) else "bad_token", detail)
    if reply.status == 426 or told.get("code") == "NONEXISTENT_VERSION":
        return Rejected("li_version_withdrawn", detail)
    for part, kind, code in _WORDS:
        if part in words:
            return kind(code, detail)
    if reply.status == 403:
        return NeedsLogin(NO_RIGHT, detail)
    if reply.status in (404, 410):
        return Gone("post_gone", detail)
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    return Rejected("refused", detail)


def _of_a_gateway(status: int, detail: str) -> NetworkError:
    """A refusal without LinkedIn's own words: what did not get in was not done."""
    if status == 413:
        return Rejected("file_too_big", detail)
    return NeedsLogin("bad_token" if status == 401 else NO_RIGHT, detail)


def midnight(now: datetime) -> datetime:
    """When the counters of a day start anew: 00:00 UTC
    (https://learn.microsoft.com/linkedin/shared/api-guide/concepts/rate-limits)."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)
