"""What sign-ins by OAuth 2 share: the page of consent, the code for keys, old keys for new.

Sources: RFC 6749 (the flow), RFC 7636 (PKCE), RFC 9700 (rotated refresh tokens).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from niva.kit.redaction import hide
from niva.networks.base.errors import Limited, NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import App, Credential


def challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def consent_url(
    page: str,
    app: App,
    *,
    redirect_uri: str,
    state: str,
    scope: str,
    verifier: str = "",
    id_name: str = "client_id",
    **more: str,
) -> str:
    """The network's page of consent. `verifier`: "" where the network knows no PKCE.

    Raises Rejected("app_missing") without an application.
    """
    if not app.client_id:
        raise Rejected("app_missing")
    query = {
        "response_type": "code",
        id_name: app.client_id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": state,
        **more,
    }
    if verifier:
        query |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
    return f"{page}?{urlencode(query)}"


def code_of(params: Mapping[str, str]) -> str:
    """The code that the network handed back. Raises Rejected("login_declined") with its own words."""
    code = params.get("code", "")
    if "error" in params or not code:
        words = params.get("error_description") or params.get("error", "")
        raise Rejected("login_declined", words[:200])
    return code


async def ask_for_keys(
    call: Call,
    url: str,
    form: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
    first: bool,
    method: str = "POST",
) -> Mapping[str, Any]:
    """The token endpoint's answer. An unclear one is cured by asking again, so it is `Temporary`.

    `first`: it is about the code of a sign-in (a refusal is Rejected("login_declined")), not about renewal
    (NeedsLogin("token_revoked")).
    """
    sent: dict[str, Any] = {"form": dict(form)} if method == "POST" else {"params": dict(form)}
    reply = await call.transport.request(method, url, writes=False, headers=headers, **sent)
    data = reply.json()
    if reply.status == 429:
        raise Limited("too_often", hide(reply.text[:200]), scope="app", until=reply.retry_at(call.now()))
    if reply.status >= 500 or not isinstance(data, dict):
        code = "server_error" if reply.status >= 500 else "nonsense"
        raise Temporary(code, f"HTTP {reply.status}: {hide(reply.text[:200])}")
    if reply.status >= 400 or "error" in data:
        words = hide(_words(data) or reply.text)[:300]
        if first:
            raise Rejected("login_declined", words)
        raise NeedsLogin("token_revoked", words)
    return data


def _words(data: Mapping[str, Any]) -> str:
    """What an error answer says for people: RFC 6749 gives a string, Meta and Google an object."""
    error = data.get("error")
    if isinstance(error, dict):
        return str(error.get("message") or error.get("code") or "")
    return str(data.get("error_description") or error or "")


def with_keys(
    before: Credential, told: Mapping[str, Any], now: datetime, *, renewed_with: str = "refresh_token"
) -> Credential:
    """The credential with what the token endpoint told; a rotated refresh token replaces the old one.

    Lifetimes are kept in `facts`, see `Credential`. Where nothing renews the access token (no secret by the
    name `renewed_with`), its end is the end of all (`expires_at`). Raises Temporary without a token.
    """
    access = told.get("access_token")
    if not isinstance(access, str) or not access:
        raise Temporary("nonsense", "no access_token in the answer")
    secrets = {**before.secrets, "access_token": access}
    if isinstance(told.get("refresh_token"), str) and told["refresh_token"]:
        secrets["refresh_token"] = told["refresh_token"]
    facts = dict(before.facts)
    ends = _end(now, told.get("expires_in"))
    if ends is not None:
        facts["access_expires_at"] = ends.isoformat()
    lasts = _end(now, told.get("refresh_token_expires_in") or told.get("refresh_expires_in"))
    if lasts is not None:
        facts["renewal_ends_at"] = lasts.isoformat()
    if isinstance(told.get("scope"), str):
        facts["scope"] = told["scope"]
    expires = before.expires_at if secrets.get(renewed_with) else ends
    return replace(before, secrets=secrets, facts=facts, expires_at=expires)


def _end(now: datetime, seconds: Any) -> datetime | None:
    try:
        lives = int(seconds)
    except (TypeError, ValueError):
        return None
    return now + timedelta(seconds=lives) if lives > 0 else None


def scopes_of(credential: Credential) -> frozenset[str] | None:
    """The rights that the keys were given, as told with them; None where nobody said."""
    told = str(credential.facts.get("scope") or "").replace(",", " ").split()
    return frozenset(told) or None
