"""X for the tests that run over every network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Harness, open_session
from niva.networks.x import NETWORK
from niva.networks.x.tests.fake import FAULTS, FakeX


@asynccontextmanager
async def open_x(naming: str = "post") -> AsyncIterator[tuple[Harness, FakeX]]:
    """A connected account on a fake of its own; at the end nothing may have broken the contract."""
    async with FakeX(naming) as fake, open_session() as session:
        yield (
            Harness(
                NETWORK, fake.credential(), fake.posts, fake.fault, FAULTS, session, parts=fake.parts,
                say=fake.say,
            ),
            fake,
        )  # fmt: skip
        assert fake.violations == [], fake.violations
        assert fake.contract is None or fake.contract.breaches == [], fake.contract.breaches


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_x() as (harness, _):
        yield harness
