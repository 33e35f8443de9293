"""What a code means in plain words: what happened, and what to press.

Networks, limits and the delivery engine speak in stable codes; people read sentences. The dictionary is
split by where the codes come from. A code that nobody put into words still makes an honest sentence with
the network's own wording beside it, so a new network works before its words are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language, gettext

from niva.kit.text import number, typo
from niva.words import amounts
from niva.words.absences import ABSENCES
from niva.words.base import Words
from niva.words.condition import CONDITION
from niva.words.delivery import DELIVERY
from niva.words.drafts import DRAFTS
from niva.words.general import GENERAL
from niva.words.of_networks import of_networks

DICTIONARY: Final[dict[str, Words]] = {
    **of_networks(), **GENERAL, **DELIVERY, **DRAFTS, **ABSENCES, **CONDITION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """`what` happened and what to do about it; both end with a full stop. `todo` may be empty."""

    what: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.todo}".strip()


def describe(code: str, params: Mapping[str, Any] | None = None) -> Sentence:
    """The sentence for a code in the current language.

    `params`: limit, actual, surplus, with_media, detail, network (its title), whatever the code came with.
    Missing ones are shown as a dash. An unknown code: a general sentence with `detail`.
    """
    given = dict(params or {})
    language = get_language() or "ru"
    words = DICTIONARY.get(code)
    if words is None:
        return _unknown(code, str(given.get("detail") or ""), language)
    values = _Shown(amounts.shown(words.amount, given, language))
    what = _filled(words.what_with_media if given.get("with_media") else words.what, values)
    return Sentence(typo(what, language), typo(_filled(words.todo, values), language))


def is_known(code: str) -> bool:
    return code in DICTIONARY


def _filled(words: Any, values: Mapping[str, Any]) -> str:
    return str(words % values)


def _unknown(code: str, detail: str, language: str) -> Sentence:
    what = gettext("The network answered what we have no words for: %(answer)s.") % {"answer": detail or code}
    todo = gettext("Try again; if it stays, show this to whoever looks after the desk.")
    return Sentence(typo(what, language), typo(todo, language))


class _Shown(dict[str, Any]):
    """Values for a sentence; one that was not given is a dash, never an error on a page."""

    def __missing__(self, key: str) -> str:
        return number(None)
