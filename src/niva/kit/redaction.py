"""Takes out of a text whatever looks like a secret, whoever wrote it: for logs, errors and the screen.

Two nets. By shape: tokens that are known by their look wherever they stand. By name: whatever follows a
telling name ("token", "password", "authorization"…) in a query, a form, a header, JSON or a Python repr.
"""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"
_SHAPES: Final = (
    # Telegram: number, colon, 35 letters (core.telegram.org/bots/api#authorizing-your-bot);
    # in the path of an address of any length
    r"(?<=/bot)\d+(?::|%3[Aa])[\w-]+",
    r"\b\d{6,}(?::|%3[Aa])[\w-]{20,}",
    # VK ID: vk1.a.…; the older kind: 85 hexadecimal digits
    r"\bvk\d\.a\.[\w.-]+",
    r"\b[0-9a-fA-F]{80,}\b",
    # JSON Web Tokens, as Bluesky gives them
    r"\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*",
    # Meta: Facebook, Instagram, Threads
    r"\b(?:EAA|IGA|IGQ|THA|THQ)[A-Za-z0-9]{20,}",
    # Google's access token, refresh token and client secret; TikTok's two tokens
    r"\bya29\.[\w.-]{10,}",
    r"\b1//[\w-]{20,}",
    r"\bGOCSPX-[\w-]{10,}",
    r"\b(?:act|rft)\.[\w!*.-]{20,}",
    # OpenAI and those who took over the look of its keys
    r"\bsk-[\w-]{16,}",
    # our own, for the API
    r"\bniva_[\w-]{16,}",
    # a secret that is a part of an address of ours: whoever has it may decide, or come in
    r"(?<=/decide/)[\w-]{16,}",
    r"(?<=/hook/)[\w-]{16,}",
    r"(?<=/plan/for/)[\w-]{16,}",
    r"(?<=/enter/)[\w-]{16,}",
    r"(?<=/plan/for/)[\w-]{16,}",
    r"(?<=/invitations/)[\w-]{16,}",
    # name:password@ in an address of any kind; a password may itself hold an @
    r"(?<=://)[^/\s@:]*:[^/\s]*(?=@)",
)
_GAP: Final = r"""(?:\\?["'])?\s*(?:=|:|%3[Dd])\s*"""
_VALUE: Final = r"""(?:b?\\?"[^"\\]*|b?\\?'[^'\\]*|(?:Bearer|Basic|DPoP)\s+[^\s"'&,;}]+|[^\s"'&,;}%\\]+)"""
_LINE: Final = r"""[^"'\r\n}]+"""
_NAMED: Final = (
    r"[\w-]*(?:authorization|cookie)(?P<line>" + _GAP + r"""(?:b?\\?["'])?)""" + _LINE,
    r"[\w-]*(?:token|secret|secret_key|api_?key|passw(?:or)?d|jwt|code_verifier|sessionid|upload_id)(?P<word>"
    + _GAP + ")" + _VALUE,
    r"(?<![\w-])code(?P<code>=|[\"']?\s*[:=]\s*[\"'])[^\s\"'&,;}]{4,}",
    r"\b(?:Bearer|DPoP)(?P<bearer>\s+)[^\s\"'&,;}]+",
)  # fmt: skip
_SECRET: Final = re.compile("|".join((*_NAMED, *_SHAPES)), re.IGNORECASE)


def hide(text: str) -> str:
    """The text with every secret replaced by stars."""
    return _SECRET.sub(_stars, text)


def _stars(match: re.Match[str]) -> str:
    for group in ("line", "word", "code", "bearer"):
        if match[group] is not None:
            return match.string[match.start() : match.end(group)] + HIDDEN
    return HIDDEN
