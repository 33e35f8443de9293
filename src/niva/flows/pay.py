"""Pay, as it crosses domains: a sheet is closed or paid, its person is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from niva.domains.notices.services import tell
from niva.domains.pay.models import PaySheet
from niva.domains.pay.services import sheets
from niva.domains.people.actor import Actor


@transaction.atomic
def close(
    actor: Actor, *, person_id: int, month: date, currency: str, whys: Mapping[int, tuple[str, str]], url: str
) -> PaySheet:
    """Close a month and tell its person. `url`: where he sees it. Raises as `sheets.close`."""
    sheet = sheets.close(actor, person_id=person_id, month=month, currency=currency, whys=whys)
    _tell(actor, sheet, "pay_closed", url)
    return sheet


@transaction.atomic
def mark_paid(actor: Actor, *, sheet_id: int, url: str) -> PaySheet:
    """Mark a sheet as paid and tell its person, once. Raises as `sheets.mark_paid`."""
    sheet, fresh = sheets.mark_paid(actor, sheet_id=sheet_id)
    if fresh:
        _tell(actor, sheet, "pay_paid", url)
    return sheet


def _tell(actor: Actor, sheet: PaySheet, kind: str, url: str) -> None:
    tell(
        actor,
        users=[sheet.person],
        kind=kind,
        url=url,
        key=f"{kind}:{sheet.pk}",
        month=f"{sheet.month:%m.%Y}",
        total=str(sheet.total),
        currency=sheet.currency,
    )
