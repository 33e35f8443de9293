"""Talking to networks: one guarded session, and a call with the community's keys.

The worker keeps one of these for its whole life; a page that must talk at once (test button, edit, take
down) opens its own for the moment.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlsplit

import aiohttp
import asyncpg
from django.conf import settings
from django.utils import timezone

from niva.domains.communities.models import Community
from niva.domains.publishing.delivery.buckets import Buckets, Lane
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import make_pool
from niva.kit.jobs.django import dsn
from niva.kit.jobs.types import RetryLater
from niva.kit.net.guard import guarded_connector
from niva.networks.base.errors import Limited
from niva.networks.base.network import Call, Network
from niva.networks.base.transport import Transport
from niva.networks.registry import get_network

T = TypeVar("T")
PAGE_DEADLINE: Final = 25.0  # seconds one request may take while a person waits
SOONEST: Final = timedelta(seconds=1)
# A slow account never takes all the places of those who read numbers and look again.
READ_AT_ONCE: Final = 5
BUSY_PAUSE: Final = timedelta(seconds=15)

_LANE = """
select k.facts, p.app_id from communities_credential k
left join communities_developerapp p on p.id = k.app_id where k.community_id = $1
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What talking takes: the guarded session, a small pool, and the keys' keeper."""

    session: aiohttp.ClientSession
    pool: asyncpg.Pool
    keyring: Keyring
    reading_now: Counter[str] = field(default_factory=Counter)  # by account

    async def call(self, community_id: int, network: Network, *, deadline: float = 30.0) -> Call:
        """A call for a community with living keys. Raises NeedsLogin, Temporary, Limited."""
        transport = Transport(self.session, deadline=deadline)
        return await self.keyring.call_for(community_id, network, transport, timezone.now)

    @property
    def buckets(self) -> Buckets:
        return Buckets(self.pool)

    async def lane(self, community_id: int, network: Network) -> Lane:
        """Whose limits a call for this community falls under."""
        row = await self.pool.fetchrow(_LANE, community_id)
        facts, app = (row["facts"], row["app_id"]) if row else (None, None)
        return Lane.of(network.manifest, community_id, facts, app)

    async def reading(
        self, community_id: int, network: Network, ask: Callable[[Call], Awaitable[T]]
    ) -> T | datetime:
        """Ask what is not urgent, when the limits leave room beside those who publish.

        A moment: not asked, or refused as too often; try again then. Raises the errors of networks.
        """
        lane = await self.lane(community_id, network)
        account = str(lane.key("account"))
        if self.reading_now[account] >= READ_AT_ONCE:
            return timezone.now() + BUSY_PAUSE
        if (again := await self.buckets.take(lane.wants(readings=1, spare=True))) is not None:
            return again
        self.reading_now[account] += 1
        try:
            return await ask(await self.call(community_id, network))
        except Limited as error:
            again = await self.buckets.limited(lane, error.scope, error.until)
            if again is None:
                raise
            return again
        finally:
            self.reading_now[account] -= 1
            if not self.reading_now[account]:
                del self.reading_now[account]


def later(moment: datetime, why: str) -> RetryLater:
    """To be raised in a handler: this job again at `moment`."""
    return RetryLater(max(moment - timezone.now(), SOONEST), why)


def inner_hosts() -> frozenset[tuple[str, int]]:
    """Hosts and ports within our own walls that may be called: practice, and those of NIVA_INNER_HOSTS.

    The variable names them by commas, as host:port or as whole addresses.
    """
    named = [one.strip() for one in os.environ.get("NIVA_INNER_HOSTS", "").split(",") if one.strip()]
    parts = [urlsplit(one if "//" in one else f"http://{one}") for one in (settings.PRACTICE_URL, *named)]
    return frozenset((p.hostname or "", p.port or (443 if p.scheme == "https" else 80)) for p in parts)


def guarded_session(connections: int) -> aiohttp.ClientSession:
    """A session that reaches no inner host but the allowed ones; no cookies: many accounts share it."""
    return aiohttp.ClientSession(
        connector=guarded_connector(inner_hosts(), limit=connections), cookie_jar=aiohttp.DummyCookieJar()
    )


@asynccontextmanager
async def open_line(*, connections: int = 100, pool_size: int = 4) -> AsyncIterator[Line]:
    """A line that reaches no inner host but the allowed ones."""
    pool = await make_pool(dsn(), size=pool_size)
    try:
        async with guarded_session(connections) as session:
            yield Line(session, pool, Keyring(pool, settings.TOKEN_KEYS))
    finally:
        await pool.close()


def at_once(community: Community, ask: Callable[[Network, Call], Awaitable[T]]) -> T:
    """Ask a network while a person waits. Raises the errors of networks."""

    async def run() -> T:
        network = get_network(community.network)
        async with open_line(connections=4, pool_size=1) as line:
            return await ask(network, await line.call(community.pk, network, deadline=PAGE_DEADLINE))

    return asyncio.run(run())
