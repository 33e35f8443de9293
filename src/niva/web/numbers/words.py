"""Figures in words: the value with its unit, what is usual, the verdict, freshness, gaps, the formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from niva.domains.communities.models import Community
from niva.domains.metrics.dictionary import ENGAGEMENT, Measure
from niva.domains.metrics.figures import Figure
from niva.domains.metrics.periods import Period
from niva.flows.figures_seen import Seen
from niva.kit.text import MISSING, NBSP, number, span, typo
from niva.web.clients.words import metric_word
from niva.web.dictionary import formulas
from niva.web.dictionary.formulas import formula_of
from niva.web.looks import network_name
from niva.words import describe

if TYPE_CHECKING:
    from niva.flows.figures_judged import Usual

Silences = Mapping[str, Sequence[tuple[Community, str]]]
VERDICTS: Final[dict[tuple[str, bool], str | Promise]] = {
    ("noise", True): gettext_lazy("noise"),
    ("noise", False): gettext_lazy("noise"),
    ("leaning", True): gettext_lazy("perhaps more than usual"),
    ("leaning", False): gettext_lazy("perhaps less than usual"),
    ("real", True): gettext_lazy("more than usual"),
    ("real", False): gettext_lazy("less than usual"),
}


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure as a template prints it. `direction`: "up" or "down" where it is no chance; `verdict` "": too
    little history. `absent`: why there is no value. `age`: at which age of the posts, in words."""

    word: str
    name: str
    value: str
    unit: str
    direction: str
    verdict: str
    usual: str
    before: str
    says: str
    absent: str
    missing: str
    gaps: str
    read_at: datetime | None
    formula: str
    sums: str
    plain: str
    rows: str = ""


def figure_view(seen: Seen, silences: Silences, rows: str = "") -> FigureView:
    """`rows`: the address of the rows it was counted from."""
    one, figure = seen.measure, seen.figure
    known = figure.value is not None
    return FigureView(
        word=one.word,
        name=name_of(one, seen.age),
        value=value_of(one, figure.value),
        unit=one.unit,
        direction=_direction(seen),
        verdict=str(VERDICTS.get((str(seen.verdict), seen.higher), "")) if known else "",
        usual=usual_of(one, seen.usual) if known else "",
        before=_before(seen),
        says=_says(seen),
        absent="" if known else absent_of(one, silences),
        missing=missing_of(figure, one) if known else "",
        gaps=gaps_of(seen.gaps),
        read_at=figure.read_at,
        formula=formula_of(one),
        sums=sums_of(one, figure),
        plain=formulas.plain_of(one),
        rows=rows,
    )


