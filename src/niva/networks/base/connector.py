"""The usual make of a network: four modules with known functions, joined into one object.

A folder's `__init__.py` names its modules and no more; what a network does otherwise (limits of a server, an
application of our own) it says in a small subclass. The four shapes below are what the modules must offer:
mypy compares them, so a forgotten or misspelt function is found before anything runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Generic, Protocol, TypeVar

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


AnySetup = TypeVar("AnySetup", bound=Setup)


class Connector(Generic[AnySetup]):
    """A network (see `Network`) out of its folder: manifest.toml, limits.toml and the four modules."""

    def __init__(
        self, folder: Path, *, payloads: Payloads, publish: Publish, readings: Numbers, setup: AnySetup
    ) -> None:
        """Reads both files. Raises ValueError or KeyError when one of them says what nobody understands."""
        self.manifest = load_manifest(folder)
        self.limits = load_limits(folder)
        self.setup = setup
        self.check = payloads.check
        self.length = payloads.length
        self.steps = publish.steps
        self.perform = publish.perform
        self.look_up = publish.look_up
        self.remote = publish.remote
        self.edit = publish.edit
        self.delete = publish.delete
        self.read_back = publish.read_back
        self.read_post = readings.read_post
        self.read_community = readings.read_community
        self.account = setup.account
        self.refresh = setup.refresh

    def limits_for(self, credential: Credential) -> Limits:
        """The same for every account; a network whose servers differ overrides it."""
        return self.limits


class OAuthConnector(Connector[OAuthSetup]):
    """A network (see `OAuthNetwork`) that can be connected by sending the person to it."""

    def __init__(
        self, folder: Path, *, payloads: Payloads, publish: Publish, readings: Numbers, setup: OAuthSetup
    ) -> None:
        super().__init__(folder, payloads=payloads, publish=publish, readings=readings, setup=setup)
        self.authorize_url = setup.authorize_url
        self.exchange = setup.exchange
