"""Ours into theirs and back. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from niva.networks.base.errors import Rejected
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, Absent, Account, Measure, MediaFile, Outgoing, Problem, Readings

WRITE_ABILITIES: Final = (
    "text", "image", "album", "video", "animation", "link", "poll", "first_comment", "thread", "edit",
    "delete", "story", "reel", "comment_answer", "message_answer", "profile_write",
)  # fmt: skip
LACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "write": WRITE_ABILITIES,
    "read": ("read_back", "look_up", "comments", "messages", "mentions", "profile"),
    "stats": ("post_numbers", "community_numbers"),
}
# a counter that only some posts have -> why the others lack it
CONDITIONAL: Final = {"clicks": "no_link", "votes": "no_poll"}


def length(text: str) -> int:
    """Characters."""
    return len(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The common checks, and that a link leads somewhere."""
    checker = Checker(limits, length)
    if out.link is not None:
        address = urlsplit(out.link.url)
        if address.scheme not in ("http", "https") or not address.hostname:
            checker.add("link_bad", "link")
    if out.form == "story":
        checker.form_takes(out, "text", "link")
    return checker.everything(out)


def post_body(out: Outgoing, media_ids: Sequence[str]) -> dict[str, Any]:
    """The body that creates or changes a post."""
    body: dict[str, Any] = {"text": out.text, "media": list(media_ids), "link": None, "form": out.form}
    if out.link is not None:
        card = out.link
        body["link"] = {
            "url": card.url, "title": card.title[:300], "description": card.description[:1000],
        }  # fmt: skip
    if out.poll is not None:
        poll = out.poll
        body["poll"] = {"question": poll.question, "options": list(poll.options), "multiple": poll.multiple,
                        "closes_in": poll.closes_in}  # fmt: skip
    return body


def fingerprint(file: MediaFile) -> str:
    """What tells one upload from another: bytes and alt text. Raises Rejected when the file is not there."""
    try:
        with file.path.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()[:24] + f":{hash_text(file.alt)}"
    except OSError as error:
        raise Rejected("file_missing", file.path.name) from error


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def same_post(found: Mapping[str, Any], out: Outgoing) -> bool:
    """Is a post read from the network the one that was sent?"""
    poll, link = found.get("poll"), found.get("link")
    return (
        found.get("answers") is None
        and found.get("form") == out.form
        and found.get("text") == out.text
        and len(found.get("media") or ()) == len(out.media)
        and (poll or {}).get("question") == (out.poll.question if out.poll else None)
        and (link or {}).get("url") == (out.link.url if out.link else None)
    )


def numbers(data: Mapping[str, Any], metrics: Sequence[str]) -> Readings | None:
    """Measures for the counters that are there, reasons for the others; None when it is not counters."""
    readings: list[Measure | Absent] = []
    for metric in metrics:
        value = data.get(metric)
        if value is None:
            readings.append(Absent(metric, CONDITIONAL.get(metric, "not_given")))
        elif isinstance(value, bool) or not isinstance(value, int) or value < 0:
            return None
        else:
            readings.append(Measure(metric, float(value)))
    return tuple(readings) if any(isinstance(reading, Measure) for reading in readings) else None


def account(data: JSON) -> Account:
    """Raises KeyError, TypeError or ValueError when it is no account."""
    scopes = set(data["scopes"])
    lacks = [ability for scope, words in LACKS.items() if scope not in scopes for ability in words]
    ends = data.get("expires_at")
    return Account(
        id=str(data["handle"]),
        name=str(data["name"]),
        url=str(data["url"]),
        avatar_url=str(data["avatar_url"]),
        followers=int(data["followers"]),
        lacks=tuple(lacks),
        facts={"handle": str(data["handle"]), "flavour": str(data["flavour"])},
        expires_at=datetime.fromisoformat(ends) if ends else None,
    )
