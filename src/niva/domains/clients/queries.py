"""Named reads of clients, goals and their rows, always through the one door."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.bearing import is_ours
from niva.domains.clients.models import Client, ClientRole, Cost, Goal, GoalFact
from niva.domains.clients.progress import Row, Target
from niva.domains.clients.services.rows import CORRECTS
from niva.domains.clients.units import Unit
from niva.domains.people.actor import Actor
from niva.domains.people.models import AuditEvent, Membership


def clients(actor: Actor, *, archived: bool = False) -> QuerySet[Client]:
    """The clients a person sees, by name."""
    return access.visible(actor, Client.objects.filter(archived_at__isnull=not archived))


def recent_clients(actor: Actor, limit: int = 5) -> list[Client]:
    """Those in whose affairs this person did something last; then by name."""
    done = (
        AuditEvent.objects.filter(workspace=actor.workspace, user=actor.user, client_id__isnull=False)
        .order_by("-at")
        .values_list("client_id", flat=True)[:100]
    )
    order = list(dict.fromkeys(done)) if actor.user else []
    rows = list(clients(actor))
    place = {client_id: index for index, client_id in enumerate(order)}
    return sorted(rows, key=lambda client: place.get(client.pk, len(order)))[:limit]


def client(actor: Actor, client_id: int, *, can: str = "see") -> Client:
    """One client, archived ones too. Raises NotFound, Forbidden."""
    return access.get(actor, Client.objects.all(), client_id, can=can)


def goal(actor: Actor, client_id: int, goal_id: int, *, can: str = "see") -> Goal:
    """One goal of one client. Raises NotFound, Forbidden."""
    rows = Goal.objects.filter(client_id=client_id).select_related("client")
    return access.get(actor, rows, goal_id, can=can)


def stopped(actor: Actor) -> QuerySet[Client]:
    """Clients at work whose publishing is stopped, with who stopped it; the longest first."""
    return clients(actor).filter(stopped_at__isnull=False).select_related("stopped_by").order_by("stopped_at")


def main_goals(actor: Actor, client_ids: Iterable[int]) -> dict[int, Goal]:
    """The open main goal of each client, by client id."""
    rows = access.visible(actor, Goal.objects.filter(is_main=True, closed_at__isnull=True))
    return {
        row.client_id: row for row in rows.filter(client_id__in=list(client_ids)).select_related("client")
    }


def closed_goals(actor: Actor, client_id: int) -> QuerySet[Goal]:
    rows = Goal.objects.filter(client_id=client_id, closed_at__isnull=False).select_related("client")
    return access.visible(actor, rows).order_by("-closed_at")


def facts(actor: Actor, goal_id: int) -> QuerySet[GoalFact]:
    """The rows of a goal, the newest first, corrections after what they mend."""
    rows = GoalFact.objects.filter(goal_id=goal_id).select_related("created_by")
    return access.visible(actor, rows).order_by("-happened_on", "-id")


def costs(
    actor: Actor, client_id: int, since: date | None = None, until: date | None = None
) -> QuerySet[Cost]:
    """The rows of money within the given days, the newest first.

    What we bear ourselves (people's pay under a fee) is not for the eyes of the client.
    """
    days = Q()
    if since is not None:
        days &= Q(spent_on__gte=since)
    if until is not None:
        days &= Q(spent_on__lte=until)
    if not access.may(actor, "work", client_id=client_id):
        days &= ~is_ours()
    rows = Cost.objects.filter(days, client_id=client_id).select_related("created_by")
    return access.visible(actor, rows).order_by("-spent_on", "-id")


def borne_by_client(
    actor: Actor, client_id: int, since: date | None = None, until: date | None = None
) -> QuerySet[Cost]:
    """The rows that the client bears: of these the price of a unit is made, everywhere."""
    return costs(actor, client_id, since, until).exclude(is_ours())


def roles(actor: Actor, client_id: int) -> QuerySet[ClientRole]:
    """Who does what here; ask for the client first."""
    return (
        ClientRole.objects.filter(client_id=client_id, client__workspace=actor.workspace)
        .select_related("membership__user")
        .order_by("membership__user__name", "id")
    )


def people_without_role(actor: Actor, client_id: int) -> QuerySet[Membership]:
    """Members of the workspace who may still be given a role here."""
    has = ClientRole.objects.filter(client_id=client_id, membership=OuterRef("pk"))
    return (
        Membership.objects.filter(~Exists(has), workspace=actor.workspace)
        .select_related("user")
        .order_by("user__name", "id")
    )


# What progress.py takes


def today_of(client: Client) -> date:
    """The client's own today."""
    return timezone.localdate(timezone=ZoneInfo(client.time_zone))


def unit_of(goal: Goal) -> Unit:
    return Unit(goal.unit_one, goal.unit_few, goal.unit_many)


def target_of(goal: Goal) -> Target:
    return Target(goal.plan, goal.starts_on, goal.deadline, goal.price_limit)


def rows_of_goals(goal_ids: Iterable[int]) -> dict[int, list[Row]]:
    """The hand-written rows of several goals in one query; ids must come through the one door."""
    found: dict[int, list[Row]] = {}
    rows = GoalFact.objects.filter(goal_id__in=list(goal_ids)).values_list(
        "goal_id", "happened_on", "amount", "known", "origin"
    )
    for goal_id, day, amount, known, origin in rows:
        row = Row(day, amount, known, corrects=origin.startswith(CORRECTS))
        found.setdefault(goal_id, []).append(row)
    return found


def cost_rows(costs: Iterable[Cost]) -> list[Row]:
    return [Row(cost.spent_on, cost.amount, cost.known, cost.kind) for cost in costs]
