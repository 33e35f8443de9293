"""Why a client's number changed, and what would move it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.clients import queries
from niva.domains.clients.queries import today_of
from niva.flows.why import Why, since_when, why
from niva.kit.text import number
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.numbers.words import days_words
from niva.web.people.doors import signed_in
from niva.web.why import words
from niva.web.why.asking import asked, usual_of


@signed_in
@require_safe
def client_why(request: HttpRequest, pk: int) -> HttpResponse:
    """Two periods side by side, the change as a tree whose parts add up to it."""
    actor = actor_of(request)
    row = queries.client(actor, pk, can="work")
    today = today_of(row)
    pair = asked(request.GET, today, usual=usual_of(today, since_when(actor, row)))
    found = why(actor, row, pair.what, pair.before, pair.after)
    context = contexts.frame(actor, row, "numbers") | {
        "pair": pair,
        "found": found,
        "questions": [
            (pair.query(what), words.choice(found, what), what == found.what) for what in found.offered
        ],
        "days_before": days_words(found.before),
        "days_after": days_words(found.after),
        "silent": ", ".join(found.silent),
        "age_days": found.age // 24,
    }
    return render(request, "why/why.html", context | _tree(found))


def _tree(found: Why) -> dict[str, Any]:
    root = found.tree
    if root is None:
        return {"absent": _absent(found)}
    language = get_language() or "ru"
    ends = [words.size_of(found, round(value or 0.0, 1)) for value in (root.before, root.after)]
    lengths = (found.before.days, found.after.days)
    return {
        "finding": words.finding(found, root),
        "subject": words.subject(found),
        "lines": words.lines(found, root),
        "change": words.signed(found, root.effect),
        "ends": ends,
        "uneven": ngettext(
            "The periods differ by %(n)s day: a part of the change is that.",
            "The periods differ by %(n)s days: a part of the change is that.",
            abs(lengths[0] - lengths[1]),
        ) % {"n": number(abs(lengths[0] - lengths[1]), language)}
        if lengths[0] != lengths[1] else "",
    }  # fmt: skip


def _absent(found: Why) -> str:
    if found.code == "goal_later" and found.goal is not None:
        return _("The goal is counted only since %(day)s: there is nothing to compare these days with.") % {
            "day": f"{found.goal.starts_on:%d.%m.%Y}"
        }
    if found.code == "no_price":
        return _(
            "There is no price of a unit in one of the periods: no money was written down, or no unit came."
        )
    if found.code == "no_numbers":
        return _("No post with numbers went out in these days. Take other days.")
    return _("No network has told numbers of this client's posts yet.")
