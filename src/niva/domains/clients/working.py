"""When a client works: by its contract, else Monday to Friday from 10 to 19 by its own clock."""

from __future__ import annotations

from collections.abc import Iterable

from niva.domains.clients.models import Client, Terms
from niva.kit.working_time import WorkingTime


def working_time(client: Client, terms: Terms | None = None) -> WorkingTime:
    """The working time of one client; `terms`: its contract, where there is one."""
    if terms is None:
        return WorkingTime(zone=client.time_zone)
    days = tuple(day for day in terms.weekdays if day in range(1, 8))
    return WorkingTime(zone=client.time_zone, opens=terms.opens, closes=terms.closes, weekdays=days)


def working_times(clients: Iterable[Client]) -> dict[int, WorkingTime]:
    """Client number -> its working time, in one query for all of them."""
    rows = {one.pk: one for one in clients}
    terms = {one.client_id: one for one in Terms.objects.filter(client__in=rows)}
    return {pk: working_time(client, terms.get(pk)) for pk, client in rows.items()}
