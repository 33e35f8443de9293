"""Discord for the common suite: a fake server on loopback that keeps to the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Clock, Harness, open_session
from niva.networks.base.types import Credential
from niva.networks.discord import NETWORK
from niva.networks.discord.tests.entities import BOT, CHANNEL, GUILD
from niva.networks.discord.tests.fake import FAULTS, TOKEN, FakeDiscord


@asynccontextmanager
async def open_discord() -> AsyncIterator[tuple[Harness, FakeDiscord]]:
    async with FakeDiscord() as fake, open_session() as session:
        facts = {
            "channel_id": CHANNEL, "channel_type": 0, "guild_id": GUILD, "bot_id": BOT, "api_base": fake.url,
        }  # fmt: skip
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
    async with open_discord() as (harness, _):
        yield harness
