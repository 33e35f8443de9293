"""What a document really is, by its content: PDF, DOCX, XLSX or plain text. Nothing of it is run or unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final, NamedTuple

LARGEST: Final = 30 * 1024 * 1024  # bytes
LARGEST_TEXT: Final = 2 * 1024 * 1024
_MOST_ENTRIES: Final = 5_000  # of an office file; a hundred are usual
_OFFICE: Final = {
    "word/document.xml": (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class Document(NamedTuple):
    """`ending` without a dot."""

    ending: str
    mime: str


class NoDocument(Exception):
    """`code`: unknown, broken, macros, too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def document_of(path: Path) -> Document:
    """The kind of a document; its name is not asked. Raises NoDocument."""
    size = path.stat().st_size
    if size > LARGEST:
        raise NoDocument("too_large")
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, size - 2048))
        tail = file.read()
    if head.startswith(b"%PDF-"):
        if b"%%EOF" not in tail:
            raise NoDocument("broken")
        return Document("pdf", "application/pdf")
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    return _text(path, size)


def _office(path: Path) -> Document:
    """A Word or Excel file without macros; only its list of contents is read."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise NoDocument("broken") from error
    if len(names) > _MOST_ENTRIES or "[Content_Types].xml" not in names:
        raise NoDocument("unknown")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NoDocument("macros")
    for part, (ending, mime) in _OFFICE.items():
        if part in names:
            return Document(ending, mime)
    raise NoDocument("unknown")


def _text(path: Path, size: int) -> Document:
    if size > LARGEST_TEXT:
        raise NoDocument("unknown")
    try:
        words = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoDocument("unknown") from error
    if any(ord(one) < 32 and one not in "\t\n\r\f" for one in words):
        raise NoDocument("unknown")
    return Document("txt", "text/plain; charset=utf-8")
