"""The test button, and new keys for old."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import Account, Credential
from niva.networks.practice import payloads
from niva.networks.practice.client import Client


async def account(call: Call) -> Account:
    """Whose keys these are, and what they may do."""
    data = await Client(call).account()
    try:
        return payloads.account(data)
    except (KeyError, TypeError, ValueError) as error:
        raise unclear(False, "nonsense", f"no account: {error!r}") from error


async def refresh(call: Call) -> Credential:
    """New keys where there is a renewal key; keys that do not end come back as they are."""
    known = call.credential
    if not (renewal := known.secrets.get("refresh_token")):
        return known
    data = await Client(call).renew(renewal)
    access, next_renewal, lives = (data.get(k) for k in ("access_token", "refresh_token", "expires_in"))
    if not (isinstance(access, str) and isinstance(next_renewal, str) and isinstance(lives, int | float)):
        raise unclear(True, "nonsense", "no new keys in the answer")
    secrets = {**known.secrets, "access_token": access, "refresh_token": next_renewal}
    return replace(known, secrets=secrets, expires_at=call.now() + timedelta(seconds=lives))
