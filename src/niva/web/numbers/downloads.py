"""Tables of numbers as files: the values unrounded, so that they are the very figures of the page."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from niva.kit import sheets

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def form_of(request: HttpRequest) -> str | None:
    """The file that an address asks for: "csv" or "xlsx"; None for the page."""
    form = request.GET.get("form", "")
    return form if form in ("csv", "xlsx") else None


def download(
    form: str,
    name: str,
    sheet: str,
    columns: Sequence[sheets.Column],
    rows: Sequence[Sequence[Any]],
    notes: tuple[str, Sequence[str]] | None = None,
) -> HttpResponse:
    """The table as a file called `name`. `notes` (their sheet's name and lines) go into a workbook only."""
    body = _csv(columns, rows) if form == "csv" else sheets.write(sheet, columns, rows, notes)
    kind = "text/csv; charset=utf-8" if form == "csv" else XLSX
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="niva-{name}.{form}"'
    return answer


def _csv(columns: Sequence[sheets.Column], rows: Sequence[Sequence[Any]]) -> bytes:
    """Semicolons and the mark that tells Excel it is UTF-8; the decimal comma where people write one."""
    comma = (get_language() or "ru").startswith("ru")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.head for column in columns])
    for row in rows:
        writer.writerow([_said(cell, comma=comma) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _said(cell: Any, *, comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float | int):
        shown = repr(cell).removesuffix(".0")
        return shown.replace(".", ",") if comma else shown
    if isinstance(cell, dt.date):
        return f"{cell:%d.%m.%Y}"
    return sheets.harmless(str(cell))
