"""What counts as a small edit: one that a client may write himself and approve in the same breath. Pure.

A comma, a word, a name: yes. Whatever changes what is promised goes back to those who answer for it: figures
(prices, dates, telephone numbers), addresses, mentions and tags must stay, letter by letter, and at most a
tenth of the characters may be other ones. The tenth is our choice: a paragraph of six lines lets one through
half a line; shorter texts get twenty characters, or not even a name could be put right.
"""

from __future__ import annotations

import re
from typing import Final, Literal

SHARE: Final = 0.10
ALWAYS: Final = 20  # characters that may change in the shortest text
LONGEST: Final = 20_000  # characters that are compared at all; no network takes so much in one post

# An address of any scheme, a mail address, a bare domain as networks make links of (under endings that are
# met here: "end.Beginning" without its space is no address), what a word's link in brackets leads to. Each
# repeat before a fixed sign is bounded, or a long word would be read anew from each of its letters.
_LINKS: Final = re.compile(
    r"[a-z][a-z\d+.-]{0,30}://[^\s<>]+|www\.[^\s<>]+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w-])(?:[\w-]{1,63}\.){1,10}"
    r"(?:рф|рус|бел|"  # cyrillic: endings of domains
    r"ru|su|by|kz|ua|com|net|org|info|biz|io|me|app|dev|site|online|shop|store|pro|ai|co|ly|tv|cc|gg"
    r"|link|club|eu|de|uk|us)(?![\w-])(?:/[^\s<>]*)?"
    r"|\]\([^()\s]*\)|\[[\w.-]{1,64}\|",
    re.IGNORECASE,
)
_AFTER_LINK: Final = ".,:;!?)]}\"'»”…"  # ends a sentence, not an address: a comma after it may be put
_TAGS: Final = re.compile(r"(?<!\w)[#@]\w+(?:\.\w+)*")
# Digits of every script with a sign that belongs to them; superscripts, fractions, Roman and circled numbers;
# and of what they are: a price in another currency is another price.
_FIGURES: Final = re.compile(r"(?:(?<!\S)[+−-])?\d+|[%‰²³¹¼½¾⁰-₎⅐-ↈ①-⓿❶-➓]|[$¢£¤¥₠-⃀]")

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
        if _found(pattern, before) != _found(pattern, after):
            return why
    return "too_much" if changed(before, after) > most(before) else None


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [one.rstrip(_AFTER_LINK) for one in pattern.findall(text)]


def most(before: str) -> int:
    """How many characters of this text may change."""
    return max(ALWAYS, int(len(before) * SHARE))


def changed(before: str, after: str) -> int:
    """Characters taken out, put in or put in place of others: the edit distance of Levenshtein.

    Counted for a whole column of the table at once in the bits of one number (H. Hyyrö, "Explaining and
    Extending the Bit-parallel Approximate String Matching Algorithm of Myers", 2001): two texts of 20 000
    characters take under a second whatever they say, and the client's press holds the post meanwhile.
    """
    before, after = _unlike(before, after)
    if not before or not after:
        return len(before) + len(after)
    where: dict[str, int] = {}
    for number, letter in enumerate(before):
        where[letter] = where.get(letter, 0) | 1 << number
    every, last = (1 << len(before)) - 1, 1 << (len(before) - 1)
    more, less, count = every, 0, len(before)
    for letter in after:
        same = where.get(letter, 0)
        across = (((same & more) + more) ^ more) | same | less
        up, down = (less | ~(across | more)) & every, more & across
        count += bool(up & last) - bool(down & last)
        up, down = up << 1 | 1, down << 1
        more, less = (down | ~(across | up)) & every, up & across & every
    return count


def _unlike(before: str, after: str) -> tuple[str, str]:
    """Both without what is alike at their ends."""
    start, end, shortest = 0, 0, min(len(before), len(after))
    while start < shortest and before[start] == after[start]:
        start += 1
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]
