"""One XRPC method = one HTTP call, and the session that the calls need."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.address import server_address
from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.files import upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, unclear
from niva.networks.base.types import JSON, Credential, MediaFile
from niva.networks.bluesky.errors import error_of

SERVICE: Final = "https://bsky.social"
POSTS: Final = "app.bsky.feed.post"


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: whose it is, and the token that lives about two hours."""

    did: str
    handle: str
    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)


def service_of(credential: Credential) -> str:
    """The server's address without a slash at its end. Rejected("address_bad") for what is no address."""
    written = str(credential.facts.get("service") or SERVICE)
    try:
        return server_address(written)
    except ValueError as error:
        raise Rejected("address_bad", written[:100]) from error


async def ask(
    call: Call,
    method: str,
    *,
    token: str = "",
    params: Mapping[str, str] | None = None,
    body: JSON | None = None,
    writes: bool = False,
    proxy: str = "",
) -> dict[str, Any]:
    """The object that a method answers with; a GET unless there is a body.

    `proxy`: the service to which the account's server shall hand the call on (https://atproto.com/specs/xrpc).
    """
    headers = {**_headers(token), **({"atproto-proxy": proxy} if proxy else {})}
    reply = await call.transport.request(
        "GET" if body is None else "POST", _address(call, method),
        writes=writes, headers=headers, params=params, json_body=body,
    )  # fmt: skip
    return _object(call, reply, writes)


async def poke(call: Call, method: str, token: str) -> dict[str, Any]:
    """A POST without a body (refreshSession takes none)."""
    reply = await call.transport.request(
        "POST", _address(call, method), writes=False, headers=_headers(token)
    )
    return _object(call, reply, False)


async def upload_blob(call: Call, session: Session, file: MediaFile) -> dict[str, Any]:
    """The blob that a record can refer to. Nothing refers to it yet, so a second one would harm nobody."""
    try:
        stream = file.path.open("rb")
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error
    with stream:
        reply = await call.transport.request(
            "POST", _address(call, "com.atproto.repo.uploadBlob"),
            writes=False, headers={**_headers(session.access), "Content-Type": file.mime},
            data=stream, deadline=upload_deadline(call.transport.deadline, file.size),
        )  # fmt: skip
    blob = _object(call, reply, False).get("blob")
    if not isinstance(blob, dict) or "ref" not in blob:
        raise unclear(False, "nonsense", "no blob in the answer")
    return blob


def _address(call: Call, method: str) -> str:
    return f"{service_of(call.credential)}/xrpc/{method}"


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _object(call: Call, reply: Reply, writes: bool) -> dict[str, Any]:
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now())
    data = reply.json()
    if not isinstance(data, dict):
        raise unclear(writes, "nonsense", f"HTTP {reply.status}, {reply.text[:100]!r}")
    return data


# --- sessions -------------------------------------------------------------------------------------------


async def session_of(call: Call) -> Session:
    """The session of the keys at hand; without one yet, the app password opens it.

    A server grants only 300 of those a day, so an access token that merely grew old is not replaced here:
    NeedsLogin("token_expired") asks for `refresh`, whose keys are kept.
    """
    secrets, facts = call.credential.secrets, call.credential.facts
    if secrets.get("access_token") and facts.get("did"):
        return Session(str(facts["did"]), str(facts.get("handle", "")), secrets["access_token"])
    return await open_session(call)


async def open_session(call: Call) -> Session:
    """createSession with the handle and the app password. NeedsLogin("login_refused") when they are wrong."""
    name = str(call.credential.facts.get("identifier") or call.credential.facts.get("did") or "")
    password = call.credential.secrets.get("app_password", "").strip()
    if not name or not password:
        raise NeedsLogin("not_connected")
    body = {"identifier": name.strip().lstrip("@"), "password": password}
    return session_from(await ask(call, "com.atproto.server.createSession", body=body))


def session_from(data: Mapping[str, Any]) -> Session:
    """A session as createSession and refreshSession tell it. NeedsLogin when the account sleeps."""
    if data.get("active") is False:
        raise NeedsLogin("account_blocked", str(data.get("status", "")))
    try:
        return Session(str(data["did"]), str(data["handle"]), str(data["accessJwt"]), str(data["refreshJwt"]))
    except KeyError as error:
        raise unclear(False, "nonsense", f"a session without {error}") from error


def ends_at(token: str) -> datetime | None:
    """When a token ends by its own words (claim `exp`, seconds since 1970); None where it does not say."""
    try:
        return datetime.fromtimestamp(int(claims_of(token)["exp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def claims_of(token: str) -> Mapping[str, Any]:
    """What a token says of itself; {} where it is none that can be read."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}
