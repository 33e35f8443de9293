"""What was sent and what stands there, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

# Longer than any network's post in words; beyond it a comparison by words takes seconds.
MOST_WORDS: Final = 6_000


class Part(NamedTuple):
    """`kind`: "same", "sent" (ours, no longer there) or "there" (not ours)."""

    kind: Literal["same", "sent", "there"]
    text: str


def compare(sent: str, there: str) -> list[Part]:
    """The two texts as one, spaces where they were. Empty when they say the same, spaces apart."""
    ours, theirs = _words(sent), _words(there)
    if [word for word in ours if word.strip()] == [word for word in theirs if word.strip()]:
        return []
    if max(len(ours), len(theirs)) > MOST_WORDS:
        return [Part("sent", sent), Part("there", there)]
    parts: list[Part] = []
    for what, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append(Part("same", "".join(ours[a:b])))
            continue
        if a < b:
            parts.append(Part("sent", "".join(ours[a:b])))
        if c < d:
            parts.append(Part("there", "".join(theirs[c:d])))
    return parts


def _words(text: str) -> list[str]:
    """Words and the spaces between them, each apart."""
    return re.findall(r"\s+|\S+", text)
