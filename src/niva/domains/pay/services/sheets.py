"""Sheets: close a month, open it again while it is unpaid, mark it as paid, correct it by a new line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Cost, CostKind, Known
from niva.domains.clients.services.money import demand_open_month, open_day
from niva.domains.editorial.task_states import BlockReason
from niva.domains.pay import queries, rules, wording
from niva.domains.pay.counting import Norm
from niva.domains.pay.models import Correction, Counted, PayLine, PaySheet
from niva.domains.pay.queries import Draft
from niva.domains.pay.services.agreements import MOST, locked_person
from niva.domains.pay.states import Kind
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Forbidden, Invalid

COST_KEY: Final = "pay:"  # key of a row of money: this and the id of the sheet


@transaction.atomic
def close(
    actor: Actor, *, person_id: int, month: date, currency: str, whys: Mapping[int, tuple[str, str]]
) -> PaySheet:
    """Freeze a month: its lines, what it counted, and the rows of money of its clients.

    `whys`: agreement -> (why its norm was missed, a word more), wanted for every norm that was missed.
    Raises NotFound, Forbidden, Invalid, Conflict (closed already).
    """
    locked_person(actor, person_id)
    draft = _draft(actor, person_id, month, currency)
    if draft.sheet is not None:
        raise Conflict(
            _("%(who)s has closed this sheet already. Reload the page to see it.")
            % {"who": draft.sheet.closed_by or "—"},
            draft.sheet,
        )
    _demand_over(draft)
    facts = {"norms": [_norm_facts(norm, draft, whys) for norm in draft.norms]}
    sheet = PaySheet.objects.create(
        workspace=actor.workspace, person=draft.person, month=draft.month, currency=currency,
        total=draft.total, facts=facts, closed_by=actor.user,
    )  # fmt: skip
    _freeze(sheet, draft)
    _put_costs(actor, sheet)
    record(actor, "paysheet.closed", sheet, total=str(sheet.total), currency=currency)
    return sheet


def _draft(actor: Actor, person_id: int, month: date, currency: str) -> Draft:
    drafts = queries.month_of_person(actor, person_id, month)
    draft = next((one for one in drafts if one.currency == currency), None)
    if draft is None or not (draft.lines or draft.corrections or draft.sheet):
        raise Invalid.one("", _("No agreement was in force in this month: there is nothing to close."))
    if not all(queries.may_settle(actor, one) for one in draft.agreements):
        raise Forbidden("pay")
    if not draft.agreements and not queries.may_pay_somewhere(actor):
        raise Forbidden("pay")
    return draft


def _demand_over(draft: Draft) -> None:
    """A month is closed when it is over by the clocks of all its clients; earlier where all has ended."""
    span = rules.month_of(draft.month)
    for one in draft.agreements:
        last = min(one.ends_on or span.last, span.last)
        zone = one.client.time_zone if one.client else one.workspace.time_zone
        if one.starts_on <= span.last and timezone.localdate(timezone=ZoneInfo(zone)) <= last:
            raise Invalid.one(
                "",
                _("The month is not over: an agreement is in force until %(day)s. Close it after that day.")
                % {"day": f"{last:%d.%m.%Y}"},
            )


def _norm_facts(norm: Norm, draft: Draft, whys: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    why, note = whys.get(norm.terms.pk, ("", ""))
    if norm.missed and why not in BlockReason.values:
        raise Invalid.one(
            f"why_{norm.terms.pk}", _("The norm is missed. Say why: the author must not answer for others.")
        )
    return {
        "agreement": norm.terms.pk,
        "norm": str(norm.norm),
        "volume": str(norm.volume),
        "done": str(norm.done),
        "why": why if norm.missed else "",
        "note": note.strip()[:400] if norm.missed else "",
        "waited": str(waited_for(norm, draft)),
    }


def waited_for(norm: Norm, draft: Draft) -> Decimal:
    """Working hours that pieces of the norm's client, or of all clients, stood with others."""
    client_id = norm.terms.client_id
    if client_id is not None:
        return draft.waited.get(client_id, Decimal(0))
    return sum(draft.waited.values(), Decimal(0))


def _freeze(sheet: PaySheet, draft: Draft) -> None:
    rows: list[PayLine] = []
    for line in draft.lines:
        inputs = {**line.inputs, "split": {str(pk): str(part) for pk, part in line.split.items()}}
        inputs["pieces"] = [one.work.piece_id for one in line.claims]
        rows.append(
            PayLine(
                sheet=sheet, position=len(rows), key=line.key, kind=line.kind, inputs=inputs,
                agreement_id=line.terms.pk if line.terms else None,
                client_id=line.terms.client_id if line.terms else None,
                words=wording.formula_of(line.kind, inputs, sheet.currency)[:600], amount=line.amount,
            )
        )  # fmt: skip
    rows.extend(_correction_line(sheet, one, len(rows) + n) for n, one in enumerate(draft.corrections))
    PayLine.objects.bulk_create(rows)
    Correction.objects.filter(pk__in=[one.pk for one in draft.corrections]).update(taken_in=sheet)
    Counted.objects.bulk_create(
        Counted(
            sheet=sheet, agreement_id=one.terms.pk, piece_id=one.work.piece_id, client_id=one.work.client_id,
            unit=one.work.unit, title=one.work.title[:200], passed_on=one.passed.day, weight=one.weight,
            on_time=one.on_time, first_pass=one.work.first_pass, error=one.work.error,
        )
        for one in draft.claims
        if one.work.paid_by is None
    )  # fmt: skip


