"""Costs that several clients share: split by a rule that is written down, corrected by rows of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Cost, CostKind, Known
from niva.domains.clients.money import SharedBy, SharedCost
from niva.domains.clients.pacing import month_days
from niva.domains.clients.services.goals import MOST
from niva.domains.clients.services.money import open_day
from niva.domains.clients.shared import CENT, split
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid, NotFound

_KINDS: Final = frozenset(CostKind.values) - {CostKind.FEE}


@transaction.atomic
def share(
    actor: Actor, *, what: str, month: dt.date, amount: Decimal, currency: str, kind: str, rule: str,
    weights: Mapping[int, Decimal], known: str = Known.COUNTED,
) -> SharedCost:  # fmt: skip
    """Write down a cost that clients share, and each client's row of money. `weights`: client -> what the
    rule counted (posts, pay, a typed share, 1 for each).

    Raises Forbidden, Invalid.
    """
    access.demand_workspace(actor)
    first = month.replace(day=1)
    errors = _errors(amount, kind, rule, known)
    if not what.strip():
        errors["what"] = [_("Say what the money went to.")]
    clients = _clients(actor, weights, currency, errors)
    if amount.is_finite() and amount <= 0:
        errors["amount"] = [_("Give the sum, above zero.")]
    if errors:
        raise Invalid(errors)
    row = SharedCost.objects.create(
        workspace=actor.workspace, what=what.strip()[:200], month=first, amount=amount, currency=currency,
        kind=kind, known=known, rule=rule, weights={str(pk): str(one) for pk, one in weights.items()},
        created_by=actor.user,
    )  # fmt: skip
    _put(actor, row, clients, split(amount, weights))
    record(actor, "sharedcost.added", row, amount=str(amount), currency=currency, rule=rule)
    return row


@transaction.atomic
def correct(
    actor: Actor, *, shared_id: int, amount: Decimal, reason: str, weights: Mapping[int, Decimal]
) -> SharedCost:
    """Make it come to `amount` (zero takes it out) and to these weights: the differences are new rows.

    Raises NotFound, Forbidden, Invalid, Conflict (it is a correction itself).
    """
    access.demand_workspace(actor)
    first = access_shared(actor, shared_id, lock=True)
    if first.corrects_id is not None:
        raise Conflict(_("This row corrects another one. Correct that one."), first)
    errors = _errors(amount, first.kind, first.rule, first.known)
    if amount.is_finite() and amount < 0:
        errors["amount"] = [_("Give a sum, zero or more.")]
    if not reason.strip():
        errors["reason"] = [_("Say why: a correction without a reason is not believed.")]
    clients = _clients(actor, weights, first.currency, errors)
    if errors:
        raise Invalid(errors)
    now = parts_now(first)
    wanted = split(amount, weights)
    differences = {
        pk: wanted.get(pk, Decimal(0)) - now.get(pk, Decimal(0)) for pk in wanted.keys() | now.keys()
    }
    if not any(differences.values()):
        raise Invalid.one("amount", _("It comes to this already, for every client."))
    gone = Client.objects.filter(workspace=actor.workspace, pk__in=now.keys() - clients.keys())
    row = SharedCost.objects.create(
        workspace=actor.workspace, what=first.what, month=first.month, amount=sum(differences.values()),
        currency=first.currency, kind=first.kind, known=first.known, rule=first.rule, corrects=first,
        weights={str(pk): str(one) for pk, one in weights.items()}, reason=reason.strip()[:300],
        created_by=actor.user,
    )  # fmt: skip
    _put(actor, row, clients | {one.pk: one for one in gone}, differences)
    record(actor, "sharedcost.corrected", row, corrects=first.pk, amount=str(row.amount), why=row.reason)
    return row


def access_shared(actor: Actor, shared_id: int, *, lock: bool = False) -> SharedCost:
    """One shared cost of the workspace. Raises NotFound, Forbidden."""
    rows = SharedCost.objects.filter(workspace=actor.workspace)
    found = (rows.select_for_update() if lock else rows).filter(pk=shared_id).first()
    if found is None:
        raise NotFound("sharedcost")
    return found


def parts_now(first: SharedCost) -> dict[int, Decimal]:
    """Client -> what he bears of it with all its corrections."""
    keys = [first.cost_key, *(one.cost_key for one in first.corrections.all())]
    rows = (
        Cost.objects.filter(workspace_id=first.workspace_id, key__in=keys)
        .values_list("client_id")
        .annotate(total=Sum("amount"))
    )
    return {pk: total for pk, total in rows if total}


def _errors(amount: Decimal, kind: str, rule: str, known: str) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not amount.is_finite() or abs(amount) >= MOST or amount != amount.quantize(CENT):
        errors["amount"] = [_("Give the sum, kopecks at most.")]
    if kind not in _KINDS:
        errors["kind"] = [_("Choose what the money went to.")]
    if rule not in SharedBy.values:
        errors["rule"] = [_("Choose how it is shared.")]
    if known not in (Known.COUNTED, Known.ESTIMATED, Known.SAID):
        errors["known"] = [_("Say how it is known.")]
    return errors


def _clients(
    actor: Actor, weights: Mapping[int, Decimal], currency: str, errors: dict[str, list[str]]
) -> dict[int, Client]:
    """The clients that bear it; only those whose money is of this currency."""
    found = {
        one.pk: one for one in access.visible(actor, Client.objects.filter(pk__in=weights, currency=currency))
    }
    if len(found) != len(weights):
        errors["clients"] = [_("Choose clients whose money is of this currency: others need a rate first.")]
    elif not weights or any(not one.is_finite() or one < 0 for one in weights.values()):
        errors["clients"] = [_("Give each client a share, zero or more.")]
    elif not any(weights.values()):
        errors["clients"] = [_("By this rule nobody bears anything: choose another one, or type the shares.")]
    return found


def _put(actor: Actor, row: SharedCost, clients: Mapping[int, Client], parts: Mapping[int, Decimal]) -> None:
    last = month_days(row.month)[1]
    note = row.what if row.corrects_id is None else f"{row.what}: {row.reason}"
    Cost.objects.bulk_create(
        Cost(
            workspace_id=row.workspace_id, client_id=pk, spent_on=open_day(clients[pk], last),
            amount=part, kind=row.kind, known=row.known, note=note[:300], key=row.cost_key,
            created_by=actor.user,
        )
        for pk, part in sorted(parts.items())
        if part
    )  # fmt: skip
