"""The one shape of a network: what the desk may ask, and what it gets.

A network is an object without state. Everything it needs for a call comes in a `Call`; everything it
learned goes back in a dataclass. It makes each HTTP request once and never retries: only the delivery
engine does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from niva.networks.base.inbox import Message, Messages
from niva.networks.base.limits import Limits
from niva.networks.base.manifest import Manifest
from niva.networks.base.profile import Changes, Profile
from niva.networks.base.transport import Transport
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

NO_APP = App()


@dataclass(frozen=True, slots=True)
class Call:
    """All that a network needs to talk: the transport, the keys, the clock, and the idempotency key.

    `key`: drawn once per step of a delivery and kept in its attempt row; the same after every crash.
    """

    transport: Transport
    credential: Credential
    now: Callable[[], datetime]
    key: str = ""
    app: App = NO_APP


@dataclass(frozen=True, slots=True)
class Question:
    """What `look_up` is to find: the step whose outcome is unknown, what was sent, and since when."""

    step: Step
    out: Outgoing
    done: Mapping[str, JSON]
    since: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """`found`: True with the step's `result`, False = certainly not there, None = it cannot be told."""

    found: bool | None
    result: JSON | None = None


class Network(Protocol):
    """See the module's text. `done` maps the names of finished steps to the JSON they returned.

    Every coroutine may raise the errors of `niva.networks.base.errors` and no others. What the network has
    no call for answers `Rejected("<ability>_unsupported")`.
    """

    manifest: Manifest
    limits: Limits

    def limits_for(self, credential: Credential) -> Limits:
        """The limits of this very account or server, where the network tells them; else the general ones."""

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        """What the network would refuse or change in this draft. Pure: no calls."""

    def length(self, text: str) -> int:
        """How long this network finds the text, in its own units (see `Limits.text_unit`)."""

    def steps(self, out: Outgoing, credential: Credential) -> tuple[Step, ...]:
        """The calls that this post takes, in order. The step "create" is always among them, once.

        After it come the parts of a chain ("thread-2", ...), then the first comment (see `base.thread`).

        `credential`: what can be keyed or searched may hang on the account or server.
        """

    async def perform(self, call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
        """Do one step. The result of "create" has at least {"id", "url"}; "comment" at least {"id"}."""

    async def look_up(self, call: Call, question: Question) -> Answer:
        """What became of a step whose answer never came. Only reads."""

    def remote(self, done: Mapping[str, JSON]) -> Remote:
        """The publication, from the results of the steps."""

    async def edit(self, call: Call, remote: Remote, out: Outgoing) -> Remote:
        """Make the publication read as `out`. `Rejected("edit_unsupported")` where it cannot be."""

    async def delete(self, call: Call, remote: Remote) -> None:
        """Take the publication down. One that is gone already is no error."""

    async def read_back(self, call: Call, remote: Remote) -> Seen:
        """Is it alive, does it look as sent, is its whole chain there?

        `Rejected("read_back_unsupported")` where nobody can tell."""

    async def read_post(self, call: Call, remote: Remote) -> Readings:
        """The numbers of one publication."""

    async def read_community(self, call: Call) -> Readings:
        """The numbers of the community itself."""

    async def read_comments(self, call: Call, remote: Remote, since: datetime) -> Messages:
        """What was said under a publication after `since`, also by the community itself."""

    async def read_messages(self, call: Call, since: datetime) -> Messages:
        """What people wrote to the community in private after `since`."""

    async def read_mentions(self, call: Call, since: datetime) -> Messages:
        """Posts and comments elsewhere that named the community after `since`."""

    async def answer(self, call: Call, message: Message, text: str) -> Message:
        """Answer a comment or a private message in the community's name: a write, keyed by `call.key`
        where the network has keys. Returns the answer as it stands there."""

    async def read_profile(self, call: Call) -> Profile:
        """How the community is set: at least the fields of `manifest.reads` that these keys may see."""

    async def write_profile(self, call: Call, changes: Changes) -> None:
        """Change fields of `manifest.writes`. The same twice is the same once."""

    async def account(self, call: Call) -> Account:
        """The test button: whose keys are these, and what may they do?"""

    async def refresh(self, call: Call) -> Credential:
        """New keys for old. `NeedsLogin` when that is over. Networks without renewal return what came in."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the communities that a sign-in opened: its id and name there, and keys for it alone.

    `name`: "" for the feed of whoever signed in, where the network does not tell who that is.
    `detail`: what tells it from its neighbours (an address, the number of readers).
    """

    id: str
    name: str
    credential: Credential
    detail: str = ""


class SeveralFit(Exception):
    """Raised by `OAuthNetwork.exchange`: the sign-in opens several communities and nobody said which.

    The code is spent, so every candidate brings keys. A person chooses; nothing was kept yet.
    `together`: several may be connected by this one sign-in. Not so where all candidates hold the same
    renewal key and the network takes each such key once: the first renewal would lock the others out.
    """

    def __init__(self, candidates: tuple[Candidate, ...], *, together: bool = True) -> None:
        super().__init__(f"{len(candidates)} communities fit")
        self.candidates, self.together = candidates, together


class OAuthNetwork(Network, Protocol):
    """A network that can be connected by sending the person to it and taking him back."""

    def authorize_url(self, app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
        """Where to send the person. `verifier`: PKCE secret kept in the session, its challenge goes out."""

    async def exchange(
        self, call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
    ) -> Credential:
        """The keys for what the network handed back in the query (`params`).

        `SeveralFit` where one sign-in opens several communities and `facts` do not say which.
        """


Hook = Callable[[], Awaitable[None]]
