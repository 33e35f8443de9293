"""The test button and the renewal of keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import Account, Credential
from niva.networks.bluesky.client import (
    Session,
    ask,
    claims_of,
    ends_at,
    open_session,
    poke,
    service_of,
    session_from,
    session_of,
)
from niva.networks.bluesky.readings import without_appview

# The scope of an app password that may not read messages; the other is "com.atproto.appPassPrivileged".
WITHOUT_CHAT: Final = "com.atproto.appPass"


async def account(call: Call) -> Account:
    """Signs in with the app password, where there is one, and asks whose it is."""
    has_password = bool(call.credential.secrets.get("app_password"))
    session = await (open_session(call) if has_password else session_of(call))
    lacks: tuple[str, ...] = ()
    profile: dict[str, Any] = {}
    try:
        profile = await ask(
            call, "app.bsky.actor.getProfile", token=session.access, params={"actor": session.did}
        )
    except Temporary as error:
        if not without_appview(error):
            raise
        lacks = ("post_numbers", "community_numbers", "comments", "mentions")
    if claims_of(session.access).get("scope") == WITHOUT_CHAT:
        lacks = (*lacks, "messages", "message_answer")
    followers = profile.get("followersCount")
    return Account(
        id=session.did,
        name=str(profile.get("displayName") or session.handle),
        url=f"https://bsky.app/profile/{session.handle}",
        avatar_url=str(profile.get("avatar") or ""),
        followers=followers if isinstance(followers, int) else None,
        lacks=lacks,
        facts={"did": session.did, "handle": session.handle, "service": service_of(call.credential)},
    )


async def refresh(call: Call) -> Credential:
    """New keys: by the refresh token, which is spent by it; when that ended too, by the app password.

    `facts["access_expires_at"]`: when the access token ends, ISO 8601. NeedsLogin when neither helps.
    """
    credential = call.credential
    if token := credential.secrets.get("refresh_token"):
        try:
            return renewed(
                credential, session_from(await poke(call, "com.atproto.server.refreshSession", token))
            )
        except NeedsLogin:
            if not credential.secrets.get("app_password"):
                raise
    return renewed(credential, await open_session(call))


def renewed(credential: Credential, session: Session) -> Credential:
    """The credential with a new session in it. It ends with the refresh token unless a password renews it."""
    ends = ends_at(session.access)
    facts = {**credential.facts, "did": session.did, "handle": session.handle}
    if ends is not None:
        facts["access_expires_at"] = ends.isoformat()
    secrets = {**credential.secrets, "access_token": session.access, "refresh_token": session.refresh}
    lasts = bool(credential.secrets.get("app_password"))
    return replace(
        credential, secrets=secrets, facts=facts, expires_at=None if lasts else ends_at(session.refresh)
    )
