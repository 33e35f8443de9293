"""Fixtures of X's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from niva.networks.base.testing import Harness
from niva.networks.x.tests.fake import FakeX
from niva.networks.x.tests.harness import open_x


@pytest_asyncio.fixture(params=["post", "tweet"])
async def field(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Harness, FakeX]]:
    """Under both descriptions of the API."""
    async with open_x(request.param) as opened:
        yield opened
