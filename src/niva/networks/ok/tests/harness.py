"""OK for the tests that run over every network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Harness, open_session
from niva.networks.ok import NETWORK
from niva.networks.ok.tests.fake import FAULTS, FakeOk


@asynccontextmanager
async def open_ok() -> AsyncIterator[tuple[Harness, FakeOk]]:
    """A connected group on a fake of its own; at the end nothing may have been asked that no page lists."""
    async with FakeOk() as fake, open_session() as session:
        harness = Harness(NETWORK, fake.credential(), fake.posts, fake.fault, FAULTS, session, say=fake.say)
        yield harness, fake
        assert not fake.violations, fake.violations


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_ok() as (harness, _):
        yield harness
