"""What Reddit's refusals mean: `{"json": {"errors": [[code, words, field]]}}` in a good reply, or
`{"message", "error", "reason"}` beside the status.

https://www.reddit.com/dev/api/ names the calls; the codes stand in the code that Reddit once published:
https://github.com/reddit-archive/reddit/blob/master/r2/r2/lib/errors.py
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected
from niva.networks.base.transport import Reply, after, redact, unclear

_CODES: Final[Mapping[str, tuple[type[NetworkError], str]]] = {
    "USER_REQUIRED": (NeedsLogin, "token_revoked"),
    "SUBREDDIT_NOEXIST": (NeedsLogin, "reddit_no_subreddit"),
    "BAD_SR_NAME": (NeedsLogin, "reddit_no_subreddit"),
    "SUBREDDIT_NOTALLOWED": (NeedsLogin, "reddit_not_allowed"),
    "SUBREDDIT_LINKING_DISABLED": (NeedsLogin, "reddit_not_allowed"),
    "BANNED_FROM_SUBREDDIT": (NeedsLogin, "reddit_banned"),
    "USER_BLOCKED": (Rejected, "reddit_locked"),
    "INSUFFICIENT_KARMA": (NeedsLogin, "reddit_not_allowed"),
    "NO_TEXT": (Rejected, "text_empty"),
    "TOO_LONG": (Rejected, "refused"),
    "NO_SELFS": (Rejected, "reddit_kind"),
    "NO_LINKS": (Rejected, "reddit_kind"),
    "NO_IMAGES": (Rejected, "reddit_kind"),
    "NO_VIDEOS": (Rejected, "reddit_kind"),
    "IMAGES_NOTALLOWED": (Rejected, "reddit_kind"),
    "VIDEOS_NOTALLOWED": (Rejected, "reddit_kind"),
    "GALLERIES_NOTALLOWED": (Rejected, "reddit_kind"),
    "POLLS_NOTALLOWED": (Rejected, "reddit_kind"),
    "SUBMIT_VALIDATION_FLAIR_REQUIRED": (Rejected, "reddit_flair"),
    "BAD_FLAIR_TEMPLATE_ID": (Rejected, "reddit_flair"),
    "INVALID_FLAIR": (Rejected, "reddit_flair"),
    "ALREADY_SUB": (Rejected, "reddit_again"),
    "DOMAIN_BANNED": (Rejected, "reddit_domain"),
    "BAD_URL": (Rejected, "reddit_domain"),
    "THREAD_LOCKED": (Rejected, "reddit_locked"),
    "TOO_OLD": (Rejected, "reddit_locked"),
    "DELETED_LINK": (Gone, "post_gone"),
    "DELETED_COMMENT": (Gone, "post_gone"),
    "NO_THING_ID": (Gone, "post_gone"),
    "BAD_CAPTCHA": (NeedsLogin, "reddit_captcha"),
    "USER_SUSPENDED": (NeedsLogin, "account_blocked"),
    "MISSING_VIDEO_URLS": (Rejected, "media_refused"),
}
# The word that comes with a closed door: GET /r/{subreddit}/about of one that may not be seen.
_REASONS: Final[Mapping[str, tuple[type[NetworkError], str]]] = {
    "private": (NeedsLogin, "reddit_private"),
    "employees_only": (NeedsLogin, "reddit_private"),
    "gold_only": (NeedsLogin, "reddit_private"),
    "quarantined": (NeedsLogin, "reddit_quarantined"),
    "banned": (NeedsLogin, "reddit_closed"),
}
_WAIT: Final = re.compile(r"(\d+)\s*(millisecond|second|minute|hour|day)", re.IGNORECASE)
_SECONDS: Final = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600, "day": 86400}


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with a status other than 2xx stands for."""
    data = reply.json()
    told: Mapping[str, Any] = data if isinstance(data, dict) else {}
    words = f"{told.get('reason') or ''} {told.get('message') or ''} {told.get('explanation') or ''}"
    detail = redact(words.strip() if told else f"HTTP {reply.status}: {reply.text[:200]}")[:500]
    if reply.status == 429:
        return Limited("too_often", detail, until=_reset(reply, now) or reply.retry_at(now))
    if reply.status >= 500:
        return unclear(writes, "server_error", detail)
    if (known := _REASONS.get(str(told.get("reason")))) is not None:
        return known[0](known[1], detail)
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status == 403:
        if not told:  # a page of the doorman: no application of this name, or from this address
            return Limited("reddit_doorman", detail, scope="address", until=reply.retry_at(now))
        return NeedsLogin("no_right", detail)
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    if reply.status in (301, 302, 307, 308):  # sent to the search: there is nobody of this name
        return NeedsLogin("reddit_no_subreddit", detail)
    if reply.status == 404:
        return Gone("post_gone", detail)
    return Rejected("refused", detail)


def told_error(data: Mapping[str, Any], *, now: datetime) -> NetworkError | None:
    """The error inside a reply that looks good; None when there is none."""
    inner = data.get("json")
    rows = inner.get("errors") if isinstance(inner, dict) else None
    row = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(inner, dict) or not isinstance(row, list) or not row:
        return None
    code, words = str(row[0]), str(row[1] if len(row) > 1 else "")
    detail = redact(f"{code}: {words}")[:500]
    if code == "RATELIMIT":
        return Limited("too_often", detail, until=_until(inner.get("ratelimit"), words, now))
    if code == "QUOTA_FILLED":
        return Limited("too_often", detail, until=_until(None, words, now))
    kind, ours = _CODES.get(code, (Rejected, "refused"))
    return kind(ours, detail)


def _until(seconds: Any, words: str, now: datetime) -> datetime | None:
    """ "try again in 9 minutes", or the number that comes beside the words."""
    wait = 0.0
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        wait = float(seconds)
    elif match := _WAIT.search(words):
        # "9 minutes" may be ten but for a second: Reddit rounds down
        unit = _SECONDS[match[2].lower()]
        wait = (int(match[1]) + (1 if unit >= 60 else 0)) * unit
    return after(now, wait) if wait > 0 else None


def _reset(reply: Reply, now: datetime) -> datetime | None:
    """X-Ratelimit-Reset: seconds until the period ends."""
    try:
        wait = float(reply.headers.get("X-Ratelimit-Reset", ""))
    except ValueError:
        return None
    return after(now, wait) if wait > 0 else None
