"""Initials for the round mark of a person or a client."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")


def initials(name: str) -> str:
    """Two letters at most: of the first two words, or the first two of a single one; «?» for no letters.

    >>> initials("Сытый хутор"), initials("Библиотека № 9"), initials("Хвостоград")
    ('СХ', 'Б9', 'ХВ')
    """
    words = _WORD.findall(name)
    if not words:
        return "?"
    letters: str = words[0][:2] if len(words) == 1 else words[0][0] + words[1][0]
    return letters.upper()
