"""What MAX's refusals mean: `{"code": key, "message": words}` beside the status.

Codes as the documentation and the bot libraries of the network show them: https://dev.max.ru/docs-api
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Temporary
from niva.networks.base.transport import Reply, redact, unclear

PROCESSING_SECONDS: Final = 10  # how long to leave a file that is not ready yet

# (part of the code and the words in lower case, error class, our code); the first that is found counts.
_WORDS: Final[tuple[tuple[str, type[NetworkError], str], ...]] = (
    ("verify.token", NeedsLogin, "token_revoked"),
    ("error.dialog.suspended", NeedsLogin, "max_bot_suspended"),
    ("bot.suspended", NeedsLogin, "max_bot_suspended"),
    ("comments.", Rejected, "max_comments_closed"),
    ("chat.not.found", NeedsLogin, "chat_not_found"),
    ("chat not found", NeedsLogin, "chat_not_found"),
    ("chat.denied", NeedsLogin, "max_bot_not_in_chat"),
    ("not a member", NeedsLogin, "max_bot_not_in_chat"),
    ("message.not.found", Gone, "post_gone"),
    ("message not found", Gone, "post_gone"),
    ("file extension is forbidden", Rejected, "media_refused"),
    ("errors.send.message", Rejected, "refused"),
)
_NOT_READY: Final = ("attachment.not.ready", ".not.processed")


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with a status other than 2xx stands for."""
    data = reply.json()
    told = data if isinstance(data, dict) else {}
    known = isinstance(told.get("code"), str)
    detail = redact(f"{told.get('code', '')}: {told.get('message', '')}" if known else reply.text[:200])[:500]
    words = detail.lower()
    if any(part in words for part in _NOT_READY):
        return Temporary("media_processing", detail, retry_after=PROCESSING_SECONDS)
    if reply.status == 429 or "too.many.requests" in words:
        return Limited("too_often", detail, until=reply.retry_at(now))
    if reply.status >= 500:
        return unclear(writes, "server_error", f"HTTP {reply.status}: {detail}")
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    if known and (found := by_words(detail)) is not None:
        return found
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status == 403:
        return NeedsLogin("no_right", detail)
    if reply.status == 404 and known:
        return Gone("post_gone", detail)
    return Rejected("refused" if known else "wrong_service", detail)


def by_words(detail: str) -> NetworkError | None:
    """The error that the network's own words stand for, where they are known."""
    words = detail.lower()
    for part, kind, code in _WORDS:
        if part in words:
            return kind(code, detail)
    return None
