"""Spreadsheets that people bring and take: any workbook or CSV to rows, rows to a workbook. Pure.

Reading is guarded three times: the size of the file, the sizes that its archive declares, and a process of
its own with a limit of memory and time (see `sheets_child`). Macros are never run, formulas never computed:
what counts is the value that the program kept beside the formula. Knows nothing of what the columns mean.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from niva.kit import tables

LARGEST: Final = 20 * 1024 * 1024  # bytes of a file; five thousand posts with texts have two million
UNPACKED: Final = 400 * 1024 * 1024  # bytes that an archive may declare: a million formatted rows have 300
MOST_PARTS: Final = 5000  # files in the archive
MOST_SHEETS: Final = 20
MOST_ROWS: Final = 20_000  # with anything in them
MOST_COLUMNS: Final = 80
LONGEST_WRITTEN: Final = 32_767  # characters that a cell of Excel takes
LONGEST_CELL: Final = 100_001  # characters; one more than any text of ours, so that too long is seen
MEMORY: Final = 768 * 1024 * 1024  # bytes of address space for the reader
SECONDS: Final = 40  # of the processor; of the clock twice that
_CODES: Final = {3: "password", 4: "broken", 5: "too_large"}
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")

Cell = str | float | int | bool | dt.datetime | dt.date | dt.time | None


class NotASheet(ValueError):
    """`code`: "empty", "broken", "password", "too_large", "slow", "bomb" (it unpacks to too much)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Sheet:
    """`rows`: those with anything in them, each with its number in the file; `cut`: there were more."""

    name: str
    hidden: bool = False
    cut: bool = False
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)


def read(data: bytes, name: str = "") -> list[Sheet]:
    """The sheets of an XLSX, XLSM, XLS or ODS, or the one of a CSV. Cells are as JSON has them; see `value`.

    Raises NotASheet.
    """
    if not data.strip(b"\x00\r\n\t "):
        raise NotASheet("empty")
    if len(data) > LARGEST:
        raise NotASheet("too_large")
    if data.startswith(_OLE) and _ENCRYPTED in data:
        raise NotASheet("password")
    if is_text(data):
        return [_csv(data, name)]
    if data.startswith(b"PK"):
        _guard(data)
    found = _parsed(_read_apart(data))
    if not any(sheet.rows for sheet in found):
        raise NotASheet("empty")
    return found


def is_text(data: bytes) -> bool:
    """Whether it is read as CSV: no archive, no old workbook."""
    return not data.startswith((b"PK", _OLE))


def _guard(data: bytes) -> None:
    """What the archive says of itself, before anything of it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise NotASheet("broken") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise NotASheet("bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise NotASheet("password")


def _read_apart(data: bytes) -> str:
    sizes = (MEMORY, SECONDS, MOST_SHEETS, MOST_ROWS, MOST_COLUMNS, LONGEST_CELL)
    command = [sys.executable, "-I", str(Path(__file__).with_name("sheets_child.py")), *map(str, sizes)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS * 2, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotASheet("slow") from error
    if done.returncode:
        # Killed by a signal: the memory was refused (abort) or the seconds were over.
        raise NotASheet(_CODES.get(done.returncode, "too_large"))
    return done.stdout.decode()


def _parsed(output: str) -> list[Sheet]:
    sheets: list[Sheet] = []
    for line in output.split("\n"):
        if not line:
            continue
        said = json.loads(line)
        if isinstance(said, list):
            sheets[-1].rows.append((said[0], said[1]))
        elif "sheet" in said:
            sheets.append(Sheet(said["sheet"], said["hidden"]))
        else:
            sheets[-1].cut = True
    return sheets


def _csv(data: bytes, name: str) -> Sheet:
    try:
        found = tables.read(tables.decoded(data))
    except tables.NotATable as error:
        raise NotASheet("empty" if error.code == "empty" else "broken") from error
    rows = [(line, list(cells[:MOST_COLUMNS])) for line, cells in found.rows]
    return Sheet(name, cut=len(rows) > MOST_ROWS, rows=rows[:MOST_ROWS])


def value(cell: Any) -> Cell:
    """A cell of `Sheet.rows` as Python has it."""
    if isinstance(cell, dict):
        if "t" in cell:
            return dt.time.fromisoformat(cell["t"])
        text = str(cell["d"])
        return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)
    return None if cell == "" else cell


def text(cell: Any) -> str:
    """The cell as a person sees it in the table: 17.11.2026, 19:00, 5, text."""
    found = value(cell)
    if found is None:
        return ""
    if isinstance(found, dt.datetime):
        return f"{found:%d.%m.%Y}" if found.time() == dt.time() else f"{found:%d.%m.%Y %H:%M}"
    if isinstance(found, dt.date):
        return f"{found:%d.%m.%Y}"
    if isinstance(found, dt.time):
        return f"{found:%H:%M}"
    if isinstance(found, float) and found.is_integer() and abs(found) < 1e15:
        return str(int(found))
    return str(found)


def harmless(text: str) -> str:
    """A text for a CSV that no spreadsheet takes for a formula: an apostrophe before =, +, -, @ and tabs.

    A text that begins so with an apostrophe of its own gets another one, so that `harmed` finds it again.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def harmed(text: str) -> str:
    """The text as it was before `harmless`."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: "text", "day", "time", "number"; `width` in characters; `choices`: what may be chosen there."""

    head: str
    kind: str = "text"
    width: int = 16
    choices: Sequence[str] = ()


