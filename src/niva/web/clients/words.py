"""Words of numbers: metrics, how a figure is known, values by language, days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Known

V = TypeVar("V")
METRIC_WORDS: dict[str, str | Promise] = {
    "views": _("views"),
    "reach": _("people reached"),
    "likes": _("likes"),
    "comments": _("comments"),
    "reposts": _("reposts"),
    "saves": _("saves"),
    "clicks": _("visits by the link"),
    "votes": _("votes in polls"),
    "followers": _("followers"),
    "posts": _("posts"),
    "visitors": _("visitors of the community"),
    "messages": _("people who wrote"),
}


def metric_word(metric: str) -> str:
    return str(METRIC_WORDS.get(metric, metric))


def known_words(known: Iterable[str]) -> str:
    """«сосчитано + оценка»; nothing for nothing."""
    return " + ".join(str(Known(word).label) for word in known)


def in_language(values: Mapping[str, V], language: str | None) -> V:
    """The Russian value for a Russian page, else the English one."""
    return values["ru" if (language or "ru").startswith("ru") else "en"]


def by_language(row: Mapping[str, Any], language: str | None) -> dict[str, Any]:
    return {name: in_language(value, language) for name, value in row.items()}
