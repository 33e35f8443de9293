"""Experiments in words: how one stands, what came out, how many posts a difference takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from niva.domains.experiments.models import Experiment, Stand, State
from niva.kit.text import number

if TYPE_CHECKING:
    from niva.numbers.experiments import Result


def says(row: Experiment, result: Result) -> str:
    """How it stands, for somebody who has never heard of statistics."""
    stand = str(result.stand)
    if stand in (Stand.FIRST, Stand.SECOND):
        return _better(row, result, first=stand == Stand.FIRST)
    if stand == Stand.NONE:
        return _("No difference that could be told. %(range)s") % {"range": _range(row, result)}
    if row.state == State.STOPPED:
        return _("It was stopped before anything could be told. %(range)s") % {"range": _range(row, result)}
    if result.blocks == 0:
        return _("Too early: not one pair of posts has been read yet.")
    return _("Nothing can be told yet, go on. %(range)s") % {"range": _range(row, result)}


def _better(row: Experiment, result: Result, *, first: bool) -> str:
    low, middle = result.low, result.ratio
    names = (row.first, row.second)
    if not first:
        low, middle, names = _turned(result.high), _turned(result.ratio), (row.second, row.first)
    return _(
        "“%(better)s” is better than “%(worse)s”: about %(times)s times as much, at least %(low)s times. "
        "We are wrong in fewer than 5 cases of 100, however often you looked."
    ) % {"better": names[0], "worse": names[1], "times": times(middle), "low": times(low)}


def _range(row: Experiment, result: Result) -> str:
    if result.low is None or result.high is None:
        return ""
    return _("“%(first)s” may bring from %(low)s to %(high)s times what “%(second)s” does.") % {
        "first": row.first, "second": row.second, "low": times(result.low), "high": times(result.high),
    }  # fmt: skip


def _turned(value: float | None) -> float | None:
    return 1 / value if value else None


def times(value: float | None) -> str:
    if value is None:
        return "—"
    return number(value, get_language() or "ru", 0 if value >= 100 else 1 if value >= 10 else 2)


def read_words(result: Result) -> str:
    """How much has been read."""
    posts = sum(result.posts)
    return ngettext("%(n)s post is read", "%(n)s posts are read", posts) % {
        "n": number(posts, get_language() or "ru")
    }
