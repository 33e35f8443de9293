"""When a client's posts do better, as a map of the week; or that no difference can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.clients import queries
from niva.domains.communities.models import Community
from niva.flows import best_time as flow
from niva.flows.weighed import communities_of
from niva.web.best_time import words
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.looks import network_name
from niva.web.people.doors import signed_in
from niva.words import noise

SHADES: Final = ((1.10, "up2"), (1.03, "up1"), (0.97, ""), (0.90, "down1"))
"""From which gain on a cell has which shade; below the last one "down2"."""


@dataclass(frozen=True, slots=True)
class CellView:
    """`shade`: a class of the style sheet, "hollow" where there are too few posts. `title`: it in words."""

    text: str
    shade: str
    title: str


@signed_in
@require_safe
def client_best_time(request: HttpRequest, pk: int) -> HttpResponse:
    """`?community=…&what=reach|views|engagement`; without them all communities and what is known of most."""
    actor = actor_of(request)
    row = queries.client(actor, pk, can="work")
    communities = communities_of(actor, row.pk)
    community = chosen_of(request, communities)
    found = flow.ask(actor, row, community, request.GET.get("what", ""))
    flow.remember(row, community, found, timezone.now())
    context = contexts.frame(actor, row, "numbers") | switches(communities, community, found.word)
    return render(request, "best_time/best_time.html", context | _view(found))


def chosen_of(request: HttpRequest, communities: list[Community]) -> Community | None:
    """The community that the address names, if it is one of these."""
    said = request.GET.get("community", "")
    return next((one for one in communities if str(one.pk) == said), None)


def switches(
    communities: list[Community], community: Community | None, word: str, **kept: str
) -> dict[str, Any]:
    """Chips of communities and of measures: query string, word, whether it is this one."""
    pk = str(community.pk) if community else ""
    names = [("", _("All communities"))]
    names += [(str(one.pk), f"{one.name}, {network_name(one.network)}") for one in communities]
    return {
        "communities": [
            ("?" + urlencode({"community": code, "what": word, **kept}), name, code == pk)
            for code, name in names
        ]
        if len(communities) > 1
        else [],
        "measures": [
            ("?" + urlencode({"community": pk, "what": code, **kept}), name, code == word)
            for code, name in words.MEASURES.items()
        ],
    }


def _view(found: flow.Found) -> dict[str, Any]:
    from niva.numbers.best_time import FEWEST_POSTS

    advice = found.advice
    reason = advice.reason.value if advice.reason else None
    record = found.record
    return {
        "headline": words.headline(advice.slots, reason or "", found.word),
        "explained": words.explained(reason, advice.rests_on, FEWEST_POSTS),
        "lines": words.lines(advice.slots),
        "days": words.days_short(),
        "week": _week(found),
        "rests_on": advice.rests_on,
        "total": found.total,
        "left_out": [(str(words.LEFT_OUT.get(code, code)), count) for code, count in found.left_out.items()],
        "record": record,
        "ours": words.record_of(record.ours) if record else None,
        "means": words.record_of(record.means) if record else None,
        "refused": record.ours.asked - record.ours.advised if record else 0,
    }


def _week(found: flow.Found) -> list[tuple[str, str, list[CellView]]]:
    """Rows of the map: hours, the part of the day, seven cells."""
    from niva.numbers.best_time import BLOCK, BLOCKS, FEWEST_IN_SLOT

    cells = found.advice.cells
    if not cells:
        return []
    language = get_language() or "ru"
    rows = []
    for place in range(BLOCKS):
        views = []
        for cell in cells[place::BLOCKS]:
            gain = noise.signed(cell.gain, language)
            values = {
                "when": words.when(cell.weekday, cell.since, cell.until), "gain": gain, "n": cell.posts,
                "span": noise.between(cell.low, cell.high, language),
            }  # fmt: skip
            title = _("%(when)s: %(gain)s, %(span)s in 8 cases of 10; posts: %(n)s") % values
            hollow = cell.posts < FEWEST_IN_SLOT
            views.append(CellView("" if hollow else gain, "hollow" if hollow else _shade(cell.gain), title))
        rows.append((*words.block(place * BLOCK), views))
    return rows


def _shade(gain: float) -> str:
    return next((shade for least, shade in SHADES if gain >= least), "down2")
