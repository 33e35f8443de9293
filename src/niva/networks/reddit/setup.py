"""Connecting: Reddit's sign-in, new keys for old, and the test button."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from niva.networks.base.errors import Gone, NeedsLogin, Rejected
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.oauth import ask_for_keys, code_of, consent_url, scopes_of, with_keys
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.reddit import payloads
from niva.networks.reddit.client import ask, ask_object, subreddit_of, user_agent
from niva.networks.reddit.profile import read_about

SITE: Final = "https://www.reddit.com"
SCOPES: Final = load_manifest(Path(__file__).parent).scopes
# Ability -> the right that it needs: https://www.reddit.com/dev/api/oauth
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "submit": ("text", "image", "album", "video", "animation", "link", "poll", "first_comment",
               "comment_answer"),
    "edit": ("edit", "delete"),
    "history": ("look_up",),
    "read": ("read_back", "post_numbers", "community_numbers", "comments", "profile"),
    "privatemessages": ("messages", "message_answer", "mentions"),
    "modconfig": ("profile_write",),
    "modposts": ("profile_write",),
    "modmail": ("messages", "message_answer"),
}  # fmt: skip


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """Reddit's page of consent, for keys that can be renewed. It knows no PKCE."""
    subreddit_of(facts)  # better told now than after the way there and back
    page = f"{facts.get('site_base') or SITE}/api/v1/authorize"
    return consent_url(
        page, app, redirect_uri=redirect_uri, state=state, scope=" ".join(SCOPES), duration="permanent"
    )


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    form = {"grant_type": "authorization_code", "code": code_of(params), "redirect_uri": redirect_uri}
    told = await _keys(call, facts, form, first=True)
    return with_keys(Credential(facts={**facts, "subreddit": subreddit_of(facts)}), told, call.now())


async def refresh(call: Call) -> Credential:
    """A new access key; the key that renews it stays unless Reddit hands out another."""
    renewing = call.credential.secrets.get("refresh_token", "")
    if not renewing:
        raise NeedsLogin("token_expired")
    form = {"grant_type": "refresh_token", "refresh_token": renewing}
    told = await _keys(call, call.credential.facts, form, first=False)
    return with_keys(call.credential, told, call.now())


async def _keys(call: Call, facts: JSON, form: Mapping[str, str], *, first: bool) -> Mapping[str, Any]:
    """The application shows itself by Basic authentication."""
    if not call.app.client_id:
        raise Rejected("app_missing")
    word = base64.b64encode(f"{call.app.client_id}:{call.app.client_secret}".encode()).decode()
    headers = {"Authorization": f"Basic {word}", "User-Agent": user_agent(call)}
    url = f"{facts.get('site_base') or SITE}/api/v1/access_token"
    return await ask_for_keys(call, url, form, headers=headers, first=first)


async def account(call: Call) -> Account:
    """Whose keys, which subreddit, what it asks of a post, and what these keys may not."""
    me = await ask_object(call, "GET", "/api/v1/me")
    if not me.get("name"):
        raise NeedsLogin("token_revoked")
    if me.get("is_suspended"):
        raise NeedsLogin("account_blocked")
    named = replace(call.credential, facts={**call.credential.facts, "username": str(me["name"])})
    call = replace(call, credential=named)
    about = await read_about(call)
    if about.get("user_is_banned"):
        raise NeedsLogin("reddit_banned")
    name = str(about["display_name"])
    rules, flairs = await _rules(call, name), await _flairs(call, name)
    subscribers = about.get("subscribers")
    profile = about.get("subreddit_type") == "user"
    return Account(
        id=str(about.get("name") or name),
        name=f"u/{name.removeprefix('u_')}" if profile else f"r/{name}",
        url=f"{payloads.SITE}{about.get('url') or f'/r/{name}/'}",
        avatar_url=str(about.get("community_icon") or about.get("icon_img") or ""),
        followers=subscribers if type(subscribers) is int else None,
        lacks=lacks(call.credential, about),
        facts={
            "subreddit": name,
            "username": str(me["name"]),
            "flairs": flairs,
            "moderates": bool(about.get("user_is_moderator")) and not profile,
            "flair_required": bool(rules.get("is_flair_required")),
            "limits": payloads.limits_told(rules, about),
            "limits_on": call.now().date().isoformat(),
        },
    )


async def _rules(call: Call, name: str) -> Mapping[str, Any]:
    """What the subreddit asks of a post; nothing where it does not say."""
    try:
        return await ask_object(call, "GET", f"/api/v1/{name}/post_requirements")
    except (Gone, NeedsLogin, Rejected):
        return {}


async def _flairs(call: Call, name: str) -> list[list[str]]:
    """[id, words] of the flairs that a post may carry. 403 where there are none for us."""
    try:
        told = await ask(call, "GET", f"/r/{name}/api/link_flair_v2")
    except (Gone, NeedsLogin, Rejected):
        return []
    rows = told if isinstance(told, list) else []
    return [
        [str(one["id"]), str(one.get("text") or one["id"])]
        for one in rows
        if isinstance(one, dict) and one.get("id") and not one.get("mod_only")
    ]


def lacks(credential: Credential, about: Mapping[str, Any]) -> tuple[str, ...]:
    """Abilities that the rights of the keys, or the settings of the subreddit, do not carry."""
    missing: list[str] = []
    scopes = scopes_of(credential)
    if scopes is not None and "*" not in scopes:
        missing += [word for right, words in _NEEDS.items() if right not in scopes for word in words]
    closed = {
        "image": about.get("allow_images") is False,
        "album": about.get("allow_galleries") is False or about.get("allow_images") is False,
        "video": about.get("allow_videos") is False,
        "animation": about.get("allow_videogifs") is False,
        "poll": about.get("allow_polls") is False,
        "link": about.get("submission_type") == "self",
        "text": about.get("submission_type") == "link",
        "profile_write": not about.get("user_is_moderator"),
    }
    missing += [word for word, is_closed in closed.items() if is_closed]
    return tuple(dict.fromkeys(missing))
