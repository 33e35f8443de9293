"""The contract's money, budgets by month, and months that are closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access, bearing
from niva.domains.clients.models import Client, Cost, CostKind, Known
from niva.domains.clients.money import Budget, ClosedMonth, MoneyTerms, PaidAs
from niva.domains.clients.pacing import month_days
from niva.domains.clients.services.goals import MOST
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid

TERMS_FIELDS: Final = frozenset(field.name for field in MoneyTerms._meta.fields) - {
    "id", "client", "workspace",
}  # fmt: skip


@transaction.atomic
def set_money_terms(actor: Actor, *, client_id: int, values: Mapping[str, Any]) -> MoneyTerms:
    """What the contract says of money. `values`: TERMS_FIELDS. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.all(), client_id, can="goals")
    terms = bearing.terms_of(client)
    before = {name: str(getattr(terms, name)) for name in TERMS_FIELDS}
    for name in TERMS_FIELDS & set(values):
        value = values[name]
        setattr(terms, name, value.strip() if isinstance(value, str) else value)
    if errors := _terms_errors(terms):
        raise Invalid(errors)
    terms.save()
    after = {name: str(getattr(terms, name)) for name in TERMS_FIELDS}
    changed = {name: [before[name], after[name]] for name in TERMS_FIELDS if before[name] != after[name]}
    record(actor, "money.agreed", client, changed=changed)
    return terms


def _terms_errors(terms: MoneyTerms) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if terms.paid_as not in PaidAs.values:
        errors["paid_as"] = [_("Choose what the client pays.")]
    if terms.work_on_paid is not None and not 0 <= terms.work_on_paid <= 100:
        errors["work_on_paid"] = [_("A share is from 0 to 100 %.")]
    if not 1 <= (terms.pacing_points or 0) <= 100:
        errors["pacing_points"] = [_("From 1 to 100 points.")]
    if terms.baseline is not None:
        if not 0 <= terms.baseline < 10**6:
            errors["baseline"] = [_("Give how many came a day: zero or more.")]
        if not terms.baseline_source:
            errors["baseline_source"] = [_("Say how that is known: without it the number is not believed.")]
        if terms.baseline_known not in Known.values:
            errors["baseline_known"] = [_("Say how it is known.")]
    if terms.answer_hours is not None:
        if not 0 < terms.answer_hours < 10**4:
            errors["answer_hours"] = [_("Give hours above zero.")]
        if not terms.answer_source:
            errors["answer_source"] = [_("Say where that term stands: it differs by region and contract.")]
    if not 1 <= (terms.report_days or 0) <= 365:
        errors["report_days"] = [_("From 1 to 365 days.")]
    for name, most in (("baseline_source", 200), ("answer_source", 300)):
        if len(getattr(terms, name)) > most:
            errors[name] = [_("Too long: %(most)d characters at most.") % {"most": most}]
    return errors


@transaction.atomic
def set_budget(
    actor: Actor, *, client_id: int, month: dt.date, plans: Mapping[str, Decimal | None]
) -> list[Budget]:
    """The plan of one month by kinds of cost; None takes a kind out. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="goals")
    first = month.replace(day=1)
    errors: dict[str, list[str]] = {}
    for kind, plan in plans.items():
        if kind not in CostKind.values:
            errors[""] = [_("Choose what the money went to.")]
        elif plan is not None and not (plan.is_finite() and 0 <= plan < MOST):
            errors[kind] = [_("Give a sum, zero or more.")]
    if errors:
        raise Invalid(errors)
    for kind, plan in plans.items():
        if plan is None:
            Budget.objects.filter(client=client, month=first, kind=kind).delete()
            continue
        Budget.objects.update_or_create(
            client=client, month=first, kind=kind,
            defaults={"workspace_id": client.workspace_id, "plan": plan},
        )  # fmt: skip
    said = {kind: str(plan) for kind, plan in plans.items() if plan is not None}
    record(actor, "budget.set", client, month=f"{first:%Y-%m}", plans=said)
    return list(Budget.objects.filter(client=client, month=first))


@transaction.atomic
def close_month(actor: Actor, *, client_id: int, month: dt.date) -> ClosedMonth:
    """From now on the rows of this month stay. Raises NotFound, Forbidden, Invalid (it is not over yet)."""
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="goals")
    first, last = month_days(month)
    if last >= timezone.localdate(timezone=ZoneInfo(client.time_zone)):
        raise Invalid.one("month", _("The month is not over yet: money may still be spent in it."))
    row, new = ClosedMonth.objects.get_or_create(
        client=client, month=first, defaults={"workspace_id": client.workspace_id, "closed_by": actor.user}
    )
    if new:
        record(actor, "month.closed", client, month=f"{first:%Y-%m}")
    return row


def is_closed(client_id: int, day: dt.date) -> bool:
    """Whether the month of this day was closed for this client."""
    return ClosedMonth.objects.filter(client_id=client_id, month=day.replace(day=1)).exists()


def demand_open_month(cost: Cost) -> None:
    """Raises Conflict where the month of this row was closed."""
    if is_closed(cost.client_id, cost.spent_on):
        raise Conflict(
            _("The month %(month)s is closed: what was reported stays. Write a correction, it is a new row.")
            % {"month": f"{cost.spent_on:%m.%Y}"},
            cost if cost.pk else None,
        )


def open_day(client: Client, day: dt.date) -> dt.date:
    """This day, or today where its month is closed: what comes late stands where it came."""
    today = timezone.localdate(timezone=ZoneInfo(client.time_zone))
    return today if is_closed(client.pk, day) else min(day, today)
