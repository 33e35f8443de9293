"""The plan of a month, a week or a list; the same without its frame for htmx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.clients.queries import stopped
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.web.people.doors import signed_in
from niva.web.plan import facts, words
from niva.web.plan.entries import Maker
from niva.web.plan.grid import Drawer
from niva.web.plan.wish import VIEWS, Wish, month_of, read, remember
from niva.web.templatetags.niva import icon

VIEW_NAMES: Final = {
    "month": gettext_lazy("Month"),
    "week": gettext_lazy("Week"),
    "list": gettext_lazy("List"),
}
LEGEND: Final = (
    "published", "queued", "sending", "waiting", "unknown", "needs_login", "rejected", "held", "draft",
    "cancelled",
)  # fmt: skip
MOST_CHIPS: Final = 8


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is a link; `on`: chosen now. `network`: its mark, for communities."""

    name: str
    url: str
    on: bool
    network: str = ""


@signed_in
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wish = read(request, actor)
    remember(request, wish)
    back = request.session.pop("plan_moved", None) if not request.GET.get("page") else None
    return answer(request, context_of(actor, wish, back=back))


def answer(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or only what htmx replaces of it."""
    htmx = request.htmx  # type: ignore[attr-defined]
    part = (htmx and not htmx.history_restore_request) or context.get("fragment")
    response = render(
        request, "plan/fragment.html" if part else "plan/plan.html", {**context, "part": bool(part)}
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def context_of(
    actor: Actor, wish: Wish, *, back: dict[str, Any] | None = None, moved: str = ""
) -> dict[str, Any]:
    """All that the page shows. `back`: how to undo the last move ({sentence, ids, at})."""
    found = facts.gather(actor, wish)
    maker = Maker(actor, wish, found, moved=moved)
    drawer = Drawer(maker)
    first, last = month_of(wish.day) if wish.view == "month" else wish.days
    inside = found.within(first, last)
    shape = {"month": drawer.month, "week": drawer.week, "list": drawer.table}[wish.view]()
    new_url = maker.new_url(wish.client.pk if wish.client else None, None, found.now).split("&at=")[0]
    return {
        "wish": wish,
        "stopped": [one for one in stopped(actor) if wish.client is None or one.pk == wish.client.pk],
        "query": wish.query(),
        "title": words.title(wish),
        "clock": words.whose_clock(wish),
        "summary": words.contract(wish, found, facts.count(*inside, found.now)),
        "steps": {
            "before": wish.step(-1).query(),
            "after": wish.step(1).query(),
            "name": words.step_name(wish),
        },
        "today_query": _today(wish),
        "views": [
            (VIEW_NAMES[view], wish.query(view=view, at=_place_in(wish, view)), view) for view in VIEWS
        ],
        "weekdays": words.WEEKDAYS,
        "shape": shape,
        "clients": _clients(wish),
        "communities": _communities(wish),
        "events": _events(wish),
        "legend": LEGEND,
        "writes": drawer.writes,
        "new_url": new_url.split("?at=")[0],
        "hint": _hint(actor, wish, empty=not inside[0] and not inside[1]),
        "back": back,
        **_drawn_once(),
    }


def _drawn_once() -> dict[str, Any]:
    """What every card repeats: looked up once, because a page has hundreds of them."""
    return {
        "move_base": reverse("plan_move"),
        "move_word": _("Move…"),
        "move_icon": icon("calendar-event", "s"),
        "new_word": _("Write a post"),
        "new_icon": icon("plus", "s"),
        "hole_word": _("hole"),
    }


def _today(wish: Wish) -> str:
    """The address without a place in time, which means today."""
    return wish.query(at="")


def _place_in(wish: Wish, view: str) -> str:
    return f"{wish.day:%Y-%m-%d}" if view == "week" else f"{wish.day:%Y-%m}"


def _clients(wish: Wish) -> list[Chip]:
    if len(wish.clients) < 2 and wish.client is None:
        return []
    everyone = Chip(_("All clients"), "?" + wish.query(client="", community=[]), wish.client is None)
    chips = [
        Chip(
            one.name, "?" + wish.query(client=one.pk, community=[]), bool(wish.client) and one == wish.client
        )
        for one in wish.clients
    ]
    return [everyone, *sorted(chips, key=lambda chip: not chip.on)]


def _communities(wish: Wish) -> list[Chip]:
    """Communities of the client, each switched on and off by itself; of all clients when there are few."""
    rows = [one for one in wish.communities if wish.client is None or one.client_id == wish.client.pk]
    if wish.client is None and len({one.client_id for one in rows}) > 1:
        return []
    return [
        Chip(
            one.name,
            "?" + wish.query(client=one.client_id, community=sorted(wish.chosen ^ {one.pk})),
            one.pk in wish.chosen,
            one.network,
        )
        for one in rows
    ]


def _events(wish: Wish) -> Chip | None:
    """Switches the year's events of a client on and off."""
    if wish.client is None:
        return None
    return Chip(_("Events"), "?" + wish.query(events="off" if wish.events else ""), wish.events)


def _hint(actor: Actor, wish: Wish, *, empty: bool) -> dict[str, str]:
    """What to do next where there is nothing to see, or where holes cannot be seen."""
    if not wish.clients:
        return _says(
            _("The plan is empty: there are no clients yet"),
            _("Add a client and connect a community: its posts will stand here by their days."),
            _("Open the clients"),
            reverse("clients"),
        )
    mine = wish.mine
    if not mine:
        return _says(
            _("The plan is empty: no community is connected"),
            _("Posts go out to communities. Connect the first one, then write a post for it."),
            _("Connect a community"),
            reverse("community_new", args=[wish.client.pk]) if wish.client else reverse("communities"),
        )
    bare = _without_slots(actor, mine) if wish.client else None
    if bare is not None:
        return _says(
            _("“%(name)s” has no slots") % {"name": bare.name},
            _("Slots are the weekly hours in which it publishes. With them the plan shows its holes."),
            _("Set the slots"),
            reverse("community", args=[bare.pk]),
            quiet=True,
        )
    if empty:
        return _says(
            _("Nothing is planned for these days"),
            _("Write a post and give it an hour: it will stand on its day, with its state."),
            "",
            "",
        )
    return {}


def _without_slots(actor: Actor, mine: Sequence[Community]) -> Community | None:
    return next(
        (one for one in mine if not one.slots.all() and access.may(actor, "write", client_id=one.client_id)),
        None,
    )


def _says(title: str, text: str, action: str, url: str, *, quiet: bool = False) -> dict[str, str]:
    return {"title": title, "text": text, "action": action, "url": url, "quiet": "1" if quiet else ""}
