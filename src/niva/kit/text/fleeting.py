"""Fleeting vowels of Russian stems: what the Snowball stemmer leaves apart is brought together in a question.

The stemmer cuts endings and no more, so the genitive plural of a noun with a fleeting vowel gets a stem of
its own: "ребрышк" of four cases and "ребрышек" of the fifth.
"""

from __future__ import annotations

import re
from typing import Final

_HARD: Final = "бвгджзклмнпрстфхцчшщ"  # cyrillic: consonants of the alphabet
_VOWELS: Final = "аеиоуыэюя"  # cyrillic: vowels as the stemmer leaves them
_CYRILLIC: Final = re.compile("[а-я]{4,}")  # cyrillic: a stem of Russian
_FULL: Final = re.compile(f"(.*[{_HARD}])[ео]([кцнлр])")  # cyrillic: with the vowel
_BARE: Final = re.compile(f"(.*[{_HARD}])([кцнлр])")  # cyrillic: without it
_SOFT_FULL: Final = re.compile(f"(.*[{_HARD}])е([{_HARD}])")  # cyrillic: the vowel of such a word
_SOFT: Final = re.compile(f"(.*[{_HARD}])ь([{_HARD}])")  # cyrillic: a soft sign stands for the vowel
_SHORT: Final = re.compile(f"(.*[{_VOWELS}])й([{_HARD}])")  # cyrillic: a short i stands for it
_SHORT_FULL: Final = re.compile(f"(.*[{_VOWELS}])е([{_HARD}])")  # cyrillic: the vowel after a vowel


def forms(stem: str) -> list[str]:
    """The stem and those that other cases of the same word may have, without a double; others only itself.

    Some of the made ones are no words at all: they find nothing, which does no harm.
    """
    found = [stem]
    if _CYRILLIC.fullmatch(stem):
        if match := _SOFT_FULL.fullmatch(stem):
            found.append(f"{match[1]}ь{match[2]}")  # cyrillic: the sign in place of the vowel
        if match := _FULL.fullmatch(stem):
            found.append(match[1] + match[2])
        elif match := _BARE.fullmatch(stem):
            found += [f"{match[1]}{vowel}{match[2]}" for vowel in "ео"]  # cyrillic: the two vowels that flee
        elif match := (_SOFT.fullmatch(stem) or _SHORT.fullmatch(stem)):
            found.append(f"{match[1]}е{match[2]}")  # cyrillic: the vowel in place of the sign
        elif match := _SHORT_FULL.fullmatch(stem):
            found.append(f"{match[1]}й{match[2]}")  # cyrillic: the sign in place of the vowel
    return found
