"""How the work flows, counted from the stays of pieces in their stages. Every figure has its rows.

A window is 28 days, and is compared with the 28 days before it. `scope` is the ids of the clients that are
looked at; it must come through `clients_of`, which asks who may see the newsroom.

- cycle: days from the making of a piece to its first publication, of pieces first out in the window;
- stage: working hours of a stay, by the client's hours, of stays that ended in the window;
- returns: pieces returned at least once, of pieces that moved at all in the window;
- on time: pieces first out within 15 minutes of their planned hour, of those that had one;
- rounds: pieces returned more than twice, of pieces first out in the window;
- jam: the stage whose stays, ended or still open, went over its norm by the most hours together.

What shows a piece once more (a series, an evergreen) was made once and is no part of these figures, nor is
what was out before the desk had a piece of it: nobody knows how long that took.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from django.db.models import F, Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial.flowmath import Share, Spread, Verdict, compare, compare_shares, spread
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.states import How, PieceState
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden
from niva.domains.publishing.models import Publication
from niva.domains.publishing.repeating import shown_again
from niva.kit.working_time import WorkingTime

WINDOW: Final = timedelta(days=28)
GRACE: Final = timedelta(minutes=15)  # the time that the stage "published" has
_HOUR: Final = timedelta(hours=1)
ROUNDS: Final = 2  # returns that are ordinary


@dataclass(frozen=True, slots=True)
class Out:
    """A piece that is out: how long it took, whether it was on time (None: no hour was planned), returns."""

    piece_id: int
    title: str
    at: datetime
    days: float
    on_time: bool | None
    returns: int


@dataclass(frozen=True, slots=True)
class Stood:
    """A stay: working hours, and how many of them were over the norm of its stage."""

    piece_id: int
    kind: str
    name: str
    hours: float
    over: float
    how: str
    reason: str
    left_at: datetime | None


def clients_of(actor: Actor, client: Client | None = None) -> list[int]:
    """Whose work he may look at: this client's, or all at which he works. Raises Forbidden."""
    if client is not None:
        access.demand(actor, "work", client_id=client.pk)
        return [client.pk]
    rows = access.visible(actor, Client.objects.filter(archived_at__isnull=True))
    found = [pk for pk in rows.values_list("pk", flat=True) if access.may(actor, "work", client_id=pk)]
    if not found and not actor.everywhere:
        raise Forbidden("work")
    return found


def published(scope: Collection[int], since: datetime, until: datetime) -> list[Out]:
    """The pieces that first came out in this time, the newest first. One query."""
    first = Publication.objects.filter(post=OuterRef("post")).values("post").annotate(at=Min("published_at"))
    rows: QuerySet[Piece] = (
        Piece.objects.filter(client_id__in=scope)
        .exclude(shown_again())
        .annotate(first_out=Subquery(first.values("at")))
        .filter(first_out__gte=since, first_out__lt=until, created_at__lte=F("first_out"))
        .select_related("post")
        .order_by("-first_out")
    )
    found = []
    for piece in rows:
        at, planned = piece.first_out, piece.post.planned_at  # type: ignore[attr-defined]
        days = (at - piece.created_at) / timedelta(days=1)
        timely = None if planned is None else at <= planned + GRACE
        found.append(Out(piece.pk, str(piece.post), at, days, timely, piece.returns))
    return found


def returned(scope: Collection[int], since: datetime, until: datetime) -> QuerySet[Stay]:
    """The returns of this time, the newest first."""
    return (
        Stay.objects.filter(client_id__in=scope, how=How.BACK, left_at__gte=since, left_at__lt=until)
        .select_related("piece__post", "stage", "left_by")
        .order_by("-left_at")
    )


def returned_share(scope: Collection[int], since: datetime, until: datetime) -> Share:
    """Pieces returned at least once, of those that moved. One query."""
    moved: dict[int, bool] = defaultdict(bool)
    rows = Stay.objects.filter(client_id__in=scope, left_at__gte=since, left_at__lt=until)
    for piece_id, how in rows.exclude(shown_again("piece__post__")).values_list("piece_id", "how"):
        moved[piece_id] |= how == How.BACK
    return Share(sum(moved.values()), len(moved))


