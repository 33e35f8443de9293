"""Mastodon on any server, by OAuth or a token of one's own making. See README.md for the person's guide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from niva.networks.base.limits import Limits, load_limits
from niva.networks.base.manifest import load_manifest
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
from niva.networks.mastodon import payloads, publish, readings, setup
from niva.networks.mastodon.text import counter

_FOLDER = Path(__file__).parent


class Mastodon:
    """The REST API of a Mastodon server. An idempotency key guards an hour, the search the time after."""

    manifest = load_manifest(_FOLDER)
    limits = load_limits(_FOLDER)

    def limits_for(self, credential: Credential) -> Limits:
        """What the account's server told at the test button (`facts["limits"]`), over the usual values."""
        return payloads.own_limits(self.limits, credential.facts)

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        return payloads.check(out, limits)

    def length(self, text: str) -> int:
        return counter()(text)

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
        """A token does not end by itself."""
        return call.credential

    # --- OAuth ---

    async def register(self, call: Call, *, redirect_uri: str, facts: JSON) -> App:
        """Our application on the person's server, made by ourselves before he is sent there."""
        return await setup.register(call, redirect_uri=redirect_uri, scopes=self.manifest.scopes, facts=facts)

    def authorize_url(self, app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
        return setup.authorize_url(
            app,
            redirect_uri=redirect_uri,
            state=state,
            verifier=verifier,
            scopes=self.manifest.scopes,
            facts=facts,
        )

    async def exchange(
        self, call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
    ) -> Credential:
        return await setup.exchange(
            call, params=params, redirect_uri=redirect_uri, verifier=verifier, facts=facts
        )


NETWORK = Mastodon()
