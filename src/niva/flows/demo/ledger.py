"""Money of the demo: contracts, budgets, a shared cost, the rows by which clients of a kind are judged."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from niva.domains.clients import queries
from niva.domains.clients.kinds import Fundraiser, Part, Promise, Volunteer
from niva.domains.clients.models import Client, Cost, CostKind
from niva.domains.clients.money import Budget, MoneyTerms
from niva.domains.clients.services.shared import share
from niva.domains.people.actor import Actor

DATA = Path(__file__).parent / "data" / "money.toml"


def write(owner: Actor, clients: Mapping[str, Client]) -> None:
    """All of `data/money.toml`, at each client's own today. `clients`: by the demo's keys."""
    raw = tomllib.loads(DATA.read_text(encoding="utf-8"))
    for row in raw["terms"]:
        values = {name: _decimal(value) for name, value in row.items() if name != "client"}
        client = clients[row["client"]]
        MoneyTerms.objects.create(client=client, workspace_id=client.workspace_id, **values)
    for row in raw["budgets"]:
        _budget(clients[row["client"]], row["plans"])
    for row in raw["costs"]:
        _cost(owner, clients[row["client"]], row)
    told = raw["shared"]
    bearers = [clients[key] for key in told["clients"]]
    month = queries.today_of(bearers[0]).replace(day=1)
    share(
        owner, what=told["what"], month=month, amount=Decimal(told["amount"]), currency=bearers[0].currency,
        kind=CostKind.TOOLS, rule=told["rule"], weights={one.pk: Decimal(1) for one in bearers},
    )  # fmt: skip
    _kinds(owner, clients, raw)


def _decimal(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, (int, float)) else value


def _ago(client: Client, days: int) -> dt.date:
    return queries.today_of(client) - dt.timedelta(days=days)


def _if_any(client: Client, days: int | None) -> dt.date | None:
    return None if days is None else _ago(client, days)


def _budget(client: Client, plans: Mapping[str, int]) -> None:
    month = queries.today_of(client).replace(day=1)
    Budget.objects.bulk_create(
        Budget(client=client, workspace_id=client.workspace_id, month=month, kind=kind, plan=Decimal(plan))
        for kind, plan in plans.items()
    )


def _cost(owner: Actor, client: Client, row: Mapping[str, Any]) -> None:
    Cost.objects.create(
        client=client, workspace_id=client.workspace_id, spent_on=_ago(client, row["ago"]), kind=row["kind"],
        amount=Decimal(row["amount"]), note=row["note"], origin=row["origin"], created_by=owner.user,
    )  # fmt: skip


def _kinds(owner: Actor, clients: Mapping[str, Client], raw: Mapping[str, Any]) -> None:
    def base(row: Mapping[str, Any]) -> dict[str, Any]:
        client = clients[row["client"]]
        return {"client": client, "workspace_id": client.workspace_id, "created_by": owner.user}

    for row in raw["promises"]:
        client = clients[row["client"]]
        Promise.objects.create(
            what=row["what"], said_on=_ago(client, row["said"]), due=_ago(client, row["due"]),
            done_on=_if_any(client, row.get("done")), **base(row),
        )  # fmt: skip
    for row in raw["fundraisers"]:
        client = clients[row["client"]]
        Fundraiser.objects.create(
            what=row["what"], goal=Decimal(row["goal"]), collected=_decimal(row.get("collected")),
            spent=_decimal(row.get("spent")), starts_on=_ago(client, row["starts"]),
            ends_on=_ago(client, row["ends"]), closed_on=_if_any(client, row.get("closed")),
            closing_url=row.get("closing_url", ""), documents=row.get("documents", ""), **base(row),
        )  # fmt: skip
    for row in raw["volunteers"]:
        client = clients[row["client"]]
        for label, *days in row["rows"]:
            applied, first, last = (*days, None, None)[:3]
            Volunteer.objects.create(
                label=label, applied_on=_ago(client, applied), first_shift_on=_if_any(client, first),
                last_shift_on=_if_any(client, last), **base(row),
            )  # fmt: skip
    for row in raw["parts"]:
        earlier = queries.today_of(clients[row["client"]]).replace(day=1) - dt.timedelta(days=1)
        Part.objects.create(
            figure=row["figure"], month=earlier.replace(day=1), top=Decimal(row["top"]),
            bottom=Decimal(row["bottom"]), known=row["known"], source=row["source"], **base(row),
        )  # fmt: skip
