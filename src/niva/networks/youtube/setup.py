"""Google's sign-in with PKCE, the hourly renewal, and the test button.

Source: https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.oauth import ask_for_keys, code_of, consent_url, scopes_of, with_keys
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.youtube.client import items
from niva.networks.youtube.payloads import limits_told
from niva.networks.youtube.publish import own_channel

CONSENT: Final = "https://accounts.google.com/o/oauth2/v2/auth"
TOKENS: Final = "https://oauth2.googleapis.com/token"
SCOPES: Final = load_manifest(Path(__file__).parent).scopes
_GOOGLE: Final = "https://www.googleapis.com/auth/"
_PLAYLIST_PAGES: Final = 4
# Ability -> scopes of which any one gives it, from the discovery document.
_NEEDS: Final = {
    ("video", "reel"): {"youtube", "youtube.force-ssl", "youtube.upload"},
    ("edit", "delete", "profile_write"): {"youtube", "youtube.force-ssl"},
    ("first_comment", "comments", "comment_answer"): {"youtube.force-ssl"},
}


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """Google's page of consent. Without access_type and prompt no refresh token would come."""
    return consent_url(
        str(app.facts.get("consent_page") or CONSENT), app,
        redirect_uri=redirect_uri, state=state, scope=" ".join(SCOPES), verifier=verifier,
        access_type="offline", prompt="consent",
    )  # fmt: skip


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The keys for the code, the lasting one among them because consent is always asked anew."""
    form = {
        "grant_type": "authorization_code",
        "code": code_of(params),
        "client_id": call.app.client_id,
        "client_secret": call.app.client_secret,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    told = await ask_for_keys(call, _tokens(call, facts), form, first=True)
    return with_keys(Credential(facts=dict(facts)), told, call.now())


async def refresh(call: Call) -> Credential:
    """A new access token by the refresh token, which stays. Google ends it after six idle months, and after
    seven days where the application is still marked as in testing
    (https://developers.google.com/identity/protocols/oauth2#expiration)."""
    credential = call.credential
    old = credential.secrets.get("refresh_token", "").strip()
    if not old:
        return credential
    form = {
        "grant_type": "refresh_token",
        "refresh_token": old,
        "client_id": call.app.client_id,
        "client_secret": call.app.client_secret,
    }
    told = await ask_for_keys(call, _tokens(call, credential.facts), form, first=False)
    return with_keys(credential, told, call.now())


def _tokens(call: Call, facts: JSON) -> str:
    return str(facts.get("token_url") or call.app.facts.get("token_url") or TOKENS)


async def account(call: Call) -> Account:
    """Which channel, how many subscribers, which rights, how long a video may be, which playlists."""
    channel = await own_channel(call, "snippet,contentDetails,statistics,status")
    if not channel.get("id"):
        raise Temporary("nonsense", "a channel without its id")
    snippet, counts = _part(channel, "snippet"), _part(channel, "statistics")
    number = str(channel["id"])
    lists = _part(_part(channel, "contentDetails"), "relatedPlaylists")
    followers = str(counts.get("subscriberCount", ""))
    return Account(
        id=number,
        name=str(snippet.get("title") or number),
        url=f"https://www.youtube.com/{snippet.get('customUrl') or f'channel/{number}'}",
        avatar_url=picture_of(snippet)[0],
        followers=int(followers) if followers.isdecimal() else None,
        lacks=lacks(scopes_of(call.credential)),
        facts={
            "channel_id": number,
            "uploads": str(lists.get("uploads") or ""),
            "playlists": await _playlists(call),
            "limits": limits_told(channel),
            "limits_on": call.now().date().isoformat(),
        },
        expires_at=call.credential.expires_at,
    )


async def _playlists(call: Call) -> list[list[str]]:
    """[[id, title], ...] of the channel's own playlists."""
    found: list[list[str]] = []
    page = ""
    for _ in range(_PLAYLIST_PAGES):
        params = {"part": "snippet", "mine": "true", "maxResults": "50"}
        rows, page = await items(call, "playlists", {**params, **({"pageToken": page} if page else {})})
        found += [[str(row["id"]), str(_part(row, "snippet").get("title") or row["id"])] for row in rows]
        if not page:
            break
    return found


def picture_of(snippet: Mapping[str, Any]) -> tuple[str, int | None, int | None]:
    """(address, width, height) of the largest avatar told; ("", None, None) for none."""
    told = snippet.get("thumbnails")
    sizes = [one for one in told.values() if isinstance(one, dict)] if isinstance(told, dict) else []
    if not sizes:
        return "", None, None
    best = max(sizes, key=lambda one: int(one.get("width") or 0))
    width, height = best.get("width"), best.get("height")
    return (
        str(best.get("url") or ""),
        width if isinstance(width, int) else None,
        height if isinstance(height, int) else None,
    )


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, Mapping) else {}


def lacks(scopes: frozenset[str] | None) -> tuple[str, ...]:
    """Abilities that the rights do not carry; nothing is said where the rights are unknown."""
    if scopes is None:
        return ()
    given = {one.removeprefix(_GOOGLE) for one in scopes}
    return tuple(ability for group, any_of in _NEEDS.items() if not given & any_of for ability in group)
