"""Text as Bluesky counts and marks it: graphemes, and facets that point into its UTF-8 bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import regex

Kind = Literal["link", "tag", "mention"]

# Only addresses written out in full: without a scheme "отчёт.за.год" would be an address too.
_LINK: Final = regex.compile(r"(?<![\w@])https?://[^\s<>\"«»]+", regex.IGNORECASE)
_TAG: Final = regex.compile(r"(?<![^\s(])#(?!\d+\b)([\p{L}\p{N}\p{M}_\-]+)")
_MENTION: Final = regex.compile(
    r"(?<![\w@.])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![\w@-])",
    regex.IGNORECASE,
)
_TAG_MAX: Final = 64  # graphemes: lexicon app.bsky.richtext.facet#tag
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of text that means something, from `start` to `end` in Python characters.

    `value`: the address, the tag without its sign, the handle without its sign.
    """

    kind: Kind
    start: int
    end: int
    value: str


def length(text: str) -> int:
    """Graphemes, as the lexicon's maxGraphemes counts them (Unicode's extended grapheme clusters)."""
    return len(regex.findall(r"\X", text))


def marks(text: str) -> list[Mark]:
    """Links, tags and mentions in the order in which they stand, none inside another."""
    found: list[Mark] = []
    for match in _LINK.finditer(text):
        address = _without_tail(match[0])
        if regex.match(r"https?://[^/?#]+", address, regex.IGNORECASE):
            found.append(Mark("link", match.start(), match.start() + len(address), address))
    for match in _TAG.finditer(text):
        if length(match[1]) <= _TAG_MAX and regex.search(r"[\p{L}\p{N}]", match[1]):
            _add(found, Mark("tag", match.start(), match.end(), match[1]))
    for match in _MENTION.finditer(text):
        _add(found, Mark("mention", match.start(), match.end(), match[1].lower()))
    return sorted(found, key=lambda mark: mark.start)


def _add(found: list[Mark], mark: Mark) -> None:
    if not any(mark.start < other.end and other.start < mark.end for other in found):
        found.append(mark)


def _without_tail(address: str) -> str:
    """The address without the sentence's own punctuation; a bracket stays if the address opened it."""
    while address:
        last = address[-1]
        opening = _CLOSING.get(last)
        stray = opening is not None and address.count(last) > address.count(opening)
        if last in ".,;:!?'…" or stray:
            address = address[:-1]
        else:
            break
    return address


def facets(text: str, dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """The facets of a text. `dids`: accounts by handle; a handle without one stays plain text."""
    made = []
    for mark in marks(text):
        feature: dict[str, Any] = {"$type": f"app.bsky.richtext.facet#{mark.kind}"}
        if mark.kind == "link":
            feature["uri"] = mark.value
        elif mark.kind == "tag":
            feature["tag"] = mark.value
        elif (did := dids.get(mark.value)) is not None:
            feature["did"] = did
        else:
            continue
        start = len(text[: mark.start].encode())
        end = start + len(text[mark.start : mark.end].encode())
        made.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    return made


def handles(text: str) -> list[str]:
    """Every handle that is mentioned, once."""
    return list(dict.fromkeys(mark.value for mark in marks(text) if mark.kind == "mention"))
