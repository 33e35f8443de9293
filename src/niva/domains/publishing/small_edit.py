"""What counts as a small edit: one that a client may write himself and approve in the same breath. Pure.

A comma, a word, a name: yes. Whatever changes what is promised goes back to those who answer for it: figures
(prices, dates, telephone numbers), addresses, mentions and tags must stay, letter by letter, and at most a
tenth of the characters may be other ones. The tenth is our choice: a paragraph of six lines lets one through
half a line; shorter texts get twenty characters, or not even a name could be put right.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final, Literal

SHARE: Final = 0.10
ALWAYS: Final = 20  # characters that may change in the shortest text
LONGEST: Final = 20_000  # characters that are compared at all; no network takes so much in one post

_LINKS: Final = re.compile(r"https?://\S+|www\.\S+|\b[\w.-]+@[\w.-]+\.\w+", re.IGNORECASE)
_TAGS: Final = re.compile(r"(?<!\w)[#@][\w.]+")
_FIGURES: Final = re.compile(r"\d+")

Why = Literal["empty", "too_long", "links", "tags", "figures", "too_much"]


def refused(before: str, after: str) -> Why | None:
    """Why this is not a small edit; None when it is one (or none at all)."""
    if not after.strip():
        return "empty"
    if max(len(before), len(after)) > LONGEST:
        return "too_long"
    kinds: tuple[tuple[Why, re.Pattern[str]], ...] = (
        ("links", _LINKS), ("tags", _TAGS), ("figures", _FIGURES),
    )  # fmt: skip
    for why, pattern in kinds:
        if pattern.findall(before) != pattern.findall(after):
            return why
    return "too_much" if changed(before, after) > most(before) else None


def most(before: str) -> int:
    """How many characters of this text may change."""
    return max(ALWAYS, int(len(before) * SHARE))


def changed(before: str, after: str) -> int:
    """Characters taken out or put in, whichever are more at each place."""
    start, end = 0, 0
    shortest = min(len(before), len(after))
    while start < shortest and before[start] == after[start]:
        start += 1
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    # Only the part between what is alike at both ends is compared: that is quadratic.
    ours, theirs = before[start : len(before) - end], after[start : len(after) - end]
    if max(len(ours), len(theirs)) > 10 * most(before) + 400:
        return max(len(ours), len(theirs))
    found = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return sum(max(b - a, d - c) for what, a, b, c, d in found if what != "equal")
