"""What a month of a client is about: pieces by rubric, kind and network against what was agreed."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.models import Slot
from niva.domains.editorial.models import Piece
from niva.domains.editorial.saved import FREE_SHARE, FreeShare
from niva.domains.editorial.states import PieceState
from niva.domains.editorial.table import hour, midnight
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Publication, Variant
from niva.domains.strategy.models import Rubric

# Under so many pieces a share says nothing: one more or less would turn it over.
FEWEST: Final = 5
# Percentage points by which a rubric may be off before the page speaks of it.
NOTICEABLE: Final = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One rubric, kind or network. `agreed`: percent, None = no share agreed; `made`: is out already."""

    key: str
    name: str
    mark: str
    planned: int
    made: int
    share: float
    agreed: int | None = None
    weeks: tuple[int, ...] = ()

    @property
    def off(self) -> float:
        """Percentage points above (or with a minus below) what was agreed; 0 without an agreement."""
        return 0.0 if self.agreed is None else self.share * 100 - self.agreed


@dataclass(frozen=True, slots=True)
class Balance:
    """A month of one client. `places`: how many posts it has room for, None = nobody said; `urgent`: of the
    planned ones what came up on the way; `kept`: percent of the places kept free for that."""

    first: date
    last: date
    weeks: tuple[date, ...]
    rubrics: list[Line]
    units: list[Line]
    networks: list[Line]
    planned: int
    made: int
    urgent: int
    places: int | None
    kept: int

    @property
    def free(self) -> int | None:
        """Places that nothing is planned for."""
        return None if self.places is None else max(0, self.places - self.planned)

    @property
    def worst(self) -> Line | None:
        """The rubric that is farthest from its share, where that is worth a word."""
        if self.planned < FEWEST:
            return None
        found = max(self.rubrics, key=lambda one: abs(one.off), default=None)
        return found if found is not None and abs(found.off) >= NOTICEABLE else None


@dataclass(frozen=True, slots=True)
class _Row:
    post_id: int
    day: date
    rubric_id: int | None
    unit: str
    urgent: bool
    out: bool


def balance(actor: Actor, *, client: Client, month: date) -> Balance:
    """`client` came through the door. Days are of the client's calendar; parked and rejected do not count."""
    first = month.replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    rows = _rows(actor, client, first, last)
    weeks = _weeks(first, last)
    rubrics = list(
        access.visible(actor, Rubric.objects.filter(client=client), can="work").order_by("position", "pk")
    )
    networks: dict[str, set[int]] = {}
    for post_id, network in Variant.objects.filter(post__in=[row.post_id for row in rows]).values_list(
        "post_id", "community__network"
    ):
        networks.setdefault(network, set()).add(post_id)
    kept = FreeShare.objects.filter(client=client).values_list("percent", flat=True).first()
    return Balance(
        first=first,
        last=last,
        weeks=weeks,
        rubrics=_by_rubric(rows, rubrics, weeks),
        units=_by_unit(rows),
        networks=_by_network(rows, networks),
        planned=len(rows),
        made=sum(row.out for row in rows),
        urgent=sum(row.urgent for row in rows),
        places=_places(client, first, last),
        kept=FREE_SHARE if kept is None else kept,
    )


def _rows(actor: Actor, client: Client, first: date, last: date) -> list[_Row]:
    out = Publication.objects.filter(post=OuterRef("post_id"), removed_at__isnull=True)
    zone = client.time_zone
    rows = access.visible(
        actor,
        Piece.objects.filter(client=client, post__deleted_at__isnull=True).filter(
            state__in=(PieceState.ACTIVE, PieceState.DONE)
        ),
        can="work",
    ).annotate(at=hour(), out=Exists(out))
    rows = rows.filter(at__gte=midnight(first, zone), at__lt=midnight(last + timedelta(days=1), zone))
    place = ZoneInfo(zone)
    return [
        _Row(post_id, _day(at, place), rubric_id, unit, urgent, is_out)
        for post_id, at, rubric_id, unit, urgent, is_out in rows.values_list(
            "post_id", "at", "post__rubric_id", "unit", "urgent", "out"
        )
    ]


def _day(at: datetime, place: ZoneInfo) -> date:
    return at.astimezone(place).date()


def _weeks(first: date, last: date) -> tuple[date, ...]:
    """The Mondays of the weeks that the month touches."""
    monday = first - timedelta(days=first.weekday())
    return tuple(monday + timedelta(days=7 * n) for n in range(6) if monday + timedelta(days=7 * n) <= last)


def _by_rubric(rows: Sequence[_Row], rubrics: Iterable[Rubric], weeks: Sequence[date]) -> list[Line]:
    """Every rubric at work, those put away that still have pieces, and what has none."""
    found = []
    for one in rubrics:
        own = [row for row in rows if row.rubric_id == one.pk]
        if own or one.archived_at is None:
            agreed = one.share if one.archived_at is None else None
            found.append(_line(one.name, one.name, one.mark, own, len(rows), agreed, weeks))
    none = [row for row in rows if row.rubric_id is None]
    if none:
        found.append(_line("none", "", "", none, len(rows), None, weeks))
    return found


def _line(
    key: str, name: str, mark: str, own: Sequence[_Row], total: int, agreed: int | None = None,
    weeks: Sequence[date] = (),
) -> Line:  # fmt: skip
    in_week = Counter((row.day - timedelta(days=row.day.weekday())) for row in own)
    return Line(
        key=key,
        name=name,
        mark=mark,
        planned=len(own),
        made=sum(row.out for row in own),
        share=len(own) / total if total else 0.0,
        agreed=agreed,
        weeks=tuple(in_week[week] for week in weeks),
    )


def _by_unit(rows: Sequence[_Row]) -> list[Line]:
    units = Counter(row.unit for row in rows)
    return [
        _line(unit, unit, "", [row for row in rows if row.unit == unit], len(rows))
        for unit, _n in units.most_common()
    ]


def _by_network(rows: Sequence[_Row], networks: dict[str, set[int]]) -> list[Line]:
    """A piece counts in every network that it goes to, so these shares add up to more than the whole."""
    lines = [
        _line(network, network, "", [row for row in rows if row.post_id in posts], len(rows))
        for network, posts in networks.items()
    ]
    return sorted(lines, key=lambda line: -line.planned)


def _places(client: Client, first: date, last: date) -> int | None:
    """How many posts the month has room for: the weekly hours of its communities, else by the contract.

    Hours of several communities on one weekday at one time are one place: one post goes to all of them.
    """
    rows = Slot.objects.filter(community__client=client, community__archived_at__isnull=True)
    slots = set(rows.values_list("weekday", "at"))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if slots:
        return sum(1 for day in days for weekday, _at in slots if weekday == day.weekday())
    if client.posts_per_week:
        return round(client.posts_per_week * len(days) / 7)
    return None


@transaction.atomic
def keep_free(actor: Actor, *, client_id: int, percent: int) -> FreeShare:
    """How much of a month's places stays free for what comes up. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="edit")
    if not 0 <= percent <= 90:
        raise Invalid.one("percent", _("Between 0 and 90 percent."))
    row, _new = FreeShare.objects.update_or_create(client=client, defaults={"percent": percent})
    record(actor, "client.free_share_changed", client, percent=percent)
    return row
