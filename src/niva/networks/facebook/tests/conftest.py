"""The page of these tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from niva.networks.base import meta
from niva.networks.base.testing import Harness
from niva.networks.facebook.tests.fake import FakePage
from niva.networks.facebook.tests.harness import open_page


@pytest.fixture
async def opened(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Harness, FakePage]]:
    async def at_once(_: float) -> None:
        return

    monkeypatch.setattr(meta, "pause", at_once)
    async with open_page() as pair:
        yield pair


@pytest.fixture
def harness(opened: tuple[Harness, FakePage]) -> Harness:
    return opened[0]


@pytest.fixture
def fake(opened: tuple[Harness, FakePage]) -> FakePage:
    return opened[1]
