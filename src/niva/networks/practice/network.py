"""The practice network as the desk sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from niva.networks.base.limits import Checker, Limits, load_limits
from niva.networks.base.manifest import load_manifest
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.transport import unclear
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
from niva.networks.practice import payloads, publish
from niva.networks.practice.client import Client

FOLDER: Final = Path(__file__).parent


class PracticeNetwork:
    """See `niva.networks.base.network.Network`."""

    manifest = load_manifest(FOLDER)
    limits = load_limits(FOLDER)

    def limits_for(self, credential: Credential) -> Limits:
        return self.limits

    def length(self, text: str) -> int:
        return len(text)

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        checker = Checker(limits, self.length)
        if out.link is not None:
            address = urlsplit(out.link.url)
            if address.scheme not in ("http", "https") or not address.hostname:
                checker.add("link_bad", "link")
        return checker.everything(out)

    def steps(self, out: Outgoing, credential: Credential) -> tuple[Step, ...]:
        return publish.steps(out, credential)

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
        return _counters(payloads.numbers(await Client(call).post_stats(remote.id), POST_METRICS))

    async def read_community(self, call: Call) -> Readings:
        return _counters(payloads.numbers(await Client(call).community_stats(), COMMUNITY_METRICS))

    async def account(self, call: Call) -> Account:
        data = await Client(call).account()
        try:
            return payloads.account(data)
        except (KeyError, TypeError, ValueError) as error:
            raise unclear(False, "nonsense", f"no account: {error!r}") from error

    async def refresh(self, call: Call) -> Credential:
        """New keys where there is a renewal key; keys that do not end come back as they are."""
        known = call.credential
        if not (renewal := known.secrets.get("refresh_token")):
            return known
        data = await Client(call).renew(renewal)
        access, next_renewal, lives = (data.get(k) for k in ("access_token", "refresh_token", "expires_in"))
        if not (isinstance(access, str) and isinstance(next_renewal, str) and isinstance(lives, int | float)):
            raise unclear(True, "nonsense", "no new keys in the answer")
        secrets = {**known.secrets, "access_token": access, "refresh_token": next_renewal}
        return replace(known, secrets=secrets, expires_at=call.now() + timedelta(seconds=lives))


def _counters(readings: Readings | None) -> Readings:
    if readings is None:
        raise unclear(False, "nonsense", "the answer holds no counters")
    return readings
