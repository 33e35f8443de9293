"""The feed needs no keys of Dzen: the desk itself opens it."""

from __future__ import annotations

from niva.networks.base.errors import NeedsLogin
from niva.networks.base.network import Call
from niva.networks.base.types import Account, Credential


async def account(call: Call) -> Account:
    """Whose feed it is, without asking anybody. Raises NeedsLogin("not_connected") before it is opened."""
    feed = str(call.credential.facts.get("feed", ""))
    if not feed:
        raise NeedsLogin("not_connected")
    return Account(id=feed, name=str(call.credential.facts.get("name", "")))


async def refresh(call: Call) -> Credential:
    return call.credential
