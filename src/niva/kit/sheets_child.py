"""Runs alone: a workbook on standard input, its rows as lines of JSON on standard output.

A process of its own with a hard limit of memory and of processor time: a workbook of ten kilobytes may say
that its last cell is XFD1048576, and the reader then reserves room for seventeen thousand million cells.
Imports nothing of the desk.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from typing import Any


def limit(memory: int, seconds: int) -> None:
    """Bytes of address space and seconds of the processor. Not on Windows, where there is no such call."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def written(value: Any, longest: int) -> Any:
    """A cell as JSON: texts, numbers and truths as they are, days and hours as {"d": iso} and {"t": iso}."""
    if isinstance(value, str):
        return value.replace("\x00", "")[:longest].strip()  # a workbook may spell it: _x0000_
    if isinstance(value, dt.datetime | dt.date):
        return {"d": value.isoformat()}
    if isinstance(value, dt.time):
        return {"t": value.isoformat()}
    if isinstance(value, dt.timedelta):
        seconds = int(value.total_seconds())
        return {"t": f"{seconds // 3600:02}:{seconds // 60 % 60:02}"} if 0 <= seconds < 86400 else str(value)
    if isinstance(value, float) and value != value:  # no number
        return ""
    return value


class Filler:
    """Cells that are merged downwards: the lower ones say what the upper one says (a day over its posts)."""

    def __init__(self, sheet: Any, most_columns: int) -> None:
        left = (sheet.start or (0, 0))[1]  # rows begin with the first column that holds anything
        self.starts: dict[int, list[tuple[int, int]]] = {}
        self.open: dict[int, tuple[int, Any]] = {}
        for (top, column), (bottom, _right) in sheet.merged_cell_ranges or ():
            if bottom > top and 0 <= column - left < most_columns:
                self.starts.setdefault(top, []).append((column - left, bottom))

    def fill(self, line: int, cells: list[Any]) -> list[Any]:
        for column, (bottom, value) in list(self.open.items()):
            if line > bottom:
                del self.open[column]
            elif any(cell != "" for cell in cells) and (column >= len(cells) or cells[column] == ""):
                cells += [""] * (column + 1 - len(cells))
                cells[column] = value
        for column, bottom in self.starts.get(line, ()):
            if column < len(cells) and cells[column] != "":
                self.open[column] = (bottom, cells[column])
        return cells


def run(most_sheets: int, most_rows: int, most_columns: int, longest: int) -> None:
    import python_calamine

    out = sys.stdout
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    number = 0
    for found in book.sheets_metadata:
        if found.typ != python_calamine.SheetTypeEnum.WorkSheet or number >= most_sheets:
            continue
        hidden = found.visible != python_calamine.SheetVisibleEnum.Visible
        out.write(json.dumps({"sheet": found.name, "hidden": hidden}, ensure_ascii=False) + "\n")
        number += 1
        kept = 0
        sheet = book.get_sheet_by_name(found.name)
        filler = Filler(sheet, most_columns)
        for line, row in enumerate(sheet.iter_rows(), 1):
            cells = filler.fill(line - 1, [written(value, longest) for value in row[:most_columns]])
            while cells and cells[-1] == "":
                cells.pop()
            if not cells:
                continue
            kept += 1
            if kept > most_rows:
                out.write(json.dumps({"more": True}) + "\n")
                break
            out.write(json.dumps([line, cells], ensure_ascii=False) + "\n")


def main() -> int:
    """Exit codes: 0 read, 3 a password is wanted, 4 no workbook, 5 too large for the limits."""
    memory, seconds, *sizes = (int(one) for one in sys.argv[1:])
    limit(memory, seconds)
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    try:
        run(*sizes)
    except MemoryError:
        return 5
    except Exception as error:
        # Of the reader's own errors only the one of the password means something to a person.
        text = f"{type(error).__name__} {error}".lower()
        return 3 if "password" in text else 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
