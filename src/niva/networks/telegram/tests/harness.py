"""Telegram for the tests that run over every network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Harness, open_session
from niva.networks.telegram import NETWORK
from niva.networks.telegram.tests.fake import FAULTS, FakeTelegram


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    """A connected channel on a fake of its own; at the end nothing may have broken the contract."""
    async with FakeTelegram() as fake, open_session() as session:
        yield Harness(
            NETWORK,
            fake.credential(),
            fake.posts,
            fake.fault,
            FAULTS,
            session,
            parts=fake.parts,
            say=fake.say,
        )
        assert fake.violations == []
