"""Reddit for the common suite: a fake server on loopback that keeps to the documentation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from niva.networks.base.testing import Clock, Harness, open_session
from niva.networks.base.types import Credential
from niva.networks.reddit import NETWORK
from niva.networks.reddit.tests.entities import NAME, USER
from niva.networks.reddit.tests.fake import FAULTS, FakeReddit


@asynccontextmanager
async def open_reddit() -> AsyncIterator[tuple[Harness, FakeReddit]]:
    async with FakeReddit() as fake, open_session() as session:
        facts = {"subreddit": NAME, "username": USER, "api_base": fake.url, "site_base": fake.url}
        keys = {"access_token": fake.access, "refresh_token": fake.renewing}
        yield (
            Harness(
                NETWORK, Credential(keys, facts), fake.posts, fake.fault, FAULTS, session, Clock(),
                options={"title": "Как прошла жатва"}, say=fake.say,
            ),
            fake,
        )  # fmt: skip
    if fake.violations:
        raise AssertionError("against the documentation:\n" + "\n".join(fake.violations))


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_reddit() as (harness, _):
        yield harness
