"""A network that imports: the desk shows a feed of what is published, a robot of the network fetches it.

Pure. Whoever serves the feed builds a `Channel` and its `Item`s and has the network write them down; what the
network wants in it is the network's own affair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from niva.networks.base.types import Outgoing

# What XML 1.0 allows (section 2.2); everything else makes the whole feed unreadable, escaped or not.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Channel:
    """`address`: where the feed stands; `link`: of the community itself, else of the desk."""

    title: str
    address: str
    link: str
    description: str = ""
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class Item:
    """One publication. `guid` never changes; `link`: a page of the desk that shows it."""

    guid: str
    out: Outgoing
    link: str
    published_at: datetime


@runtime_checkable
class FeedNetwork(Protocol):
    """A network with `connect = ["feed"]`."""

    def feed(self, channel: Channel, items: Sequence[Item]) -> bytes:
        """The feed as it is served: XML in UTF-8, valid whatever the texts are."""

    def article(self, out: Outgoing) -> str:
        """The text of one item as HTML that is safe to show."""


def xml_text(text: str) -> str:
    """The text without the characters that XML knows no way to carry."""
    return _NOT_XML.sub("", text)
