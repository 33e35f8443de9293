"""The keys for a call, renewed when they are about to end: by one worker, the others take what it got."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from niva.domains.communities.keys import open_app, open_credential
from niva.domains.publishing.delivery.store import Work
from niva.kit.seal import seal
from niva.networks.base.errors import NeedsLogin
from niva.networks.base.network import NO_APP, Call, Network
from niva.networks.base.transport import Transport
from niva.networks.base.types import App, Credential

RENEW_BEFORE: Final = timedelta(minutes=10)


class Keyring:
    def __init__(self, pool: asyncpg.Pool, keys: Sequence[str]) -> None:
        self.pool = pool
        self.keys = keys

    async def call(
        self, work: Work, network: Network, transport: Transport, now: Callable[[], datetime]
    ) -> Call:
        """A call with living keys. Raises NeedsLogin, Temporary, Limited."""
        if work.sealed is None:
            raise NeedsLogin("not_connected")
        credential = open_credential(work.sealed, work.facts, work.expires_at, self.keys)
        app = self._app(work)
        if credential.expires_at is not None and credential.expires_at - now() < RENEW_BEFORE:
            call = Call(transport, credential, now, app=app)
            credential = await self.renew(work.community_id, work.credential_version, network, call)
        return Call(transport, credential, now, app=app)

    async def renew(self, community_id: int, version: int, network: Network, call: Call) -> Credential:
        """New keys, got by one worker under a row lock; who comes second finds them there."""
        async with self.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                "select version, sealed, facts, expires_at from communities_credential "
                "where community_id = $1 for update",
                community_id,
            )
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

    def _app(self, work: Work) -> App:
        if not work.app:
            return NO_APP
        return open_app(work.app["id"], work.app["sealed"], work.app["facts"], self.keys)
