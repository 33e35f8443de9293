"""Named reads of what was said and what came of it, through the one door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum

from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.clients import access
from niva.domains.people.actor import Actor

FOR_ALL = (AdviceKind.FORECAST,)
"""What those see, too, who do not work here: the client reads what was foretold of his goal."""


@dataclass(frozen=True, slots=True)
class Score:
    """How often one kind came true. `told`: hits and misses together; `with_odds`: how many of them named a
    chance, `promised`: how many of those should have come true by it."""

    kind: str
    hits: int
    told: int
    with_odds: int
    hits_with_odds: int
    promised: float
    open: int
    void: int


def said(
    actor: Actor, client_id: int, *, kinds: Sequence[str] = (), verdicts: Sequence[str] = ()
) -> QuerySet[Advice]:
    """What was said for a client, the newest first. Empty `kinds` or `verdicts`: all that he may read."""
    rows = access.visible(actor, Advice.objects.filter(client_id=client_id))
    rows = rows.filter(kind__in=kinds_for(actor, client_id))
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if verdicts:
        rows = rows.filter(verdict__in=verdicts)
    return rows.select_related("community", "client").order_by("-said_at", "-id")


def kinds_for(actor: Actor, client_id: int) -> tuple[str, ...]:
    """The kinds this person reads at this client."""
    if access.may(actor, "work", client_id=client_id):
        return tuple(AdviceKind.values)
    return tuple(kind.value for kind in FOR_ALL)


def scores(actor: Actor, client_id: int) -> list[Score]:
    """One for every kind that was ever said, in the order of the kinds. One query."""
    settled = Q(verdict__in=(Verdict.HIT, Verdict.MISS))
    chance = settled & Q(odds__isnull=False)
    rows = (
        said(actor, client_id)
        .order_by()
        .values("kind")
        .annotate(
            hits=Count("pk", filter=Q(verdict=Verdict.HIT)),
            told=Count("pk", filter=settled),
            with_odds=Count("pk", filter=chance),
            hits_with_odds=Count("pk", filter=chance & Q(verdict=Verdict.HIT)),
            promised=Sum("odds", filter=chance, default=0.0),
            waiting=Count("pk", filter=Q(verdict=Verdict.OPEN)),
            void=Count("pk", filter=Q(verdict=Verdict.VOID)),
        )
    )
    found = {
        row["kind"]: Score(
            row["kind"], row["hits"], row["told"], row["with_odds"], row["hits_with_odds"],
            row["promised"], row["waiting"], row["void"],
        )
        for row in rows
    }  # fmt: skip
    return [found[kind] for kind in AdviceKind.values if kind in found]


def due(day: date, *, kind: str, limit: int = 500) -> list[Advice]:
    """Open ones of a kind whose outcome can be told since `day`, the longest overdue first. For the desk
    itself: of all workspaces."""
    rows = Advice.objects.filter(kind=kind, verdict=Verdict.OPEN, due_on__lte=day)
    return list(rows.select_related("client", "workspace").order_by("due_on", "pk")[:limit])


def unjudged(actor: Actor, *, kind: str, since: datetime, limit: int = 50) -> list[Advice]:
    """What was said since then, that nobody has judged yet, at the clients where this person works. One
    query, the newest first."""
    rows = Advice.objects.filter(kind=kind, verdict=Verdict.OPEN, said_at__gte=since)
    rows = access.visible(actor, rows, can="work").select_related("client", "community")
    return list(rows.order_by("-said_at", "-pk")[:limit])
