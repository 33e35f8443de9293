"""A VK of our own and a desk that is connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from niva.networks.base.testing import Harness, open_session
from niva.networks.vk import NETWORK
from niva.networks.vk.tests.fake import FAULTS, FakeVk


@pytest.fixture
async def fake() -> AsyncIterator[FakeVk]:
    async with FakeVk() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def desk(fake: FakeVk) -> AsyncIterator[Harness]:
    async with open_session() as session:
        yield Harness(NETWORK, fake.credential(), fake.posts, fake.fault, FAULTS, session)
