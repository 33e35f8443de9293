"""The words of the command line: by LANG, before Django is loaded and even when it cannot be."""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path

from niva.kit.postgres import PostgresError
from niva.kit.postgres.errors import gettext_noop

# What argparse itself says; it asks its own module's `_` for a translation (Python 3.11 to 3.14).
ARGPARSE = (
    gettext_noop("usage: "),
    gettext_noop("positional arguments"),
    gettext_noop("options"),
    gettext_noop("show this help message and exit"),
    gettext_noop("%(prog)s: error: %(message)s\n"),
    gettext_noop("argument %(argument_name)s: %(message)s"),
    gettext_noop("the following arguments are required: %s"),
    gettext_noop("unrecognized arguments: %s"),
    gettext_noop("invalid choice: %(value)r (choose from %(choices)s)"),
    gettext_noop("invalid %(type)s value: %(value)r"),
    gettext_noop("expected one argument"),
)

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
