"""A file with numbers to text that `numbers_in` reads and the page sends back: CSV as it is, of a workbook
the sheet whose heads say most, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, Final

from django.utils.translation import gettext as _

from niva.domains.people.errors import Invalid
from niva.kit import sheets
from niva.kit.tables import NotATable, decoded, number_of

LARGEST: Final = 1024 * 1024  # bytes of a table in text; what networks export for a year has a tenth of it


def text_of(data: bytes, known: Callable[[str], bool]) -> str:
    """The text of an uploaded table. `known`: whether a head is understood. Raises Invalid("file")."""
    if not sheets.is_text(data):
        text = _of_workbook(data, known)
    else:
        _bounded(len(data))
        try:
            text = decoded(data)
        except NotATable as error:
            sentence = _("This is no table in text. In Excel choose “Save as” and then CSV.")
            raise Invalid.one("file", sentence) from error
    _bounded(len(text.encode()))
    return text


def _bounded(size: int) -> None:
    if size > LARGEST:
        raise Invalid.one("file", _("The table is larger than 1 MB. Halve it and import both parts."))


def rows_of(data: bytes, known: Callable[[str], bool]) -> list[tuple[int, list[Any]]]:
    """The rows of the sheet whose heads say most, from its head on, with their lines in the file.

    Raises Invalid("file").
    """
    try:
        found = [one for one in sheets.read(data) if one.rows]
    except sheets.NotASheet as error:
        raise Invalid.one("file", _refused(error.code)) from error
    if any(one.cut for one in found):
        raise Invalid.one("file", _("The table has more than 5,000 rows. Halve it and import both parts."))
    best = max(found, key=lambda one: _worth(one, known))
    return best.rows[_head(best, known) :]


def _of_workbook(data: bytes, known: Callable[[str], bool]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerows([_cell(cell) for cell in cells] for _line, cells in rows_of(data, known))
    return out.getvalue()


def _worth(sheet: sheets.Sheet, known: Callable[[str], bool]) -> tuple[int, bool, int]:
    head = sheet.rows[_head(sheet, known)][1]
    return sum(known(sheets.text(cell)) for cell in head), not sheet.hidden, len(sheet.rows)


def _head(sheet: sheets.Sheet, known: Callable[[str], bool]) -> int:
    """The row of heads: of the first ten the one that says most; exports begin with a title and a period."""
    rows = sheet.rows[:10]
    return max(range(len(rows)), key=lambda n: (sum(known(sheets.text(cell)) for cell in rows[n][1]), -n))


def _cell(cell: Any) -> str:
    """As a person sees it; a number so that no point in it is taken for one between thousands."""
    text = sheets.text(cell)
    if isinstance(cell, float) and number_of(text) != cell:
        return f"{cell:.6f}"
    return text


def _refused(code: str) -> str:
    return {
        "password": _("The file is locked with a password. Take the password off and choose it again."),
        "empty": _("The table is empty."),
    }.get(code, _("The file cannot be read as a table. Save it as XLSX or CSV and choose it again."))
