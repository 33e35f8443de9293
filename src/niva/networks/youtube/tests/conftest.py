"""Fixtures of YouTube's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from niva.networks.base.testing import Harness
from niva.networks.youtube.tests.fake import FakeYouTube
from niva.networks.youtube.tests.harness import open_youtube


@pytest_asyncio.fixture
async def field() -> AsyncIterator[tuple[Harness, FakeYouTube]]:
    async with open_youtube() as opened:
        yield opened
