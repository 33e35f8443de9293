"""Whether two texts say the same in the same words: case, punctuation, pictograms and marks of links aside.

Near-identical is counted as the Jaccard index of the sets of three-word shingles (A. Broder, "On the
resemblance and containment of documents", 1997): one changed word of thirty leaves about 0.8 of them.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

ALIKE: Final = 0.6  # from this share of common shingles on: one word of fifteen may differ
_SHINGLE: Final = 3  # words
_LONGEST: Final = 20_000  # characters that are looked at
_LINK: Final = re.compile(r"https?://[^\s<>«»\"]+", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+")
# What only counts where a visitor came from: utm_*, and the click marks of networks.
_MARKS: Final = re.compile(r"^(utm_\w+|fbclid|gclid|yclid|ysclid|from|erid)$", re.IGNORECASE)


def _bare_link(found: re.Match[str]) -> str:
    try:
        parts = urlsplit(found.group(0))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:  # a bracket that begins no address
        return found.group(0)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if not _MARKS.match(name)]
    return f" {host}{parts.path.rstrip('/')} {urlencode(sorted(kept))} "


def words_of(text: str) -> list[str]:
    """The words as they are compared: links without their marks, «ё» as «е», everything else dropped."""
    plain = _LINK.sub(_bare_link, text[:_LONGEST]).casefold().replace("ё", "е")
    return _WORD.findall(plain)


def mark(text: str) -> str:
    """Sixteen letters that equal texts share; empty for a text without words."""
    words = words_of(text)
    if not words:
        return ""
    return hashlib.blake2b(" ".join(words).encode("utf-8", "ignore"), digest_size=8).hexdigest()


@lru_cache(maxsize=2048)
def shingles(text: str) -> frozenset[int]:
    """The three-word pieces of a text, by their hashes; a shorter text is one piece."""
    words = words_of(text)
    if len(words) < _SHINGLE:
        return frozenset({hash(tuple(words))} if words else ())
    return frozenset(hash(tuple(words[n : n + _SHINGLE])) for n in range(len(words) - _SHINGLE + 1))


def likeness(one: str, other: str) -> float:
    """0.0 nothing in common … 1.0 the same; a text without words is like no other."""
    mine, theirs = shingles(one), shingles(other)
    if not mine or not theirs:
        return 0.0
    return len(mine & theirs) / len(mine | theirs)


def alike(one: str, other: str) -> bool:
    """Whether a reader would call them the same text."""
    return likeness(one, other) >= ALIKE
