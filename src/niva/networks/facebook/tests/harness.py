"""A page for the common suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.graph_fake import FAULTS
from niva.networks.base.testing import Clock, Harness, open_session
from niva.networks.base.types import Credential
from niva.networks.facebook import NETWORK
from niva.networks.facebook.tests.fake import PAGE, FakePage


@asynccontextmanager
async def open_page() -> AsyncIterator[tuple[Harness, FakePage]]:
    async with FakePage() as fake, open_session() as session:
        clock = Clock()
        fake.clock = clock
        facts = {"api_base": fake.url, "upload_base": fake.url, "page_id": PAGE}
        credential = Credential({"access_token": fake.token}, facts)
        yield (
            Harness(
                NETWORK, credential, lambda: list(fake.posts), fake.fault, FAULTS, session, clock,
                say=fake.say,
            ),
            fake,
        )  # fmt: skip
    assert not fake.violations, "against Meta's lists:\n" + "\n".join(fake.violations)


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_page() as (harness, _):
        yield harness