def _correction_line(sheet: PaySheet, one: Correction, position: int) -> PayLine:
    split = {str(one.client_id): str(one.amount)} if one.client_id else {}
    return PayLine(
        sheet=sheet, position=position, key=f"correction:{one.pk}", kind=Kind.CORRECTION,
        client_id=one.client_id, words=one.reason, amount=one.amount,
        inputs={"reason": one.reason, "corrects": one.corrects_id, "split": split},
    )  # fmt: skip


def _put_costs(actor: Actor, sheet: PaySheet) -> None:
    """One row of money for each client that bears a part of the sheet; doing it twice changes nothing."""
    sums: dict[int, Decimal] = {}
    for line in sheet.lines.all():
        for client_id, part in line.inputs["split"].items():
            sums[int(client_id)] = sums.get(int(client_id), Decimal(0)) + Decimal(part)
    last = rules.month_of(sheet.month).last
    for client in Client.objects.filter(workspace=actor.workspace, pk__in=sums):
        if not sums[client.pk]:
            continue
        Cost.objects.update_or_create(
            client=client,
            key=f"{COST_KEY}{sheet.pk}",
            defaults={
                "workspace_id": client.workspace_id,
                "spent_on": open_day(client, last),
                "amount": sums[client.pk],
                "kind": CostKind.PEOPLE,
                "known": Known.COUNTED,
                "note": _cost_note(sheet),
                "created_by": actor.user,
            },
        )


def _cost_note(sheet: PaySheet) -> str:
    values = {"person": sheet.person.name, "month": f"{sheet.month:%m.%Y}"}
    if sheet.number:
        return _("Pay, %(month)s: %(person)s, correction") % values
    return _("Pay, %(month)s: %(person)s") % values


@transaction.atomic
def reopen(actor: Actor, *, sheet_id: int) -> None:
    """Open a closed month again: it is computed anew, its rows of money go. Raises Conflict when paid."""
    sheet = _locked(actor, sheet_id)
    if sheet.paid_at is not None:
        raise Conflict(_("This sheet is paid and locked. Mend it with a correction: a new line."), sheet)
    if sheet.corrections.exists():
        raise Conflict(_("This sheet has been corrected by a line of another. It stays closed."), sheet)
    costs = Cost.objects.filter(workspace=actor.workspace, key=f"{COST_KEY}{sheet.pk}")
    for cost in costs:
        demand_open_month(cost)
    costs.delete()
    record(actor, "paysheet.reopened", sheet, total=str(sheet.total))
    sheet.delete()


@transaction.atomic
def mark_paid(actor: Actor, *, sheet_id: int) -> tuple[PaySheet, bool]:
    """The money has gone out: nobody can change the sheet any more. The second time changes nothing."""
    sheet = _locked(actor, sheet_id)
    if sheet.paid_at is not None:
        return sheet, False
    sheet.paid_at, sheet.paid_by = timezone.now(), actor.user
    sheet.save(update_fields=["paid_at", "paid_by"])
    record(actor, "paysheet.paid", sheet, total=str(sheet.total), currency=sheet.currency)
    return sheet, True


@transaction.atomic
def correct(
    actor: Actor, *, sheet_id: int, amount: Decimal, reason: str, client_id: int | None, now: bool = False
) -> Correction:
    """Add to a closed sheet, or take off (`amount` below zero): a line of the next sheet that is closed, or
    with `now` of an addendum to this one. `client_id`: whose money it is.

    Raises NotFound, Forbidden, Invalid.
    """
    sheet = _locked(actor, sheet_id)
    errors: dict[str, list[str]] = {}
    good = isinstance(amount, Decimal) and amount.is_finite() and abs(amount) < MOST
    if not good or not amount or amount != amount.quantize(Decimal("0.01")):
        errors["amount"] = [_("Give the sum to add, or to take off with a minus; kopecks at most.")]
    if not reason.strip():
        errors["reason"] = [_("Say why: a correction without a reason is not believed.")]
    elif len(reason) > 400:
        errors["reason"] = [_("Too long: %(most)d characters at most.") % {"most": 400}]
    client = None
    if client_id is not None:
        client = access.get(actor, Client.objects.all(), client_id, can="pay")
        if client.currency != sheet.currency:
            errors["client"] = [_("This client's money is another currency than the sheet's.")]
    if errors:
        raise Invalid(errors)
    row = Correction.objects.create(
        workspace=actor.workspace, person=sheet.person, corrects=sheet, client=client, amount=amount,
        reason=reason.strip(), created_by=actor.user,
    )  # fmt: skip
    record(actor, "paysheet.corrected", sheet, amount=str(amount), reason=row.reason[:200])
    if now:
        _addendum(actor, row)
    return row


def _addendum(actor: Actor, row: Correction) -> None:
    sheet = row.corrects
    same = PaySheet.objects.filter(
        workspace=actor.workspace, person=sheet.person, month=sheet.month, currency=sheet.currency
    )
    number = (same.aggregate(n=Max("number"))["n"] or 0) + 1
    extra = PaySheet.objects.create(
        workspace=actor.workspace, person=sheet.person, month=sheet.month, currency=sheet.currency,
        number=number, total=row.amount, closed_by=actor.user,
    )  # fmt: skip
    _correction_line(extra, row, 0).save()
    row.taken_in = extra
    row.save(update_fields=["taken_in"])
    _put_costs(actor, extra)
    record(actor, "paysheet.closed", extra, total=str(extra.total), currency=extra.currency)


def _locked(actor: Actor, sheet_id: int) -> PaySheet:
    """A sheet to settle; its person's row is the queue, so two do not do it at once."""
    sheet = queries.sheet(actor, sheet_id)
    locked_person(actor, sheet.person_id)
    return queries.sheet(actor, sheet_id)
