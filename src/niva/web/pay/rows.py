"""What the pages and the file of pay show: drafts and closed sheets in the same shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from niva.domains.clients.models import Client
from niva.domains.editorial.states import Unit
from niva.domains.editorial.task_states import BlockReason
from niva.domains.pay import queries, wording
from niva.domains.pay.counting import Claim, Line, Norm
from niva.domains.pay.export import Item, Row
from niva.domains.pay.models import Agreement, Correction, Counted, PaySheet
from niva.domains.pay.queries import Draft
from niva.domains.pay.services.sheets import waited_for
from niva.domains.pay.states import Kind
from niva.domains.pay.uncounted import Missing
from niva.domains.people.actor import Actor
from niva.domains.people.models import User


@dataclass(frozen=True, slots=True)
class PieceView:
    """One counted piece. `remarks`: what of it told in the parts of a mixed bonus."""

    piece_id: int
    title: str
    unit: str
    day: date
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineView:
    name: str
    days: str
    formula: str
    amount: Decimal
    client: str
    pieces: tuple[PieceView, ...] = ()


@dataclass(frozen=True, slots=True)
class NormView:
    """How a norm stands. `waited`: working hours with others; `field`: name of the fields of its reason."""

    agreement: int
    client: str
    norm: Decimal
    volume: Decimal
    done: Decimal
    waited: Decimal
    missed: bool
    why: str = ""
    note: str = ""

    @property
    def short(self) -> Decimal:
        """How many are wanting."""
        return max(self.norm - self.volume, Decimal(0))


@dataclass(slots=True)
class SheetView:
    """A month of a person in one money: `state` is draft, closed or paid."""

    person: User
    month: date
    currency: str
    state: str
    total: Decimal
    lines: list[LineView]
    norms: list[NormView]
    counted: int
    sheet: PaySheet | None = None
    addenda: list[SheetView] = field(default_factory=list)

    @property
    def together(self) -> Decimal:
        """The sheet with its addenda."""
        return self.total + sum((one.total for one in self.addenda), Decimal(0))


def of_draft(draft: Draft) -> SheetView:
    """What the month would be if it were closed now."""
    names = {one.pk: _client_name(one) for one in draft.agreements}
    lines = [_line_of_draft(line, draft.currency, names) for line in draft.lines]
    lines += [_correction(one) for one in draft.corrections]
    norms = [_norm_of_draft(one, draft, names) for one in draft.norms]
    return SheetView(
        draft.person, draft.month, draft.currency, "draft", draft.total, lines, norms, len(draft.claims)
    )


def of_sheet(sheet: PaySheet, agreements: Mapping[int, Agreement]) -> SheetView:
    """A closed sheet as it stands; `lines` and `counted` should be prefetched."""
    counted = {one.piece_id: one for one in sheet.counted.all()}
    names = {pk: _client_name(one) for pk, one in agreements.items()}
    lines = []
    for line in sheet.lines.all():
        pieces = [counted[pk] for pk in line.inputs.get("pieces", ()) if pk in counted]
        lines.append(
            LineView(
                wording.name_of(line.kind, line.inputs),
                wording.days_of(line.inputs),
                wording.formula_of(line.kind, line.inputs, sheet.currency),
                line.amount,
                names.get(line.agreement_id or 0, "") or (line.client.name if line.client else ""),
                tuple(_piece_of_row(one, line.kind == Kind.PART) for one in pieces),
            )
        )
    norms = [_norm_of_facts(one, names) for one in sheet.facts.get("norms", ())]
    state = "paid" if sheet.paid_at else "closed"
    return SheetView(
        sheet.person, sheet.month, sheet.currency, state, sheet.total, lines, norms, len(counted), sheet
    )


def month_views(actor: Actor, person_id: int, month: date, drafts: Sequence[Draft]) -> list[SheetView]:
    """One view for each money: the closed sheet where there is one, else the draft."""
    agreements = {one.pk: one for draft in drafts for one in draft.agreements}
    sheets = queries.sheets_of(actor, person_id, month)
    found = {draft.currency: of_draft(draft) for draft in drafts if draft.sheet is None}
    found |= {one.currency: of_sheet(one, agreements) for one in sheets if one.number == 0}
    for sheet in sheets:
        if sheet.number and sheet.currency in found:
            found[sheet.currency].addenda.append(of_sheet(sheet, agreements))
    return [found[currency] for currency in sorted(found)]


def _client_name(agreement: Agreement) -> str:
    return agreement.client.name if agreement.client else str(_("All clients"))


def _line_of_draft(line: Line, currency: str, names: Mapping[int, str]) -> LineView:
    part = line.kind == Kind.PART
    return LineView(
        wording.name_of(line.kind, line.inputs),
        wording.days_of(line.inputs),
        wording.formula_of(line.kind, line.inputs, currency),
        line.amount,
        names.get(line.terms.pk, "") if line.terms else "",
        tuple(_piece_of_claim(one, part) for one in line.claims),
    )


def _correction(row: Correction) -> LineView:
    name = wording.name_of(Kind.CORRECTION, {})
    month = _("of %(month)s") % {"month": f"{row.corrects.month:%m.%Y}"}
    return LineView(name, month, row.reason, row.amount, row.client.name if row.client else "")


def _piece_of_claim(one: Claim, part: bool) -> PieceView:
    remarks = _remarks(one.on_time, one.work.first_pass, one.work.error) if part else ()
    return PieceView(one.work.piece_id, one.work.title, unit_word(one.work.unit), one.passed.day, remarks)


def _piece_of_row(row: Counted, part: bool) -> PieceView:
    remarks = _remarks(row.on_time, row.first_pass, row.error) if part else ()
    return PieceView(row.piece_id, row.title, unit_word(row.unit), row.passed_on, remarks)


def _remarks(on_time: bool | None, first_pass: bool, error: bool) -> tuple[str, ...]:
    said = []
    if on_time is False:
        said.append(_("late"))
    if not first_pass:
        said.append(_("returned before it was accepted"))
    if error:
        said.append(_("an error after publication"))
    return tuple(said)


def unit_word(unit: str) -> str:
    return str(Unit(unit).label) if unit in Unit.values else unit


def _norm_of_draft(norm: Norm, draft: Draft, names: Mapping[int, str]) -> NormView:
    return NormView(
        norm.terms.pk, names.get(norm.terms.pk, ""), norm.norm, norm.volume, norm.done,
        waited_for(norm, draft), norm.missed,
    )  # fmt: skip


def _norm_of_facts(facts: Mapping[str, Any], names: Mapping[int, str]) -> NormView:
    why = facts["why"]
    return NormView(
        facts["agreement"], names.get(facts["agreement"], ""), Decimal(facts["norm"]),
        Decimal(facts["volume"]), Decimal(facts["done"]), Decimal(facts["waited"]), bool(why),
        str(BlockReason(why).label) if why in BlockReason.values else "", facts["note"],
    )  # fmt: skip


# What is not counted

OPEN_UP_TO = 5  # rows of one reason that are shown without a press


@dataclass(frozen=True, slots=True)
class MissingView:
    """Pieces that do not count for one reason."""

    why: str
    rows: list[Missing]

    @property
    def open(self) -> bool:
        return len(self.rows) <= OPEN_UP_TO


def missing_views(rows: Iterable[Missing]) -> list[MissingView]:
    """By reason, in the order in which the reasons come."""
    groups: dict[str, list[Missing]] = {}
    for row in rows:
        groups.setdefault(_why_missing(row), []).append(row)
    return [MissingView(why, several) for why, several in groups.items()]


def _why_missing(row: Missing) -> str:
    said = {
        "stage": _("not through yet: stands in “%(note)s”"),
        "parked": _("parked: %(note)s") if row.note else _("parked"),
        "rejected": _("rejected: %(note)s") if row.note else _("rejected"),
        "paid": _("the sheet of %(note)s has counted it"),
        "own": _("let through by its author: counts when it is out"),
        "late": _("counts when it is out for the first time"),
        "unit": _("no agreement covers this kind of piece on that day"),
    }
    return said[row.code] % {"note": row.note}


# The file


def export_of(actor: Actor, sheet: PaySheet) -> tuple[str, list[Row], list[Item]]:
    """What `export.workbook` takes, of a sheet that came through the door."""
    title = _("Pay of %(person)s, %(month)s, %(currency)s") % {
        "person": sheet.person.name,
        "month": f"{sheet.month:%m.%Y}",
        "currency": sheet.currency,
    }
    clients = dict(Client.objects.filter(workspace=actor.workspace).values_list("pk", "name"))
    rows = [
        Row(
            line.key, line.kind, line.inputs, line.amount, sheet.currency, _bears(line.inputs, clients)
        )
        for line in sheet.lines.all()
    ]  # fmt: skip
    items = [
        Item(
            row.agreement_id, row.title, row.unit, unit_word(row.unit), clients.get(row.client_id, ""),
            row.passed_on.isoformat(), row.weight, row.on_time, row.first_pass, row.error,
        )
        for row in sheet.counted.all()
    ]  # fmt: skip
    return title, rows, items


def _bears(inputs: Mapping[str, Any], clients: Mapping[int, str]) -> str:
    parts: Iterable[tuple[str, str]] = inputs.get("split", {}).items()
    return "; ".join(f"{clients.get(int(pk), '')}: {part}" for pk, part in parts)
