"""A long text in pieces that each fit a limit, cut where a reader would draw breath. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# Where a text may be cut, the best first: between paragraphs, lines, sentences, clauses, words. A mark that
# closes a sentence stays with it, as do the quotes and brackets behind it. A dot after a single letter is an
# initial or a short form («А. С. Пушкин», «т. е.»), and what goes on in small letters is no new sentence.
_BREAKS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n[ \t]*\n\s*",
        r"\n\s*",
        r"(?<=[.!?…])(?<!\b\w\.)[»”\"')\]]*\s+(?![a-zа-яё])",
        r"(?<=[,;:—–])\s+",
        r"\s+",
    )
)
# A piece that is shorter than this share of the limit is cut at a weaker place instead.
_FULL_ENOUGH: Final = 0.5


def split(text: str, most: int, length: Callable[[str], int]) -> list[str]:
    """The text in pieces of at most `most` in the units of `length`, trimmed, none of them empty.

    A word that alone is longer than the limit is cut inside. `length` must not fall as a text grows.
    Raises ValueError for a limit below 1.
    """
    if most < 1:
        raise ValueError(f"no text fits into {most}")
    pieces: list[str] = []
    rest = text.strip()
    while rest:
        if length(rest) <= most:
            return [*pieces, rest]
        at = _cut(rest, most, length)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return pieces


def _cut(text: str, most: int, length: Callable[[str], int]) -> int:
    """Where the first piece ends, at least one character in."""
    fits = _longest(text, most, length)
    for pattern in _BREAKS:
        best = 0
        for found in pattern.finditer(text[: fits + 1]):
            end = (
                found.start() if found[0].isspace() else found.end() - len(found[0]) + len(found[0].rstrip())
            )
            if 0 < end <= fits:
                best = end
        if best >= fits * _FULL_ENOUGH:
            return best
    return max(1, fits)


def _longest(text: str, most: int, length: Callable[[str], int]) -> int:
    """How many characters of the text fit, by bisection."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    return low
