"""A practice server with a clock in our hand, and a client that speaks plain HTTP to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from niva.networks.practice.server import Store, serve

SECRET = "open sesame"


@dataclass
class Bench:
    """`ask` speaks as the community; `admin` through the back door; `page` as a person with a browser."""

    url: str
    store: Store
    session: aiohttp.ClientSession
    clock: list[float]
    token: str = ""

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        named.setdefault("Authorization", f"Bearer {self.token}")
        async with self.session.request(method, self.url + path, json=body, headers=named) as reply:
            return reply.status, await reply.json(content_type=None)

    async def admin(self, path: str, body: Any, method: str = "POST") -> tuple[int, Any]:
        return await self.ask(method, f"/admin/{path}", body, X_Practice_Secret=SECRET)

    async def page(self, path: str, language: str = "ru") -> tuple[int, str]:
        async with self.session.get(self.url + path, headers={"Accept-Language": language}) as reply:
            return reply.status, await reply.text()

    async def community(self, handle: str = "ferma", **more: Any) -> dict[str, Any]:
        status, made = await self.admin("communities", {"handle": handle, "name": "Ферма", **more})
        assert status == 201, made
        self.token = made["access_token"]
        return dict(made)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    clock = [1_790_000_000.0]
    path = tmp_path / "practice.sqlite3"
    async with (
        serve(path, port=0, secret=SECRET, clock=lambda: clock[0]) as serving,
        aiohttp.ClientSession() as session,
    ):
        yield Bench(serving.url, serving.store, session, clock)
