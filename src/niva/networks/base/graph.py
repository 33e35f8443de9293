"""Meta's Graph API, as far as its networks (Facebook, Instagram, Threads) share it.

One call = one HTTP request with the token in a header; answers, refusals and usage headers mean the same on
all hosts. Sources: https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import (
    Gone,
    Limited,
    NeedsLogin,
    NetworkError,
    Rejected,
    Scope,
    Temporary,
)
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, after, redact, unclear
from niva.networks.base.types import JSON, Absent, Measure

VERSION: Final = "v25.0"
FACEBOOK: Final = "https://graph.facebook.com"
PAGE: Final = 50  # entries asked for at a time
PAGES: Final = 5  # pages turned at most

# Raised here; put into words in `base/words.toml` where the desk has none of its own.
CODES: Final = {
    "token_expired", "token_revoked", "bad_token", "no_right", "too_often", "refused", "not_found",
    "server_error", "nonsense", "not_connected", "media_refused", "file_too_big",
    "account_checkpoint", "role_lost", "action_blocked", "duplicate_post", "api_version_withdrawn",
    "link_refused", "reply_window_closed",
}  # fmt: skip

_SUBCODES_190: Final = {
    459: "account_checkpoint",  # the person must sign in on the site and prove himself
    464: "account_checkpoint",
    463: "token_expired",
    492: "role_lost",  # no role on the page any more
}
_LIMITS: Final[Mapping[int, Scope]] = {
    4: "app", 341: "app", 17: "account", 32: "community", 613: "app",
    80001: "community", 80002: "account", 80006: "community",
}  # fmt: skip
_REFUSALS: Final[Mapping[int, tuple[type[NetworkError], str]]] = {
    12: (Rejected, "api_version_withdrawn"),
    2635: (Rejected, "api_version_withdrawn"),
    102: (NeedsLogin, "token_expired"),
    368: (Rejected, "action_blocked"),
    506: (Rejected, "duplicate_post"),
    803: (Gone, "not_found"),
    324: (Rejected, "media_refused"),
    352: (Rejected, "media_refused"),
    1363030: (Temporary, "server_error"),
    1363026: (Rejected, "media_refused"),
    1366046: (Rejected, "file_too_big"),
    1609005: (Rejected, "link_refused"),
}
_OUTSIDE_WINDOW: Final = {2018278, 2534022}  # Messenger's and Instagram's subcodes under code 10
_MISSING_OBJECT: Final = {33}  # under code 100: not there, or not for these keys


def base_of(call: Call, default: str) -> str:
    """The host to talk to; a credential may point to another one (a test server)."""
    return str(call.credential.facts.get("api_base") or default)


def token_of(call: Call) -> str:
    """The key of the calls. Raises NeedsLogin("not_connected") without one."""
    token = call.credential.secrets.get("access_token", "").strip()
    if not token:
        raise NeedsLogin("not_connected")
    return token


def proof(call: Call, token: str) -> dict[str, str]:
    """`appsecret_proof`: shows that the call comes from the app's own server. Nothing without its secret.

    https://developers.facebook.com/docs/graph-api/guides/secure-requests
    """
    secret = call.app.client_secret
    if not secret:
        return {}
    return {"appsecret_proof": hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()}


async def ask(
    call: Call,
    method: str,
    url: str,
    *,
    token: str = "",
    params: JSON | None = None,
    body: Any = None,
    writes: bool = False,
    proves: bool = True,
    deadline: float | None = None,
    known: Callable[[Mapping[str, Any]], NetworkError | None] | None = None,
) -> dict[str, Any]:
    """The parsed object of one call. `params` go into the form of a POST and else into the address.

    `body`: a ready form with files (it must carry its own fields). `proves`: with `appsecret_proof`, which
    not every host knows. `known`: what the network's own error codes mean; None = see the common ones.
    Raises the errors of networks.
    """
    key = token or token_of(call)
    more = proof(call, key) if proves else {}
    sent = {name: plain(value) for name, value in {**(params or {}), **more}.items()}
    form: dict[str, Any] = {"form": sent} if method == "POST" else {"params": sent}
    if body is not None:
        form = {"form": body, "params": more}
    reply = await call.transport.request(
        method, url, writes=writes, headers={"Authorization": f"Bearer {key}"}, deadline=deadline, **form
    )
    return parsed(call, reply, writes=writes, known=known)


def plain(value: Any) -> str:
    """A form value: flags as words, lists and objects as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def parsed(
    call: Call,
    reply: Reply,
    *,
    writes: bool,
    known: Callable[[Mapping[str, Any]], NetworkError | None] | None = None,
) -> dict[str, Any]:
    """The object of a good reply. Raises what any other reply means."""
    data = reply.json()
    told = data.get("error") if isinstance(data, dict) else None
    if isinstance(told, dict):
        own = known(told) if known else None
        raise own or error_of(told, reply, writes=writes, now=call.now())
    if reply.status == 429:
        raise Limited("too_often", redact(reply.text[:200]), until=until(reply, call.now()))
    if reply.status >= 500 or not isinstance(data, dict):
        code = "server_error" if reply.status >= 500 else "nonsense"
        raise unclear(writes, code, f"HTTP {reply.status}: {redact(reply.text[:200])}")
    if reply.status >= 400:
        raise Rejected("refused", f"HTTP {reply.status}: {redact(reply.text[:200])}")
    return data