def name_of(one: Measure, age: int | None = None) -> str:
    """The name, with the age of the posts where they are compared at one."""
    name = formulas.name_of(one)
    if one.kind == "level":
        name = _("%(name)s: change") % {"name": name}
    if age is None:
        return name
    days = ngettext("%(n)s day", "%(n)s days", age // 24) % {"n": age // 24}
    return _("%(name)s in its first %(days)s") % {"name": name, "days": days}


def digits_of(one: Measure, value: float) -> int:
    """Counts are whole; ratios have as many places as tell them apart."""
    if one.kind != "ratio":
        return 0
    size = abs(value)
    return 0 if size >= 100 else 1 if size >= 10 else 2


def value_of(one: Measure, value: float | None) -> str:
    """The value without its unit; a change has its sign. An em dash for None."""
    if value is None:
        return MISSING
    shown = number(abs(value), get_language() or "ru", digits_of(one, value))
    if value < 0:
        return f"\u2212{shown}"
    return f"+{shown}" if one.kind == "level" and value > 0 else shown


def usual_of(one: Measure, usual: Usual | None) -> str:
    """«обычно 1 100–1 900»."""
    if usual is None:
        return ""
    if one.kind == "level":
        values = {"low": value_of(one, usual.low), "high": value_of(one, usual.high)}
        return _("usually from %(low)s to %(high)s") % values
    digits = digits_of(one, usual.high)
    ends = span(round(usual.low, digits), round(usual.high, digits), get_language() or "ru")
    return _("usually %(span)s") % {"span": ends + (f"{NBSP}{one.unit}" if one.unit else "")}


def _direction(seen: Seen) -> str:
    if str(seen.verdict) != "real" or seen.figure.value is None:
        return ""
    return "up" if seen.higher else "down"


def _before(seen: Seen) -> str:
    was = seen.previous.value
    if was is None:
        return _("for the period before there is no number")
    unit = f"{NBSP}{seen.measure.unit}" if seen.measure.unit else ""
    return _("in the period before: %(value)s") % {"value": value_of(seen.measure, was) + unit}


def _says(seen: Seen) -> str:
    """One sentence about what the verdict means."""
    if seen.figure.value is None:
        return ""
    if seen.usual is None:
        return _("There are too few posts or days behind it to say what is usual here.")
    return {
        "noise": _("Such numbers come here without any reason: it is too early to draw a conclusion."),
        "leaning": _("It looks like a difference, but chance can do this, too."),
        "real": _("Chance alone seldom does this: look for the cause."),
    }.get(str(seen.verdict), "")


def absent_of(one: Measure, silences: Silences) -> str:
    """Why there is no number: what the network says of it, or that nothing was read. Never a zero."""
    parts = [part for part in sorted(one.parts) if part in silences]
    if not parts:
        return _("Nothing has been read for these days. This is not zero.")
    part = min(parts, key=lambda word: word in ENGAGEMENT)  # what a ratio is divided by decides first
    community, reason = silences[part][0]
    what = describe(reason, {"network": network_name(community.network)}).what
    said = _("%(network)s does not give it: %(metric)s.") % {
        "network": network_name(community.network), "metric": metric_word(part),
    }  # fmt: skip
    return f"{said} {what} " + _("This is not zero.")


def missing_of(figure: Figure, one: Measure) -> str:
    """How many posts or communities are not in it."""
    if not figure.missing:
        return ""
    whole = figure.missing + figure.rests_on
    return _("%(known)s of %(whole)s are in it: of the others the number is not known") % {
        "known": figure.rests_on, "whole": whole,
    }  # fmt: skip


def gaps_of(days: Sequence[date]) -> str:
    """Which days were not read, put together where they follow one another."""
    if not days:
        return ""
    runs: list[tuple[date, date]] = []
    for one in days:
        if runs and (one - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], one)
        else:
            runs.append((one, one))
    shown = ", ".join(_run(first, last) for first, last in runs[:4])
    more = ", …" if len(runs) > 4 else ""
    return _("not read: %(days)s") % {"days": shown + more}


def _run(first: date, last: date) -> str:
    return days_words(Period(first, last))


def days_words(period: Period) -> str:
    """«1–23 ноября», «28 октября – 3 ноября», «17 ноября»; the year where it is not this one's."""
    first, last = period.since, period.until
    if first == last:
        return day_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day_words(last)}"
    return f"{day_words(first)} – {day_words(last)}"


def day_words(one: date) -> str:
    """«17 ноября», with the year when it is another one; never «today», since addresses are kept."""
    pattern = "j E" if (get_language() or "ru").startswith("ru") else "j F"
    if one.year != timezone.localdate().year:
        pattern += " Y"
    return typo(formats.date_format(one, pattern), get_language() or "ru")


def sums_of(one: Measure, figure: Figure) -> str:
    """The sums that made a ratio: «152 ÷ 9 830 × 100»; empty for what is no ratio."""
    if not one.bottom or figure.top is None or figure.bottom is None:
        return ""
    language = get_language() or "ru"
    times = f" × {number(one.per, language, 0)}" if one.per != 1 else ""
    return f"{number(figure.top, language, 0)} ÷ {number(figure.bottom, language, 0)}{times}"
