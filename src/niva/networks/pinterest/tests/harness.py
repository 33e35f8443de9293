"""Pinterest for the tests that run over every network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Harness, open_session
from niva.networks.pinterest import NETWORK
from niva.networks.pinterest.tests.fake import BOARD, FAULTS, FakePinterest


@asynccontextmanager
async def open_pinterest() -> AsyncIterator[tuple[Harness, FakePinterest]]:
    """A connected account on a fake of its own; at the end nothing may have broken the contract."""
    async with FakePinterest() as fake, open_session() as session:
        harness = Harness(
            NETWORK, fake.credential(), fake.posts, fake.fault, FAULTS, session, options={"board": BOARD}
        )
        yield harness, fake
        assert not fake.violations, fake.violations


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_pinterest() as (harness, _):
        yield harness
