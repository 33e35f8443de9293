"""VK communities. See README.md for the person's guide, and the manifest's `calls` for who may ask what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from niva.networks.base.limits import Limits, load_limits
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import (
    JSON,
    Account,
    App,
    Credential,
    Outgoing,
    Problem,
    Readings,
    Remote,
    Seen,
    Step,
)
from niva.networks.vk import payloads, publish, readings, setup
from niva.networks.vk.client import MANIFEST, has_key


class Vk:
    """VK's API 5.199 as a network."""

    manifest = MANIFEST
    limits = load_limits(Path(__file__).parent)

    def limits_for(self, credential: Credential) -> Limits:
        """The same for every community."""
        return self.limits

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        return payloads.check(out, limits)

    def length(self, text: str) -> int:
        return len(text)

    def steps(self, out: Outgoing, credential: Credential) -> tuple[Step, ...]:
        """Without a user's key the wall cannot be read, so nothing can be looked up."""
        return payloads.steps(out, searchable=has_key(credential, "user"))

    async def perform(self, call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
        return await publish.perform(call, step, out, done)

    async def look_up(self, call: Call, question: Question) -> Answer:
        return await publish.look_up(call, question)

    def remote(self, done: Mapping[str, JSON]) -> Remote:
        return payloads.remote_of(done)

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

    def authorize_url(self, app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
        return setup.authorize_url(app, redirect_uri=redirect_uri, state=state, verifier=verifier)

    async def exchange(
        self, call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
    ) -> Credential:
        return await setup.exchange(
            call, params=params, redirect_uri=redirect_uri, verifier=verifier, facts=facts
        )


NETWORK = Vk()
