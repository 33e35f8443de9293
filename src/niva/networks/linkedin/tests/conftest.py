"""Fixtures of LinkedIn's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from niva.networks.base.testing import Harness
from niva.networks.linkedin import publish
from niva.networks.linkedin.tests.fake import FakeLinkedIn
from niva.networks.linkedin.tests.harness import open_linkedin

Field = tuple[Harness, FakeLinkedIn]


@pytest.fixture
async def field() -> AsyncIterator[Field]:
    async with open_linkedin() as opened:
        yield opened


@pytest.fixture
async def person() -> AsyncIterator[Field]:
    async with open_linkedin(person=True) as opened:
        yield opened


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []

    async def note(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(publish, "pause", note)
    return made
