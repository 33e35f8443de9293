"""What each client's part of a shared cost is counted by: posts, pay, nothing, or what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Count, Sum

from niva.domains.clients import access, queries
from niva.domains.clients.models import Client, Cost, CostKind, Known
from niva.domains.clients.money import SharedBy, SharedCost
from niva.domains.clients.pacing import month_days
from niva.domains.clients.services import shared as services
from niva.domains.metrics.models import PostNumbers
from niva.domains.people.actor import Actor


def weights(
    actor: Actor, *, rule: str, month: date, clients: Sequence[int], typed: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """Client -> what the rule counts for the month. Only clients that the actor sees are asked about."""
    mine = list(access.visible(actor, Client.objects.filter(pk__in=clients)).values_list("pk", flat=True))
    first, last = month_days(month)
    if rule == SharedBy.POSTS:
        rows = PostNumbers.objects.filter(client_id__in=mine, day__range=(first, last), removed=False)
        counted = dict(rows.values_list("client_id").annotate(n=Count("publication__post", distinct=True)))
        return {pk: Decimal(counted.get(pk, 0)) for pk in mine}
    if rule == SharedBy.PAY:
        pay = Cost.objects.filter(
            client_id__in=mine, kind=CostKind.PEOPLE, spent_on__range=(first, last)
        ).exclude(known=Known.UNKNOWN)
        paid = dict(pay.values_list("client_id").annotate(total=Sum("amount")))
        return {pk: max(Decimal(0), paid.get(pk, Decimal(0))) for pk in mine}
    if rule == SharedBy.TYPED:
        return {pk: typed.get(pk, Decimal(0)) for pk in mine}
    return {pk: Decimal(1) for pk in mine}


def listing(actor: Actor, limit: int = 100) -> list[tuple[SharedCost, list[tuple[Client, Decimal]], Decimal]]:
    """The shared costs of the workspace, the newest month first: each with the parts that clients bear now,
    corrections among them, and their sum."""
    rows = SharedCost.objects.filter(workspace=actor.workspace, corrects__isnull=True)
    rows = rows.prefetch_related("corrections__created_by").select_related("created_by")
    clients = {one.pk: one for one in Client.objects.filter(workspace=actor.workspace)}
    found = []
    for row in rows.order_by("-month", "-pk")[:limit]:
        parts = services.parts_now(row)
        shown = sorted(((clients[pk], part) for pk, part in parts.items()), key=lambda pair: -pair[1])
        found.append((row, shown, sum(parts.values(), Decimal(0))))
    return found


def borne_clients(actor: Actor, currency: str) -> list[Client]:
    """Clients at work whose money is of this currency: those that may bear a part."""
    return list(queries.clients(actor).filter(currency=currency))
