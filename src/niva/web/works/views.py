"""What works in a client's posts: effects with their ranges, the sure ones apart from noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.clients import access, queries
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.strategy.models import Rubric
from niva.flows import works as flow
from niva.flows.weighed import FORMATS, communities_of
from niva.kit.text import number
from niva.web.best_time.views import chosen_of, switches
from niva.web.best_time.words import LEFT_OUT, MEASURES, explained, upper
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.looks import format_name
from niva.web.people.doors import signed_in
from niva.words import noise

if TYPE_CHECKING:
    from niva.numbers.factors import Effect

FACTORS: Final[dict[str, str | Promise]] = {
    "format": gettext_lazy("Form"), "rubric": gettext_lazy("Rubric"), "length": gettext_lazy("Length"),
    "link": gettext_lazy("Link"), "hours": gettext_lazy("Hour of the day"),
    "day": gettext_lazy("Day of the week"),
}  # fmt: skip
LENGTHS: Final = (
    gettext_lazy("without a text"), gettext_lazy("up to 280 characters"),
    gettext_lazy("281 to 1,000 characters"), gettext_lazy("more than 1,000 characters"),
)  # fmt: skip
VERDICTS: Final = {
    "noise": gettext_lazy("noise"), "leaning": gettext_lazy("perhaps"),
    "unknown": gettext_lazy("cannot be told"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EffectView:
    """`badge`: noise, up, down or "" (perhaps, cannot be told); `span`: the range of the effect."""

    factor: str
    level: str
    span: str
    badge: str
    verdict: str
    posts: str


@signed_in
@require_safe
def client_works(request: HttpRequest, pk: int) -> HttpResponse:
    """`?community=…&what=…&paid=1`: paid posts are compared among themselves."""
    actor = actor_of(request)
    row = queries.client(actor, pk, can="work")
    communities = communities_of(actor, row.pk)
    community = chosen_of(request, communities)
    paid = request.GET.get("paid") == "1"
    found = flow.ask(actor, row, community, request.GET.get("what", ""), paid=paid)
    context = contexts.frame(actor, row, "numbers")
    context |= switches(communities, community, found.word, **({"paid": "1"} if paid else {}))
    base = f"?community={community.pk if community else ''}&what={found.word}"
    context["kinds"] = [
        (base, _("Organic"), not paid), (f"{base}&paid=1", _("Paid"), paid),
    ]  # fmt: skip
    return render(request, "works/works.html", context | _view(actor, row, found, paid))


def _view(actor: Actor, client: Client, found: flow.Found, paid: bool) -> dict[str, Any]:
    from niva.numbers.factors import FEWEST_POSTS, WRONG
    from niva.numbers.spread import Verdict

    rubrics = dict(access.visible(actor, Rubric.objects.filter(client=client)).values_list("pk", "name"))
    effects = found.works.effects
    real = [one for one in effects if one.verdict is Verdict.REAL]
    views = [_effect(one, rubrics) for one in effects]
    few = found.works.rests_on < FEWEST_POSTS
    return {
        "headline": _headline(real, few, rubrics, found.word),
        "few": few,
        "explained": explained("few_posts", found.works.rests_on, FEWEST_POSTS),
        "sure": [view for view in views if view.badge in ("up", "down")],
        "rest": [view for view in views if view.badge not in ("up", "down")],
        "asked": len(effects),
        "wrong": round(WRONG * 100),
        "rests_on": found.works.rests_on,
        "paid": paid,
        "left_out": [(str(LEFT_OUT.get(code, code)), count) for code, count in found.left_out.items()],
    }


def _headline(real: list[Effect], few: bool, rubrics: dict[int, str], word: str) -> str:
    if few:
        return _("Too few posts to tell what works")
    if not real:
        return _("Nothing stands out from chance: no form, rubric, length or hour")
    best = max(real, key=lambda one: one.ratio or 0.0)
    values = {
        "what": upper(_level(best, rubrics)), "word": MEASURES[word],
        "span": noise.more(best.low or 1.0, best.high or 1.0, get_language() or "ru"),
    }  # fmt: skip
    return _("%(what)s: %(word)s is %(span)s than of other posts, in 8 cases of 10") % values


def _effect(one: Effect, rubrics: dict[int, str]) -> EffectView:
    language = get_language() or "ru"
    span = "–" if one.low is None or one.high is None else noise.more(one.low, one.high, language)
    real = one.verdict.value == "real"
    more = (one.ratio or 1.0) >= 1
    badge = ("up" if more else "down") if real else "noise" if one.verdict.value == "noise" else ""
    word = (_("more") if more else _("less")) if real else str(VERDICTS[one.verdict.value])
    posts = ngettext("%(n)s post", "%(n)s posts", one.posts) % {"n": number(one.posts, language)}
    return EffectView(str(FACTORS[one.factor]), _level(one, rubrics), span, badge, word, posts)


def _level(one: Effect, rubrics: dict[int, str]) -> str:
    if one.factor == "format":
        return format_name(FORMATS[one.level])
    if one.factor == "rubric":
        return _("rubric “%(name)s”") % {"name": rubrics.get(one.level, "")}
    if one.factor == "length":
        return str(LENGTHS[one.level])
    if one.factor == "link":
        return _("with a link") if one.level else _("without a link")
    if one.factor == "day":
        return str(WEEKDAYS[one.level - 1]).lower()
    return _("%(since)s–%(until)s h") % {"since": one.level * 3, "until": one.level * 3 + 3}
