"""MAX for the common suite: a fake server on loopback that keeps to the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Clock, Harness, open_session
from niva.networks.base.types import Credential
from niva.networks.max import NETWORK
from niva.networks.max.tests.entities import BOT_ID, CHAT_ID
from niva.networks.max.tests.fake import FAULTS, TOKEN, FakeMax


@asynccontextmanager
async def open_max() -> AsyncIterator[tuple[Harness, FakeMax]]:
    async with FakeMax() as fake, open_session() as session:
        facts = {"chat_id": str(CHAT_ID), "chat_type": "channel", "bot_id": BOT_ID, "api_base": fake.url}
        yield (
            Harness(
                NETWORK, Credential({"bot_token": TOKEN}, facts), fake.posts, fake.fault, FAULTS, session,
                Clock(), parts=fake.parts, say=fake.say,
            ),
            fake,
        )  # fmt: skip
    if fake.contract and fake.contract.breaches:
        raise AssertionError("against the contract:\n" + "\n".join(fake.contract.breaches))


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_max() as (harness, _):
        yield harness
