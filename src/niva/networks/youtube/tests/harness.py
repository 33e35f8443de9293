"""YouTube for the tests that run over every network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Harness, open_session
from niva.networks.youtube import NETWORK
from niva.networks.youtube.tests.fake import FAULTS, FakeYouTube


@asynccontextmanager
async def open_youtube() -> AsyncIterator[tuple[Harness, FakeYouTube]]:
    """A connected channel on a fake of its own; at the end nothing may have broken the contract."""
    async with FakeYouTube() as fake, open_session() as session:
        yield (
            Harness(
                NETWORK, fake.credential(), fake.posts, fake.fault, FAULTS, session,
                options={"title": "Урожай"}, say=fake.say,
            ),
            fake,
        )  # fmt: skip
        assert fake.violations == [], fake.violations
        assert fake.contract is None or fake.contract.breaches == [], fake.contract.breaches


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_youtube() as (harness, _):
        yield harness
