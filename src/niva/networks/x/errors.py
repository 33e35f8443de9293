"""What X's refusals mean: the problem's `type`, its `detail`, and the status.

Source: https://docs.x.com/x-api/fundamentals/response-codes-and-errors
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Scope
from niva.networks.base.transport import Reply, redact, unclear

_CREDITS_PAUSE: Final = timedelta(hours=1)
# (ending of the problem's type, error class, our code)
_TYPES: Final[dict[str, tuple[type[NetworkError], str]]] = {
    "resource-not-found": (Gone, "post_gone"),
    "not-authorized-for-resource": (Gone, "post_gone"),
    "resource-unavailable": (Gone, "post_gone"),
    "client-forbidden": (NeedsLogin, "app_not_enrolled"),
    "unsupported-authentication": (NeedsLogin, "wrong_kind_of_token"),
    "oauth1-permissions": (NeedsLogin, "no_right"),
    "disallowed-resource": (Rejected, "refused"),
}
# (part of the detail in lower case, error class, our code); the first that is found counts.
_WORDS: Final[tuple[tuple[str, type[NetworkError], str], ...]] = (
    ("duplicate content", Rejected, "duplicate_text"),
    ("account is suspended", NeedsLogin, "account_blocked"),
    ("user has been suspended", NeedsLogin, "account_blocked"),
    ("temporarily locked", NeedsLogin, "account_locked"),
    ("too long", Rejected, "text_too_long"),
    ("media ids are invalid", Rejected, "media_refused"),
    ("invalid media", Rejected, "media_refused"),
    ("edit window", Rejected, "edit_too_late"),
    ("not allowed to edit", Rejected, "edit_not_allowed"),
    ("reply to this conversation", Rejected, "reply_refused"),
    ("reply to this post", Rejected, "reply_refused"),
    ("direct messages", Rejected, "message_refused"),
    ("deleted or not visible", Gone, "post_gone"),
)
# What is counted in a 429: of the window, of the day, of the whole application.
_WINDOWS: Final[tuple[tuple[str, Scope], ...]] = (
    ("x-rate-limit", "account"),
    ("x-user-limit-24hour", "account"),
    ("x-app-limit-24hour", "app"),
)


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with a status other than 2xx stands for."""
    data: Any = reply.json()
    problem = data if isinstance(data, dict) else {}
    kind, words = told(problem)
    detail = redact(words or f"HTTP {reply.status}: {reply.text[:200]}")[:500]
    if reply.status == 429:
        return _limited(reply, kind, detail, now)
    if reply.status == 402 or kind == "credits":
        return Limited("credits_used_up", detail, scope="app", until=now + _CREDITS_PAUSE)
    if reply.status >= 500:
        return unclear(writes, "server_error", detail)
    if reply.status < 400:
        return unclear(writes, "nonsense", detail)
    found = meaning(kind, words)
    if found is not None:
        return found[0](found[1], detail)
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status in (404, 410):  # what is missing has a type of its own, see _TYPES
        return Rejected("interface_withdrawn", detail)
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    return Rejected("refused", detail)


def told(problem: Mapping[str, Any]) -> tuple[str, str]:
    """(the last word of its type, its sentence)."""
    kind = str(problem.get("type") or "").rpartition("/")[2]
    words = str(problem.get("detail") or problem.get("title") or problem.get("message") or "")
    rows = problem.get("errors")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and (more := row.get("message") or row.get("detail")):
            words = f"{words}: {more}" if words else str(more)
            break
    return kind, words


def meaning(kind: str, words: str) -> tuple[type[NetworkError], str] | None:
    """Words go before types: a 403 for repeated words has no type of its own."""
    low = words.lower()
    for part, error, code in _WORDS:
        if part in low:
            return error, code
    return _TYPES.get(kind)


def partial(data: Mapping[str, Any]) -> NetworkError | None:
    """The error of an answer 200 that brings problems and nothing else."""
    rows = data.get("errors")
    if (
        data.get("data") is not None
        or not isinstance(rows, list)
        or not rows
        or not isinstance(rows[0], dict)
    ):
        return None
    kind, words = told(rows[0])
    found = meaning(kind, words) or (Rejected, "refused")
    return found[0](found[1], redact(words)[:500])


def _limited(reply: Reply, kind: str, detail: str, now: datetime) -> Limited:
    """x-...-reset: seconds since 1970. Whatever has nothing left counts; the latest end wins."""
    if kind == "usage-capped":
        return Limited("usage_capped", detail, scope="app", until=reply.retry_at(now))
    until, scope = reply.retry_at(now), _WINDOWS[0][1]
    for name, whose in _WINDOWS:
        left, ends = reply.headers.get(f"{name}-remaining", ""), reply.headers.get(f"{name}-reset", "")
        if left == "0" and ends.isdecimal() and len(ends) < 12:
            end = datetime.fromtimestamp(int(ends), UTC)
            if until is None or end > until:
                until, scope = end, whose
    return Limited("too_often", detail, scope=scope, until=until)
