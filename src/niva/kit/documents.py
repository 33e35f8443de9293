"""What a document really is, by its content: PDF, DOCX, XLSX or text. Nothing of it is run."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path
from typing import Final, NamedTuple

LARGEST: Final = 30 * 1024 * 1024  # bytes
LARGEST_TEXT: Final = 2 * 1024 * 1024
_MOST_ENTRIES: Final = 5_000  # of an office file; a hundred are usual
_MOST_UNPACKED: Final = 400 * 1024 * 1024  # bytes that an office file says it unpacks to
_MOST_RATIO: Final = 200  # unpacked to packed; the text of office files reaches 20 to 40
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
    """`code`: unknown, broken, macros, bomb (unpacks to far too much), too_large."""

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
            parts = packed.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise NoDocument("broken") from error
    names = {part.filename for part in parts}
    unpacked, taken = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if unpacked > _MOST_UNPACKED or (unpacked > 1024 * 1024 and unpacked > _MOST_RATIO * max(taken, 1)):
        raise NoDocument("bomb")
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
    raw = path.read_bytes()
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for charset in ("utf-16",) if marked else ("utf-8-sig", "windows-1251"):
        try:
            words = raw.decode(charset)
        except UnicodeDecodeError:
            continue
        if not words.strip() or any(ord(one) < 32 and one not in "\t\n\r\f" for one in words):
            break
        return Document("txt", f"text/plain; charset={charset.removesuffix('-sig')}")
    raise NoDocument("unknown")
