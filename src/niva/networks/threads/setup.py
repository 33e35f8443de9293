"""Connecting: the sign-in of Threads, keys that renew themselves, and the test button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from niva.networks.base import graph, oauth
from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.threads.client import HOST, ask

PAGE: Final = "https://threads.net/oauth/authorize"
MANIFEST: Final = load_manifest(Path(__file__).parent)
# A key renews itself only while it lives, so it is renewed long before: a desk may be off for weeks.
RENEWED_BEFORE: Final = timedelta(days=30)
# A key must be a day old to be renewed: https://developers.facebook.com/docs/threads/get-started/long-lived-tokens
YOUNG: Final = timedelta(hours=25)
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "threads_content_publish": ("text", "image", "album", "video", "link", "poll", "thread", "first_comment"),
    "threads_delete": ("delete",),
    "threads_read_replies": ("comments",),
    "threads_manage_replies": ("comment_answer", "first_comment"),
    "threads_manage_insights": ("post_numbers", "community_numbers"),
    "threads_manage_mentions": ("mentions",),
}


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """The page of consent. Threads knows no PKCE: the app's secret guards the code."""
    return oauth.consent_url(
        PAGE, app, redirect_uri=redirect_uri, state=state, scope=",".join(MANIFEST.scopes)
    )


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The code for a key of one hour, that for one of 60 days."""
    base = str(facts.get("api_base") or HOST)
    app = {"client_id": call.app.client_id, "client_secret": call.app.client_secret}
    code = oauth.code_of(params).removesuffix("#_")  # Meta hangs it on
    form = {**app, "grant_type": "authorization_code", "redirect_uri": redirect_uri, "code": code}
    short = await oauth.ask_for_keys(call, f"{base}/oauth/access_token", form, first=True)
    asked = {
        "grant_type": "th_exchange_token",
        "client_secret": call.app.client_secret,
        "access_token": str(short.get("access_token") or ""),
    }
    told = await oauth.ask_for_keys(call, f"{base}/access_token", asked, first=True, method="GET")
    # What was granted is told nowhere: a box that was unticked shows itself at the first refusal.
    return _kept(Credential(facts=facts), told, call)


async def refresh(call: Call) -> Credential:
    """A new key of 60 days for the old one. NeedsLogin where that has ended."""
    token = graph.token_of(call)
    base = graph.base_of(call, HOST)
    told = await oauth.ask_for_keys(
        call, f"{base}/refresh_access_token", {"grant_type": "th_refresh_token", "access_token": token},
        first=False, method="GET",
    )  # fmt: skip
    return _kept(call.credential, told, call)


def _kept(before: Credential, told: Mapping[str, Any], call: Call) -> Credential:
    """The key is its own renewal key: `access_expires_at` tells when to renew, `renewal_ends_at` its end."""
    lives = graph.number(told.get("expires_in"))
    renewed = max(lives // 2, lives - int(RENEWED_BEFORE.total_seconds()))
    both = {
        "access_token": told.get("access_token"), "refresh_token": told.get("access_token"),
        "expires_in": renewed, "refresh_expires_in": lives,
    }  # fmt: skip
    return replace(oauth.with_keys(before, both, call.now()), expires_at=None)


async def account(call: Call) -> Account:
    """Whose key, and how many posts a day the account is allowed."""
    me = await ask(call, "GET", "me", {"fields": "id,username,name,threads_profile_picture_url,is_verified"})
    account_id, username = graph.identified(me, writes=False), str(me.get("username") or "")
    wanted = str(call.credential.facts.get("account") or "").strip().rstrip("/").rpartition("/")[2]
    if wanted and wanted.lstrip("@").lower() not in {username.lower(), account_id}:
        raise NeedsLogin("key_of_other_account", username)
    facts: dict[str, Any] = {
        "threads_id": account_id, "username": username,
        "limits": await _limits(call), "limits_on": call.now().date().isoformat(),
    }  # fmt: skip
    if not call.credential.facts.get("access_expires_at"):
        # A key that was typed in tells no end: renewing it tomorrow will.
        facts["access_expires_at"] = (call.now() + YOUNG).isoformat()
    return Account(
        id=account_id,
        name=str(me.get("name") or username or account_id),
        url=f"https://www.threads.net/@{username}" if username else "",
        avatar_url=str(me.get("threads_profile_picture_url") or ""),
        followers=await _followers(call),
        lacks=lacks(call.credential),
        facts=facts,
    )


async def _limits(call: Call) -> dict[str, int]:
    """Posts in 24 hours, as this account is told; nothing where the key may not ask."""
    try:
        told = await ask(call, "GET", "me/threads_publishing_limit", {"fields": "quota_usage,config"})
    except (NeedsLogin, Rejected):
        return {}
    rows = graph.rows(told)
    config = rows[0].get("config") if rows else None
    total = graph.number(config.get("quota_total")) if isinstance(config, dict) else 0
    return {"posts_per_day": total} if total > 0 else {}


async def _followers(call: Call) -> int | None:
    try:
        told = await ask(call, "GET", "me/threads_insights", {"metric": "followers_count"})
    except (NeedsLogin, Rejected):
        return None
    count = graph.insights(told).get("followers_count")
    return int(count) if count is not None else None


def lacks(credential: Credential) -> tuple[str, ...]:
    """Abilities that the rights do not carry; nothing is said where the rights are unknown."""
    scopes = oauth.scopes_of(credential)
    if scopes is None:
        return ()
    found = [ability for right, group in _NEEDS.items() if right not in scopes for ability in group]
    return tuple(dict.fromkeys(found))
