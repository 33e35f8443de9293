"""What was said and what came of it, in plain sentences: one pair of functions for each kind of advice.

A section adds its kind with `register(AdviceKind.ALARM, said, came)` in a module that its `urls.py` imports.
`said` tells what was said from the row alone (`about`, the range); `came` what was found, and None leaves it
to the sentence that fits every kind. What nobody registered is told by its figures.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.clients.units import Unit
from niva.domains.metrics.dictionary import measures
from niva.kit.text import number, typo
from niva.web.looks import Look
from niva.web.numbers.words import day_words, name_of

Said = Callable[[Advice], str]
Came = Callable[[Advice], str | None]

LOOKS: Final = {
    Verdict.OPEN: Look("waiting", "hourglass", gettext_lazy("waits for its day")),
    Verdict.HIT: Look("out", "circle-check", gettext_lazy("came true")),
    Verdict.MISS: Look("rejected", "x", gettext_lazy("did not come true")),
    Verdict.VOID: Look("draft", "help-circle", gettext_lazy("cannot be told")),
}
REASONS: Final = {
    "goal_gone": gettext_lazy("The goal is not there any more."),
    "goal_closed": gettext_lazy("The goal was closed before its deadline."),
    "changed": gettext_lazy("It is counted otherwise now than when this was said."),
    "counts_anew": gettext_lazy("The network began to count otherwise meanwhile."),
    "no_readings": gettext_lazy("Nothing was read in these days. This is not zero."),
    "few_posts": gettext_lazy("Too few posts went out at these times, or at others."),
    "not_read": gettext_lazy("Too many of these days were not read."),
}
_SAID: Final[dict[str, Said]] = {}
_CAME: Final[dict[str, Came]] = {}


def register(kind: AdviceKind, said: Said, came: Came | None = None) -> None:
    """Name the sentences of a kind; see the module."""
    _SAID[kind] = said
    if came is not None:
        _CAME[kind] = came


def said_of(row: Advice) -> str:
    """What was said."""
    return _set(_SAID.get(row.kind, _plainly)(row))


def came_of(row: Advice) -> str:
    """What came of it, or when that can be told, or why it cannot."""
    own = _CAME[row.kind](row) if row.kind in _CAME else None
    return _set(own or _outcome(row))


def rough(value: float, width: float | None = None) -> str:
    """A number with as many digits as its uncertainty `width` lets mean something: two of the width."""
    size = abs(width if width else value)
    step = 1.0 if size >= 3 else 0.1
    while size >= 100 * step:
        step *= 10
    return number(round(value / step) * step, get_language() or "ru", 0 if size >= 3 else 1)


def month_words(day: date) -> str:
    """«ноябрь»; with the year when it is another one."""
    return date_format(day, "F Y" if day.year != date.today().year else "F").lower()  # noqa: DTZ011


def figure_name(row: Advice) -> str:
    """What the number is of: the goal's own name, or the measure's."""
    if name := row.about.get("name"):
        return str(name)
    found = measures().get(row.figure)
    return name_of(found) if found else row.figure


def _set(text: str) -> str:
    return typo(text, get_language() or "ru")


def _range(row: Advice) -> dict[str, str]:
    low, high = row.low or 0.0, row.high or 0.0
    return {"low": rough(low, high - low), "high": rough(high, high - low)}


def _plainly(row: Advice) -> str:
    """A kind without sentences of its own: its figure, and the range if one was given."""
    if row.low is None or row.high is None:
        return figure_name(row)
    return _("%(name)s: from %(low)s to %(high)s") % {"name": figure_name(row), **_range(row)}


def _outcome(row: Advice) -> str:
    if row.verdict == Verdict.OPEN:
        return _("It can be told on %(day)s.") % {"day": day_words(row.due_on)}
    if row.verdict == Verdict.VOID:
        return str(REASONS.get(row.why, _("Nobody can say any more.")))
    if row.came is None:
        return str(LOOKS[Verdict(row.verdict)].word)
    if row.low is None or row.high is None:
        return _("It came to %(came)s.") % {"came": rough(row.came)}
    values = {"came": rough(row.came, row.high - row.low)}
    if row.verdict == Verdict.HIT:
        return _("It came to %(came)s: inside the promised range.") % values
    if row.came < row.low:
        return _("It came to %(came)s: less than was promised.") % values
    return _("It came to %(came)s: more than was promised.") % values


def _forecast(row: Advice) -> str:
    if row.figure.startswith("goal:"):
        units = row.about.get("units") or ["", "", ""]
        values = {
            "name": figure_name(row),
            "day": day_words(date.fromisoformat(row.about["until"])),
            "low": number(row.low, get_language() or "ru", 0),
            "high": number(row.high, get_language() or "ru", 0),
            "units": Unit(*units).of(row.high or 0),
        }
        return _("%(name)s by %(day)s: from %(low)s to %(high)s %(units)s") % values
    values = {
        "name": figure_name(row), "month": month_words(date.fromisoformat(row.about["since"])), **_range(row)
    }  # fmt: skip
    return _("%(name)s in %(month)s: from %(low)s to %(high)s") % values


register(AdviceKind.FORECAST, _forecast)
