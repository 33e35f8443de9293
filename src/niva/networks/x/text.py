"""Text as X counts it, and what comes back as text again.

The figures are those of the published configuration v3 of X's own counting library
(https://github.com/twitter/twitter-text/blob/master/config/v3.json; words for them:
https://docs.x.com/resources/fundamentals/counting-characters).
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

import regex

LINK_LENGTH: Final = 23
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # weigh 1; all others, and an emoji, 2
_SCHEME: Final = r"https?://[^\s<>\"«»]+"
# Without a scheme only names under well-known endings count as links; two letters of a country alone do not,
# but for .co and .tv (the library's rule for "short domains").
_ENDINGS: Final = (
    "com|org|net|info|biz|edu|gov|app|dev|blog|shop|site|online|store|pro|xyz|me|co|tv"
    "|рф"  # cyrillic: an ending
)
_NAME: Final = r"[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?"
_PATH: Final = r"[/?#][^\s<>\"«»]*"
_BARE: Final = (
    rf"(?:{_NAME}\.)+(?:{_ENDINGS})(?![\p{{L}}\p{{N}}_-])(?:{_PATH})?"
    rf"|(?:{_NAME}\.){{2,}}[a-z]{{2}}(?![\p{{L}}\p{{N}}_-])(?:{_PATH})?"
    rf"|{_NAME}\.[a-z]{{2}}{_PATH}"
)
_LINK: Final = regex.compile(rf"(?<![\w@/.#$-])(?:{_SCHEME}|{_BARE})", regex.IGNORECASE)
_ADDRESS_EXTRAS: Final = regex.compile(r"https?://|/(?=\s|$)", regex.IGNORECASE)
_TAIL: Final = ".,;:!?'\"…)]}"
_EMOJI: Final = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")


def links(text: str) -> list[tuple[int, int]]:
    """Where addresses stand, without the punctuation of the sentence after them."""
    found = []
    for match in _LINK.finditer(text):
        end = match.start() + len(match[0].rstrip(_TAIL))
        found.append((match.start(), end))
    return found


def length(text: str) -> int:
    """Weighted characters of the text in its composed form: an address 23, an emoji 2, most letters 1,
    Chinese, Japanese and Korean signs 2."""
    text = unicodedata.normalize("NFC", text)
    total = position = 0
    for start, end in links(text):
        total += _weight(text[position:start]) + LINK_LENGTH
        position = end
    return total + _weight(text[position:])


def _weight(text: str) -> int:
    return sum(2 if _pictured(cluster) else _signs(cluster) for cluster in regex.findall(r"\X", text))


def _pictured(cluster: str) -> bool:
    """Whether it is an emoji: © and digits are letters until a selector follows them."""
    if not _EMOJI.search(cluster):
        return False
    return any(ord(sign) > 0x2100 or sign in "\ufe0f\u20e3" for sign in cluster)


def _signs(cluster: str) -> int:
    return sum(1 if any(low <= ord(sign) <= high for low, high in _LIGHT) else 2 for sign in cluster)


def comparable(text: str) -> str:
    """For comparing: composed, blanks evened out."""
    even = unicodedata.normalize("NFC", text).strip()
    return "\n".join(" ".join(line.split()) for line in even.splitlines())


def same_words(one: str, other: str) -> bool:
    """Whether two texts are one and the same. What X gives back of an address differs from what was written:
    a name without a scheme gets one, letters beyond Latin become percent signs."""
    return _as_read(one) == _as_read(other)


def _as_read(text: str) -> str:
    return comparable(_ADDRESS_EXTRAS.sub("", unquote(text)))


def as_written(post: Mapping[str, Any]) -> str:
    """The text as its author wrote it: whole where the post is long, addresses unshortened, the address of
    the files, which X puts at the end, taken off."""
    note = post.get("note_post") or post.get("note_tweet")
    whole = note if isinstance(note, dict) and isinstance(note.get("text"), str) else post
    text = html.unescape(str(whole.get("text") or ""))
    entities = whole.get("entities") or post.get("entities")
    for one in (entities.get("urls") or ()) if isinstance(entities, dict) else ():
        short = str(one.get("url") or "")
        if not short:
            continue
        if one.get("media_key") or str(one.get("display_url") or "").startswith(
            ("pic.x.com", "pic.twitter.com")
        ):
            text = text.replace(short, "")
        else:
            text = text.replace(short, str(one.get("expanded_url") or short))
    return text.strip()
