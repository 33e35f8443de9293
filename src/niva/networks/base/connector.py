"""The usual make of a network: four modules with known functions, joined into one object.

A folder's `__init__.py` names its modules and no more; what a network does otherwise (limits of a server, an
application of our own) it says in a small subclass. The four shapes below are what the modules must offer:
mypy compares them, so a forgotten or misspelt function is found before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

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


class Payloads(Protocol):
    """`payloads.py`: what a post is to this network. Pure. For the words see `Network`."""

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]: ...

    def length(self, text: str) -> int: ...


class Publish(Protocol):
    """`publish.py`: how a post goes out, is found again, changed, taken down and read back."""

    def steps(self, out: Outgoing, credential: Credential) -> tuple[Step, ...]: ...

    async def perform(self, call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON: ...

    async def look_up(self, call: Call, question: Question) -> Answer: ...

    def remote(self, done: Mapping[str, JSON]) -> Remote: ...

    async def edit(self, call: Call, there: Remote, out: Outgoing) -> Remote: ...

    async def delete(self, call: Call, there: Remote) -> None: ...

    async def read_back(self, call: Call, there: Remote) -> Seen: ...


class Numbers(Protocol):
    """`readings.py`: what is counted."""

    async def read_post(self, call: Call, there: Remote) -> Readings: ...

    async def read_community(self, call: Call) -> Readings: ...


class Setup(Protocol):
    """`setup.py`: whose keys these are, and new ones for old."""

    async def account(self, call: Call) -> Account: ...

    async def refresh(self, call: Call) -> Credential: ...


class OAuthSetup(Setup, Protocol):
    """`setup.py` of a network to which a person is sent to say yes."""

    def authorize_url(
        self, app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON
    ) -> str: ...

    async def exchange(
        self, call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
    ) -> Credential: ...


class Connector:
    """A network (see `Network`) out of its folder: manifest.toml, limits.toml and the four modules.

    Methods, so that a subclass may do one of them otherwise.
    """

    def __init__(
        self, folder: Path, *, payloads: Payloads, publish: Publish, readings: Numbers, setup: Setup
    ) -> None:
        """Reads both files. Raises ValueError or KeyError when one of them says what nobody understands."""
        self.manifest = load_manifest(folder)
        self.limits = load_limits(folder)
        self._payloads, self._publish, self._readings, self._setup = payloads, publish, readings, setup

    def limits_for(self, credential: Credential) -> Limits:
        """The same for every account; a network whose servers differ overrides it."""
        return self.limits

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        """The network's own checks of the post, and of every further part of a chain as a text of its own."""
        first = self._payloads.check(replace(out, thread=()), limits)
        if out.thread and "thread" not in self.manifest.abilities:
            return (*first, Problem("thread_unsupported", "thread"))
        further = (
            found
            for number, part in enumerate(out.thread, 2)
            for found in self._check_part(
                f"thread:{number}", Outgoing(part.text, options=out.options), limits
            )
        )
        return (*first, *further)

    def _check_part(self, where: str, part: Outgoing, limits: Limits) -> Iterator[Problem]:
        if not part.text.strip():
            yield Problem("thread_part_empty", where)
            return
        for found in self._payloads.check(part, limits):
            yield replace(found, where=where)

    def length(self, text: str) -> int:
        return self._payloads.length(text)

    def steps(self, out: Outgoing, credential: Credential) -> tuple[Step, ...]:
        return self._publish.steps(out, credential)

    async def perform(self, call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
        return await self._publish.perform(call, step, out, done)

    async def look_up(self, call: Call, question: Question) -> Answer:
        return await self._publish.look_up(call, question)

    def remote(self, done: Mapping[str, JSON]) -> Remote:
        return self._publish.remote(done)

    async def edit(self, call: Call, remote: Remote, out: Outgoing) -> Remote:
        return await self._publish.edit(call, remote, out)

    async def delete(self, call: Call, remote: Remote) -> None:
        await self._publish.delete(call, remote)

    async def read_back(self, call: Call, remote: Remote) -> Seen:
        return await self._publish.read_back(call, remote)

    async def read_post(self, call: Call, remote: Remote) -> Readings:
        return await self._readings.read_post(call, remote)

    async def read_community(self, call: Call) -> Readings:
        return await self._readings.read_community(call)

    async def account(self, call: Call) -> Account:
        return await self._setup.account(call)

    async def refresh(self, call: Call) -> Credential:
        return await self._setup.refresh(call)


class OAuthConnector(Connector):
    """A network (see `OAuthNetwork`) that can be connected by sending the person to it."""

    def __init__(
        self, folder: Path, *, payloads: Payloads, publish: Publish, readings: Numbers, setup: OAuthSetup
    ) -> None:
        super().__init__(folder, payloads=payloads, publish=publish, readings=readings, setup=setup)
        self._consent = setup

    def authorize_url(self, app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
        return self._consent.authorize_url(
            app, redirect_uri=redirect_uri, state=state, verifier=verifier, facts=facts
        )

    async def exchange(
        self, call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
    ) -> Credential:
        return await self._consent.exchange(
            call, params=params, redirect_uri=redirect_uri, verifier=verifier, facts=facts
        )
