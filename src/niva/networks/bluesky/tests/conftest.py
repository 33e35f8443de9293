"""Fixtures of Bluesky's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from niva.networks.base.testing import Harness
from niva.networks.bluesky.tests.harness import appview, open_bluesky
from niva.networks.bluesky.tests.proxy import Proxy
from tests.servers.pds import Person


@pytest_asyncio.fixture
async def sky() -> AsyncIterator[tuple[Harness, Proxy, Person]]:
    async with open_bluesky() as opened:
        yield opened


@pytest.fixture
def appview_answers() -> dict[str, Any]:
    """What an AppView would say, by method; written after the documentation."""
    return appview()
