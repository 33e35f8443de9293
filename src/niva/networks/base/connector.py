"""The usual make of a network: four modules with known functions, joined into one object.

A folder's `__init__.py` names its modules and no more; what a network does otherwise (limits of a server, an
application of our own) it says in a small subclass. The four shapes below are what the modules must offer:
mypy compares them, so a forgotten or misspelt function is found before anything runs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from niva.networks.base.errors import Rejected
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.limits import Limits, load_limits
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.profile import Changes, Profile
from niva.networks.base.transport import unclear
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

log = logging.getLogger("niva.networks")

_SHAPELESS: Final = (AttributeError, LookupError, OverflowError, TypeError, ValueError)


@contextmanager
def _shapes(*, writes: bool = False) -> Iterator[None]:
    """Around a call: an answer in which something is missing, or is of another kind than promised, is
    nonsense of the network's and no crash of ours. Logged, for it may be a fault of the connector after all.
    """
    try:
        yield
    except _SHAPELESS as error:
        log.exception("an answer of an unexpected shape")
        raise unclear(
            writes, "nonsense", f"an answer of an unexpected shape: {type(error).__name__}"
        ) from error


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


class Inbox(Protocol):
    """`inbox.py`: what people say to the community."""

    async def read_comments(self, call: Call, there: Remote, since: datetime) -> Messages: ...

    async def read_messages(self, call: Call, since: datetime) -> Messages: ...

    async def read_mentions(self, call: Call, since: datetime) -> Messages: ...

    async def answer(self, call: Call, message: Message, text: str) -> Message: ...


class Profiles(Protocol):
    """`profile.py`: how the community is set."""

    async def read_profile(self, call: Call) -> Profile: ...

    async def write_profile(self, call: Call, changes: Changes) -> None: ...


class Connector:
    """A network (see `Network`) out of its folder: manifest.toml, limits.toml and its modules.
    The four first are in every network; `inbox` and `profile` in those that have calls for them.

    Methods, so that a subclass may do one of them otherwise.
    """

    def __init__(
        self,
        folder: Path,
        *,
        payloads: Payloads,
        publish: Publish,
        readings: Numbers,
        setup: Setup,
        inbox: Inbox | None = None,
        profile: Profiles | None = None,
    ) -> None:
        """Reads both files. Raises ValueError or KeyError when one of them says what nobody understands."""
        self.manifest = load_manifest(folder)
        self.limits = load_limits(folder)
        self._payloads, self._publish, self._readings, self._setup = payloads, publish, readings, setup
        self._inbox, self._profile = inbox, profile

    def limits_for(self, credential: Credential) -> Limits:
        """The same for every account; a network whose servers differ overrides it."""
        return self.limits

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        """The network's own checks of the post, and of every further part of a chain as a text of its own."""
        first = (*self._check_form(out), *self._payloads.check(replace(out, thread=()), limits))
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

    def _check_form(self, out: Outgoing) -> Iterator[Problem]:
        """A story or a reel where there are none, and what a post must say to this network."""
        if out.form != "post" and out.form not in self.manifest.abilities:
            yield Problem("form_unsupported", "options", params={"form": out.form})
        for option in self.manifest.options:
            if option.required and not str(out.options.get(option.name, "")).strip():
                yield Problem("option_missing", "options", params={"option": option.name})

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
        # whether this step wrote anything is asked when the lease ends in the middle of it
        return await self._publish.perform(
            replace(call, transport=call.transport.for_a_step()), step, out, done
        )

    async def look_up(self, call: Call, question: Question) -> Answer:
        with _shapes():
            return await self._publish.look_up(call, question)

    def remote(self, done: Mapping[str, JSON]) -> Remote:
        return self._publish.remote(done)

    async def edit(self, call: Call, remote: Remote, out: Outgoing) -> Remote:
        with _shapes(writes=True):
            return await self._publish.edit(call, remote, out)

    async def delete(self, call: Call, remote: Remote) -> None:
        with _shapes(writes=True):
            await self._publish.delete(call, remote)

    async def read_back(self, call: Call, remote: Remote) -> Seen:
        with _shapes():
            return await self._publish.read_back(call, remote)

    async def read_post(self, call: Call, remote: Remote) -> Readings:
        with _shapes():
            return await self._readings.read_post(call, remote)

    async def read_community(self, call: Call) -> Readings:
        with _shapes():
            return await self._readings.read_community(call)

    async def read_comments(self, call: Call, remote: Remote, since: datetime) -> Messages:
        with _shapes():
            return await self._has_inbox("comments").read_comments(call, remote, since)

    async def read_messages(self, call: Call, since: datetime) -> Messages:
        with _shapes():
            return await self._has_inbox("messages").read_messages(call, since)

    async def read_mentions(self, call: Call, since: datetime) -> Messages:
        with _shapes():
            return await self._has_inbox("mentions").read_mentions(call, since)

    async def answer(self, call: Call, message: Message, text: str) -> Message:
        with _shapes(writes=True):
            return await self._has_inbox(f"{message.kind}_answer").answer(call, message, text)

    def _has_inbox(self, ability: str) -> Inbox:
        if self._inbox is None or ability not in self.manifest.abilities:
            raise Rejected(f"{ability}_unsupported")
        return self._inbox

    async def read_profile(self, call: Call) -> Profile:
        with _shapes():
            return await self._has_profile("profile").read_profile(call)

    async def write_profile(self, call: Call, changes: Changes) -> None:
        modules = self._has_profile("profile_write")
        if beyond := changes.keys() - self.manifest.writes:
            raise Rejected("profile_write_unsupported", ", ".join(sorted(beyond)))
        with _shapes(writes=True):
            await modules.write_profile(call, changes)

    def _has_profile(self, ability: str) -> Profiles:
        if self._profile is None or ability not in self.manifest.abilities:
            raise Rejected(f"{ability}_unsupported")
        return self._profile

    async def account(self, call: Call) -> Account:
        with _shapes():
            return await self._setup.account(call)

    async def refresh(self, call: Call) -> Credential:
        return await self._setup.refresh(call)


class OAuthConnector(Connector):
    """A network (see `OAuthNetwork`) that can be connected by sending the person to it."""

    def __init__(
        self,
        folder: Path,
        *,
        payloads: Payloads,
        publish: Publish,
        readings: Numbers,
        setup: OAuthSetup,
        inbox: Inbox | None = None,
        profile: Profiles | None = None,
    ) -> None:
        super().__init__(
            folder,
            payloads=payloads,
            publish=publish,
            readings=readings,
            setup=setup,
            inbox=inbox,
            profile=profile,
        )
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
