"""Where the month of a client ends: the goal, and the measures beside it, with the method's past error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.advice import queries as advice
from niva.domains.advice.models import Advice, AdviceKind
from niva.domains.clients import queries
from niva.domains.clients.models import Client
from niva.domains.clients.queries import today_of
from niva.domains.metrics.dictionary import measure
from niva.domains.people.actor import Actor
from niva.flows.foreseeing import Ahead, months_ahead, words_of
from niva.flows.goal_fact import Standing, standing
from niva.kit.text import number, percent, typo
from niva.web.advice.sentences import came_of, month_words, rough, said_of
from niva.web.charts import Spec, over_time
from niva.web.clients import charts, contexts
from niva.web.clients.listing import actor_of
from niva.web.numbers.page import ChartView
from niva.web.numbers.words import day_words, name_of
from niva.web.people.doors import signed_in

SHOWN: Final = 42
"""Past days on a chart: beside a month to come, six weeks show the weekdays and still fit a phone."""
SAID_BEFORE: Final = 3


@dataclass(frozen=True, slots=True)
class MonthView:
    """One measure as a card. `says` below the chart; `past`: how the method did; `refused`: why there is no
    forecast; `rows`: the address of the month's rows."""

    word: str
    name: str
    chart: ChartView | None
    says: str
    unread: str
    past: str
    refused: str
    rows: str


@signed_in
@require_safe
def client_forecast(request: HttpRequest, pk: int) -> HttpResponse:
    """The goal's end, and the month of each supporting measure."""
    actor = actor_of(request)
    row = queries.client(actor, pk)
    context = contexts.frame(actor, row, "numbers")
    goal, today = context["goal"], today_of(row)
    found = months_ahead(actor, row, words_of(goal), today)
    stands = standing(goal) if goal is not None else None
    if stands is not None:
        context |= {
            "view": contexts.goal_view(stands), "today": stands.today,
            "goal_chart": _goal_chart(stands, row), "goal_before": _before(actor, row, f"goal:{goal.pk}"),
        }  # fmt: skip
    context["months"] = [month_view(one, row) for one in found]
    return render(request, "advice/forecast.html", context)


def _before(actor: Actor, row: Client, figure: str) -> list[tuple[Advice, str, str]]:
    rows = advice.said(actor, row.pk, kinds=[AdviceKind.FORECAST]).filter(figure=figure)[:SAID_BEFORE]
    return [(one, said_of(one), came_of(one)) for one in rows]


def _goal_chart(stands: Standing, row: Client) -> ChartView | None:
    spec = charts.goal_chart(stands)
    if spec is None:
        return None
    goal = stands.goal
    return ChartView(
        id="goal",
        spec=spec,
        finding=_set(_("%(figure)s: added up day by day") % {"figure": goal.figure}),
        under=_("Solid: what came. Dashed: an even pace. The band: where it ends in 8 cases out of 10."),
        source=f"{row.name}, {goal.figure}, {day_words(stands.today)}. Niva",
        here=reverse("client_forecast", args=[row.pk]),
    )


def month_view(one: Ahead, row: Client) -> MonthView:
    """The card of one measure."""
    name = name_of(measure(one.word))
    ask = {
        "measure": one.word, "basis": "gained", "client": row.pk,
        "since": one.month.since.isoformat(), "until": one.month.until.isoformat(),
    }  # fmt: skip
    return MonthView(
        word=one.word,
        name=name,
        chart=_month_chart(one, name, row),
        says=_says(one) if one.expected is not None else "",
        unread=_unread(one),
        past=_past(one),
        refused=_refused(one),
        rows=f"{reverse('number_rows')}?{urlencode(ask)}",
    )


def _month_chart(one: Ahead, name: str, row: Client) -> ChartView | None:
    if not one.ahead or one.expected is None:
        return None
    values = {"name": name, "month": month_words(one.month.since), **_ends(one)}
    return ChartView(
        id=f"ahead-{one.word}",
        spec=_spec(one, name),
        finding=_set(_("%(name)s in %(month)s: from %(low)s to %(high)s") % values),
        under=_("Solid: days that are over. The band: where each coming day lies in 8 cases out of 10."),
        source=f"{row.name}, {name}, {day_words(one.today)}. Niva",
        here=reverse("client_forecast", args=[row.pk]),
    )


