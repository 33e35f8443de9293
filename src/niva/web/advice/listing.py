"""Everything that was said for a client, with what came of it, and the score of each kind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.advice import queries
from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.advice.queries import Score
from niva.domains.clients import queries as clients
from niva.kit import sheets
from niva.kit.text import number, typo
from niva.web.advice.sentences import LOOKS, came_of, said_of
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.looks import Look
from niva.web.numbers.downloads import download, form_of
from niva.web.people.doors import signed_in

PER_PAGE: Final = 50
MOST_IN_FILE: Final = 20_000
FEW: Final = 10
"""Settled ones below which nothing is said of the promise."""


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One kind's score: `hits` of `told` drawn as a furrow, `promised` as its mark."""

    name: str
    says: str
    judged: str
    waiting: str
    hits: int
    told: int
    promised: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list."""

    row: Advice
    said: str
    came: str
    look: Look


@signed_in
@require_safe
def client_advice(request: HttpRequest, pk: int) -> HttpResponse:
    """The list, filtered by kind and outcome; with `form` as a file."""
    actor = actor_of(request)
    client = clients.client(actor, pk)
    kinds = queries.kinds_for(actor, pk)
    kind = request.GET.get("kind", "")
    verdict = request.GET.get("verdict", "")
    kind = kind if kind in kinds else ""
    verdict = verdict if verdict in Verdict.values else ""
    rows = queries.said(actor, pk, kinds=[kind] if kind else (), verdicts=[verdict] if verdict else ())
    if (form := form_of(request)) is not None:
        return _file(form, rows[:MOST_IN_FILE])
    scores = queries.scores(actor, pk)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = contexts.frame(actor, client, "numbers") | {
        "scores": [score_view(one) for one in scores],
        "page": page,
        "lines": [_line(row) for row in page],
        "kinds": _choices("kind", kind, verdict, [(one.kind, AdviceKind(one.kind).label) for one in scores]),
        "verdicts": _choices("verdict", verdict, kind, [(word, LOOKS[word].word) for word in Verdict]),
        "filtered": bool(kind or verdict),
        "file": f"?{urlencode({'kind': kind, 'verdict': verdict, 'form': 'csv'})}",
    }
    return render(request, "advice/list.html", context)


def _line(row: Advice) -> Line:
    return Line(row, said_of(row), came_of(row), LOOKS[Verdict(row.verdict)])


def _choices(
    name: str, chosen: str, other: str, options: list[tuple[str, Any]]
) -> list[tuple[str, str, bool]]:
    """Chips of a filter that keep the other filter: (address, word, whether it is chosen)."""
    beside = "verdict" if name == "kind" else "kind"
    every = [("", _("All kinds") if name == "kind" else _("All outcomes")), *options]
    return [
        (f"?{urlencode({key: text for key, text in ((name, value), (beside, other)) if text})}",
         str(word), value == chosen)
        for value, word in every
    ]  # fmt: skip


def score_view(one: Score) -> ScoreView:
    """How often a kind came true, against what its chances promised."""
    waiting = []
    if one.open:
        waiting.append(_("%(n)s wait for their day") % {"n": one.open})
    if one.void:
        waiting.append(_("%(n)s cannot be told") % {"n": one.void})
    return ScoreView(
        name=str(AdviceKind(one.kind).label),
        says=_says(one),
        judged=_judged(one),
        waiting=", ".join(waiting),
        hits=one.hits,
        told=one.told,
        promised=one.promised if one.with_odds == one.told and one.told else None,
    )


def _says(one: Score) -> str:
    if not one.told:
        return _("None could be checked yet.")
    values = {"told": _num(one.told), "hits": _num(one.hits), "odds": ""}
    if one.with_odds == one.told:
        values["odds"] = _num(round(10 * one.promised / one.told))
        return _set(_("Of %(told)s with a chance of %(odds)s in 10, %(hits)s came true.") % values)
    return _set(_("Of %(told)s that could be checked, %(hits)s came true.") % values)


def _judged(one: Score) -> str:
    """Whether the promise was kept, as far as so few can tell: two standard deviations of chance."""
    if not one.with_odds or one.with_odds != one.told:
        return ""
    if one.told < FEW:
        return _("Too few to judge the promise by.")
    share = one.promised / one.told
    gap = one.hits - one.promised
    chance = 2 * math.sqrt(max(one.told * share * (1 - share), 0.25))
    if abs(gap) <= chance:
        return _("So many could be expected: the promise is kept.")
    if gap < 0:
        return _("Fewer than promised: these ranges were too narrow, trust them less.")
    return _("More than promised: these ranges were wider than they had to be.")


def _file(form: str, rows: QuerySet[Advice]) -> HttpResponse:
    columns = [
        sheets.Column(_("Said on")), sheets.Column(_("Kind")), sheets.Column(_("What was said")),
        sheets.Column(_("From")), sheets.Column(_("To")), sheets.Column(_("Chance")),
        sheets.Column(_("It can be told on")), sheets.Column(_("It came to")), sheets.Column(_("Outcome")),
        sheets.Column(_("In words")),
    ]  # fmt: skip
    cells = [
        [
            row.said_at.date(), str(AdviceKind(row.kind).label), said_of(row), row.low, row.high, row.odds,
            row.due_on, row.came, str(LOOKS[Verdict(row.verdict)].word), came_of(row),
        ]
        for row in rows
    ]  # fmt: skip
    return download(form, "advice", _("Said and came"), columns, cells)


def _num(value: float) -> str:
    return number(value, get_language() or "ru", 0)


def _set(text: str) -> str:
    return typo(text, get_language() or "ru")
