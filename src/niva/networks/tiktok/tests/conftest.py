"""Fixtures of TikTok's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from niva.networks.base.testing import Harness
from niva.networks.tiktok.tests.fake import FakeTikTok
from niva.networks.tiktok.tests.harness import open_tiktok


@pytest_asyncio.fixture
async def field() -> AsyncIterator[tuple[Harness, FakeTikTok]]:
    async with open_tiktok() as opened:
        yield opened
