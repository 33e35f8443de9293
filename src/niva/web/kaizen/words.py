"""The figures of the flow as sentences, each with its address of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from niva.domains.editorial.flowfigures import Flow, Length, Part
from niva.domains.editorial.flowmath import Verdict
from niva.domains.editorial.kaizen import Measure
from niva.domains.editorial.states import Reason
from niva.kit import text


@dataclass(frozen=True, slots=True)
class Said:
    """One figure: its name, the number with its unit, what it means, whether it changed, its rows."""

    name: str
    value: str
    unit: str
    says: str
    verdict: str
    url: str
    open: str


def rows_url(figure: str, client: int | None, **more: str) -> str:
    """Where the rows of a figure are listed."""
    query = {"figure": figure, **({"client": str(client)} if client else {}), **more}
    return f"{reverse('kaizen_rows')}?{urlencode(query)}"


def number(value: float, digits: int = 1) -> str:
    return text.number(round(value, digits), get_language() or "ru")


def percent(value: float | None) -> str:
    return text.percent(value, get_language() or "ru")


def pieces(count: int) -> str:
    return ngettext("open %(n)s piece", "open %(n)s pieces", count) % {"n": count}


def compared(verdict: Verdict, before: str) -> str:
    """What stood before, and whether the difference means anything."""
    if verdict == Verdict.FEW:
        return _("Too few to compare with the four weeks before.")
    if verdict == Verdict.NOISE:
        return _("Four weeks before: %(before)s. The difference is within the usual scatter.") % {
            "before": before
        }
    return _("Four weeks before: %(before)s. Chance alone seldom does this.") % {"before": before}


def cycle(flow: Flow, client: int | None) -> Said:
    """From idea to publication."""
    length = flow.cycle
    now = length.now
    unit = ""
    if now is not None and not now.usual:
        unit = ngettext(
            "days for %(n)s piece: too few to say what is usual",
            "days for %(n)s pieces: too few to say what is usual",
            now.count,
        ) % {"n": now.count}
    elif now is not None:
        unit = _("days, usually from %(low)s to %(high)s") % {
            "low": number(now.low, 0),
            "high": number(now.high, 0),
        }
    return Said(
        _("From idea to publication"),
        number(now.median) if now else "",
        unit,
        _length_says(length, _("Nothing came out in these four weeks.")),
        length.verdict,
        rows_url(Measure.CYCLE, client),
        pieces(now.count if now else 0),
    )


def _length_says(length: Length, nothing: str) -> str:
    if length.now is None:
        return nothing
    return compared(length.verdict, number(length.before.median) if length.before else "")


def returned(flow: Flow, client: int | None) -> Said:
    """How much was returned, and the commonest reason."""
    part, total = flow.returns, sum(count for _reason, count in flow.reasons)
    says = []
    if flow.reasons:
        code, count = flow.reasons[0]
        says.append(
            ngettext(
                "Most often because of: %(reason)s, %(n)s time.",
                "Most often because of: %(reason)s, %(n)s times.",
                count,
            )
            % {"reason": reason_word(code), "n": count}
        )
    says.append(compared(part.verdict, percent(part.before.value)))
    return Said(
        _("Returned for mending"),
        str(part.now.met) if part.now.of else "",
        _("of %(of)s pieces that moved") % {"of": part.now.of},
        " ".join(says),
        part.verdict,
        rows_url(Measure.RETURNS, client),
        ngettext("open %(n)s return", "open %(n)s returns", total) % {"n": total},
    )


def reason_word(code: str) -> str:
    return str(Reason(code).label) if code in Reason.values else _("no reason given")


def on_time(flow: Flow, client: int | None) -> Said:
    url = rows_url(Measure.ON_TIME, client)
    return _share(_("Out on time"), flow.on_time, url, _("with a planned hour"))


def rounds(flow: Flow, client: int | None) -> Said:
    return _share(
        _("More than two rounds"), flow.rounds, rows_url(Measure.ROUNDS, client), _("that came out")
    )


def _share(name: str, part: Part, url: str, of_what: str) -> Said:
    unit = _("%(met)s of %(of)s %(what)s") % {"met": part.now.met, "of": part.now.of, "what": of_what}
    says = compared(part.verdict, percent(part.before.value))
    value = percent(part.now.value) if part.now.of else ""
    return Said(name, value, unit if part.now.of else "", says, part.verdict, url, pieces(part.now.of))


def figure_of(measure: str, found: Mapping[str, Any] | None) -> str:
    """The evidence of a change in words: «31 ч», «8,4 дня», «12 %»; a dash where nothing was counted."""
    value = found.get("value") if found else None
    if value is None:
        return text.MISSING
    if measure == Measure.STAGE:
        return _("%(n)s h") % {"n": number(value, 0 if value >= 10 else 1)}
    if measure == Measure.CYCLE:
        return _("%(n)s d") % {"n": number(value)}
    return percent(value)
