"""A variant as a chain of posts: its parts, its numbers, and the cut of a long text into parts. Pure.

`Variant.own_thread` holds {"parts": [texts after the first], "numbered": bool}; None = one post. The first
part is the variant's own text. The numbers ("2/5") are no part of what people typed: they are put under the
parts when the content is made, so taking a part out needs no counting anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from niva.kit.text.split import split

MOST_PARTS: Final = 50  # ours: more is a website, not a chain


def number(index: int, of: int) -> str:
    """What stands under the part with this index (from 0)."""
    return f"\n\n{index + 1}/{of}"


def written(first: str, own: Mapping[str, Any] | None) -> list[str]:
    """All parts as they go out, the first included."""
    if not own or not own.get("parts"):
        return [first]
    texts = [first, *(str(part) for part in own["parts"])]
    if not own.get("numbered"):
        return texts
    return [text.rstrip() + number(index, len(texts)) for index, text in enumerate(texts)]


def cut(
    text: str, *, first_most: int, most: int, length: Callable[[str], int], numbered: bool = False
) -> tuple[str, dict[str, Any]]:
    """(the first part, what `own_thread` is to hold) of a long text.

    `first_most`: what fits beside the first post's files, link and poll. There is room left for numbers, so
    that they may be wanted later. Raises ValueError where nothing fits, or where it would take more than
    MOST_PARTS.
    """
    room = length(number(MOST_PARTS - 1, MOST_PARTS))
    head = split(text, first_most - room, length)
    if not head:
        raise ValueError("nothing to cut")
    rest = text.strip()[len(head[0]) :].strip()
    parts = split(rest, most - room, length)
    if len(parts) + 1 > MOST_PARTS:
        raise ValueError(f"{len(parts) + 1} parts, at most {MOST_PARTS}")
    return head[0], {"parts": parts, "numbered": numbered}


def joined(first: str, parts: Sequence[str]) -> str:
    """One text again."""
    return "\n\n".join(text.strip() for text in (first, *parts) if text.strip())
