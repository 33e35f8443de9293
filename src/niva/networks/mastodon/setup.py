"""Connecting: an application of our own on every server, OAuth with PKCE, and the test button."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from niva.networks.base.errors import Gone, Limited, NeedsLogin, Rejected, Temporary
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.oauth import code_of, consent_url
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.mastodon.client import ask, ask_openly, instance_of
from niva.networks.mastodon.payloads import limits_told

CLIENT_NAME: Final = "Niva"
SCOPES: Final = load_manifest(Path(__file__).parent).scopes
# What applications were registered with that do not say: they cannot ask for more.
FIRST_SCOPES: Final = "read:accounts read:statuses write:media write:statuses"
_WRITTEN: Final = (
    "text", "link", "poll", "first_comment", "thread", "edit", "delete", "comment_answer", "message_answer",
)  # fmt: skip
# Ability -> the scopes of which any one gives it: https://docs.joinmastodon.org/api/oauth-scopes/
_NEEDS: Final = {
    _WRITTEN: {"write", "write:statuses"},
    ("image", "album", "video", "animation"): {"write", "write:media"},
    ("read_back", "look_up", "post_numbers", "comments", "messages", "profile"): {"read", "read:statuses"},
    ("community_numbers",): {"read", "read:accounts"},
    ("mentions",): {"read", "read:notifications"},
    ("profile_write",): {"write", "write:accounts"},
}


async def register(call: Call, *, redirect_uri: str, facts: JSON) -> App:
    """Our application on the server that `facts["instance"]` names. Its `facts`: server, pkce, and when
    its secret ends, if it does.

    Nobody has to do this by hand: a server gives an application to whoever asks. Asking twice makes two, and
    the first is simply never used.
    """
    server = instance_of(facts)
    body = {"client_name": CLIENT_NAME, "redirect_uris": [redirect_uri], "scopes": " ".join(SCOPES)}
    made = await ask_openly(call, "POST", "/api/v1/apps", facts, body)
    if not isinstance(made, dict) or not made.get("client_id") or not made.get("client_secret"):
        raise Temporary("nonsense", "no application in the answer")
    return App(
        str(made["client_id"]),
        str(made["client_secret"]),
        {
            "server": server,
            "pkce": await _knows_pkce(call, facts),
            "scopes": " ".join(SCOPES),
            **_end_of_secret(made),
        },
    )


def _end_of_secret(made: Mapping[str, Any]) -> dict[str, str]:
    """`client_secret_expires_at` in seconds since 1970; 0 (all servers of today) means that it never ends."""
    ends = made.get("client_secret_expires_at")
    if not isinstance(ends, int) or isinstance(ends, bool) or not 0 < ends < 2**35:
        return {}
    return {"secret_expires_at": datetime.fromtimestamp(ends, UTC).isoformat()}


async def _knows_pkce(call: Call, facts: JSON) -> bool:
    """Does the server say that it checks PKCE? Servers before 4.3 publish nothing about themselves."""
    try:
        told = await ask_openly(call, "GET", "/.well-known/oauth-authorization-server", facts)
    except (Gone, Rejected):
        return False
    methods = told.get("code_challenge_methods_supported") if isinstance(told, dict) else None
    return isinstance(methods, list) and "S256" in methods


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """The server's page of consent."""
    page = f"{instance_of({**app.facts, **facts})}/oauth/authorize"
    scope = str(app.facts.get("scopes") or FIRST_SCOPES)
    known = verifier if app.facts.get("pkce") else ""
    return consent_url(page, app, redirect_uri=redirect_uri, state=state, scope=scope, verifier=known)


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The token for the code that the server handed back. It does not end until somebody takes it back."""
    code, where = code_of(params), {**call.app.facts, **facts}
    body = {
        "grant_type": "authorization_code",
        "client_id": call.app.client_id,
        "client_secret": call.app.client_secret,
        "redirect_uri": redirect_uri,
        "code": code,
    }
    if call.app.facts.get("pkce"):
        body["code_verifier"] = verifier
    try:
        told = await ask_openly(call, "POST", "/oauth/token", where, body)
    except (Rejected, NeedsLogin) as error:
        raise Rejected("login_declined", error.detail) from error
    if not isinstance(told, dict) or not told.get("access_token"):
        raise Temporary("nonsense", "no token in the answer")
    kept = {**facts, "instance": instance_of(where), "scope": str(told.get("scope", ""))}
    return Credential({"access_token": str(told["access_token"])}, kept)


async def refresh(call: Call) -> Credential:
    """A token does not end by itself."""
    return call.credential


async def account(call: Call) -> Account:
    """Whose token, which rights, and the limits of the server."""
    me = await ask(call, "GET", "/api/v1/accounts/verify_credentials")
    if not isinstance(me, dict) or not me.get("id"):
        raise Temporary("nonsense", "no account in the answer")
    instance = await ask(call, "GET", "/api/v2/instance")
    domain = instance.get("domain", "") if isinstance(instance, dict) else ""
    followers = me.get("followers_count")
    name = str(me.get("display_name") or me.get("username") or me["id"])
    return Account(
        id=str(me["id"]),
        name=name,
        url=str(me.get("url") or ""),
        avatar_url=str(me.get("avatar") or ""),
        followers=followers if isinstance(followers, int) else None,
        lacks=lacks(await _scopes(call)),
        facts={
            "instance": instance_of(call.credential.facts),
            "account_id": str(me["id"]),
            "acct": f"{me.get('username', '')}@{domain}",
            "limits": limits_told(instance),
            "limits_on": call.now().date().isoformat(),
        },
    )


async def _scopes(call: Call) -> frozenset[str] | None:
    """The rights of the token: told when it was given, or (since 4.3) by its application; None = untold."""
    told: Any = call.credential.facts.get("scope")
    if not told:
        try:
            app = await ask(call, "GET", "/api/v1/apps/verify_credentials")
        except (Gone, Rejected, NeedsLogin, Limited):
            return None
        told = app.get("scopes") if isinstance(app, dict) else None
    if isinstance(told, str):
        told = told.split()
    return frozenset(map(str, told)) if isinstance(told, list) and told else None


def lacks(scopes: frozenset[str] | None) -> tuple[str, ...]:
    """Abilities that the rights do not carry; nothing is said where the rights are unknown."""
    if scopes is None:
        return ()
    return tuple(ability for group, any_of in _NEEDS.items() if not scopes & any_of for ability in group)
