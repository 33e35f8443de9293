"""Words and numbers as a careful typesetter would set them, in Russian and in English.

Owns spaces, dashes, numbers, money and initials. Never changes a letter, never touches people's own posts:
callers give it only what the desk itself says.
"""

from niva.kit.text.names import initials
from niva.kit.text.numbers import MISSING, money, number, percent, span
from niva.kit.text.typography import NBSP, THIN, plain, typo

__all__ = ["MISSING", "NBSP", "THIN", "initials", "money", "number", "percent", "plain", "span", "typo"]
