"""Connecting: Facebook Login, the page that was meant, and the test button."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from niva.networks.base import graph, graph_login, oauth
from niva.networks.base.errors import NeedsLogin
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.facebook.client import ask

MANIFEST: Final = load_manifest(Path(__file__).parent)
_PUBLISHES: Final = (
    "text", "image", "album", "video", "animation", "link", "story", "reel", "edit", "delete",
)  # fmt: skip
# The right -> what is lost without it: https://developers.facebook.com/docs/permissions
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "pages_manage_posts": _PUBLISHES,
    "pages_read_engagement": ("read_back", "look_up", "post_numbers", "profile"),
    "pages_manage_engagement": ("first_comment", "comment_answer"),
    "pages_read_user_content": ("comments", "mentions"),
    "pages_messaging": ("messages", "message_answer"),
    "pages_manage_metadata": ("profile_write",),
}
_FIELDS: Final = (
    "id,name,username,link,followers_count,can_post,is_published,picture.width(200).height(200){url}"
)


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """Facebook's page of consent."""
    return graph_login.dialog(app, redirect_uri=redirect_uri, state=state, scopes=MANIFEST.scopes)


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The key of the page that was meant; it does not end by itself.

    Raises SeveralFit, Rejected("page_unknown", "no_pages", "task_missing").
    """
    base = str(facts.get("api_base") or graph.FACEBOOK)
    signed = await graph_login.sign_in(call, base, params, redirect_uri, "category")

    def keys(page: Mapping[str, Any]) -> Credential:
        kept = {**facts, "page_id": str(page["id"]), "scope": " ".join(signed.scopes)}
        return Credential({"access_token": str(page.get("access_token") or "")}, kept)

    return graph_login.chosen(signed.pages, graph_login.page_written(facts), {}, keys)


async def refresh(call: Call) -> Credential:
    """A page's key does not end by itself."""
    return call.credential


async def account(call: Call) -> Account:
    """Whose key, which page, and what it may do. A person's key in place of a page's is told apart."""
    me = await ask(call, "GET", "me", {"fields": "id,name", "metadata": "1"})
    page = graph.identified(me, writes=False)
    metadata = me.get("metadata")
    if isinstance(metadata, dict) and metadata.get("type") not in (None, "page"):
        raise NeedsLogin("user_key_given", str(me.get("name", "")))
    found = await ask(call, "GET", page, {"fields": _FIELDS})
    wanted = graph_login.page_written(call.credential.facts).lower()
    if wanted and wanted not in {page, str(found.get("username") or "").lower()}:
        raise NeedsLogin("key_of_other_page", str(found.get("name", "")))
    followers = found.get("followers_count")
    picture = found.get("picture")
    data: Any = picture.get("data") if isinstance(picture, dict) else None
    return Account(
        id=page,
        name=str(found.get("name") or page),
        url=str(found.get("link") or f"https://www.facebook.com/{page}"),
        avatar_url=str(data.get("url") or "") if isinstance(data, dict) else "",
        followers=followers if isinstance(followers, int) else None,
        lacks=lacks(call.credential, found.get("can_post")),
        facts={"page_id": page, "page_name": str(found.get("name") or "")},
    )


def lacks(credential: Credential, can_post: Any) -> tuple[str, ...]:
    """Abilities that the rights do not carry; `can_post` False: the person has no such task on the page."""
    scopes = oauth.scopes_of(credential)
    missing = [
        ability for right, group in _NEEDS.items() if scopes is not None and right not in scopes
        for ability in group
    ]  # fmt: skip
    if can_post is False:
        missing += [ability for ability in _PUBLISHES if ability not in missing]
    return tuple(missing)
