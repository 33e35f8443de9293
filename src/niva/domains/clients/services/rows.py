"""The rows a goal is counted from, and the rows of money.

A fact is never rewritten: a correcting row with its reason stands beside it, and both stay in sight. A cost
may be changed, and the audit trail keeps what it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Cost, CostKind, Counting, Goal, GoalFact, Known, Payer
from niva.domains.clients.services.goals import MOST, demand_open
from niva.domains.clients.services.money import demand_open_month
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid

FIX: Final = "fix:"  # key of a row that corrects a cost: this, the id of that row, and the turn
CORRECTS: Final = "correction:"  # origin of a correcting row: this and the id of the row it mends
COST_FIELDS: Final = (
    "spent_on", "amount", "kind", "known", "note", "origin", "community_id", "payer", "currency",
    "paid_amount", "rate", "rate_source",
)  # fmt: skip
_WIDTHS: Final = {"origin": 200, "rate_source": 200, "currency": 3, "payer": 8}


@transaction.atomic
def add_fact(
    *,
    actor: Actor,
    goal_id: int,
    happened_on: dt.date,
    amount: Decimal = Decimal(1),
    known: str = Known.COUNTED,
    note: str = "",
    origin: str = "",
    key: str = "",
) -> GoalFact:
    """One row. With a `key` that the goal has already, the row that is there is returned unchanged.

    Raises NotFound, Forbidden, Invalid, Conflict (closed goal).
    """
    goal = access.get(actor, Goal.objects.select_related("client").select_for_update(of=("self",)), goal_id,
                      can="goals")  # fmt: skip
    demand_open(goal)
    if key and (there := goal.facts.filter(key=key[:120]).first()):
        return there
    errors = _fact_errors(goal, happened_on, amount, known)
    if goal.counting != Counting.ROWS:
        errors[""] = [_("This goal is counted by itself: rows are not written by hand.")]
    if errors:
        raise Invalid(errors)
    fact = GoalFact.objects.create(
        workspace_id=goal.workspace_id, client_id=goal.client_id, goal=goal, happened_on=happened_on,
        amount=amount, known=known, note=note.strip()[:300], origin=origin.strip()[:200], key=key[:120],
        created_by=actor.user,
    )  # fmt: skip
    record(actor, "fact.added", fact, goal=goal.pk, amount=str(amount), day=str(happened_on), known=known)
    return fact


@transaction.atomic
def correct_fact(*, actor: Actor, fact_id: int, amount: Decimal, note: str) -> GoalFact:
    """Make a row count as `amount` from now on: a correcting row with the difference and the reason.

    Zero takes the row out of the count. Raises NotFound, Forbidden, Invalid, Conflict (closed goal).
    """
    fact = access.get(actor, GoalFact.objects.select_related("goal").select_for_update(of=("self",)), fact_id,
                      can="goals")  # fmt: skip
    demand_open(fact.goal)
    errors: dict[str, list[str]] = {}
    if fact.origin.startswith(CORRECTS):
        errors[""] = [_("This row corrects another one. Correct that one.")]
    if not _is_amount(amount):
        errors["amount"] = [_("Give a number: how much it should count as.")]
    if not note.strip():
        errors["note"] = [_("Say why: a correction without a reason is not believed.")]
    if errors:
        raise Invalid(errors)
    now = counts_as(fact)
    if now == amount:
        raise Invalid.one("amount", _("It counts as this already."))
    row = GoalFact.objects.create(
        workspace_id=fact.workspace_id, client_id=fact.client_id, goal=fact.goal,
        happened_on=fact.happened_on, amount=amount - now, known=fact.known, note=note.strip()[:300],
        origin=f"{CORRECTS}{fact.pk}", created_by=actor.user,
    )  # fmt: skip
    record(actor, "fact.corrected", row, fact=fact.pk, was=str(now), now=str(amount), why=row.note)
    return row


def counts_as(fact: GoalFact) -> Decimal:
    """What a row comes to with all its corrections."""
    rows = GoalFact.objects.filter(Q(pk=fact.pk) | Q(origin=f"{CORRECTS}{fact.pk}"), goal_id=fact.goal_id)
    total: Decimal = rows.aggregate(total=Sum("amount"))["total"]
    return total


def _fact_errors(goal: Goal, day: Any, amount: Any, known: str) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    today = timezone.localdate(timezone=ZoneInfo(goal.client.time_zone))
    if not isinstance(day, dt.date):
        errors["happened_on"] = [_("Give the day.")]
    elif not goal.starts_on <= day <= goal.deadline:
        errors["happened_on"] = [_("This day is outside the goal, so the row would not be counted.")]
    elif day > today:
        errors["happened_on"] = [_("This day has not come yet.")]
    if not _is_amount(amount) or amount <= 0:
        errors["amount"] = [_("A row counts at least something: give a number above zero.")]
    if known not in (Known.COUNTED, Known.ESTIMATED, Known.SAID):
        errors["known"] = [_("Say how it is known.")]
    return errors


def _is_amount(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and abs(value) < MOST


# Money


@transaction.atomic
def add_cost(*, actor: Actor, client_id: int, values: Mapping[str, Any]) -> Cost:
    """One row of money. `values`: COST_FIELDS; with known = "unknown" the amount may be missing.

    Raises NotFound, Forbidden, Invalid.
    """
    client = access.get(actor, Client.objects.all(), client_id, can="goals")
    cost = Cost(workspace_id=client.workspace_id, client=client, created_by=actor.user)
    _fill_cost(cost, values)
    demand_open_month(cost)
    cost.save()
    record(actor, "cost.added", cost, amount=str(cost.amount), cost_kind=cost.kind, known=cost.known)
    return cost


@transaction.atomic
def change_cost(*, actor: Actor, cost_id: int, values: Mapping[str, Any]) -> Cost:
    """Change a row of money; what it was stays in the audit trail. Raises Conflict in a closed month."""
    cost = _own_cost(actor, cost_id)
    before = {name: str(getattr(cost, name)) for name in COST_FIELDS}
    _fill_cost(cost, values)
    demand_open_month(cost)
    cost.save()
    after = {name: str(getattr(cost, name)) for name in COST_FIELDS}
    changed = {name: [before[name], after[name]] for name in COST_FIELDS if before[name] != after[name]}
    record(actor, "cost.changed", cost, changed=changed)
    return cost


@transaction.atomic
def delete_cost(*, actor: Actor, cost_id: int) -> None:
    """Take a row of money out; the audit trail keeps it whole."""
    cost = _own_cost(actor, cost_id)
    record(actor, "cost.deleted", cost, was={name: str(getattr(cost, name)) for name in COST_FIELDS})
    cost.delete()


def _own_cost(actor: Actor, cost_id: int) -> Cost:
    """A row that a person wrote. Raises Conflict for one that a pay sheet or a shared cost put down."""
    cost = access.get(actor, Cost.objects.select_for_update(), cost_id, can="goals")
    if cost.key.startswith("pay:"):
        raise Conflict(
            _("This row comes from a pay sheet. Correct it there: it changes here by itself."), cost
        )
    if cost.key.startswith("shared:"):
        raise Conflict(_("This row is a part of a shared cost. Correct it there: all parts change."), cost)
    if cost.key.startswith(FIX):
        raise Conflict(_("This row corrects another one. Correct that one."), cost)
    demand_open_month(cost)
    return cost


@transaction.atomic
def correct_cost(*, actor: Actor, cost_id: int, amount: Decimal, reason: str) -> Cost:
    """Make a row come to `amount` from today on by a new row with the difference: for closed months, where
    the old row stays. Zero takes it out. Raises NotFound, Forbidden, Invalid, Conflict.
    """
    cost = access.get(actor, Cost.objects.select_for_update(of=("self",)), cost_id, can="goals")
    if cost.key.startswith(("pay:", "shared:", FIX)):
        raise Conflict(_("This row is mended where it comes from, not here."), cost)
    errors: dict[str, list[str]] = {}
    if not _is_amount(amount) or amount < 0:
        errors["amount"] = [_("Give a number: how much it should count as.")]
    if not reason.strip():
        errors["reason"] = [_("Say why: a correction without a reason is not believed.")]
    if errors:
        raise Invalid(errors)
    before = Cost.objects.filter(client_id=cost.client_id, key__startswith=f"{FIX}{cost.pk}:")
    now = (Decimal(0) if cost.known == Known.UNKNOWN else cost.amount) + sum(one.amount for one in before)
    if now == amount:
        raise Invalid.one("amount", _("It counts as this already."))
    row = Cost.objects.create(
        workspace_id=cost.workspace_id, client_id=cost.client_id, kind=cost.kind, payer=cost.payer,
        community_id=cost.community_id, origin=cost.origin, amount=amount - now, note=reason.strip()[:300],
        known=Known.COUNTED if cost.known == Known.UNKNOWN else cost.known,
        spent_on=timezone.localdate(timezone=ZoneInfo(cost.client.time_zone)),
        key=f"{FIX}{cost.pk}:{len(before) + 1}", created_by=actor.user,
    )  # fmt: skip
    record(actor, "cost.corrected", row, cost=cost.pk, was=str(now), now=str(amount), why=row.note)
    return row


def _fill_cost(cost: Cost, values: Mapping[str, Any]) -> None:
    given = {name: values[name] for name in COST_FIELDS if name in values}
    for name, value in given.items():
        setattr(cost, name, value.strip()[: _WIDTHS.get(name, 300)] if isinstance(value, str) else value)
    errors = _other_money(cost)
    if cost.known == Known.UNKNOWN and cost.amount is None:
        cost.amount = Decimal(0)
    if not isinstance(cost.spent_on, dt.date):
        errors["spent_on"] = [_("Give the day.")]
    elif cost.spent_on > timezone.localdate(timezone=ZoneInfo(cost.client.time_zone)):
        errors["spent_on"] = [_("This day has not come yet.")]
    if not _is_amount(cost.amount) or cost.amount < 0:
        errors["amount"] = [_("Give the sum, or mark it as unknown.")]
    elif cost.amount == 0 and cost.known != Known.UNKNOWN:
        errors["amount"] = [_("Nothing was spent? Then no row is needed. Not known? Mark it so.")]
    if cost.kind not in CostKind.values:
        errors["kind"] = [_("Choose what the money went to.")]
    if cost.known not in Known.values:
        errors["known"] = [_("Say how it is known.")]
    if cost.payer not in Payer.values:
        errors["payer"] = [_("Say who bears it.")]
    if cost.community_id is not None and (
        cost.community is None or cost.community.client_id != cost.client_id
    ):
        errors["community_id"] = [_("Choose a community of this client.")]
    if errors:
        raise Invalid(errors)


def _other_money(cost: Cost) -> dict[str, list[str]]:
    """What was paid in another currency: its sum here is that by the rate, or unknown without one."""
    if cost.currency in ("", cost.client.currency):
        cost.currency, cost.paid_amount, cost.rate, cost.rate_source = "", None, None, ""
        return {}
    if cost.paid_amount is None or not _is_amount(cost.paid_amount) or cost.paid_amount <= 0:
        cost.amount = cost.amount or Decimal(0)
        return {"paid_amount": [_("Give the sum in that currency.")]}
    if cost.rate is None:
        cost.amount, cost.known = Decimal(0), Known.UNKNOWN
        return {}
    if not cost.rate.is_finite() or not 0 < cost.rate < 10**9:
        return {"rate": [_("Give the rate: how much of the client's money one unit costs.")]}
    cost.amount = (cost.paid_amount * cost.rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if cost.known == Known.UNKNOWN:
        cost.known = Known.COUNTED
    return {} if cost.rate_source else {"rate_source": [_("Say where the rate is from, and of which day.")]}
