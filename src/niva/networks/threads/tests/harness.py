"""An account for the common suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.graph_fake import FAULTS
from niva.networks.base.testing import Clock, Harness, open_session
from niva.networks.base.types import Credential
from niva.networks.threads import NETWORK
from niva.networks.threads.tests.fake import ME, FakeThreads


@asynccontextmanager
async def open_account() -> AsyncIterator[tuple[Harness, FakeThreads]]:
    async with FakeThreads() as fake, open_session() as session:
        clock = Clock()
        fake.clock = clock
        credential = Credential({"access_token": fake.token}, {"api_base": fake.url, "threads_id": ME})
        yield (
            Harness(
                NETWORK, credential, lambda: fake.posts, fake.fault, FAULTS, session, clock,
                parts=lambda: [one["text"] for one in fake.answers], public=True, say=fake.say,
            ),
            fake,
        )  # fmt: skip
    assert not fake.violations, "against the description:\n" + "\n".join(fake.violations)


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_account() as (harness, _):
        yield harness
