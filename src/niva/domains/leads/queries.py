"""Named reads of leads, through the one door. Whoever only sees a client gets persons masked: see `whole`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, F, Func, Q, QuerySet
from django.db.models.functions import Cast

from niva.domains.clients import access
from niva.domains.clients.models import Client, Goal, LeadStage
from niva.domains.leads.models import CONFIRMED, Door, Lead
from niva.domains.leads.services.taking import terms_of
from niva.domains.leads.states import NOT_LEADS, RANKS, Status
from niva.domains.people.actor import Actor
from niva.kit.local_time import nearest

STAGE_RANKS = {LeadStage.NEW: 0, LeadStage.QUALIFIED: 2, LeadStage.SOLD: 3}


def whole(actor: Actor, client_id: int) -> bool:
    """Whether he sees names and contacts: who works there, and the client where that was agreed."""
    return access.may(actor, "work", client_id=client_id) or terms_of(client_id).names_shown


def leads(actor: Actor, client_id: int, *, can: str = "see") -> QuerySet[Lead]:
    """All leads of a client, the newest first. Raises NotFound, Forbidden."""
    client = access.get(actor, Client.objects.all(), client_id, can=can)
    rows = Lead.objects.filter(client=client).select_related(
        "publication__post", "publication__community", "community", "owner"
    )
    return rows.order_by("-came_at", "-id")


def doors(actor: Actor, client_id: int) -> QuerySet[Door]:
    """The doors of a client, living ones first. Raises NotFound, Forbidden."""
    client = access.get(actor, Client.objects.all(), client_id, can="goals")
    return Door.objects.filter(client=client).select_related("owner").order_by("revoked_at", "-id")


def within(client: Client, since: date, until: date) -> Q:
    """Those who came on these days (both included) by the client's own clock."""
    begin = nearest(since, time.min, client.time_zone)
    end = nearest(until + timedelta(days=1), time.min, client.time_zone)
    return Q(came_at__gte=begin, came_at__lt=end)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many leads of some days: those we count, doubles, what was no lead, and what the client says.

    `confirmed`: counted ones of which the client says that they came or bought; `denied`: not his buyers;
    `silent`: of which he has said nothing.
    """

    counted: int
    doubles: int
    not_leads: int
    confirmed: int
    denied: int
    contacted: int
    qualified: int
    sold: int

    @property
    def silent(self) -> int:
        return self.counted - self.confirmed - self.denied


def count(client: Client, since: date, until: date, more: Q | None = None) -> Tally:
    """The counts of some days, in one query. The client must have come through the one door."""
    rows = Lead.objects.filter(within(client, since, until), client=client)
    if more is not None:
        rows = rows.filter(more)
    counted = Q(counts=True)
    told = rows.aggregate(
        counted=Count("pk", filter=counted),
        doubles=Count("pk", filter=Q(double_of__isnull=False)),
        not_leads=Count("pk", filter=Q(reason__in=NOT_LEADS)),
        confirmed=Count("pk", filter=counted & Q(client_says__in=CONFIRMED)),
        denied=Count("pk", filter=counted & Q(client_says="not_ours")),
        contacted=Count("pk", filter=counted & Q(furthest__gte=RANKS[Status.CONTACTED])),
        qualified=Count("pk", filter=counted & Q(furthest__gte=RANKS[Status.QUALIFIED])),
        sold=Count("pk", filter=counted & Q(furthest__gte=RANKS[Status.SOLD])),
    )
    return Tally(**told)


def of_goals(goals: Sequence[Goal]) -> dict[int, list[date]]:
    """The day (by the client's clock) of every lead that counts for these goals, by goal, in one query.

    A lead counts for the goal it was given to; one that was given to none counts for every goal of its client
    whose days it falls on, and a goal keeps to its days by itself.
    """
    since = min(goal.starts_on for goal in goals)
    local = Func(F("client__time_zone"), F("came_at"), function="timezone")
    rows = (
        Lead.objects.filter(
            client_id__in=[goal.client_id for goal in goals],
            counts=True,
            came_at__gte=datetime.combine(since, time.min, ZoneInfo("UTC")) - timedelta(days=1),
        )
        .annotate(day=Cast(local, DateField()))
        .values_list("client_id", "goal_id", "furthest", "day")
    )
    found: dict[int, list[date]] = {goal.pk: [] for goal in goals}
    least = {goal.pk: STAGE_RANKS[LeadStage(goal.leads_from)] for goal in goals}
    for client_id, goal_id, furthest, day in rows:
        for goal in goals:
            his = goal.client_id == client_id and goal_id in (None, goal.pk)
            if his and furthest >= least[goal.pk]:
                found[goal.pk].append(day)
    return found


def with_a_list(client_ids: Iterable[int]) -> set[int]:
    """Which of the clients have leads, or a living door by which they would come: two queries."""
    wanted = list(client_ids)
    there = set(Lead.objects.filter(client_id__in=wanted).values_list("client_id", flat=True).distinct())
    doors = Door.objects.filter(client_id__in=wanted, revoked_at__isnull=True)
    return there | set(doors.values_list("client_id", flat=True))


def rows_of_goal(goal: Goal) -> QuerySet[Lead]:
    """The leads that a goal's fact was counted from, the newest first. The goal must be visible."""
    rows = Lead.objects.filter(
        within(goal.client, goal.starts_on, goal.deadline),
        Q(goal__isnull=True) | Q(goal=goal),
        client_id=goal.client_id,
        counts=True,
        furthest__gte=STAGE_RANKS[LeadStage(goal.leads_from)],
    )
    return rows.select_related("publication__post", "publication__community").order_by("-came_at", "-id")


def unknown_spellings(rows: Iterable[Lead]) -> list[str]:
    """Spellings of marks that stand in no list, each once, as they came."""
    found = {
        str(lead.utm_raw.get(part, ""))
        for lead in rows
        for part in lead.utm_unknown
        if lead.utm_raw.get(part)
    }
    return sorted(found)
