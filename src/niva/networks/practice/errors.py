"""The practice network's refusals in our own words."""

from __future__ import annotations

from typing import Any, Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, NetworkError, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, redact, unclear

# every code that a call of this network can end with, beside those of the transport
CODES: Final = frozenset(
    {
        "token_unknown", "token_revoked", "token_expired", "right_missing",
        "content_refused", "media_unknown", "bad_request", "text_too_long", "post_empty", "comment_empty",
        "parent_gone", "field_too_long", "name_empty", "media_too_small",
        "media_required", "reel_needs_video", "form_takes_no", "comments_off", "conversation_unknown",
        "media_format", "media_too_heavy", "media_too_many", "media_mixed", "image_too_large", "alt_too_long",
        "first_comment_too_long", "link_bad", "poll_too_few_options", "poll_too_many_options",
        "poll_option_empty", "poll_option_too_long", "poll_question_too_long", "poll_too_short",
        "poll_too_long", "search_unsupported", "call_refused", "file_missing",
        "post_gone", "too_often", "network_down", "network_broken", "nonsense",
    }
)  # fmt: skip


def check(call: Call, reply: Reply, *, writes: bool) -> dict[str, Any]:
    """The JSON object of a good reply ({} for 204). Raises what the reply means."""
    data = reply.json()
    if reply.status == 204:
        return {}
    if reply.status in (200, 201):
        if isinstance(data, dict):
            return data
        raise unclear(writes, "nonsense", redact(reply.text[:200]))
    raise _refusal(call, reply, data, writes)


def _refusal(call: Call, reply: Reply, data: Any, writes: bool) -> NetworkError:
    error = data.get("error") if isinstance(data, dict) else None
    code, detail = "", redact(reply.text[:200])
    if isinstance(error, dict):
        code, detail = str(error.get("code", "")), redact(str(error.get("message", "")))
    if reply.status == 429:  # whoever says it, the network or a proxy before it: nothing was done
        return Limited("too_often", detail, until=reply.retry_at(call.now()))
    if not code:  # somebody else answered: a proxy, another server
        return unclear(writes, "nonsense", f"HTTP {reply.status}: {detail}")
    known = code if code in CODES else "call_refused"
    match reply.status:
        case 401:
            return NeedsLogin(known, detail)
        case 403 if code.startswith("scope_"):
            return NeedsLogin("right_missing", detail)
        case 404 | 410:
            return Gone("post_gone", detail)
        case 503:  # docs/reference/practice.md: with 503 nothing has been carried out
            again = reply.retry_at(now := call.now())
            wait = None if again is None else (again - now).total_seconds()
            return Temporary("network_down", detail, retry_after=wait)
        case status if 400 <= status < 500:
            return Rejected(known, detail)
    return unclear(writes, "network_broken", f"HTTP {reply.status}: {detail}")
