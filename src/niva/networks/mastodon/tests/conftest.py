"""Fixtures of Mastodon's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from niva.networks.base.testing import Harness
from niva.networks.mastodon import publish
from niva.networks.mastodon.tests.fake import FakeMastodon
from niva.networks.mastodon.tests.harness import open_mastodon


@pytest_asyncio.fixture
async def field() -> AsyncIterator[tuple[Harness, FakeMastodon]]:
    async with open_mastodon() as opened:
        yield opened


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made between questions, without making them."""
    made: list[float] = []

    async def note(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(publish, "pause", note)
    return made
