"""Fixtures of MAX's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from niva.networks.base.testing import Harness
from niva.networks.max.tests.fake import FakeMax
from niva.networks.max.tests.harness import open_max

Field = tuple[Harness, FakeMax]


@pytest_asyncio.fixture
async def field() -> AsyncIterator[Field]:
    async with open_max() as opened:
        yield opened
