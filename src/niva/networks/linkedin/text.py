"""LinkedIn's "little text": signs that mean something are written with a backslash, hashtags are left alone.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format
"""

from __future__ import annotations

import re
from typing import Final

_SPECIAL: Final = re.compile(r"[\\|{}@\[\]()<>#*_~]")
_HASHTAG: Final = re.compile(r"(?<![\w#])#(?=\w*[^\W\d])")
_ESCAPED: Final = re.compile(r"\\([\\|{}@\[\]()<>#*_~])")
_TEMPLATE: Final = re.compile(r"\{hashtag\|\\?#\|(?P<tag>[^{}|]+)\}")
_MENTION: Final = re.compile(r"@\[(?P<name>[^\]]*)\]\(urn:li:[^)]*\)")


def escaped(text: str) -> str:
    """The text as LinkedIn takes it: everything stands as written, and hashtags stay hashtags."""
    tags = {match.start() for match in _HASHTAG.finditer(text)}
    return _SPECIAL.sub(lambda sign: sign[0] if sign.start() in tags else f"\\{sign[0]}", text)


def plain(commentary: str) -> str:
    """What a person reads: the opposite of `escaped`, with LinkedIn's own templates opened."""
    opened = _TEMPLATE.sub(lambda match: f"#{match['tag']}", commentary)
    opened = _MENTION.sub(lambda match: match["name"], opened)
    return _ESCAPED.sub(lambda match: match[1], opened)
