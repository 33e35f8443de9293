"""Fixtures of Reddit's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from niva.networks.base.testing import Harness
from niva.networks.reddit import publish
from niva.networks.reddit.tests.fake import FakeReddit
from niva.networks.reddit.tests.harness import open_reddit


@pytest_asyncio.fixture
async def field(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Harness, FakeReddit]]:
    """Reddit on loopback; nobody waits for files to appear."""

    async def at_once(_: float) -> None:
        return

    monkeypatch.setattr(publish, "pause", at_once)
    async with open_reddit() as opened:
        yield opened
