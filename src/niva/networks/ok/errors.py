"""What OK's error numbers mean, after https://apiok.ru/dev/errors. They come in replies of HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from niva.kit.redaction import hide
from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Temporary
from niva.networks.base.transport import unclear

NO_RIGHT: Final = "ok_no_right"
NO_METHOD: Final = "ok_no_method"
_UNCLEAR: Final = {1, 30, 31, 704, 5000, 9999}  # OK failed inside, perhaps after it had done what was asked

_MEANINGS: Final[dict[int, tuple[type[NetworkError], str]]] = {
    2: (Temporary, "server_error"),
    3: (Rejected, NO_METHOD),
    4: (Rejected, "refused"),
    7: (Limited, "ok_action_blocked"),
    8: (Limited, "ok_flood"),
    9: (Limited, "ok_address_blocked"),
    10: (NeedsLogin, NO_RIGHT),
    11: (Limited, "ok_method_limit"),
    22: (NeedsLogin, "account_blocked"),
    23: (NeedsLogin, NO_RIGHT),
    24: (NeedsLogin, "ok_not_admin"),
    26: (Limited, "ok_method_limit"),
    50: (NeedsLogin, "ok_not_admin"),
    100: (Rejected, "refused"),
    101: (NeedsLogin, "ok_app_unknown"),
    102: (NeedsLogin, "token_expired"),
    103: (NeedsLogin, "token_revoked"),
    104: (NeedsLogin, "ok_signature"),
    105: (NeedsLogin, "ok_signature"),
    106: (Gone, "post_gone"),
    121: (Rejected, "media_refused"),
    141: (Gone, "post_gone"),
    160: (NeedsLogin, "ok_group_missing"),
    200: (NeedsLogin, NO_RIGHT),
    210: (NeedsLogin, "ok_app_off"),
    300: (Gone, "post_gone"),
    401: (NeedsLogin, "token_revoked"),
    402: (NeedsLogin, "ok_verify"),
    403: (NeedsLogin, "ok_verify"),
    451: (NeedsLogin, "bad_token"),
    453: (NeedsLogin, "bad_token"),
    454: (Rejected, "ok_censored"),
    455: (Rejected, "ok_restricted"),
    456: (Rejected, "ok_restricted"),
    457: (NeedsLogin, NO_RIGHT),
    458: (Rejected, "ok_restricted"),
    500: (Rejected, "media_refused"),
    501: (Rejected, "media_refused"),
    502: (Rejected, "media_refused"),
    503: (Rejected, "media_refused"),
    504: (Rejected, "media_refused"),
    505: (Rejected, "media_refused"),
    511: (NeedsLogin, "account_blocked"),
    514: (NeedsLogin, "ok_verify"),
    600: (Rejected, "ok_too_many_blocks"),
    601: (Rejected, "ok_text_refused"),
    602: (Rejected, "poll_refused"),
    603: (Rejected, "poll_refused"),
    604: (Rejected, "poll_refused"),
    607: (Rejected, "ok_link_refused"),
    700: (Gone, "post_gone"),
    705: (Gone, "ok_chat_gone"),
    900: (NeedsLogin, "ok_app_unknown"),
}
CODES: Final = {code for _, code in _MEANINGS.values()} | {
    "server_error", "nonsense", "ok_unknown_answer", "too_often", "not_connected", "upload_host_refused",
    "media_unreadable", "login_declined", "app_missing", "ok_group_missing", "ok_group_not_named",
    "ok_no_groups", "ok_group_key_missing", "ok_secret_missing", "ok_group_closed", "ok_group_key_refused",
}  # fmt: skip
# A pause where the network names none: the counters of errors 7, 8 and 11 are not documented.
_PAUSES: Final = {8: timedelta(minutes=10), 11: timedelta(hours=1)}


def error_of(error: Mapping[str, Any], *, writes: bool, now: datetime) -> NetworkError:
    """The error that a reply with `error_code` stands for."""
    number = error.get("error_code")
    detail = hide(str(error.get("error_msg") or ""))[:500]
    if not isinstance(number, int):
        return unclear(writes, "ok_unknown_answer", f"{number}: {detail}"[:500])
    if number in _UNCLEAR:
        return unclear(writes, "server_error", detail)
    if number not in _MEANINGS:
        return unclear(writes, "ok_unknown_answer", f"{number}: {detail}")
    kind, code = _MEANINGS[number]
    if number == 2:
        # the service stood still: a write may have got through before it did
        return unclear(writes, code, detail)
    if number == 100 and "not found" in detail.lower():
        return Gone("post_gone", detail)
    if kind is Limited:
        until = now + _PAUSES[number] if number in _PAUSES else None
        return Limited(code, detail, scope="address" if number == 9 else "account", until=until)
    return kind(code, detail)
