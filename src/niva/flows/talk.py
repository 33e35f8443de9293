"""Talking to networks: one guarded session, and a call with the community's keys.

The worker keeps one of these for its whole life; a page that must talk at once (test button, edit, take
down) opens its own for the moment.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

import aiohttp
import asyncpg
from django.conf import settings
from django.utils import timezone

from niva.domains.communities.models import Community
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import make_pool
from niva.kit.jobs.django import dsn
from niva.kit.net.guard import guarded_connector
from niva.networks.base.network import Call, Network
from niva.networks.base.transport import Transport
from niva.networks.registry import get_network

T = TypeVar("T")
PAGE_DEADLINE: Final = 25.0  # seconds one request may take while a person waits


@dataclass(frozen=True, slots=True)
class Line:
    """What talking takes: the guarded session, a small pool, and the keys' keeper."""

    session: aiohttp.ClientSession
    pool: asyncpg.Pool
    keyring: Keyring

    async def call(self, community_id: int, network: Network, *, deadline: float = 30.0) -> Call:
        """A call for a community with living keys. Raises NeedsLogin, Temporary, Limited."""
        transport = Transport(self.session, deadline=deadline)
        return await self.keyring.call_for(community_id, network, transport, timezone.now)


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
