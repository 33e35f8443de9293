"""Who bears a row of money: the client or we. One rule for pages, the API and the price of a unit.

By contract the client pays either everything that is spent (then all rows are his, our fee among them), or a
fee that covers our people and tools (then what people are paid is our inside cost, not his a second time).
Advertising, placements and the rest are his in both cases; costs that several clients share are tools of
ours. A row may say otherwise by itself (`Cost.payer`); the fee is always the client's.

So a unit costs the **client** what he bears, by the goal's fact; it costs **us** what we bear. The fee less
what we bear is what is left to us.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from niva.domains.clients.models import Client, Cost, CostKind, Payer
from niva.domains.clients.money import MoneyTerms, PaidAs

COVERED_BY_FEE: Final = frozenset({CostKind.PEOPLE, CostKind.TOOLS})
SHARED_KEY: Final = "shared:"
PAID: Final = frozenset({CostKind.ADS, CostKind.PLACEMENTS})
"""Kinds of cost that buy units directly; the rest is work."""


def bearer(cost: Cost, paid_as: str) -> Payer:
    """Who bears this row."""
    if cost.kind == CostKind.FEE:
        return Payer.CLIENT
    if cost.payer:
        return Payer(cost.payer)
    covered = cost.kind in COVERED_BY_FEE or cost.key.startswith(SHARED_KEY)
    return Payer.US if paid_as == PaidAs.FEE and covered else Payer.CLIENT


def is_ours() -> Q:
    """The same as a condition of the database on rows of `Cost`, by each client's own contract."""
    covered = Q(kind__in=COVERED_BY_FEE) | Q(key__startswith=SHARED_KEY)
    by_rule = Q(payer="") & covered & Q(client__money_terms__paid_as=PaidAs.FEE)
    return (Q(payer=Payer.US) | by_rule) & ~Q(kind=CostKind.FEE)


def terms_of(client: Client) -> MoneyTerms:
    """The contract's money; where nothing was written down the usual, not kept."""
    row = MoneyTerms.objects.filter(client=client).first()
    return row or MoneyTerms(client=client, workspace_id=client.workspace_id)


def paid_as_of(client: Client) -> str:
    found = MoneyTerms.objects.filter(client=client).values_list("paid_as", flat=True).first()
    return found or PaidAs.PASSED_ON


def counted_twice(costs: Iterable[Cost], paid_as: str) -> bool:
    """A fee and people's pay both stand as the client's: the contract should say whether one covers the
    other."""
    kinds = {cost.kind for cost in costs if bearer(cost, paid_as) == Payer.CLIENT}
    return {CostKind.FEE, CostKind.PEOPLE} <= kinds
