"""Levers: what a tenth more of each step would bring, what it would cost, how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.clients import queries
from niva.flows.levers import Levers, levers_of
from niva.kit.text import MISSING, money, number
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.numbers.words import days_words
from niva.web.people.doors import signed_in

if TYPE_CHECKING:
    from niva.numbers.levers import Lever


@dataclass(frozen=True, slots=True)
class LeverView:
    name: str
    gain: str
    range: str
    cost: str
    each: str
    known: str
    why: str


@signed_in
@require_safe
def client_levers(request: HttpRequest, pk: int) -> HttpResponse:
    """The steps of the chain, the cheapest unit first."""
    actor = actor_of(request)
    row = queries.client(actor, pk, can="work")
    found = levers_of(actor, row)
    context = contexts.frame(actor, row, "numbers") | {
        "found": found,
        "levers": [_view(found, one) for one in found.levers],
        "days": days_words(found.period),
        "units": number(found.units, get_language() or "ru", 0),
        "finding": _finding(found),
        "absent": _absent(found),
    }
    return render(request, "why/levers.html", context)


def _absent(found: Levers) -> str:
    return {
        "no_goal": _("Levers move a goal, and none is counted here. Set the goal first."),
        "no_units": _("Nothing came towards the goal in 28 days: a tenth more of nothing is nothing."),
        "no_posts": _("No post with numbers went out in 28 days."),
    }.get(found.code, "")


def _finding(found: Levers) -> str:
    if not found.levers:
        return ""
    first = found.levers[0]
    if first.each is None:
        return _(
            "What a tenth more of each step would bring. Its price cannot be told from the money that was "
            "written down."
        )
    return _("The cheapest lever: %(step)s. A unit more for about %(each)s.") % {
        "step": step_name(found, first.name), "each": _money(found, first.each),
    }  # fmt: skip


def step_name(found: Levers, name: str) -> str:
    names = {
        "posts": _("a tenth more posts"),
        "reach": _("a tenth more people who see a post"),
        "views": _("a tenth more views of a post"),
        "clicks": _("a tenth more visits of those who saw it"),
    }
    last = _("a tenth more units of a visit") if found.clicks else _("a tenth more units of those who saw it")
    return names.get(name, last)


def _view(found: Levers, one: Lever) -> LeverView:
    language = get_language() or "ru"
    places = 0 if abs(one.gain) >= 20 else 1
    low, high = number(one.low, language, places), number(one.high, language, places)
    return LeverView(
        name=step_name(found, one.name),
        gain=f"{'+' if one.gain > 0 else ''}{number(one.gain, language, places)}",
        range=f"{low} … {high}",
        cost=_money(found, one.cost),
        each=_each(found, one),
        known=_known(one),
        why=_why(one),
    )


def _money(found: Levers, value: float | None) -> str:
    if value is None or found.goal is None:
        return MISSING
    return money(Decimal(round(value)), found.goal.client.currency, get_language() or "ru")


def _each(found: Levers, one: Lever) -> str:
    if one.each is None:
        return MISSING
    if one.each_high is None:
        return _("about %(each)s, at worst nothing comes of it") % {"each": _money(found, one.each)}
    return _("about %(each)s, from %(low)s to %(high)s") % {
        "each": _money(found, one.each),
        "low": _money(found, one.each_low),
        "high": _money(found, one.each_high),
    }


def _known(one: Lever) -> str:
    return {
        "experiment": _("by an experiment of our own"),
        "history": _("by our own weeks"),
        "chain": _("by the rule of the chain"),
    }[str(one.grade)]


def _why(one: Lever) -> str:
    if one.grade == "history":
        return _("By %(n)s weeks: a tenth more of this step went with %(change)s %% of the goal.") % {
            "n": number(one.weeks), "change": number(one.elasticity * 10, get_language() or "ru", 0),
        }  # fmt: skip
    if one.grade == "chain":
        return _("Our own weeks do not say yet; taken: a tenth more of a step is a tenth more of the whole.")
    return ""
