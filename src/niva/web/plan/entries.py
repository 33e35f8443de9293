"""One thing of the plan as its card shows it. Marks are drawn once a page: a month may have thousands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.publishing.foreseen import FORESEEN
from niva.domains.publishing.queries import DRAFT, Item
from niva.domains.publishing.services.move import MOVABLE
from niva.domains.publishing.states import State
from niva.flows.foretell import dooms
from niva.flows.holes import Hole
from niva.web.endings import on_post
from niva.web.looks import look_of, network_name
from niva.web.plan.facts import Facts, burns, missed
from niva.web.plan.wish import Wish
from niva.web.plan.words import day_name
from niva.web.templatetags.niva import clock, icon, netmark
from niva.words import describe

# Why something cannot be dragged.
STAYS: Final[dict[str, str | Promise]] = {
    State.SENDING: gettext_lazy("It is being sent right now, so its hour cannot be changed."),
    State.ACCEPTED: gettext_lazy("It is out already, so its hour cannot be changed."),
    State.PUBLISHED: gettext_lazy("It is out already, so its hour cannot be changed."),
    State.UNKNOWN: gettext_lazy("It is not known whether it went out. Open it and decide that first."),
    State.REJECTED: gettext_lazy("The network refused it. Open it and mend it first, then choose an hour."),
    State.CANCELLED: gettext_lazy("It was cancelled. Open it to schedule it again."),
    State.REMOVED: gettext_lazy("It was out and is gone. Open it to see what happened."),
}


@dataclass(slots=True)
class Entry:
    """`ref`: "d12" for a delivery, "v7" for a draft's variant. `stays`: why it cannot be moved, or empty."""

    ref: str
    url: str
    clock: str
    title: str
    css: str
    mark: SafeString
    icon: SafeString
    word: str
    community: str
    client: str = ""
    stays: str = ""
    notes: list[str] = field(default_factory=list)
    burns: bool = False
    moved: bool = False


@dataclass(slots=True)
class Gap:
    """A hole: `url` writes the post for it, empty for those who do not write."""

    url: str
    clock: str
    note: str
    community: str
    mark: SafeString


class Maker:
    """Makes cards for one page; remembers marks, addresses and rights."""

    def __init__(self, actor: Actor, wish: Wish, facts: Facts, *, moved: str = "") -> None:
        self.actor, self.wish, self.facts, self.moved = actor, wish, facts, moved
        self.place = ZoneInfo(wish.zone)
        self._nets: dict[str, SafeString] = {}
        self._states: dict[str, tuple[str, SafeString, str]] = {}
        self._may: dict[tuple[str, int], bool] = {}
        self._post = reverse("post_show", args=[0])
        self._edit = reverse("post_edit", args=[0])
        self._new = reverse("post_new")
        self._repeats = reverse("repeats", args=[0])
        self._clients: Mapping[int, str] = (
            {} if wish.client else {client.pk: client.name for client in wish.clients}
        )

    def entry(self, item: Item) -> Entry:
        css, drawn, word = self._state(item.state)
        if item.state == FORESEEN:
            return self._foreseen(item)
        base = self._edit if item.delivery_id is None else self._post
        ref = f"v{item.variant_id}" if item.delivery_id is None else f"d{item.delivery_id}"
        return Entry(
            ref=ref,
            url=base.replace("/0/", f"/{item.post_id}/"),
            clock=clock(item.at, self.place),
            title=item.title or _("untitled"),
            css=css,
            mark=self._net(item.network),
            icon=drawn,
            word=word,
            community=item.community,
            client=self._clients.get(item.client_id, ""),
            stays=self._stays(item),
            notes=self._notes(item),
            burns=burns(item),
            moved=ref == self.moved,
        )

    def _foreseen(self, item: Item) -> Entry:
        """A repeat that is not made yet: it leads to the page of its series, where one day may be changed."""
        css, drawn, word = self._state(FORESEEN)
        return Entry(
            ref="",
            url=self._repeats.replace("/0/", f"/{item.detail}/"),
            clock=clock(item.at, self.place),
            title=item.title or _("untitled"),
            css=f"{css} is-foreseen",
            mark=self._net(item.network),
            icon=drawn,
            word=word,
            community=item.community,
            client=self._clients.get(item.client_id, ""),
            stays=_("It is not made yet. Open the repeats to change or skip one day."),
            notes=self._notes(item),
        )

    def gap(self, hole: Hole) -> Gap:
        community = hole.community
        return Gap(
            url=self.new_url(community.client_id, community.pk, hole.at, rubric_id=hole.rubric_id),
            clock=clock(hole.at, self.place),
            note=" · ".join(str(one) for one in (hole.rubric, hole.note) if one),
            community=community.name,
            mark=self._net(community.network),
        )

    def new_url(
        self, client_id: int | None, community_id: int | None, at: datetime, *, rubric_id: int | None = None
    ) -> str:
        """Where a post for this hour is written; empty when the person may not."""
        if client_id is not None and not self.may("write", client_id):
            return ""
        values = {"client": client_id, "community": community_id, "at": at.isoformat(), "rubric": rubric_id}
        return f"{self._new}?{urlencode({name: value for name, value in values.items() if value})}"

    def may(self, can: str, client_id: int) -> bool:
        key = (can, client_id)
        if key not in self._may:
            self._may[key] = access.may(self.actor, can, client_id=client_id)
        return self._may[key]

    def _net(self, network: str) -> SafeString:
        if network not in self._nets:
            self._nets[network] = netmark(network)
        return self._nets[network]

    def _state(self, state: str) -> tuple[str, SafeString, str]:
        if state not in self._states:
            look = look_of(state)
            self._states[state] = (f"is-{look.css}", icon(look.icon, "s"), str(look.word))
        return self._states[state]

    def _stays(self, item: Item) -> str:
        if not self.may("write" if item.delivery_id is None else "publish", item.client_id):
            return _("Your role does not let you move it.")
        movable = item.state == DRAFT or item.state in MOVABLE
        return "" if movable else str(STAYS.get(item.state, ""))

    def _notes(self, item: Item) -> list[str]:
        notes = []
        if burns(item) and item.code:
            known = {"detail": item.detail, "network": network_name(item.network)}
            notes.append(describe(item.code, known).what)
        ending = self.facts.ends.get(item.community_id)
        if ending is not None and dooms(ending, item.at, item.state):
            notes.append(on_post(ending, item.network, self.wish.zone))
        if missed(item, self.facts.now):
            notes.append(_("its hour has passed"))
        same = self.facts.equal.get(item.delivery_id or 0)
        if same is not None:
            day = day_name(same.astimezone(self.place).date())
            notes.append(_("same text here on %(day)s") % {"day": day})
        minutes = self.facts.crowded.get((item.variant_id, item.delivery_id))
        if minutes == 0:
            notes.append(_("same minute as another post here"))
        elif minutes is not None:
            notes.append(_("%(n)s min from another post here") % {"n": minutes})
        return notes


def worth_showing(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of a day, in their order; what burns is never the one left out."""
    if len(items) <= most:
        return list(items)
    fires = [item for item in items if burns(item)][:most]
    rest = [item for item in items if not burns(item)][: most - len(fires)]
    return sorted(fires + rest, key=lambda item: (item.at, item.post_id, item.variant_id))
