"""A sheet as XLSX with live formulas: an accountant sees what was reckoned, changes a figure, and it follows.

Every sum is a formula over the cells beside it; how many pieces there were is counted from the second page.
The sums of the desk stand in the last column, and a cell below says whether the two agree.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from niva.domains.pay import wording
from niva.domains.pay.states import Kind, Part

LINES: Final = 3  # the row, from 0, of the first line
MOST_PIECES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line: kind, inputs and sum as the sheet has them, `bears`: whose money, in words."""

    key: str
    kind: str
    inputs: Mapping[str, Any]
    amount: Decimal
    currency: str
    bears: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One counted piece; `line`: the key's beginning, which names the agreement."""

    agreement: int
    title: str
    unit: str
    unit_word: str
    client: str
    passed_on: str
    weight: Decimal
    on_time: bool | None
    first_pass: bool
    error: bool


# Columns of the first page.
NAME, FIRST, LAST, COUNT, SUM, NORM, DONE, SHARE, WEIGHT, DAYS, OF, AMOUNT, DESK, BEARS, WORDS = range(15)
# Columns of the second page.
P_AGREEMENT, P_TITLE, P_UNIT, P_WORD, P_CLIENT, P_DAY, P_WEIGHT, P_ON_TIME, P_FIRST, P_CLEAN = range(10)


