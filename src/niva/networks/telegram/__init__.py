"""Telegram through a bot of one's own: channels and groups. See README.md for the person's guide."""

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
from niva.networks.telegram import payloads, publish, readings, setup

_FOLDER = Path(__file__).parent


class Telegram:
    """The Bot API as a network. One step only: what is sent and never answered goes to a person."""

    manifest = load_manifest(_FOLDER)
    limits = load_limits(_FOLDER)

    def limits_for(self, credential: Credential) -> Limits:
        """The same for every chat."""
        return self.limits

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        return payloads.check(out, limits)

    def length(self, text: str) -> int:
        return payloads.length(text)

    def steps(self, out: Outgoing, credential: Credential) -> tuple[Step, ...]:
        """Files travel with the post itself, so there is nothing to upload before. No key, no search."""
        return (Step("create", "create"),)

    async def perform(self, call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
        return await publish.create(call, out)

    async def look_up(self, call: Call, question: Question) -> Answer:
        """A bot sees neither its own posts nor the chat's history."""
        return Answer(None)

    def remote(self, done: Mapping[str, JSON]) -> Remote:
        result = done["create"]
        extra = {name: result[name] for name in ("chat_id", "ids", "prints", "poll") if name in result}
        return Remote(result["id"], result["url"], extra)

    async def edit(self, call: Call, remote: Remote, out: Outgoing) -> Remote:
        return await publish.edit(call, remote, out)

    async def delete(self, call: Call, remote: Remote) -> None:
        await publish.delete(call, remote)

    async def read_back(self, call: Call, remote: Remote) -> Seen:
        return await publish.read_back(call, remote)

    async def read_post(self, call: Call, remote: Remote) -> Readings:
        return readings.read_post()

    async def read_community(self, call: Call) -> Readings:
        return await readings.read_community(call)

    async def account(self, call: Call) -> Account:
        return await setup.account(call)

    async def refresh(self, call: Call) -> Credential:
        """A bot's token does not end until BotFather takes it back."""
        return call.credential


NETWORK = Telegram()
