"""What a file is, whatever it is called."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from niva.kit.documents import NoDocument, document_of

TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def docx(**more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("[Content_Types].xml", TYPES)
        box.writestr("word/document.xml", "<w:document>Ферма у дороги</w:document>")
        for name, body in more.items():
            box.writestr(name.replace("__", "/").replace("_dot_", "."), body)
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("видение.pdf", PDF, "pdf"),
        ("видение.docx", docx(), "docx"),
        ("видение.txt", "Ферма, пять лет.\n".encode(), "txt"),
        ("видение.txt", "Ферма, пять лет.\r\n".encode("cp1251"), "txt"),
        ("видение.txt", "Ферма".encode("utf-16"), "txt"),
        ("программа.exe", PDF, "pdf"),  # the content decides, not the name
    ],
)
def test_what_is_taken(tmp_path: Path, name: str, body: bytes, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    assert document_of(path).ending == kind


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("договор.pdf", b"MZ\x90\x00\x03" + b"\x00" * 200, "unknown"),
        ("договор.pdf", b"\x7fELF" + b"\x00" * 200, "unknown"),
        ("договор.pdf", b"MZ\x90\x00\x03" + PDF, "unknown"),
        ("договор.pdf", PDF[:-6], "broken"),
        ("договор.docx", docx()[:-30], "broken"),
        ("договор.docx", docx(word__media__a_dot_bin=b"\x00" * 50_000_000), "bomb"),
        ("договор.docx", docx(word__vbaProject_dot_bin=b"x"), "macros"),
        ("картинка.txt", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "unknown"),
        ("пусто.txt", b" \n\n", "unknown"),
    ],
)
def test_what_is_not(tmp_path: Path, name: str, body: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(NoDocument) as caught:
        document_of(path)
    assert caught.value.code == code


def test_a_zip_that_is_no_document(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as box:
        box.writestr("readme.txt", "x")
    with pytest.raises(NoDocument) as caught:
        document_of(tmp_path / "a.docx")
    assert caught.value.code == "unknown"