def write(
    sheet: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    notes: tuple[str, Sequence[str]] | None = None,
) -> bytes:
    """A workbook: one sheet with a frozen head and typed cells, and one with `notes` (its name, its lines).

    Texts are written as texts whatever they begin with, so nothing in them is ever computed.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    page = book.add_worksheet(sheet[:31])
    formats = {
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "day": book.add_format({"num_format": "dd.mm.yyyy", "valign": "top"}),
        "time": book.add_format({"num_format": "hh:mm", "valign": "top"}),
        "number": book.add_format({"valign": "top"}),
    }
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    page.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        page.set_column(place, place, column.width, formats[column.kind])
    lists = _lists(book, columns)
    for place, column in enumerate(columns):
        page.write_string(0, place, column.head, head)
    for line, row in enumerate(rows, 1):
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            _put(page, line, place, cell, formats[column.kind])
    page.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    for place, formula in lists.items():
        rule = {"validate": "list", "source": formula, "ignore_blank": True, "error_type": "warning"}
        page.data_validation(1, place, max(len(rows), 1) + 500, place, rule)
    if notes is not None:
        other = book.add_worksheet(notes[0][:31])
        other.set_column(0, 0, 110, formats["text"])
        for line, sentence in enumerate(notes[1]):
            other.write_string(line, 0, sentence, formats["text"])
    book.close()
    return out.getvalue()


def _put(page: Any, line: int, place: int, cell: Any, style: Any) -> None:
    if cell is None or cell == "" or (isinstance(cell, str) and len(cell) > LONGEST_WRITTEN):
        # A text that was cut would come back as a change; an empty cell changes nothing.
        page.write_blank(line, place, None, style)
    elif isinstance(cell, dt.datetime | dt.date | dt.time):
        page.write_datetime(line, place, cell, style)
    elif isinstance(cell, int | float):
        page.write_number(line, place, cell, style)
    else:
        page.write_string(line, place, str(cell), style)


def _lists(book: Any, columns: Sequence[Column]) -> dict[int, str]:
    """The lists to choose from, on a hidden sheet: in the rule itself they may have 255 characters."""
    wanted = [(place, column.choices) for place, column in enumerate(columns) if column.choices]
    if not wanted:
        return {}
    page = book.add_worksheet("_")
    page.hide()
    longest = max(len(choices) for _place, choices in wanted)
    for line in range(longest):
        for spot, (_place, choices) in enumerate(wanted):
            if line < len(choices):
                page.write_string(line, spot, choices[line])
    return {
        place: f"=_!${chr(65 + spot)}$1:${chr(65 + spot)}${len(choices)}"
        for spot, (place, choices) in enumerate(wanted)
    }