def _spec(one: Ahead, name: str) -> Spec:
    """Days one by one: six weeks that were, the days to come as a band, what is likeliest dashed."""
    facts = [(day, value) for day, value in one.days[-SHOWN:] if value is not None]
    coming = [step.at.date() for step in one.ahead]
    spec = over_time(
        facts,
        plan=[(day, round(step.expected, 1)) for day, step in zip(coming, one.ahead, strict=True)],
        band=[(day, step.low, step.high) for day, step in zip(coming, one.ahead, strict=True)],
        value_title=name,
    )
    columns = [
        {"field": "day", "title": _("Day"), "kind": "day"},
        {"field": "fact", "title": name},
        {"field": "low", "title": _("From")},
        {"field": "high", "title": _("To")},
    ]
    rows: list[dict[str, Any]] = [{"day": day.isoformat(), "fact": value} for day, value in facts]
    for day, step in zip(coming, one.ahead, strict=True):
        width = step.high - step.low
        digits = 0 if width >= 3 else 1
        rows.append(
            {"day": day.isoformat(), "low": round(step.low, digits), "high": round(step.high, digits)}
        )
    spec["usermeta"]["table"] = {"columns": columns, "rows": rows}
    return spec


def _says(one: Ahead) -> str:
    values = _ends(one) | {
        "came": number(one.came, get_language() or "ru", 0),
        "expected": rough(one.expected or 0.0, (one.high or 0.0) - (one.low or 0.0)),
        "until": day_words(one.today - timedelta(days=1)),
    }
    text = _(
        "In 8 cases out of 10 the whole month ends inside this range; most likely at about %(expected)s."
    )
    if one.today > one.month.since:
        text += " " + _("%(came)s of it had come by %(until)s.")
    return _set(text % values)


def _ends(one: Ahead) -> dict[str, str]:
    low, high = one.low or 0.0, one.high or 0.0
    return {"low": rough(low, high - low), "high": rough(high, high - low)}


def _unread(one: Ahead) -> str:
    if not one.unread or one.came is None:
        return ""
    return ngettext(
        "%(n)s day of this month was not read: what came on it is not in the sum.",
        "%(n)s days of this month were not read: what came on them is not in the sum.",
        one.unread,
    ) % {"n": one.unread}


def _past(one: Ahead) -> str:
    """The error of the method on this very series, and of the simplest rival."""
    past = one.past
    if past is None or not past.totals or past.total_error is None:
        return ""
    language = get_language() or "ru"
    text = ngettext(
        "Tried on the past %(n)s time: told only what was known then, it held the sum inside its range "
        "%(inside)s times; on average it missed by %(error)s.",
        "Tried on the past %(n)s times: told only what was known then, it held the sum inside its range "
        "%(inside)s times; on average it missed by %(error)s.",
        past.totals,
    ) % {"n": past.totals, "inside": past.totals_inside, "error": percent(past.total_error, language)}
    if past.total_error_naive is not None:
        text += " " + _("Who repeats the last week misses by %(naive)s.") % {
            "naive": percent(past.total_error_naive, language)
        }
        if past.total_error_naive < past.total_error:
            text += " " + _("So far that is closer: trust the range, not its middle.")
    return _set(text)


def _refused(one: Ahead) -> str:
    if not one.refused:
        return ""
    read = sum(value is not None for _day, value in one.days)
    if not read:
        return _("No network has told this number yet. This is not zero.")
    if one.refused == "early":
        return ngettext(
            "Too early: a forecast of a month takes about two months of read days, and there is %(n)s.",
            "Too early: a forecast of a month takes about two months of read days, and there are %(n)s.",
            read,
        ) % {"n": read}
    if one.refused == "still":
        return _("All days are alike so far: there is nothing to foretell.")
    return _("Too many days were not read: a forecast of the sum would be a guess.")


def _set(text: str) -> str:
    return typo(text, get_language() or "ru")
