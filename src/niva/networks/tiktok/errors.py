"""What TikTok's refusals mean: `error.code` of every answer, and `fail_reason` of a publishing.

Sources: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling,
https://developers.tiktok.com/doc/content-posting-api-reference-direct-post,
https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Scope, Temporary
from niva.networks.base.transport import Reply, redact, unclear

# Rates are counted in a sliding window of a minute: https://developers.tiktok.com/doc/tiktok-api-v2-rate-limit
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)

_LIMITS: Final[dict[str, tuple[str, Scope, timedelta]]] = {
    "rate_limit_exceeded": ("too_often", "account", _MINUTE),
    "spam_risk_too_many_posts": ("posts_used_up", "account", _DAY),
    "spam_risk_too_many_pending_share": ("posts_used_up", "account", _DAY),
    "reached_active_user_cap": ("users_used_up", "app", _DAY),
}
_MEANINGS: Final[dict[str, tuple[type[NetworkError], str]]] = {
    "access_token_invalid": (NeedsLogin, "token_revoked"),
    "access_token_has_been_revoked": (NeedsLogin, "token_revoked"),
    "access_token_expired": (NeedsLogin, "token_expired"),
    "scope_not_authorized": (NeedsLogin, "no_right"),
    "scope_permission_missed": (NeedsLogin, "no_right"),
    "auth_removed": (NeedsLogin, "token_revoked"),
    "spam_risk_user_banned_from_posting": (NeedsLogin, "account_blocked"),
    "user_has_been_banned": (NeedsLogin, "account_blocked"),
    "unaudited_client_can_only_post_to_private_accounts": (Rejected, "app_unaudited"),
    "privacy_level_option_mismatch": (Rejected, "privacy_not_offered"),
    "url_ownership_unverified": (Rejected, "address_unverified"),
    "app_version_check_failed": (Rejected, "phone_app_too_old"),
    "spam_risk": (Rejected, "spam_risk"),
    "spam_risk_text": (Rejected, "spam_risk"),
    "file_format_check_failed": (Rejected, "media_refused"),
    "duration_check_failed": (Rejected, "video_length_refused"),
    "frame_rate_check_failed": (Rejected, "frame_rate_refused"),
    "picture_size_check_failed": (Rejected, "picture_size_refused"),
    "video_pull_failed": (Rejected, "pull_failed"),
    "photo_pull_failed": (Rejected, "pull_failed"),
    "publish_cancelled": (Rejected, "publish_cancelled"),
    "invalid_publish_id": (Gone, "post_gone"),
    "token_not_authorized_for_specified_publish_id": (Gone, "post_gone"),
}


def error_of(reply: Reply, *, writes: bool, now: datetime) -> NetworkError | None:
    """The error that an answer stands for; None for a good one. `error.code` is "ok" in good answers."""
    data: Any = reply.json()
    told = data.get("error") if isinstance(data, dict) else None
    code = str(told.get("code") or "") if isinstance(told, dict) else ""
    words = str(told.get("message") or "") if isinstance(told, dict) else reply.text[:200]
    detail = redact(f"{code}: {words}" if code else f"HTTP {reply.status}: {words}")[:500]
    if code == "ok" and 200 <= reply.status < 300:
        return None
    if code in _LIMITS or reply.status == 429:
        ours, scope, pause = _LIMITS.get(code, _LIMITS["rate_limit_exceeded"])
        return Limited(ours, detail, scope=scope, until=reply.retry_at(now) or now + pause)
    if reply.status >= 500 or code == "internal_error":
        return unclear(writes, "server_error", detail)
    if code in _MEANINGS:
        kind, ours = _MEANINGS[code]
        return kind(ours, detail)
    if reply.status in (404, 410):
        return Rejected("interface_withdrawn", detail)
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status == 403:
        return NeedsLogin("no_right", detail)
    if not code:
        return unclear(writes, "nonsense", detail)
    return Rejected("refused", detail)


def failure(state: Mapping[str, Any], now: datetime) -> NetworkError:
    """Why a publishing failed: certainly nothing came of it."""
    reason = str(state.get("fail_reason") or "")
    if reason in _LIMITS:
        code, scope, pause = _LIMITS[reason]
        return Limited(code, reason, scope=scope, until=now + pause)
    if reason == "internal":
        return Temporary("server_error", reason, retry_after=60)
    kind, code = _MEANINGS.get(reason, (Rejected, "refused"))
    return kind(code, reason)
