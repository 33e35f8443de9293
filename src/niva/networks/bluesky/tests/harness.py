"""Bluesky for the common suite: a real PDS, a fresh account on it, and a proxy that can spoil answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from niva.networks.base.network import Call
from niva.networks.base.testing import Clock, Harness, open_session
from niva.networks.base.transport import Transport
from niva.networks.base.types import Credential
from niva.networks.bluesky import NETWORK
from niva.networks.bluesky.payloads import media_count
from niva.networks.bluesky.tests.proxy import FAULTS, Proxy, open_proxy
from niva.networks.bluesky.tests.talk import Talk
from tests.servers.pds import PdsUnavailable, Person, RealPds, shared_person

FIXTURES: Final = Path(__file__).parent.parent / "fixtures" / "from_docs"


def appview() -> dict[str, Any]:
    """What an AppView would answer, by method; written after the documentation."""
    told = [json.loads(path.read_text("utf-8")) for path in sorted(FIXTURES.glob("get*.json"))]
    return {one["lexicon"]: one["body"] for one in told}


def pds_or_skip() -> tuple[RealPds, Person]:
    """The session's server and a new account; where it cannot run, the test is skipped with the reason."""
    try:
        return shared_person()
    except PdsUnavailable as reason:
        pytest.skip(f"the real Bluesky PDS cannot run here: {reason}")


def posts_of(pds: RealPds, person: Person) -> list[dict[str, Any]]:
    """What the server holds, asked by code that is not ours; comments left out."""
    return [
        {"id": one["uri"], "text": one["value"]["text"], "media": media_count(one["value"]), **one}
        for one in pds.records(person.did)
        if "reply" not in one["value"]
    ]


def parts_of(pds: RealPds, person: Person) -> list[str]:
    """The texts of records that answer another, oldest first."""
    answers = [one["value"] for one in pds.records(person.did) if "reply" in one["value"]]
    return [value["text"] for value in sorted(answers, key=lambda value: value["createdAt"])]


@asynccontextmanager
async def open_bluesky() -> AsyncIterator[tuple[Harness, Proxy, Person]]:
    """The harness, with the proxy and the account for tests that want a closer look."""
    pds, person = await asyncio.to_thread(pds_or_skip)
    async with open_proxy(pds, person) as proxy, open_session() as session:
        given = Credential(
            {"app_password": person.app_password}, {"identifier": person.handle, "service": proxy.url}
        )
        clock = Clock()
        credential = await NETWORK.refresh(Call(Transport(session), given, clock))
        proxy.seen.clear()
        proxy.bodies.clear()
        harness = Harness(
            NETWORK, credential, lambda: posts_of(pds, person), proxy.fault, FAULTS, session, clock,
            lambda: parts_of(pds, person),
        )  # fmt: skip
        yield harness, proxy, person
        assert proxy.talk is None or proxy.talk.breaches == []


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_bluesky() as (harness, proxy, _):
        proxy.appview = appview()
        proxy.talk = Talk(str(harness.credential.facts["did"]))
        harness.say = proxy.talk.say
        yield harness