def error_of(told: Mapping[str, Any], reply: Reply, *, writes: bool, now: datetime) -> NetworkError:
    """What Meta's error object stands for."""
    code, subcode = number(told.get("code")), number(told.get("error_subcode"))
    detail = words_of(told)
    if code == 190:
        return NeedsLogin(_SUBCODES_190.get(subcode, "token_revoked"), detail)
    if code in _LIMITS or reply.status == 429:
        return Limited("too_often", detail, scope=_LIMITS.get(code, "account"), until=until(reply, now))
    if code == 10 and subcode in _OUTSIDE_WINDOW:
        return Rejected("reply_window_closed", detail)
    if code in _REFUSALS:
        kind, ours = _REFUSALS[code]
        return kind(ours, detail)
    if code in (3, 10) or 200 <= code <= 299:
        return NeedsLogin("no_right", detail)
    if code == 100 and subcode in _MISSING_OBJECT:
        return Gone("not_found", detail)
    if code in (-2, -1, 1, 2) or told.get("is_transient") is True or reply.status >= 500:
        return unclear(writes, "server_error", detail)
    return Rejected("refused", detail)


def words_of(told: Mapping[str, Any]) -> str:
    """Meta's own wording: the sentence for people where there is one, with both codes."""
    said = str(told.get("error_user_msg") or told.get("message") or "")
    code, subcode = told.get("code"), told.get("error_subcode")
    return redact(f"{said} ({code}/{subcode})" if subcode else f"{said} ({code})")[:500]


def until(reply: Reply, now: datetime) -> datetime | None:
    """When calls are let through again: Retry-After, or the minutes that a usage header names.

    X-Business-Use-Case-Usage: {"id": [{"estimated_time_to_regain_access": minutes, ...}]}. X-App-Usage tells
    per cent only and no time.
    """
    if (named := reply.retry_at(now)) is not None:
        return named
    try:
        usage = json.loads(reply.headers.get("X-Business-Use-Case-Usage", ""))
    except ValueError:
        return None
    lists = [one for one in usage.values() if isinstance(one, list)] if isinstance(usage, dict) else []
    found = [row for one in lists for row in one if isinstance(row, dict)]
    minutes = [number(row.get("estimated_time_to_regain_access")) for row in found]
    longest = max(minutes, default=0)
    return after(now, longest * 60) if longest > 0 else None


def number(value: Any) -> int:
    """The value as a whole number; 0 for what is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of a list reply. Raises Temporary for what is no list (reads only)."""
    found = data.get("data")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Temporary("nonsense", "no list in the answer")
    return found


async def listed(
    call: Call,
    url: str,
    params: JSON,
    *,
    token: str = "",
    pages: int = PAGES,
    proves: bool = True,
    known: Callable[[Mapping[str, Any]], NetworkError | None] | None = None,
) -> AsyncIterator[dict[str, Any] | None]:
    """Entries of an edge, page by page, by cursor: the `next` address carries the token and is not followed.

    At the end comes None when pages were left unturned.
    """
    after = ""
    for _ in range(pages):
        page = await ask(
            call, "GET", url, token=token, proves=proves, known=known,
            params={"limit": str(PAGE), **params, **({"after": after} if after else {})},
        )  # fmt: skip
        for row in rows(page):
            yield row
        paging = page.get("paging")
        cursors = paging.get("cursors") if isinstance(paging, dict) else None
        after = str(cursors.get("after") or "") if isinstance(cursors, dict) else ""
        if not (isinstance(paging, dict) and paging.get("next")):
            return
        if not after:
            break  # more was promised, and nothing tells how to reach it
    yield None


def moment(value: Any) -> datetime:
    """ "2026-11-23T19:20:00+0000" as an aware moment; the beginning of time for what is none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def identified(data: Mapping[str, Any], name: str = "id", *, writes: bool = True) -> str:
    """The id in an answer. Raises the honest error for an answer without one."""
    found = data.get(name)
    if not isinstance(found, str | int) or not found:
        raise unclear(writes, "nonsense", f"no {name} in the answer")
    return str(found)


def succeeded(data: Mapping[str, Any]) -> None:
    """{"success": true}, or OutcomeUnknown."""
    if data.get("success") is not True and not data.get("id"):
        raise unclear(True, "nonsense", "neither success nor error in the answer")


def insights(data: Mapping[str, Any]) -> dict[str, float]:
    """Metric -> the latest value of an `insights` reply; metrics without a number are left out."""
    found: dict[str, float] = {}
    for row in rows(data):
        total = row.get("total_value")
        values = row.get("values")
        value = total.get("value") if isinstance(total, dict) else None
        if value is None and isinstance(values, list) and values and isinstance(values[-1], dict):
            value = values[-1].get("value")
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[str(row.get("name"))] = value
    return found


async def read_insights(
    ask_for: Callable[[str], Awaitable[Mapping[str, Any]]], metrics: Sequence[str]
) -> tuple[dict[str, float], str]:
    """(metric -> value, why the others are absent). Insights want a right of their own.

    One metric that was withdrawn, or that this kind of post does not have, refuses the whole call: then each
    is asked for alone.
    """
    try:
        return insights(await ask_for(",".join(metrics))), "not_offered"
    except NeedsLogin as error:
        if error.code != "no_right":
            raise
        return {}, "needs_right"
    except (Rejected, Gone):
        if len(metrics) == 1:
            return {}, "not_offered"
    found: dict[str, float] = {}
    for metric in metrics:
        found |= (await read_insights(ask_for, [metric]))[0]
    return found, "not_offered"


def reading(metric: str, value: Any, reason: str) -> Measure | Absent:
    """A measure where there is a number, else the reason for its absence."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return Measure(metric, value)
    return Absent(metric, reason)


def total(data: Mapping[str, Any], edge: str) -> int | None:
    """`summary.total_count` of an edge that was asked for with `.limit(0).summary(true)`."""
    found = data.get(edge)
    summary = found.get("summary") if isinstance(found, dict) else None
    count = summary.get("total_count") if isinstance(summary, dict) else None
    return count if isinstance(count, int) else None
