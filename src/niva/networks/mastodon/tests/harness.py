"""Mastodon for the common suite: a fake server on loopback that keeps to the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Clock, Harness, open_session
from niva.networks.base.types import Credential
from niva.networks.mastodon import NETWORK
from niva.networks.mastodon.tests.entities import ACCOUNT_ID
from niva.networks.mastodon.tests.fake import FAULTS, FakeMastodon, open_fake


@asynccontextmanager
async def open_mastodon() -> AsyncIterator[tuple[Harness, FakeMastodon]]:
    async with open_fake() as fake, open_session() as session:
        credential = Credential(
            {"access_token": fake.token}, {"instance": fake.url, "account_id": ACCOUNT_ID}
        )
        harness = Harness(
            NETWORK, credential, fake.posts, fake.fault, FAULTS, session, Clock(), fake.parts, say=fake.say
        )
        yield harness, fake


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_mastodon() as (harness, _):
        yield harness
