"""What VK's error numbers mean, after https://dev.vk.com/ru/reference/errors and the schema's errors.json."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Temporary
from niva.networks.base.transport import redact, unclear

NO_RIGHT: Final = "no_right"
_UNCLEAR: Final = {1, 10, 13, 36}  # VK failed inside, perhaps after it had done what was asked

_MEANINGS: Final[dict[int, tuple[type[NetworkError], str]]] = {
    2: (NeedsLogin, "app_disabled"),
    3: (Rejected, "refused"),
    4: (NeedsLogin, "token_revoked"),
    5: (NeedsLogin, "token_revoked"),
    6: (Limited, "too_often"),
    7: (NeedsLogin, NO_RIGHT),
    8: (Rejected, "refused"),
    9: (Limited, "flood"),
    # A captcha is asked of whoever acts too often; nothing is wrong with the post, and after a quiet while
    # VK no longer asks. So it is a pause like the others, and its words tell the person how to end it sooner.
    14: (Limited, "captcha"),
    15: (NeedsLogin, NO_RIGHT),
    16: (NeedsLogin, "token_revoked"),
    17: (NeedsLogin, "validation_needed"),
    18: (NeedsLogin, "user_blocked"),
    19: (Rejected, "content_blocked"),
    20: (NeedsLogin, "key_cannot_publish"),
    21: (NeedsLogin, "key_cannot_publish"),
    22: (Temporary, "upload_failed"),
    23: (Rejected, "method_off"),
    24: (NeedsLogin, "validation_needed"),
    25: (NeedsLogin, "validation_needed"),
    27: (NeedsLogin, "community_key_refused"),
    28: (NeedsLogin, "app_disabled"),
    29: (Limited, "daily_limit"),
    37: (NeedsLogin, "user_blocked"),
    38: (NeedsLogin, "app_disabled"),
    40: (NeedsLogin, "group_missing"),
    42: (NeedsLogin, "address_refused"),
    43: (Temporary, "section_off"),
    100: (Rejected, "refused"),
    103: (Limited, "daily_limit"),
    104: (Gone, "post_gone"),
    105: (Temporary, "upload_failed"),
    114: (Rejected, "media_refused"),
    118: (Rejected, "media_refused"),
    121: (Rejected, "media_refused"),
    122: (Rejected, "media_refused"),
    125: (NeedsLogin, "group_missing"),
    129: (Rejected, "media_refused"),
    200: (NeedsLogin, NO_RIGHT),
    203: (NeedsLogin, NO_RIGHT),
    204: (NeedsLogin, NO_RIGHT),
    210: (Rejected, "post_denied"),
    211: (Rejected, "post_denied"),
    212: (Rejected, "comments_closed"),
    213: (Rejected, "comments_closed"),
    214: (NeedsLogin, NO_RIGHT),
    219: (Limited, "ads_too_often"),
    220: (Limited, "flood"),
    222: (Rejected, "links_forbidden"),
    223: (Limited, "flood"),
    224: (Limited, "ads_too_often"),
    225: (Rejected, "refused"),
    250: (Rejected, "poll_refused"),
    251: (Rejected, "poll_refused"),
    601: (Limited, "daily_limit"),
    703: (NeedsLogin, "second_factor_needed"),
    704: (NeedsLogin, "second_factor_needed"),
    900: (Rejected, "person_blocked_us"),
    901: (Rejected, "person_allows_no_messages"),
    902: (Rejected, "person_allows_no_messages"),
    912: (NeedsLogin, "messages_off"),
    914: (Rejected, "text_too_long"),
    945: (Rejected, "conversation_closed"),
    950: (Rejected, "conversation_closed"),
    # Not in the schema. A key of VK ID without the right "wall" gets it for every publishing call:
    # https://github.com/gitroomhq/postiz-app/issues/1408
    1051: (NeedsLogin, "key_cannot_publish"),
    1260: (Rejected, "handle_taken"),
    1600: (Rejected, "story_expired"),
    1105: (Limited, "flood"),
    1114: (NeedsLogin, "token_expired"),
    1116: (NeedsLogin, "token_revoked"),
    1117: (NeedsLogin, "token_expired"),
    3300: (Limited, "captcha"),
    3301: (NeedsLogin, "validation_needed"),
    3302: (NeedsLogin, "validation_needed"),
    3303: (NeedsLogin, "validation_needed"),
    3304: (NeedsLogin, "validation_needed"),
    3609: (NeedsLogin, "token_expired"),
    3610: (NeedsLogin, "user_blocked"),
}
CODES: Final = {code for _, code in _MEANINGS.values()} | {
    "server_error", "nonsense", "unknown_answer", "text_too_long", "posts_per_day", "user_key_missing",
    "community_key_missing", "community_key_of_other", "group_missing", "upload_host_refused",
    "media_unreadable", "login_declined", "app_missing", "community_blocked", "user_key_wrong_kind",
    "community_key_wrong_kind", "age_mark_unknown", "picture_needed", "edit_unsupported",
    "file_too_big",
}  # fmt: skip


def error_of(error: Mapping[str, Any], *, writes: bool, now: datetime) -> NetworkError:
    """The error that VK's `error` object stands for."""
    number = error.get("error_code")
    detail = redact(str(error.get("error_msg", "")))[:500]
    words = detail.lower()
    if not isinstance(number, int):
        return unclear(writes, "unknown_answer", f"{number}: {detail}"[:500])
    if number in _UNCLEAR:
        return unclear(writes, "server_error", detail)
    if number not in _MEANINGS:
        return unclear(writes, "unknown_answer", f"{number}: {detail}")
    kind, code = _MEANINGS[number]
    if number == 5 and "expired" in words:
        code = "token_expired"
    elif number == 100 and "too long" in words:
        code = "text_too_long"
    elif number == 214 and ("a day" in words or "limit" in words or "too many" in words):
        kind, code = Limited, "posts_per_day"
    if kind is Limited:
        until = now + timedelta(seconds=1) if number == 6 else None
        # Posts a day are counted on the wall; everything else on whoever calls.
        return Limited(code, detail, scope="community" if number == 214 else "account", until=until)
    return kind(code, detail)
