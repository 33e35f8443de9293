"""The alarms of a client: what was out of the ordinary, why perhaps, and what people say it was worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from niva.domains.advice import queries as advice
from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.clients import queries as clients
from niva.domains.clients.models import Client
from niva.domains.clients.queries import today_of
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor
from niva.flows import alarms
from niva.flows.alarm_series import series_of_community
from niva.web.advice.sentences import figure_name
from niva.web.alarms import words
from niva.web.alarms.words import CauseView
from niva.web.answers import bad_request
from niva.web.charts import over_time
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.looks import Look
from niva.web.numbers.page import ChartView
from niva.web.people.doors import signed_in

PER_PAGE: Final = 10
BEFORE, AFTER = timedelta(days=42), timedelta(days=14)
"""Days around an alarm on its chart: six weeks before show what is usual and still fit a phone."""


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One alarm as a card. `warning`: what must be said even when it is unpleasant."""

    row: Advice
    said: str
    rarity: str
    warning: str
    causes: list[CauseView]
    chart: ChartView | None
    look: Look

    @property
    def waits(self) -> bool:
        return self.row.verdict == Verdict.OPEN


@signed_in
@require_safe
def client_alarms(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest first, ten on a page."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="work")
    rows = advice.said(actor, client.pk, kinds=[AdviceKind.ALARM])
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = contexts.frame(actor, client, "numbers") | {
        "page": page,
        "alarms": [view_of(row, client) for row in page],
        "answers": words.ANSWERS,
        "score": score_words(actor, client),
        "budget": ngettext(
            "The thresholds are set so that of this client's numbers together %(n)s false alarm comes in a "
            "month by chance.",
            "The thresholds are set so that of this client's numbers together %(n)s false alarms come in a "
            "month by chance.", round(alarms.BUDGET),
        ) % {"n": round(alarms.BUDGET)},
    }  # fmt: skip
    return render(request, "alarms/page.html", context)


@signed_in
@require_POST
def client_alarm_answer(request: HttpRequest, pk: int, alarm: int) -> HttpResponse:
    """A person says what it was worth."""
    word = request.POST.get("word", "")
    try:
        done = alarms.answer(actor_of(request), client_id=pk, alarm_id=alarm, word=word)
    except KeyError:  # asked after the door: a stranger learns nothing of which words there are
        return bad_request(request)
    if done:
        messages.info(request, _("Written down. It counts in the score of the alarms."))
    else:
        messages.info(request, _("Somebody has said before what this alarm was. His word stands."))
    return redirect(f"{reverse('client_alarms', args=[pk])}#alarm-{alarm}")


def view_of(row: Advice, client: Client) -> AlarmView:
    return AlarmView(
        row=row,
        said=words.said(row),
        rarity=words.rarity(row),
        warning=words.warning(row),
        causes=words.causes(row),
        chart=_chart(row, client),
        look=words.look_of(row),
    )


def _chart(row: Advice, client: Client) -> ChartView | None:
    """The days around it, with what was usual on its day as a dashed line. Goals have their own chart."""
    if row.community is None:
        return None
    day = date.fromisoformat(row.about["day"])
    until = max(min(day + AFTER, today_of(client) - timedelta(days=1)), day)
    series = series_of_community(row.community, row.figure, Period(day - BEFORE, until))
    if series is None:
        return None
    usual = row.expected or 0.0
    shown = list(zip(series.days, series.values, strict=True))
    return ChartView(
        id=f"days-{row.pk}",
        spec=over_time(
            shown,
            plan=[(shown[0][0], usual), (shown[-1][0], usual)],
            value_title=figure_name(row),
            height=150,
        ),
        finding=words.said(row),
        under=_("By days. Dashed: what was usual on the day of the alarm."),
        source=f"{row.community.name} · {client.name}",
        here=f"#alarm-{row.pk}",
    )


def score_words(actor: Actor, client: Client) -> str:
    """How many there were and how many were right; empty without any."""
    found = next((one for one in advice.scores(actor, client.pk) if one.kind == AdviceKind.ALARM), None)
    if found is None:
        return ""
    raised = found.told + found.open + found.void
    said = ngettext("There was %(n)s alarm so far.", "There were %(n)s alarms so far.", raised) % {
        "n": raised
    }
    if found.told:
        said += " " + ngettext(
            "Of %(told)s alarm that people judged, %(hits)s were right.",
            "Of %(told)s alarms that people judged, %(hits)s were right.", found.told,
        ) % {"told": found.told, "hits": found.hits}  # fmt: skip
    if found.open:
        said += " " + ngettext(
            "%(n)s waits for your word.", "%(n)s wait for your word.", found.open
        ) % {"n": found.open}  # fmt: skip
    return said
