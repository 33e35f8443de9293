"""What the address of the plan asks for: view, place in time, filters. Nonsense falls back, never breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.people.errors import NotFound

VIEWS: Final = ("month", "week", "list")
# A calendar far outside of these years is a slip of the keyboard, and date arithmetic ends at year 9999.
YEARS: Final = range(2000, 2201)
_REMEMBERED: Final = "plan"


@dataclass(frozen=True, slots=True)
class Wish:
    """`day`: where the view stands; `one_day`: the list of this day only. `clients`, `communities`: all that
    the person sees, with slots; `chosen`: ids of communities, empty for all."""

    view: str
    day: date
    zone: str
    one_day: bool = False
    client: Client | None = None
    chosen: frozenset[int] = frozenset()
    page: int = 1
    events: bool = True
    clients: Sequence[Client] = field(default=(), repr=False)
    communities: Sequence[Community] = field(default=(), repr=False)

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day shown: whole weeks in the month."""
        if self.view == "week":
            return monday(self.day), monday(self.day) + timedelta(days=6)
        first, last = month_of(self.day)
        if self.view == "month":
            return monday(first), monday(last) + timedelta(days=6)
        return (self.day, self.day) if self.one_day else (first, last)

    @property
    def at(self) -> str:
        """The place in time as the address has it."""
        exact = self.view == "week" or self.one_day
        return f"{self.day:%Y-%m-%d}" if exact else f"{self.day:%Y-%m}"

    def step(self, by: int) -> Wish:
        """The month, week or day before (-1) or after (1)."""
        if self.view == "week":
            return replace(self, day=self.day + timedelta(days=7 * by))
        if self.one_day:
            return replace(self, day=self.day + timedelta(days=by))
        first, last = month_of(self.day)
        return replace(self, day=first - timedelta(days=1) if by < 0 else last + timedelta(days=1))

    @property
    def mine(self) -> list[Community]:
        """The communities whose plan is shown."""
        return [
            one
            for one in self.communities
            if (self.client is None or one.client_id == self.client.pk)
            and (not self.chosen or one.pk in self.chosen)
        ]

    def query(self, **changes: Any) -> str:
        """The address's parameters, with changes: view, at, client (id or ""), community (ids)."""
        values: dict[str, Any] = {
            "view": self.view,
            "at": self.at,
            "client": self.client.pk if self.client else "",
            "community": sorted(self.chosen),
            "events": "" if self.events else "off",
            **changes,
        }
        return urlencode({name: value for name, value in values.items() if value not in ("", [])}, doseq=True)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of its month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def read(request: HttpRequest, actor: Actor) -> Wish:
    """The wish of the address; without one, what this person looked at last. Raises NotFound for ids of
    clients and communities that are not his."""
    asked = any(name in request.GET for name in ("view", "at", "client", "community"))
    given: Mapping[str, Any] = request.session.get(_REMEMBERED, {})
    source = request.GET if asked else _from_memory(given)
    clients = list(access.visible(actor, Client.objects.filter(archived_at__isnull=True)))
    rows = Community.objects.filter(archived_at__isnull=True, client__archived_at__isnull=True)
    communities = list(access.visible(actor, rows.prefetch_related("slots__rubric")))
    by_id = {client.pk: client for client in clients}
    for community in communities:
        community.client = by_id[community.client_id]
    try:
        client, chosen = _filters(actor, source, by_id, {one.pk: one for one in communities})
    except NotFound:
        if asked:
            raise
        client, chosen = None, frozenset()
    zone = client.time_zone if client else timezone.get_current_timezone_name()
    view = source.get("view", "")
    view = view if view in VIEWS else "month"
    day, exact = _place(source.get("at", ""), timezone.now().astimezone(ZoneInfo(zone)).date())
    return Wish(
        view=view,
        day=day,
        zone=zone,
        one_day=exact and view == "list",
        client=client,
        chosen=chosen,
        page=_number(request.GET.get("page", "")) or 1,
        events=source.get("events", "") != "off",
        clients=clients,
        communities=communities,
    )


def remember(request: HttpRequest, wish: Wish) -> None:
    """The next visit without parameters shows the same view and filters (at today)."""
    now = {
        "view": wish.view,
        "client": wish.client.pk if wish.client else "",
        "community": sorted(wish.chosen),
        "events": "" if wish.events else "off",
    }
    if request.session.get(_REMEMBERED) != now:
        request.session[_REMEMBERED] = now


def _from_memory(given: Mapping[str, Any]) -> QueryDict:
    source = QueryDict(mutable=True)
    source.update({name: str(given.get(name, "")) for name in ("view", "client", "events")})
    source.setlist("community", [str(one) for one in given.get("community", [])])
    return source


def _filters(
    actor: Actor, source: QueryDict, clients: Mapping[int, Client], communities: Mapping[int, Community]
) -> tuple[Client | None, frozenset[int]]:
    client_id = _number(source.get("client", ""))
    wanted = [number for one in source.getlist("community") if (number := _number(one))]
    for number in wanted:
        if number not in communities:
            raise NotFound("community")
    if client_id is None and wanted:
        client_id = communities[wanted[0]].client_id
    client = None
    if client_id is not None:
        # A client that is put away still has a past to look at.
        client = clients.get(client_id) or access.get(actor, Client.objects.all(), client_id)
    same = {number for number in wanted if client is None or communities[number].client_id == client.pk}
    return client, frozenset(same)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,17}", text) else None


def _place(text: str, today: date) -> tuple[date, bool]:
    """The day meant, and whether a day (not a month) was meant. Of the present month: today."""
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", text, re.ASCII)
    if match is None:
        return today, False
    year, month, day = (int(part or 1) for part in match.groups())
    if year not in YEARS:
        return today, False
    try:
        found = date(year, month, day)
    except ValueError:
        return today, False
    if match.group(3):
        return found, True
    return (today if (year, month) == (today.year, today.month) else found), False
