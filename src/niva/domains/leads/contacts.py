"""Contacts as people type them: which kind, the form in which two can be compared, how they look masked.
Pure."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = re.compile(r"\D+")
_MAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_PHONE: Final = re.compile(r"\+?\d[\d\s().\-\u00a0]{7,18}\d")
_HANDLE: Final = re.compile(
    r"(?<![\w@.])@([A-Za-z0-9_.]{3,64})|(?:t\.me|vk\.com|vk\.ru|ok\.ru)/([\w./-]{2,64})"
)


def plain_forms(text: str) -> list[str]:
    """Every contact in the text in its one form: `mail:…`, `tel:…`, `name:…`; one who is known twice is one.

    Phones are compared by their last ten digits: 8 916… and +7 916… are one person; that parts the numbers of
    two countries only where all ten digits are alike.
    """
    found = [f"mail:{one.lower()}" for one in _MAIL.findall(text)]
    rest = _MAIL.sub(" ", text)
    for one in _PHONE.findall(rest):
        digits = _DIGITS.sub("", one)
        if 9 <= len(digits) <= 15:
            found.append(f"tel:{digits[-10:]}")
    found += [f"name:{(a or b).lower().strip('/.')}" for a, b in _HANDLE.findall(rest)]
    return list(dict.fromkeys(found))


def masked(text: str) -> str:
    """A contact that its owner would know again and nobody else could use: +7 … 12-34, a…@mail.ru."""
    text = text.strip()
    if not text:
        return ""
    mail = _MAIL.search(text)
    if mail:
        name, _at, host = mail[0].partition("@")
        return f"{name[:1]}…@{host}"
    digits = _DIGITS.sub("", text)
    if len(digits) >= 7:
        return f"… {digits[-4:-2]}-{digits[-2:]}"
    return f"{text[:2]}…"


def masked_name(name: str) -> str:
    """The first name and the first letter of the rest."""
    words = name.split()
    if not words:
        return ""
    return " ".join([words[0], *(f"{word[0]}." for word in words[1:2])])
