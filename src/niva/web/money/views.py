"""The money of one client on one page: paid, bought, what one costs, and where each rouble went."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from niva.domains.clients import queries
from niva.domains.clients.models import CostKind
from niva.domains.clients.pacing import Alert, Pace
from niva.domains.people.actor import Actor
from niva.flows import money as flow
from niva.web.charts import Spec, over_time
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.clients.words import known_words
from niva.web.money import sentences
from niva.web.people.doors import signed_in


@signed_in
@require_http_methods(["GET", "HEAD"])
def money(request: HttpRequest, pk: int) -> HttpResponse:
    """The page a client reads first."""
    actor = actor_of(request)
    client = queries.client(actor, pk)
    seen = flow.money(actor, client)
    context = contexts.frame(actor, client, "numbers") | page(actor, seen)
    return render(request, "money/page.html", context)


def page(actor: Actor, seen: flow.Money) -> dict[str, Any]:
    """What the template prints."""
    known = () if seen.price is None or seen.price.spent is None else seen.price.known
    return {
        "money": seen,
        "view": contexts.goal_view(seen.found) if seen.found else None,
        "says": sentences.first_words(seen),
        "known": known_words(known or ["unknown"]),
        "how": sentences.how(seen),
        "unknown": sentences.unknown_words(seen.price.unknown_rows if seen.price else 0),
        "unspent": sentences.unspent(seen),
        "lines": _lines(seen),
        "apart": _apart(seen),
        "anyway": sentences.anyway_words(seen, seen.anyway) if seen.anyway else "",
        "anyway_known": known_words([seen.anyway.known]) if seen.anyway else "",
        "pacing": [_pace(seen, one) for one in seen.pacing],
        "inside": _inside(seen),
        "chart": _chart(actor, seen),
        "finding": _finding(seen),
    }


def _lines(seen: flow.Money) -> list[dict[str, Any]]:
    total = seen.spent or Decimal(0)
    return [
        {
            "kind": line.kind,
            "word": CostKind(line.kind).label,
            "total": sentences.cash(seen, line.total) if line.rows > line.unknown else "—",
            "share": line.total / total if total > 0 else None,
            "rows": line.rows,
            "unknown": line.unknown,
        }
        for line in seen.kinds
    ]


def _apart(seen: flow.Money) -> dict[str, str] | None:
    if seen.apart is None:
        return None
    return {
        "paid": sentences.way_words(seen, seen.apart.paid),
        "organic": sentences.way_words(seen, seen.apart.organic),
        "work": sentences.work_words(seen, seen.apart) if seen.apart.work else "",
        "unknown": sentences.untraced(seen, seen.apart),
    }


def _pace(seen: flow.Money, one: Pace) -> dict[str, Any]:
    return {
        "word": CostKind(one.kind).label,
        "kind": one.kind,
        "plan": sentences.cash(seen, one.plan),
        "spent": sentences.cash(seen, one.spent),
        "left": sentences.cash(seen, one.left),
        "says": sentences.pace_words(seen, one),
        "unknown": sentences.unknown_words(one.unknown_rows),
        "alert": one.alert != Alert.NONE,
    }


def _inside(seen: flow.Money) -> dict[str, str] | None:
    if seen.inside is None:
        return None
    one = seen.inside
    return {
        "fee": sentences.cash(seen, one.fee),
        "borne": sentences.cash(seen, one.borne),
        "left": sentences.cash(seen, one.left),
        "each": sentences.cash(seen, one.each) if one.each is not None else "",
    }


def _chart(actor: Actor, seen: flow.Money) -> Spec | None:
    """What was spent, added up by days (solid), and the plan of its months (dashed)."""
    if seen.spent is None:
        return None
    spent, plan = flow.by_day(actor, seen)
    if len(spent) < 2:
        return None
    return over_time(
        spent,
        plan=plan,
        value_title=_("Spent"),
        lead=sentences.cash(seen, seen.spent),
        plan_lead=_("plan %(plan)s") % {"plan": sentences.cash(seen, seen.plan)} if plan else "",
        height=200,
    )


def _finding(seen: flow.Money) -> str:
    """The title of the chart: what it shows."""
    if seen.plan is None or seen.spent is None:
        return _("How the money was spent")
    return sentences.unspent(seen).rstrip(".")
