"""A stretch of a text that is found again after the text was edited, or said to be gone: never a wrong place.

The stretch is kept with as many letters around it as make it the only one of its kind in the text. Later it
is where exactly this window stands once; where it stands not at all or several times, nobody can tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

# Letters on each side; a stretch that is still not alone with them is only found in the untouched text.
MOST_AROUND: Final = 240


class Stretch(NamedTuple):
    """[start, end) in characters of the text."""

    start: int
    end: int


def anchored(text: str, start: int, end: int) -> dict[str, Any]:
    """What to keep of a stretch. Raises ValueError for one that is empty or not within the text."""
    if not 0 <= start < end <= len(text):
        raise ValueError(f"no stretch {start}..{end} in a text of {len(text)}")
    around = _needed(text, start, end)
    before = "" if around is None else text[max(0, start - around) : start]
    after = "" if around is None else text[end : end + around]
    return {
        "start": start,
        "end": end,
        "quote": text[start:end],
        "before": before,
        "after": after,
        "alone": around is not None,
        "of": _mark(text),
    }


def found(text: str, anchor: Mapping[str, Any]) -> Stretch | None:
    """Where the stretch stands now; None when it is gone or could be several."""
    if anchor["of"] == _mark(text):
        return Stretch(anchor["start"], anchor["end"])
    if not anchor["alone"]:
        return None
    window = anchor["before"] + anchor["quote"] + anchor["after"]
    place = text.find(window)
    if place < 0 or text.find(window, place + 1) >= 0:
        return None
    start = place + len(anchor["before"])
    return Stretch(start, start + len(anchor["quote"]))


def _needed(text: str, start: int, end: int) -> int | None:
    """How many letters around make the stretch the only one; None when not even the most do."""
    around = 0
    while True:
        window = text[max(0, start - around) : end + around]
        if text.find(window, text.find(window) + 1) < 0:
            return around
        if around >= MOST_AROUND:
            return None
        around = min(MOST_AROUND, around * 2 or 4)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
