"""The keys for a call, renewed when they are about to end: by one caller, the others take what it got."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import asyncpg

from niva.domains.communities.keys import open_app, open_credential
from niva.domains.publishing.delivery.turns import BROKEN, Turns
from niva.kit.seal import seal
from niva.networks.base.errors import LeaseLost, NeedsLogin, Temporary
from niva.networks.base.network import NO_APP, Call, Network
from niva.networks.base.transport import Transport
from niva.networks.base.types import Credential

RENEW_BEFORE: Final = timedelta(minutes=10)
# How often, in seconds, and for how many times it is asked whether another worker is through with a renewal:
# a little longer than one request may take.
POLL: Final = 0.5
MOST_POLLS: Final = 80

_KEYS = """
select k.sealed, k.facts, k.expires_at, k.version, p.app_id, p.sealed as app_sealed, p.facts as app_facts,
       p.server as app_server
from communities_credential k left join communities_developerapp p on p.id = k.app_id
where k.community_id = $1
"""

_KEEP = """
update communities_credential set sealed = $3, facts = $4, expires_at = $5, version = version + 1,
    updated_at = now()
where community_id = $1 and version = $2 returning version
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
    """`pool`: one of its connections at most is taken while any keys are being renewed."""

    def __init__(self, pool: asyncpg.Pool, keys: Sequence[str]) -> None:
        self.pool = pool
        self.keys = keys
        self._turns = Turns(pool)
        self._flights: dict[tuple[int, int], asyncio.Task[Credential]] = {}

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
        """New keys, got by one caller over all workers; all others take what it got, or its refusal.

        Raises NeedsLogin, Temporary, Limited, OutcomeUnknown; LeaseLost for the caller's own lease.
        """
        key = (community_id, version)
        while True:
            flight = self._flights.get(key)
            ours = flight is None
            if flight is None:
                flight = asyncio.create_task(self._renew(community_id, version, network, call))
                self._flights[key] = flight
                flight.add_done_callback(partial(self._landed, key))
            try:
                return await asyncio.shield(flight)  # the token it spends is gone: it must come to its end
            except LeaseLost:
                if ours:
                    raise

    def _landed(self, key: tuple[int, int], flight: asyncio.Task[Credential]) -> None:
        self._flights.pop(key, None)
        if not flight.cancelled():
            flight.exception()  # whoever asked has it; nobody may be left to ask

    async def _renew(self, community_id: int, version: int, network: Network, call: Call) -> Credential:
        async with self._turns.line():
            for _ in range(MOST_POLLS):
                if await self._turns.take(community_id):
                    break
                if (known := await self._newer(community_id, version)) is not None:
                    return known
                await asyncio.sleep(POLL)
            else:
                raise Temporary("no_answer", "another worker has been renewing these keys for too long")
            try:
                if (known := await self._newer(community_id, version)) is not None:
                    return known
                fresh = await network.refresh(call)
                return await self._keep(community_id, version, fresh)
            finally:
                await self._turns.give_back(community_id)

    async def _newer(self, community_id: int, version: int) -> Credential | None:
        """The keys as they stand, if they are others than those of `version`. Raises NeedsLogin."""
        row = await self._turns.ask(_KEYS, community_id)
        if row is None:
            raise NeedsLogin("not_connected")
        if row["version"] == version:
            return None
        return open_credential(row["sealed"], row["facts"], row["expires_at"], self.keys)

    async def _keep(self, community_id: int, version: int, fresh: Credential) -> Credential:
        """Store them, unless a person connected the community anew meanwhile: then hers are the ones."""
        values = (seal(fresh.secrets, self.keys), dict(fresh.facts), fresh.expires_at)
        try:
            kept = await self._turns.ask(_KEEP, community_id, version, *values)
        except BROKEN:
            kept = await self._turns.ask(_KEEP, community_id, version, *values)  # on a new connection
        if kept is None:
            return await self._newer(community_id, version) or fresh
        return fresh
