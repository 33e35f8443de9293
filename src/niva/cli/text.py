"""The words of the command line: by LANG, before Django is loaded and even when it cannot be."""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path

from niva.kit.postgres import PostgresError

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def language() -> str:
    """`ru` or `en`, as the terminal asks."""
    named = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "ru" if named.lower().startswith("ru") else "en"


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("django", LOCALE, languages=[code], fallback=True)


def _(message: str) -> str:
    """The message in the language of the terminal."""
    return _catalogue(language()).gettext(message)


def in_words(error: PostgresError) -> str:
    """What happened to the embedded database, translated."""
    return _(error.message) % error.facts if error.facts else _(error.message)
