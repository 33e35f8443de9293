"""What Google's refusals mean: the `reason` of the first error beside the status.

Source: https://developers.google.com/youtube/v3/docs/errors
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected
from niva.networks.base.transport import Reply, redact, unclear

# "Daily quotas reset at midnight Pacific Time": https://developers.google.com/youtube/v3/determine_quota_cost
_PACIFIC: Final = ZoneInfo("America/Los_Angeles")
# "try again in 24 hours": https://developers.google.com/youtube/v3/revision_history
_UPLOADS_PAUSE: Final = timedelta(hours=24)

_QUOTA: Final = {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"}
_OFTEN: Final = {"rateLimitExceeded", "userRateLimitExceeded", "uploadRateLimitExceeded"}
_MEANINGS: Final[dict[str, tuple[type[NetworkError], str]]] = {
    "authError": (NeedsLogin, "token_revoked"),
    "required": (NeedsLogin, "token_revoked"),
    "expired": (NeedsLogin, "token_expired"),
    "youtubeSignupRequired": (NeedsLogin, "no_channel"),
    "insufficientPermissions": (NeedsLogin, "no_right"),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (NeedsLogin, "no_right"),
    "accessNotConfigured": (NeedsLogin, "api_not_enabled"),
    "authenticatedUserAccountSuspended": (NeedsLogin, "account_blocked"),
    "authenticatedUserAccountClosed": (NeedsLogin, "account_blocked"),
    "channelSuspended": (NeedsLogin, "account_blocked"),
    "channelClosed": (NeedsLogin, "account_blocked"),
    "accountDelegationForbidden": (NeedsLogin, "no_right"),
    "forbiddenPrivacySetting": (Rejected, "privacy_refused"),
    "invalidTitle": (Rejected, "title_refused"),
    "invalidDescription": (Rejected, "description_refused"),
    "invalidTags": (Rejected, "tags_refused"),
    "invalidCategoryId": (Rejected, "category_refused"),
    "mediaBodyRequired": (Rejected, "media_refused"),
    "invalidImage": (Rejected, "media_refused"),
    "mediaUploadSizeRestriction": (Rejected, "file_too_big"),
    "commentsDisabled": (Rejected, "comments_switched_off"),
    "operationNotSupported": (Rejected, "comments_switched_off"),
    "commentTextTooLong": (Rejected, "comment_too_long"),
    "playlistNotFound": (Rejected, "playlist_gone"),
    "playlistForbidden": (Rejected, "playlist_gone"),
    "ineligibleAccount": (NeedsLogin, "no_channel"),
    "parentCommentNotFound": (Gone, "post_gone"),
}


def next_reset(now: datetime) -> datetime:
    """The coming midnight in California, when the day's quota begins anew."""
    there = now.astimezone(_PACIFIC)
    return (
        (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)
    )


def error_of(reply: Reply, *, writes: bool, now: datetime, forbidden: str = "no_right") -> NetworkError:
    """The error that a reply with a status other than 2xx stands for.

    `forbidden`: what a bare 403 means for this call: Google uses the word for many things.
    """
    reason, words = _reason(reply)
    detail = redact(f"{reason}: {words}" if reason else f"HTTP {reply.status}: {words}")[:500]
    if reply.status >= 500:
        return unclear(writes, "server_error", detail)
    if reason in _QUOTA:
        return Limited("quota_used_up", detail, scope="app", until=next_reset(now))
    if reason == "uploadLimitExceeded":
        return Limited("uploads_used_up", detail, scope="account", until=now + _UPLOADS_PAUSE)
    if reason in _OFTEN or reply.status == 429:
        return Limited("too_often", detail, scope="app", until=reply.retry_at(now))
    if reason in _MEANINGS:
        kind, code = _MEANINGS[reason]
        return kind(code, detail)
    if reply.status in (404, 410):
        # what is missing is named; an address that nobody knows any more is answered by a web page
        return Gone("post_gone", detail) if reason else Rejected("interface_withdrawn", detail)
    if reply.status == 401:
        return NeedsLogin("token_revoked", detail)
    if reply.status == 403:
        return Rejected(forbidden, detail) if forbidden != "no_right" else NeedsLogin("no_right", detail)
    if reply.status < 400:
        return unclear(writes, "nonsense", detail)
    return Rejected("refused", detail)


def _reason(reply: Reply) -> tuple[str, str]:
    """(Google's word for it, its sentence); ("", what came) where it is no error of Google's."""
    data: Any = reply.json()
    told = data.get("error") if isinstance(data, dict) else None
    if not isinstance(told, dict):
        return "", reply.text[:200]
    words = str(told.get("message") or "")
    for one in (*_rows(told.get("errors")), *_rows(told.get("details"))):
        if isinstance(one.get("reason"), str):
            return one["reason"], words
    return "", words


def _rows(told: Any) -> list[dict[str, Any]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
