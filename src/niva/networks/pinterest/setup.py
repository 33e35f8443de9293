"""Keys: consent on pinterest.com, renewal, and the test button, which learns the boards.

Source: https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

from niva.networks.base import oauth
from niva.networks.base.errors import NeedsLogin, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.pinterest.client import API_BASE, MANIFEST, all_items, ask

CONSENT: Final = "https://www.pinterest.com/oauth/"
_BOARD_PAGES: Final = 4  # of 250: nobody chooses from more
_READING: Final = ("read_back", "look_up", "post_numbers")
_WRITING: Final = ("image", "album", "video", "edit", "delete")
# Right -> what is not possible without it.
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "boards:read": (*_WRITING, *_READING),
    "boards:write": _WRITING,
    "pins:read": (*_WRITING, *_READING),
    "pins:write": _WRITING,
    "user_accounts:read": ("community_numbers", "profile"),
}


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """Pinterest's page of consent; rights are parted by commas, PKCE is not known there."""
    scope = ",".join(MANIFEST.scopes)
    page = str(app.facts.get("consent", CONSENT))
    return oauth.consent_url(page, app, redirect_uri=redirect_uri, state=state, scope=scope)


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """`continuous_refresh`: applications made before September 2025 would get a renewal key that ends for
    good after a year."""
    form = {
        "grant_type": "authorization_code",
        "code": oauth.code_of(params),
        "redirect_uri": redirect_uri,
        "continuous_refresh": "true",
    }
    told = await oauth.ask_for_keys(call, _token_url(call), form, headers=_basic(call.app), first=True)
    return oauth.with_keys(Credential(facts=dict(facts)), told, call.now())


async def refresh(call: Call) -> Credential:
    """New keys by the refresh token, which lives 60 days and is renewed along."""
    old = call.credential.secrets.get("refresh_token", "").strip()
    if not old:
        return call.credential
    form = {"grant_type": "refresh_token", "refresh_token": old, "scope": ",".join(MANIFEST.scopes)}
    told = await oauth.ask_for_keys(call, _token_url(call), form, headers=_basic(call.app), first=False)
    return oauth.with_keys(call.credential, told, call.now())


def _token_url(call: Call) -> str:
    base = call.credential.facts.get("api_base") or call.app.facts.get("api_base") or API_BASE
    return f"{base}/v5/oauth/token"


def _basic(app: App) -> dict[str, str]:
    pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


async def account(call: Call) -> Account:
    """Whose account, its boards to choose from, and what the rights do not carry."""
    rights = oauth.scopes_of(call.credential)
    me = await ask(call, "GET", "/user_account")
    name = str(me.get("username") or "")
    if not name:
        raise Temporary("nonsense", "no account in the answer")
    boards = await _boards(call, rights)
    followers = me.get("follower_count")
    return Account(
        id=str(me.get("id") or name),
        name=str(me.get("business_name") or name),
        url=f"https://www.pinterest.com/{name}/",
        avatar_url=str(me.get("profile_image") or ""),
        followers=followers if type(followers) is int else None,
        lacks=lacks(rights),
        facts={"user_id": str(me.get("id") or name), "username": name, "boards": boards},
        expires_at=call.credential.expires_at,
    )


async def _boards(call: Call, rights: frozenset[str] | None) -> list[list[str]]:
    """[[id, name], ...] by name; none where the keys may not see them. Boards for advertising take no pins
    of ours. Raises NeedsLogin("pin_no_board") where there is nothing to pin to."""
    if rights is not None and "boards:read" not in rights:
        return []
    rows, _ = await all_items(call, "/boards", pages=_BOARD_PAGES)
    found = [[str(row["id"]), str(row.get("name") or row["id"])] for row in rows
             if row.get("id") and not row.get("is_ads_only")]  # fmt: skip
    if not found:
        raise NeedsLogin("pin_no_board")
    return sorted(found, key=lambda pair: pair[1].casefold())


def lacks(rights: frozenset[str] | None) -> tuple[str, ...]:
    """Abilities that the rights do not carry; nothing is said where the rights are unknown."""
    if rights is None:
        return ()
    missing = [word for right, needs in _NEEDS.items() if right not in rights for word in needs]
    return tuple(dict.fromkeys(missing))
