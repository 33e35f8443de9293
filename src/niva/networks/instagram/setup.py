"""Connecting: Facebook Login, the account behind the page, and the test button."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from niva.networks.base import graph, graph_login, oauth
from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.instagram.client import ask

MANIFEST: Final = load_manifest(Path(__file__).parent)
# The right -> what is lost without it: https://developers.facebook.com/docs/permissions
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "instagram_content_publish": ("image", "album", "video", "story", "reel"),
    "instagram_manage_comments": ("first_comment", "comments", "comment_answer", "mentions"),
    "instagram_manage_messages": ("messages", "message_answer"),
    "instagram_manage_contents": ("delete",),
    "instagram_basic": ("read_back", "look_up", "post_numbers", "community_numbers", "profile"),
}
_BEHIND: Final = "instagram_business_account{id,username}"


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """Facebook's page of consent."""
    return graph_login.dialog(app, redirect_uri=redirect_uri, state=state, scopes=MANIFEST.scopes)


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The key of the page behind which the account stands; it does not end by itself.

    Raises SeveralFit, Rejected("no_professional_account", "page_unknown", "task_missing").
    """
    base = str(facts.get("api_base") or graph.FACEBOOK)
    signed = await graph_login.sign_in(call, base, params, redirect_uri, _BEHIND)
    behind = {str(page["id"]): _behind(page) for page in signed.pages}
    pages = [page for page in signed.pages if behind[str(page["id"])]]
    if signed.pages and not pages:
        raise Rejected("no_professional_account", ", ".join(str(page.get("name")) for page in signed.pages))
    names = {page: str(one.get("username") or "").lower() for page, one in behind.items()}

    def keys(page: Mapping[str, Any]) -> Credential:
        page_id = str(page["id"])
        kept = {
            **facts, "page_id": page_id, "ig_id": str(behind[page_id].get("id")),
            "scope": " ".join(signed.scopes),
        }  # fmt: skip
        return Credential({"access_token": str(page.get("access_token") or "")}, kept)

    return graph_login.chosen(pages, graph_login.page_written(facts, "account"), names, keys, "ig_id")


def _behind(page: Mapping[str, Any]) -> Mapping[str, Any]:
    found = page.get("instagram_business_account")
    return found if isinstance(found, dict) and found.get("id") else {}


async def refresh(call: Call) -> Credential:
    """A page's key does not end by itself."""
    return call.credential


async def account(call: Call) -> Account:
    """Which page, which account behind it, and how many posts a day it is allowed."""
    me = await ask(call, "GET", "me", {"fields": "id,name", "metadata": "1"})
    page_id = graph.identified(me, writes=False)
    metadata = me.get("metadata")
    if isinstance(metadata, dict) and metadata.get("type") not in (None, "page"):
        raise NeedsLogin("user_key_given", str(me.get("name", "")))
    page = await ask(call, "GET", page_id, {"fields": f"id,name,{_BEHIND}"})
    behind = _behind(page)
    if not behind:
        raise NeedsLogin("no_professional_account", str(page.get("name", "")))
    account_id = str(behind["id"])
    fields = "id,username,name,followers_count,profile_picture_url"
    found = await ask(call, "GET", account_id, {"fields": fields})
    username = str(found.get("username") or "")
    wanted = graph_login.page_written(call.credential.facts, "account").lower()
    if wanted and wanted not in {username.lower(), account_id, page_id}:
        raise NeedsLogin("key_of_other_account", username)
    followers = found.get("followers_count")
    return Account(
        id=account_id,
        name=str(found.get("name") or username or account_id),
        url=f"https://www.instagram.com/{username}/" if username else "",
        avatar_url=str(found.get("profile_picture_url") or ""),
        followers=followers if isinstance(followers, int) else None,
        lacks=lacks(call.credential),
        facts={
            "page_id": page_id, "ig_id": account_id, "username": username,
            "limits": await _limits(call, account_id), "limits_on": call.now().date().isoformat(),
        },
    )  # fmt: skip


async def _limits(call: Call, account_id: str) -> dict[str, int]:
    """Posts in 24 hours, as Meta tells this account; nothing where the key may not ask."""
    try:
        told = await ask(
            call, "GET", f"{account_id}/content_publishing_limit", {"fields": "config,quota_usage"}
        )
    except (NeedsLogin, Rejected):
        return {}
    rows = graph.rows(told)
    config = rows[0].get("config") if rows else None
    total = graph.number(config.get("quota_total")) if isinstance(config, dict) else 0
    return {"posts_per_day": total} if total > 0 else {}


def lacks(credential: Credential) -> tuple[str, ...]:
    """Abilities that the rights do not carry; nothing is said where the rights are unknown."""
    scopes = oauth.scopes_of(credential)
    if scopes is None:
        return ()
    return tuple(ability for right, group in _NEEDS.items() if right not in scopes for ability in group)
