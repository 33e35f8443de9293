"""What people say to a community: comments, private messages, mentions, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from niva.networks.base.types import JSON

MessageKind = Literal["comment", "message", "mention"]


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said. `id`: unique within the network and kind; `at`: aware UTC.

    `thread`: what it belongs to: the post's id for a comment, the conversation's for a private message, ""
    for a mention. `answers`: the id of the message that it answers, "" for none. `ours`: said by the
    community itself. `extra`: what `answer` will need besides.
    """

    id: str
    kind: MessageKind
    text: str
    at: datetime
    thread: str = ""
    answers: str = ""
    author_id: str = ""
    author_name: str = ""
    url: str = ""
    ours: bool = False
    media: int = 0
    extra: JSON = field(default_factory=dict)


Messages = tuple[Message, ...]  # oldest first