def stood(
    scope: Collection[int], since: datetime, until: datetime, kind: str = "", *, still: bool = False
) -> list[Stood]:
    """The stays that ended in this time; with `still` those that are open now, too. Three queries."""
    now = timezone.now()
    rows = Stay.objects.filter(client_id__in=scope, left_at__gte=since, left_at__lt=until)
    if still:
        rows |= Stay.objects.filter(client_id__in=scope, left_at__isnull=True, piece__state=PieceState.ACTIVE)
    rows = rows.exclude(shown_again("piece__post__"))
    if kind:
        rows = rows.filter(stage__kind=kind)
    clocks = {one.pk: clock_of(one) for one in Client.objects.filter(pk__in=scope).select_related("terms")}
    stages = {
        one.pk: (one.kind, str(one), one.hours or math.inf)
        for one in Stage.objects.filter(client_id__in=scope)
    }
    found = []
    # Plain values: with thousands of stays making objects of them would cost more than all the rest.
    fields = ("piece_id", "client_id", "stage_id", "entered_at", "left_at", "how", "reason")
    for piece, client, stage, entered, left, how, reason in rows.order_by("-entered_at").values_list(*fields):
        hours = clocks[client].between(entered, left or now) / _HOUR
        code, name, norm = stages[stage]
        found.append(Stood(piece, code, name, hours, max(hours - norm, 0.0), how, reason, left))
    return found


def titles(piece_ids: Collection[int], scope: Collection[int]) -> dict[int, str]:
    """The names of pieces of the scope, by id. One query."""
    rows = Piece.objects.filter(pk__in=piece_ids, client_id__in=scope).select_related("post")
    return {piece.pk: str(piece.post) for piece in rows}


def clock_of(client: Client) -> WorkingTime:
    """When a client works: by his contract, else Monday to Friday from 10 to 19 by his clock."""
    terms = getattr(client, "terms", None)
    if terms is None:
        return WorkingTime(client.time_zone)
    return WorkingTime(client.time_zone, terms.opens, terms.closes, tuple(terms.weekdays))


# The figures


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time now and before: days of the cycle, or hours of a stage."""

    now: Spread | None
    before: Spread | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Part:
    """A share now and before."""

    now: Share
    before: Share
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class StageFigure:
    """One stage: how long pieces stay, and by how much they go over its norm together."""

    kind: str
    name: str
    length: Length
    over: float
    waiting: int


@dataclass
class Flow:
    """The figures of a scope; each is read when it is asked for, so a card costs only what it shows."""

    scope: Collection[int]
    until: datetime = field(default_factory=timezone.now)

    @property
    def since(self) -> datetime:
        return self.until - WINDOW

    @cached_property
    def out(self) -> list[Out]:
        return published(self.scope, self.since, self.until)

    @cached_property
    def out_before(self) -> list[Out]:
        return published(self.scope, self.since - WINDOW, self.since)

    @cached_property
    def stays(self) -> list[Stood]:
        return stood(self.scope, self.since, self.until, still=True)

    @cached_property
    def stays_before(self) -> list[Stood]:
        return stood(self.scope, self.since - WINDOW, self.since)

    @property
    def cycle(self) -> Length:
        return _length([one.days for one in self.out], [one.days for one in self.out_before])

    @property
    def on_time(self) -> Part:
        return _part(timely(self.out), timely(self.out_before))

    @property
    def rounds(self) -> Part:
        return _part(many_rounds(self.out), many_rounds(self.out_before))

    @cached_property
    def returns(self) -> Part:
        before = returned_share(self.scope, self.since - WINDOW, self.since)
        return _part(returned_share(self.scope, self.since, self.until), before)

    @cached_property
    def reasons(self) -> list[tuple[str, int]]:
        """Reasons of returns with how often, the commonest first."""
        counts: dict[str, int] = defaultdict(int)
        for reason in returned(self.scope, self.since, self.until).values_list("reason", flat=True):
            counts[reason] += 1
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    @cached_property
    def stages(self) -> list[StageFigure]:
        """Every stage that had a stay, the worst jam first."""
        now, before = _by_kind(self.stays), _by_kind(self.stays_before)
        found = []
        for kind, rows in now.items():
            ended = [one.hours for one in rows if one.left_at is not None]
            earlier = [one.hours for one in before.get(kind, ()) if one.left_at is not None]
            waiting = sum(1 for one in rows if one.left_at is None)
            over = sum(one.over for one in rows)
            found.append(StageFigure(kind, rows[0].name, _length(ended, earlier), over, waiting))
        return sorted(found, key=lambda one: -one.over)

    @property
    def jam(self) -> StageFigure | None:
        """Where the most hours went over the norm; None: nowhere."""
        worst = self.stages[0] if self.stages else None
        return worst if worst is not None and worst.over > 0 else None


def _length(now: Sequence[float], before: Sequence[float]) -> Length:
    return Length(spread(now), spread(before), compare(now, before))


def _part(now: Share, before: Share) -> Part:
    return Part(now, before, compare_shares(now, before))


def timely(rows: Iterable[Out]) -> Share:
    known = [one.on_time for one in rows if one.on_time is not None]
    return Share(sum(known), len(known))


def many_rounds(rows: Sequence[Out]) -> Share:
    return Share(sum(one.returns > ROUNDS for one in rows), len(rows))


def _by_kind(rows: Iterable[Stood]) -> dict[str, list[Stood]]:
    found: dict[str, list[Stood]] = defaultdict(list)
    for one in rows:
        found[one.kind].append(one)
    return found
