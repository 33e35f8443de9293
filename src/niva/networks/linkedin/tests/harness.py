"""LinkedIn for the tests that run over every network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from niva.networks.base.testing import Harness, open_session
from niva.networks.linkedin import NETWORK
from niva.networks.linkedin.tests.fake import FAULTS, FakeLinkedIn


@asynccontextmanager
async def open_linkedin(**facts: Any) -> AsyncIterator[tuple[Harness, FakeLinkedIn]]:
    """A connected page on a fake of its own; at the end nothing may have broken the description."""
    async with FakeLinkedIn() as fake, open_session() as session:
        credential = fake.credential(**facts)
        yield (
            Harness(NETWORK, credential, fake.posts, fake.fault, FAULTS, session, say=fake.say),
            fake,
        )
        assert not fake.violations, fake.violations


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_linkedin() as (harness, _):
        yield harness
