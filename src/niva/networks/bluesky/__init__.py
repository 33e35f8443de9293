"""Bluesky (AT Protocol): any personal data server, by handle and app password. See README.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from niva.networks.base.limits import Limits, load_limits
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import (
    JSON,
    Account,
    Credential,
    Outgoing,
    Problem,
    Readings,
    Remote,
    Seen,
    Step,
)
from niva.networks.bluesky import payloads, publish, readings, richtext, setup

_FOLDER = Path(__file__).parent


class Bluesky:
    """Records with keys of our own: nothing that is repeated is doubled."""

    manifest = load_manifest(_FOLDER)
    limits = load_limits(_FOLDER)

    def limits_for(self, credential: Credential) -> Limits:
        """The lexicon's, the same on every server."""
        return self.limits

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        return payloads.check(out, limits)

    def length(self, text: str) -> int:
        return richtext.length(text)

    def steps(self, out: Outgoing, credential: Credential) -> tuple[Step, ...]:
        return publish.steps(out)

    async def perform(self, call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
        return await publish.perform(call, step, out, done)

    async def look_up(self, call: Call, question: Question) -> Answer:
        return await publish.look_up(call, question)

    def remote(self, done: Mapping[str, JSON]) -> Remote:
        return publish.remote(done)

    async def edit(self, call: Call, remote: Remote, out: Outgoing) -> Remote:
        return await publish.edit(call, remote, out)

    async def delete(self, call: Call, remote: Remote) -> None:
        await publish.delete(call, remote)

    async def read_back(self, call: Call, remote: Remote) -> Seen:
        return await publish.read_back(call, remote)

    async def read_post(self, call: Call, remote: Remote) -> Readings:
        return await readings.read_post(call, remote)

    async def read_community(self, call: Call) -> Readings:
        return await readings.read_community(call)

    async def account(self, call: Call) -> Account:
        return await setup.account(call)

    async def refresh(self, call: Call) -> Credential:
        return await setup.refresh(call)


NETWORK = Bluesky()
