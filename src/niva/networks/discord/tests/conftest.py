"""Fixtures of Discord's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from niva.networks.base.testing import Harness
from niva.networks.discord.tests.fake import FakeDiscord
from niva.networks.discord.tests.harness import open_discord

Field = tuple[Harness, FakeDiscord]


@pytest_asyncio.fixture
async def field() -> AsyncIterator[Field]:
    async with open_discord() as opened:
        yield opened
