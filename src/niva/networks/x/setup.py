"""OAuth 2 with PKCE, the renewal (which spends the old key), and the test button.

Source: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.oauth import ask_for_keys, code_of, consent_url, scopes_of, with_keys
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.x.client import ask
from niva.networks.x.payloads import limits_told

CONSENT: Final = "https://x.com/i/oauth2/authorize"
TOKENS: Final = "https://api.x.com/2/oauth2/token"
SCOPES: Final = load_manifest(Path(__file__).parent).scopes
USER_FIELDS: Final = (
    "created_at,description,entities,location,profile_banner_url,profile_image_url,protected,public_metrics,"
    "subscription_type,url,verified,verified_type"
)
# Ability -> scopes that it wants, all of them (the security of each operation in the API's description).
_NEEDS: Final = {
    ("text", "link", "poll", "thread", "first_comment", "edit", "delete", "comment_answer"): {"tweet.write"},
    ("image", "album", "video", "animation"): {"tweet.write", "media.write"},
    ("read_back", "look_up", "post_numbers", "comments", "mentions"): {"tweet.read", "users.read"},
    ("messages",): {"dm.read"},
    ("message_answer",): {"dm.write"},
}


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """X's page of consent."""
    page = str(app.facts.get("consent_page") or CONSENT)
    scope = " ".join(SCOPES)
    return consent_url(page, app, redirect_uri=redirect_uri, state=state, scope=scope, verifier=verifier)


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The keys for the code, which lives for 30 seconds."""
    form = {
        "grant_type": "authorization_code",
        "code": code_of(params),
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return with_keys(Credential(facts=dict(facts)), await _keys(call, facts, form, first=True), call.now())


async def refresh(call: Call) -> Credential:
    """New keys by the refresh token, which is spent by it: what comes back must be kept at once."""
    credential = call.credential
    old = credential.secrets.get("refresh_token", "").strip()
    if not old:
        return credential
    form = {"grant_type": "refresh_token", "refresh_token": old}
    return with_keys(credential, await _keys(call, credential.facts, form, first=False), call.now())


async def _keys(call: Call, facts: JSON, form: Mapping[str, str], *, first: bool) -> Mapping[str, Any]:
    """A web application shows its secret in the header; one without a secret names itself in the form."""
    url = str(facts.get("token_url") or call.app.facts.get("token_url") or TOKENS)
    if not call.app.client_secret:
        return await ask_for_keys(call, url, {**form, "client_id": call.app.client_id}, first=first)
    pair = base64.b64encode(f"{call.app.client_id}:{call.app.client_secret}".encode()).decode()
    return await ask_for_keys(call, url, form, headers={"Authorization": f"Basic {pair}"}, first=first)


async def account(call: Call) -> Account:
    """Whose keys, which rights, how long a post may be, and in which words X answers."""
    user = await me(call)
    counts = user.get("public_metrics")
    counts = counts if isinstance(counts, dict) else {}
    followers = counts.get("followers_count")
    username = str(user.get("username") or "")
    return Account(
        id=str(user["id"]),
        name=str(user.get("name") or username),
        url=f"https://x.com/{username}",
        avatar_url=str(user.get("profile_image_url") or "").replace("_normal.", "_400x400."),
        followers=followers if isinstance(followers, int) else None,
        lacks=lacks(scopes_of(call.credential)),
        facts={
            "user_id": str(user["id"]),
            "username": username,
            "naming": "tweet" if "tweet_count" in counts else "post",
            "limits": limits_told(user),
            "limits_on": call.now().date().isoformat(),
        },
        expires_at=call.credential.expires_at,
    )


async def me(call: Call, **more: str) -> dict[str, Any]:
    told = await ask(call, "GET", "users/me", params={"user.fields": USER_FIELDS, **more})
    user = told.get("data")
    if not isinstance(user, dict) or not user.get("id"):
        raise Temporary("nonsense", "no account in the answer")
    return user


def lacks(scopes: frozenset[str] | None) -> tuple[str, ...]:
    """Abilities that the rights do not carry; nothing is said where the rights are unknown."""
    if scopes is None:
        return ()
    return tuple(ability for group, wanted in _NEEDS.items() if wanted - scopes for ability in group)
