"""What the best time says, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from niva.domains.advice.models import Advice as Said
from niva.domains.advice.models import AdviceKind
from niva.kit.text import number
from niva.web.advice import sentences
from niva.words import noise

if TYPE_CHECKING:
    from niva.numbers.best_time import Slot
    from niva.numbers.walk import Kept

MEASURES: Final[dict[str, str | Promise]] = {
    "reach": gettext_lazy("reach"),
    "views": gettext_lazy("views"),
    "engagement": gettext_lazy("reactions, comments and reposts"),
}
LEFT_OUT: Final[dict[str, str | Promise]] = {
    "paid": gettext_lazy("paid for: compared apart"),
    "organic": gettext_lazy("not paid for: compared apart"),
    "no_value": gettext_lazy("without a number on their third day (yet)"),
    "negative": gettext_lazy("with a number below zero, which a network sent as a correction"),
}
_BLOCKS: Final[dict[int, str | Promise]] = {
    0: gettext_lazy("night"), 6: gettext_lazy("morning"),
    12: gettext_lazy("afternoon"), 18: gettext_lazy("evening"),
}  # fmt: skip


def when(weekday: int | None, since: int, until: int) -> str:
    """«вторник, 9–12», «каждый день, 18–21», «суббота»."""
    day = _("every day") if weekday is None else str(WEEKDAYS[weekday - 1]).lower()
    if (since, until) == (0, 24):
        return day
    return _("%(day)s, %(since)s–%(until)s h") % {"day": day, "since": since, "until": until}


def headline(slots: Sequence[Slot], reason: str, word: str) -> str:
    """The finding."""
    if slots:
        best = slots[0]
        values = {
            "when": upper(when(best.weekday, best.since, best.until)),
            "span": noise.more(best.low, best.high, get_language() or "ru"), "word": MEASURES[word],
        }  # fmt: skip
        return _("%(when)s: %(word)s is %(span)s than usual, in 8 cases of 10") % values
    titles = {
        "few_posts": _("Too few posts to tell one time from another"),
        "one_time": _("All posts go out at one time: there is nothing to compare it with"),
        "small": _("Hours differ by so little that it is not worth changing anything"),
        "broken": _("What looked like a better time did not come true, so it is not advised"),
    }
    return titles.get(reason, _("There is no difference between hours that could be told from chance"))


def explained(reason: str | None, rests_on: int, fewest: int) -> str:
    """What the finding means and what to do."""
    if reason is None:
        return _("Posts are compared with their neighbours in time, each with its own community.")
    if reason == "few_posts":
        return _(
            "%(have)s posts can be compared, and %(need)s are needed. Post as you do: "
            "the answer comes by itself."
        ) % {"have": number(rests_on, get_language() or "ru"), "need": fewest}
    if reason == "one_time":
        return _("To find a better one, put some posts at another hour: an experiment does it fairly.")
    if reason == "broken":
        return _("The months before were asked the same: what was promised then did not come. See below.")
    return _(
        "Choose hours that are handy for you: here they decide nothing. What posts tell about matters more."
    )


def lines(slots: Sequence[Slot]) -> list[tuple[str, str, str]]:
    """When, the range of the gain, on how many posts it rests."""
    language = get_language() or "ru"
    return [
        (
            upper(when(one.weekday, one.since, one.until)),
            noise.more(one.low, one.high, language),
            ngettext("%(n)s post", "%(n)s posts", one.posts) % {"n": number(one.posts, language)},
        )
        for one in slots
    ]


def record_of(kept: Kept) -> tuple[str, str, str]:
    """Promised, what came, and its range; dashes where nothing was."""
    if kept.promised is None or kept.realised is None:
        return "–", "–", ""
    language = get_language() or "ru"
    known = kept.low is not None and kept.high is not None
    span = noise.between(kept.low or 1.0, kept.high or 1.0, language) if known else ""
    return noise.signed(kept.promised, language), noise.signed(kept.realised, language), span


def days_short() -> list[str]:
    """Monday first."""
    return [str(WEEKDAYS_ABBR[day]) for day in range(7)]


def block(since: int) -> tuple[str, str]:
    """A block's hours, and the part of the day where one begins."""
    return f"{since}–{since + 3}", str(_BLOCKS.get(since, ""))


def upper(text: str) -> str:
    """The same with a capital letter at its head."""
    return text[:1].upper() + text[1:]


def _said(row: Said) -> str:
    times = "; ".join(when(one["weekday"], one["since"], one["until"]) for one in row.about["slots"])
    values = {
        "times": times, "word": MEASURES.get(row.figure, row.figure),
        "more": noise.signed(row.expected or 1.0, get_language() or "ru"),
        "who": row.about.get("community", ""),
    }  # fmt: skip
    if values["who"]:
        return _("Better time, %(who)s: %(times)s. %(word)s %(more)s against other posts") % values
    return _("Better time: %(times)s. %(word)s %(more)s against other posts") % values


def _came(row: Said) -> str | None:
    if row.came is None:
        return None
    return _("Posts at these times came to %(came)s against the others.") % {
        "came": noise.signed(row.came, get_language() or "ru")
    }


sentences.register(AdviceKind.BEST_TIME, _said, _came)
