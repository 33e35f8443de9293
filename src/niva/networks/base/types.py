"""What crosses the border between the desk and a network: frozen dataclasses, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

JSON = Mapping[str, Any]
MediaKind = Literal["image", "video", "animation"]
StepKind = Literal["upload", "create", "comment"]
# How a post is shown: in the feed for good; as a story that ends by itself after a day; as a short upright
# video in a feed of its own (reels, Shorts, clips).
Form = Literal["post", "story", "reel"]
FORMS: Final = get_args(Form)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file ready to be sent, already fitted to the network. Sizes in pixels, bytes and seconds.

    `url`: a signed, expiring public address of the file, for networks that fetch it themselves; "" where
    the desk can be reached by nobody outside. `cover`: the still picture that stands for a video.
    """

    path: Path
    kind: MediaKind
    mime: str
    size: int
    width: int
    height: int
    alt: str = ""
    duration: float | None = None
    url: str = ""
    cover: MediaFile | None = None


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A link preview as read from the page. `image` is fitted like any other picture."""

    url: str
    title: str = ""
    description: str = ""
    image: MediaFile | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """A question with 2 or more options. `closes_in` in seconds, None = the network's default or never."""

    question: str
    options: tuple[str, ...]
    multiple: bool = False
    anonymous: bool = True
    closes_in: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One further post of a chain, an answer to the post before it."""

    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One variant as it goes out: the frozen revision. `link` is shown by card where `text` lacks it.

    `thread`: the posts that follow this one as a chain; files, link and poll belong to the first.
    """

    text: str
    media: tuple[MediaFile, ...] = ()
    link: LinkCard | None = None
    poll: Poll | None = None
    first_comment: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    thread: tuple[Part, ...] = ()

    @property
    def form(self) -> Form:
        """What the option "form" says, which a network with stories or reels offers; else a usual post."""
        said = str(self.options.get("form") or "post")
        return cast(Form, said) if said in FORMS else "post"


@dataclass(frozen=True, slots=True)
class Step:
    """One call (or one inseparable group of calls) of a delivery, with an attempt row of its own.

    `name` is unique within the delivery: "upload:0", "create", "thread-2", "comment".
    `repeatable`: doing it twice harms nobody (an upload that nothing refers to), so an unknown outcome may
    simply be tried again. `keyed`: the network drops a second call with the same key, so an unknown outcome
    is repeated with the same key; `key_seconds`: how long the network remembers it (None = for ever).
    `searchable`: `look_up` can tell what became of it.
    """

    name: str
    kind: StepKind
    repeatable: bool = False
    keyed: bool = False
    searchable: bool = False
    key_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """What is really out there: the network's id and the address a person can open ("" if there is none).

    `extra`: whatever else the network needs to edit, delete or read it back (kept as JSON).
    """

    id: str
    url: str = ""
    extra: JSON = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a read-back found. `text` is None where the network does not give it back.

    `missing`: the parts of a chain that are gone, by their numbers (2 = the first after the post itself).
    """

    alive: bool
    text: str | None = None
    media_count: int | None = None
    url: str = ""
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One counted value. `metric` is a word of `niva.networks.base.metrics`; `value` in its unit.

    `definition`: grows by one when the network begins to count this number otherwise. Values of two versions
    are never subtracted from one another.
    """

    metric: str
    value: float
    definition: int = 1


@dataclass(frozen=True, slots=True)
class Absent:
    """A value that the network does not give, with the reason as a stable code. Absent is not zero."""

    metric: str
    reason: str


Readings = tuple[Measure | Absent, ...]


@dataclass(frozen=True, slots=True)
class Credential:
    """The keys of one community. `secrets` are encrypted at rest; `facts` are not secret.

    `secrets`: token strings by name ("access_token", "refresh_token", "community_token", "bot_token", ...).
    `facts`: what else the calls need ("group_id", "chat_id", "instance", "did", ...), and what the network
    told about its own limits for this account or server ("limits"). ISO 8601: "access_expires_at", the end
    of the short-lived key that is renewed, and "renewal_ends_at", the end of the key that renews it.
    `expires_at`: when the shortest-lived key ends; None = does not end, or is renewed from a lasting secret.
    """

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    facts: JSON = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class App:
    """A developer application registered with the network (OAuth), or nothing where none is needed.

    `facts["secret_expires_at"]` (ISO 8601): when its secret ends, where the network says so.
    """

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    facts: JSON = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """What the test button learned: whose keys these are and what they may and may not do.

    `lacks`: abilities that the keys do not carry, as words of the manifest's `abilities`.
    `facts`: to be merged into the credential's facts (ids, limits of this account or server).
    """

    id: str
    name: str
    url: str = ""
    avatar_url: str = ""
    followers: int | None = None
    lacks: tuple[str, ...] = ()
    facts: JSON = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a limit says of a draft. `code` and `params` are put into words by the interface.

    `where`: "text", "media", "media:2", "poll", "poll:1", "link", "first_comment", "options", "thread",
    "thread:3" (a part of the chain by its number, the post itself being 1).
    `over_at`: for a text that is too long, the index in Python characters where the surplus begins.
    `severity`: "error" = the network will refuse; "warning" = it may, or will change something.
    """

    code: str
    where: str
    severity: Literal["error", "warning"] = "error"
    params: Mapping[str, Any] = field(default_factory=dict)
    over_at: int | None = None
