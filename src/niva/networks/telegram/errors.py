"""What Telegram's refusals mean. The Bot API tells them apart by the description more than by the number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Temporary
from niva.networks.base.transport import Reply, after, redact, unclear

NOT_MODIFIED: Final = "not_modified"
CODES: Final = {
    "token_revoked", "bot_removed", "chat_not_found", "no_right", "too_often", "post_gone", "file_too_big",
    "text_too_long", "text_empty", "media_refused", "poll_refused", "edit_refused", "delete_refused",
    "refused", "server_error", "nonsense", "bad_token", "chat_missing", "media_unreadable",
    "webhook_set", "updates_taken",
    "person_not_here", "person_blocked_bot", "command_wanted", "poll_not_editable", "edit_media_count",
    NOT_MODIFIED,
}  # fmt: skip

# (part of the description in lower case, error class, our code); the first that is found counts.
_DESCRIPTIONS: Final[tuple[tuple[str, type[NetworkError], str], ...]] = (
    ("bot can't initiate conversation", Rejected, "person_not_here"),
    ("bot was blocked by the user", Rejected, "person_blocked_bot"),
    ("user is deactivated", Rejected, "person_not_here"),
    ("message to be replied not found", Gone, "post_gone"),
    ("message is not modified", Rejected, NOT_MODIFIED),
    ("message to edit not found", Gone, "post_gone"),
    ("message to delete not found", Gone, "post_gone"),
    ("message_id_invalid", Gone, "post_gone"),
    ("chat not found", NeedsLogin, "chat_not_found"),
    ("bot was kicked", NeedsLogin, "bot_removed"),
    ("bot is not a member", NeedsLogin, "bot_removed"),
    ("group chat was deactivated", NeedsLogin, "chat_not_found"),
    ("need administrator rights", NeedsLogin, "no_right"),
    ("not enough rights", NeedsLogin, "no_right"),
    ("have no rights", NeedsLogin, "no_right"),
    ("chat_admin_required", NeedsLogin, "no_right"),
    ("chat_write_forbidden", NeedsLogin, "no_right"),
    ("caption is too long", Rejected, "text_too_long"),
    ("message is too long", Rejected, "text_too_long"),
    ("media_caption_too_long", Rejected, "text_too_long"),
    ("text must be non-empty", Rejected, "text_empty"),
    ("message text is empty", Rejected, "text_empty"),
    ("file is too big", Rejected, "file_too_big"),
    ("photo_invalid_dimensions", Rejected, "media_refused"),
    ("image_process_failed", Rejected, "media_refused"),
    ("photo_save_file_invalid", Rejected, "media_refused"),
    ("wrong file", Rejected, "media_refused"),
    ("wrong type of the web page content", Rejected, "media_refused"),
    ("poll", Rejected, "poll_refused"),
    ("message can't be deleted", Rejected, "delete_refused"),
    ("message can't be edited", Rejected, "edit_refused"),
)  # fmt: skip


def error_of(reply: Reply, data: Mapping[str, Any], *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with `ok: false` stands for."""
    detail = redact(str(data.get("description", "")))[:500]
    words = detail.lower()
    status = data.get("error_code", reply.status)
    if status == 429:
        parameters = data.get("parameters") or {}
        wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
        until = after(now, wait) if isinstance(wait, int) and wait >= 0 else reply.retry_at(now)
        return Limited("too_often", detail, until=until)
    if reply.status >= 500:
        return unclear(writes, "server_error", detail)
    # 404 stands for a token that never was, 401 for one that was taken back.
    if status in (401, 404):
        return NeedsLogin("token_revoked", detail)
    for part, kind, code in _DESCRIPTIONS:
        if part in words:
            return kind(code, detail)
    if status == 409:
        if "webhook" in words:
            return Rejected("webhook_set", detail)
        return Temporary("updates_taken", detail, retry_after=30)
    if status == 403:
        return NeedsLogin("no_right", detail)
    if status == 413:
        return Rejected("file_too_big", detail)
    return Rejected("refused", detail)


def error_of_nonsense(reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """The error for a reply that is no answer of the Bot API (a gateway's page, cut JSON)."""
    detail = f"HTTP {reply.status}: {redact(reply.text[:200])}"
    if reply.status == 413:
        return Rejected("file_too_big", detail)
    if reply.status == 429:  # a proxy's: it let nothing through
        return Limited("too_often", detail, until=reply.retry_at(now))
    return unclear(writes, "server_error" if reply.status >= 500 else "nonsense", detail)