def workbook(title: str, rows: Sequence[Row], items: Sequence[Item]) -> bytes:
    """The file. `title`: whose month it is, in words."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    wrap = book.add_format({"text_wrap": True, "valign": "top", "bold": True})
    page, list_page = book.add_worksheet(_("Pay sheet")), book.add_worksheet(_("Pieces"))
    page.write_string(0, 0, title, bold)
    for column, word in enumerate(_heads()):
        page.write_string(LINES - 1, column, word, wrap)
    pieces = _Pieces(list_page.get_name())
    for number, row in enumerate(rows):
        _line(page, LINES + number, row, pieces, money)
    end = LINES + len(rows)
    page.write_string(end, NAME, _("Total"), bold)
    for column, values in ((AMOUNT, None), (DESK, sum((row.amount for row in rows), Decimal(0)))):
        span = f"{_cell(LINES, column)}:{_cell(max(end - 1, LINES), column)}"
        page.write_formula(end, column, f"=SUM({span})", money, values or 0)
    page.write_string(end + 1, NAME, _("Difference from the desk"))
    page.write_formula(end + 1, AMOUNT, f"=ROUND({_cell(end, AMOUNT)}-{_cell(end, DESK)},2)", money, 0)
    page.set_column(NAME, NAME, 28)
    page.set_column(FIRST, DESK, 11)
    page.set_column(BEARS, WORDS, 40)
    page.freeze_panes(LINES, 1)
    _list(list_page, items, bold)
    book.close()
    return buffer.getvalue()


def _heads() -> list[str]:
    return [
        _("What for"), _("From"), _("To"), _("Pieces"), _("Rate or sum"), _("Norm"), _("Done, %"),
        _("Paid, %"), _("Weight, %"), _("Days"), _("Of days"), _("Sum, reckoned here"),
        _("Sum in the desk"), _("Whose money"), _("In words"),
    ]  # fmt: skip


class _Pieces:
    """Formulas over the second page, for one agreement."""

    def __init__(self, name: str) -> None:
        self.name = name.replace("'", "''")

    def _column(self, column: int) -> str:
        first = xl_rowcol_to_cell(1, column, row_abs=True, col_abs=True)
        last = xl_rowcol_to_cell(MOST_PIECES, column, row_abs=True, col_abs=True)
        return f"'{self.name}'!{first}:{last}"

    def count(self, agreement: int, column: int | None = None, value: str = "") -> str:
        asked = f"{self._column(P_AGREEMENT)},{agreement}"
        if column is not None:
            asked += f',{self._column(column)},"{value}"'
        return f"COUNTIFS({asked})"

    def volume(self, agreement: int) -> str:
        return f"SUMIFS({self._column(P_WEIGHT)},{self._column(P_AGREEMENT)},{agreement})"


def _cell(row: int, column: int) -> str:
    return str(xl_rowcol_to_cell(row, column))


def _line(page: Any, at: int, row: Row, pieces: _Pieces, money: Any) -> None:
    inputs = row.inputs
    page.write_string(at, NAME, wording.name_of(row.kind, inputs))
    page.write_string(at, FIRST, str(inputs.get("first", "")))
    page.write_string(at, LAST, str(inputs.get("last", "")))
    page.write_string(at, BEARS, row.bears)
    page.write_string(at, WORDS, wording.formula_of(row.kind, inputs, row.currency))
    page.write_number(at, DESK, row.amount, money)
    amount, result = _formula(page, at, row, pieces, money), row.amount
    if amount:
        page.write_formula(at, AMOUNT, f"=ROUND({amount},2)", money, result)
    else:
        page.write_number(at, AMOUNT, result, money)


def _formula(page: Any, at: int, row: Row, pieces: _Pieces, money: Any) -> str:
    """Write what the sum of a line is made of; the formula over those cells, or nothing for a correction."""
    inputs, agreement = row.inputs, int(row.key.split(":")[0]) if row.kind != Kind.CORRECTION else 0
    here = {column: _cell(at, column) for column in range(WORDS)}
    if row.kind == Kind.CORRECTION:
        return ""
    if row.kind == Kind.PIECE:
        counted = pieces.count(agreement, P_UNIT, inputs["unit"])
        page.write_formula(at, COUNT, f"={counted}", None, inputs["count"])
        page.write_number(at, SUM, Decimal(inputs["rate"]), money)
        return f"{here[COUNT]}*{here[SUM]}"
    page.write_number(at, DAYS, inputs["days"])
    page.write_number(at, OF, inputs["of"])
    if row.kind == Kind.FIX:
        page.write_number(at, SUM, Decimal(inputs["fix"]), money)
        return f"{here[SUM]}*{here[DAYS]}/{here[OF]}"
    page.write_number(at, SUM, Decimal(inputs["bonus"]), money)
    page.write_formula(at, COUNT, f"={pieces.volume(agreement)}", None, Decimal(inputs["volume"]))
    norm = f"=ROUND({inputs['agreed']}*{inputs['times']}/{inputs['per']},2)"
    page.write_formula(at, NORM, norm, None, Decimal(inputs["norm"]))
    done = f"=IF({here[NORM]}=0,100,ROUND({here[COUNT]}/{here[NORM]}*100,2))"
    page.write_formula(at, DONE, done, None, Decimal(inputs["done"]))
    share = inputs["score"] if row.kind == Kind.PART else inputs["share"]
    page.write_formula(at, SHARE, f"={_share(row, here, pieces, agreement)}", None, Decimal(share))
    page.write_number(at, WEIGHT, Decimal(inputs.get("weight", 100)))
    return f"{here[SUM]}*{here[DAYS]}/{here[OF]}*{here[SHARE]}/100*{here[WEIGHT]}/100"


def _share(row: Row, here: Mapping[int, str], pieces: _Pieces, agreement: int) -> str:
    part = row.inputs.get("part", Part.VOLUME)
    if part == Part.VOLUME:
        return _steps(row.inputs, here[DONE])
    column = {Part.ON_TIME: P_ON_TIME, Part.FIRST_PASS: P_FIRST, Part.NO_ERRORS: P_CLEAN}[Part(part)]
    met = pieces.count(agreement, column, "yes")
    asked = f"({met}+{pieces.count(agreement, column, 'no')})"
    nothing = f"IF({pieces.count(agreement)}=0,0,100)"
    return f"IF({asked}=0,{nothing},ROUND({met}/{asked}*100,2))"


def _steps(inputs: Mapping[str, Any], done: str) -> str:
    """The steps of the bonus as one formula over the cell with the percent done."""
    formula = "0"
    for step in inputs["steps"]:
        pays = f"MIN({done},100)" if step["pays"] == "done" else step["pays"]
        formula = f"IF({done}>={step['at']},{pays},{formula})"
    if inputs["cap"]:
        formula = f"IF({done}>100,MAX({formula},MIN({done},{inputs['cap']})),{formula})"
    return formula


def _list(page: Any, items: Sequence[Item], bold: Any) -> None:
    heads = [
        _("Agreement"), _("Piece"), _("Code"), _("Kind of piece"), _("Client"), _("Counted on"), _("Weight"),
        _("On time"), _("First pass"), _("No errors"),
    ]  # fmt: skip
    for column, word in enumerate(heads):
        page.write_string(0, column, word, bold)
    for at, one in enumerate(items[:MOST_PIECES], 1):
        page.write_number(at, P_AGREEMENT, one.agreement)
        page.write_number(at, P_WEIGHT, one.weight)
        timely = "" if one.on_time is None else _yes(one.on_time)
        words = {P_TITLE: one.title, P_UNIT: one.unit, P_WORD: one.unit_word, P_CLIENT: one.client}
        words |= {P_DAY: one.passed_on, P_ON_TIME: timely}
        words |= {P_FIRST: _yes(one.first_pass), P_CLEAN: _yes(not one.error)}
        for column, word in words.items():
            page.write_string(at, column, word)
    page.set_column(P_TITLE, P_TITLE, 50)
    page.set_column(P_CLIENT, P_CLIENT, 24)


def _yes(value: bool) -> str:
    """A word of the formulas, the same in every language."""
    return "yes" if value else "no"
