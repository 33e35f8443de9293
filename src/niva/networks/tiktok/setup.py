"""TikTok's sign-in, the renewal, and the test button.

Sources: https://developers.tiktok.com/doc/login-kit-web, https://developers.tiktok.com/doc/login-kit-desktop,
https://developers.tiktok.com/doc/oauth-user-access-token-management
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.oauth import ask_for_keys, code_of, consent_url, scopes_of, with_keys
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.tiktok.client import ask
from niva.networks.tiktok.payloads import limits_told
from niva.networks.tiktok.publish import creator

CONSENT: Final = "https://www.tiktok.com/v2/auth/authorize/"
TOKENS: Final = "https://open.tiktokapis.com/v2/oauth/token/"
SCOPES: Final = load_manifest(Path(__file__).parent).scopes
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
# Ability -> the scope that gives it: https://developers.tiktok.com/doc/tiktok-api-scopes
_NEEDS: Final = {
    ("image", "album", "video"): "video.publish",
    ("read_back", "post_numbers"): "video.list",
    ("community_numbers",): "user.info.stats",
    ("profile",): "user.info.profile",
}


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """TikTok's page of consent. A desk on the person's own machine counts as a desktop application: only
    those know PKCE, with the challenge in hexadecimal digits."""
    more = {}
    if _is_desktop(redirect_uri):
        digest = hashlib.sha256(verifier.encode()).hexdigest()
        more = {"code_challenge": digest, "code_challenge_method": "S256"}
    return consent_url(
        str(app.facts.get("consent_page") or CONSENT), app,
        redirect_uri=redirect_uri, state=state, scope=",".join(SCOPES), id_name="client_key", **more,
    )  # fmt: skip


def _is_desktop(redirect_uri: str) -> bool:
    return urlsplit(redirect_uri).hostname in _LOOPBACK


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    form = {"grant_type": "authorization_code", "code": code_of(params), "redirect_uri": redirect_uri}
    if _is_desktop(redirect_uri):
        form["code_verifier"] = verifier
    return await _keys(call, Credential(facts=dict(facts)), form, first=True)


async def refresh(call: Call) -> Credential:
    """New keys by the refresh token, which may be replaced: what comes back must be kept at once. How long
    they live is told with them."""
    old = call.credential.secrets.get("refresh_token", "").strip()
    if not old:
        return call.credential
    form = {"grant_type": "refresh_token", "refresh_token": old}
    return await _keys(call, call.credential, form, first=False)


async def _keys(call: Call, before: Credential, form: Mapping[str, str], *, first: bool) -> Credential:
    url = str(before.facts.get("token_url") or call.app.facts.get("token_url") or TOKENS)
    app = {"client_key": call.app.client_id, "client_secret": call.app.client_secret}
    told = await ask_for_keys(call, url, {**app, **form}, first=first)
    credential = with_keys(before, told, call.now())
    if isinstance(told.get("open_id"), str):
        credential = replace(credential, facts={**credential.facts, "open_id": told["open_id"]})
    return credential


async def user_of(call: Call, *fields: str) -> dict[str, Any]:
    """user/info. TikTok refuses the whole question where one field needs a right that was not given."""
    told = await ask(call, "GET", "user/info/", params={"fields": ",".join(fields)})
    user = told.get("user")
    if not isinstance(user, dict):
        raise Temporary("nonsense", "no account in the answer")
    return user


def fields_for(scopes: frozenset[str] | None) -> tuple[str, ...]:
    """The fields that these rights may ask for."""
    fields = ["open_id", "avatar_url", "avatar_large_url", "display_name"]
    if scopes is None or "user.info.profile" in scopes:
        fields += ["username", "bio_description", "profile_deep_link", "is_verified"]
    if scopes is None or "user.info.stats" in scopes:
        fields += ["follower_count", "video_count"]
    return tuple(fields)


async def account(call: Call) -> Account:
    """Whose keys, which rights, and what TikTok allows this creator: whom to show posts, how long a video."""
    scopes = scopes_of(call.credential)
    user = await user_of(call, *fields_for(scopes))
    missing = lacks(scopes)
    allowed: Mapping[str, Any] = {}
    if "video" not in missing:
        allowed = await _allowed(call)
    username = str(user.get("username") or allowed.get("creator_username") or "")
    followers = user.get("follower_count")
    choices = [one for one in allowed.get("privacy_level_options", ()) if isinstance(one, str)]
    return Account(
        id=str(user.get("open_id") or call.credential.facts.get("open_id") or username),
        name=str(user.get("display_name") or username),
        url=f"https://www.tiktok.com/@{username}" if username else "",
        avatar_url=str(user.get("avatar_large_url") or user.get("avatar_url") or ""),
        followers=followers if isinstance(followers, int) else None,
        lacks=missing,
        facts={
            "open_id": str(user.get("open_id") or ""),
            "username": username,
            "privacies": choices,
            "limits": limits_told(allowed),
            "limits_on": call.now().date().isoformat(),
        },
        expires_at=call.credential.expires_at,
    )


async def _allowed(call: Call) -> Mapping[str, Any]:
    """A creator who may not post right now is still connected: the post will say why."""
    try:
        return await creator(call)
    except (Rejected, NeedsLogin) as error:
        if error.code in ("token_revoked", "token_expired", "no_right"):
            raise
        return {}


def lacks(scopes: frozenset[str] | None) -> tuple[str, ...]:
    """Abilities that the rights do not carry; nothing is said where the rights are unknown."""
    if scopes is None:
        return ()
    return tuple(ability for group, scope in _NEEDS.items() if scope not in scopes for ability in group)
