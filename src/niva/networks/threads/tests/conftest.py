"""The account of these tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from niva.networks.base import meta
from niva.networks.base.testing import Harness
from niva.networks.threads.tests.fake import FakeThreads
from niva.networks.threads.tests.harness import open_account


@pytest.fixture
async def opened(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Harness, FakeThreads]]:
    async def at_once(_: float) -> None:
        return

    monkeypatch.setattr(meta, "pause", at_once)
    async with open_account() as pair:
        yield pair


@pytest.fixture
def harness(opened: tuple[Harness, FakeThreads]) -> Harness:
    return opened[0]


@pytest.fixture
def fake(opened: tuple[Harness, FakeThreads]) -> FakeThreads:
    return opened[1]
