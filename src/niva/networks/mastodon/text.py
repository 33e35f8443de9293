"""Text as Mastodon counts it, and its HTML as text again."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Final

import regex

LINK_LENGTH: Final = 23
# An address starts a word; the closing punctuation of the sentence is not a part of it.
_LINK: Final = regex.compile(r"(?<![\w@/])https?://[^\s<>\"«»]*[^\s<>\"«».,;:!?'…)\]}]", regex.IGNORECASE)
_HANDLE: Final = regex.compile(r"(?<![\w=/@.])@(\w+(?:[\w.-]*\w)?)@[\w.-]*\w")
# Any @name@server, also where a server would see none: for comparing, too much is as good as enough.
_ANY_HANDLE: Final = regex.compile(r"@(\w+(?:[\w.-]*\w)?)@[\w.-]*\w")


def counter(link_length: int = LINK_LENGTH) -> Callable[[str], int]:
    """How long a text is for a server that counts an address as `link_length` signs.

    Graphemes; an address counts the same whatever its length, and of @name@server only the name:
    https://docs.joinmastodon.org/user/posting/ and the server's own status_length_validator.rb.
    """

    def length(text: str) -> int:
        short = _HANDLE.sub(r"@\1", _LINK.sub("x" * link_length, text))
        return len(regex.findall(r"\X", short))

    return length


def comparable(text: str) -> str:
    """The text without what a server may change: blanks at line ends, empty ends, servers of handles."""
    while (shorter := _ANY_HANDLE.sub(r"@\1", text)) != text:  # of @a@b@c a server drops some, we drop all
        text = shorter
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "p" and self.pieces:
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def from_html(html: str) -> str:
    """The plain text of a status's `content`: paragraphs by an empty line, addresses whole again."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces)
