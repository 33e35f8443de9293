"""The keys for a call, renewed when they are about to end: by one caller, the others take what it got."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg

from niva.domains.communities.keys import open_app, open_credential
from niva.kit.seal import seal
from niva.networks.base.errors import NeedsLogin
from niva.networks.base.network import NO_APP, Call, Network
from niva.networks.base.transport import Transport
from niva.networks.base.types import Credential

RENEW_BEFORE: Final = timedelta(minutes=10)

_KEYS = """
select k.sealed, k.facts, k.expires_at, k.version, p.app_id, p.sealed as app_sealed, p.facts as app_facts,
       p.server as app_server
from communities_credential k left join communities_developerapp p on p.id = k.app_id
where k.community_id = $1
"""


@dataclass(frozen=True, slots=True)
class SealedKeys:
    """The columns of a community's keys as they stand in the row."""

    sealed: bytes
    facts: Mapping[str, Any]
    expires_at: datetime | None
    version: int
    app_id: str | None = None
    app_sealed: bytes | None = None
    app_facts: Mapping[str, Any] | None = None
    app_server: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> SealedKeys | None:
        """From a row of a query that has these columns; None where the community has no keys."""
        if row["sealed"] is None:
            return None
        return cls(**{name: row[name] for name in cls.__slots__})


def renewal_due(credential: Credential, now: datetime) -> bool:
    """Is it time for new keys? `facts["access_expires_at"]` (ISO 8601) tells when the short-lived one ends.

    A renewal token without any known end was typed by hand: the access token beside it may be of any age.
    """
    ends = [credential.expires_at] if credential.expires_at is not None else []
    told = credential.facts.get("access_expires_at")
    if isinstance(told, str):
        try:
            end = datetime.fromisoformat(told)
        except ValueError:
            return True
        ends.append(end if end.tzinfo else end.replace(tzinfo=UTC))
    if not ends:
        return bool(credential.secrets.get("refresh_token"))
    return min(ends) - now < RENEW_BEFORE


class Keyring:
    def __init__(self, pool: asyncpg.Pool, keys: Sequence[str]) -> None:
        self.pool = pool
        self.keys = keys

    async def call_for(
        self, community_id: int, network: Network, transport: Transport, now: Callable[[], datetime]
    ) -> Call:
        """A call for a community. Raises NeedsLogin, Temporary, Limited."""
        row = await self.pool.fetchrow(_KEYS, community_id)
        return await self.call(SealedKeys.of(row) if row else None, community_id, network, transport, now)

    async def call(
        self,
        sealed: SealedKeys | None,
        community_id: int,
        network: Network,
        transport: Transport,
        now: Callable[[], datetime],
    ) -> Call:
        """A call with living keys. Raises NeedsLogin, Temporary, Limited."""
        if sealed is None:
            raise NeedsLogin("not_connected")
        credential = open_credential(sealed.sealed, sealed.facts, sealed.expires_at, self.keys)
        app = NO_APP
        if sealed.app_id and sealed.app_sealed is not None:
            server = {"server": sealed.app_server} if sealed.app_server else {}
            app = open_app(
                sealed.app_id, sealed.app_sealed, {**(sealed.app_facts or {}), **server}, self.keys
            )
        call = Call(transport, credential, now, app=app)
        if renewal_due(credential, now()):
            credential = await self.renew(community_id, sealed.version, network, call)
        return Call(transport, credential, now, app=app)

    async def renew(self, community_id: int, version: int, network: Network, call: Call) -> Credential:
        """New keys, got by one caller under a row lock; who comes second finds them there."""
        async with self.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(f"{_KEYS} for update of k", community_id)
            if row is None:
                raise NeedsLogin("not_connected")
            if row["version"] != version:
                return open_credential(row["sealed"], row["facts"], row["expires_at"], self.keys)
            fresh = await network.refresh(call)
            await connection.execute(
                "update communities_credential set sealed = $2, facts = $3, expires_at = $4, "
                "version = version + 1, updated_at = now() where community_id = $1",
                community_id,
                seal(fresh.secrets, self.keys),
                dict(fresh.facts),
                fresh.expires_at,
            )
            return fresh
