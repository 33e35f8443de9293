"""One client with posts that the real engine sends to fakes of networks; pages' calls reach the fakes too."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community
from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import Store, make_pool
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post
from niva.domains.publishing.services import schedule
from niva.flows import talk
from niva.kit.jobs.django import dsn
from niva.networks.base.testing import Harness
from niva.networks.registry import get_network

T = TypeVar("T")


class Scene:
    """`posts(network)`: the texts that its server holds; `call(f, …)`: a service, as a page does it."""

    def __init__(self, harnesses: dict[str, Harness], pool: asyncpg.Pool, session: Any) -> None:
        self.harnesses, self.pool = harnesses, pool
        self.engine = Engine(
            Store(pool), session, Keyring(pool, settings.TOKEN_KEYS), media_root=Path(settings.MEDIA_ROOT),
            now=timezone.now, network_of=get_network, deadline=2.0,
        )  # fmt: skip

    def found(self) -> None:
        self.actor = make_actor(make_workspace(), language="en")
        self.client = make_client(self.actor.workspace)
        self.communities: dict[str, Community] = {}
        for name, harness in self.harnesses.items():
            community = make_community(self.client, name, name=name)
            connect(community, dict(harness.credential.secrets), facts=dict(harness.credential.facts))
            self.communities[name] = community

    async def call(self, act: Callable[..., T], *args: Any, **more: Any) -> T:
        return await sync_to_async(act)(*args, **more)

    async def post(self, *networks: str, at: Any = None, **post: Any) -> Post:
        """A post scheduled for these communities, all by default."""

        def make() -> Post:
            made = make_post(*(self.communities[name] for name in networks or self.communities), **post)
            result = schedule.schedule(self.actor, post_id=made.pk, at=at)
            assert not result.behind, result.behind
            return made

        return await self.call(make)

    async def send(self) -> None:
        """A worker takes up whatever is awake, each as if its time had come."""
        await self.pool.execute(
            "update publishing_delivery set wake_at = now(), lease_until = null, lease = null "
            "where wake_at is not null"
        )
        async for pk in Delivery.objects.filter(wake_at__isnull=False).values_list("pk", flat=True):
            await self.engine.deliver(pk)

    async def delivery(self, network: str) -> Delivery:
        rows = Delivery.objects.select_related("publication", "revision", "community")
        return await rows.prefetch_related("attempts").aget(community=self.communities[network])

    async def rewrite(self, post: Post, text: str, **more: Any) -> None:
        await Post.objects.filter(pk=post.pk).aupdate(text=text, **more)

    def posts(self, network: str) -> list[str]:
        return [row["text"] for row in self.harnesses[network].posts()]


@asynccontextmanager
async def scene(monkeypatch: Any, *networks: str, flavour: str = "") -> AsyncIterator[Scene]:
    """Fakes of these networks; `flavour` of the practice network ("keyed", "searchable", "neither")."""
    async with AsyncExitStack() as stack:
        harnesses = {}
        for name in networks:
            module = importlib.import_module(f"niva.networks.{name}.tests.harness")
            opening = (
                module.open_flavoured(flavour) if flavour and name == "practice" else module.open_harness()
            )
            harnesses[name] = await stack.enter_async_context(opening)
        monkeypatch.setattr(talk, "inner_hosts", lambda: _hosts(harnesses))
        pool = await make_pool(dsn())
        try:
            made = Scene(harnesses, pool, next(iter(harnesses.values())).session)
            await sync_to_async(made.found)()
            yield made
        finally:
            await pool.close()
            await sync_to_async(connections.close_all)()


def _hosts(harnesses: dict[str, Harness]) -> frozenset[tuple[str, int]]:
    """Loopback is an inner host: the guard lets through what a test has opened, and nothing else."""
    facts = [str(value) for one in harnesses.values() for value in one.credential.facts.values()]
    parts = [urlsplit(one) for one in facts if one.startswith("http")]
    return frozenset((part.hostname or "", part.port or 80) for part in parts)
