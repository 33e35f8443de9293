"""Files with versions: what they are is seen in their bytes, whatever their names say."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.editorial.factories import make_piece
from niva.domains.editorial.services import files
from niva.domains.editorial.tasking import TaskFile, TaskFileVersion
from niva.domains.people.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"


@pytest.fixture
def desk(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    actor = make_actor(make_workspace())
    return actor, make_piece(make_client(actor.workspace))


def packed(*names: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return body.getvalue()


def bomb() -> bytes:
    """Thirty megabytes of one letter in a few kilobytes."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "а" * 15_000_000)
    return body.getvalue()


def picture() -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (64, 64), "green").save(body, "PNG")
    return body.getvalue()


DOCX = packed("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "body", "mime"),
    [
        ("бриф.pdf", PDF, "application/pdf"),
        ("снимок.pdf", picture(), "image/"),  # the name lies, the bytes do not
        ("план.bin", packed("[Content_Types].xml", "xl/workbook.xml"), "spreadsheetml.sheet"),
        ("текст.docx", DOCX, "wordprocessingml.document"),
        ("заметки", "Три слова\n".encode(), "text/plain"),
    ],
)
def test_a_file_is_what_its_bytes_say(desk, name, body, mime):
    actor, piece = desk
    version = files.attach(actor, file=SimpleUploadedFile(name, body), piece_id=piece.pk)
    assert mime in version.mime
    assert (version.number, version.file.name, bool(version.path)) == (1, name, version.asset is None)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("бриф.pdf", b"MZ\x90\x00 program"),
        ("бриф.pdf", b"%PDF-1.4 cut off"),
        ("план.xlsx", packed("evil.exe")),
        ("план.xlsx", b"PK\x03\x04 cut off"),
        ("план.docx", packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("план.docx", bomb()),
        ("снимок.png", b"\x89PNG\r\n\x1a\n cut off"),
        ("пусто.txt", b""),
        ("буквы.txt", b"\x00\x01\x02\xff"),
    ],
)
def test_a_file_that_is_broken_or_lies_leaves_nothing_behind(desk, settings, name, body):
    actor, piece = desk
    with pytest.raises(Invalid) as refused:
        files.attach(actor, file=SimpleUploadedFile(name, body), piece_id=piece.pk)
    assert list(refused.value.errors) == ["file"]
    assert not TaskFile.objects.exists()
    assert [one for one in settings.MEDIA_ROOT.rglob("*") if one.is_file()] == []


def test_too_large_is_said_before_it_is_kept(desk, settings, monkeypatch):
    actor, piece = desk
    monkeypatch.setattr(files.documents, "LARGEST", 10)
    with pytest.raises(Invalid):
        files.attach(actor, file=SimpleUploadedFile("бриф.pdf", PDF), piece_id=piece.pk)
    assert [one for one in settings.MEDIA_ROOT.rglob("*") if one.is_file()] == []


def test_the_same_name_is_the_next_version_and_none_is_overwritten(desk, settings):
    actor, piece = desk
    files.attach(actor, file=SimpleUploadedFile("../../Бриф.pdf", PDF), piece_id=piece.pk)
    files.attach(actor, file=SimpleUploadedFile("бриф.pdf", PDF + b"\n%%EOF"), piece_id=piece.pk)
    first, second = TaskFileVersion.objects.order_by("number")
    assert (first.file, second.number, second.file.name) == (second.file, 2, "Бриф.pdf")
    assert (settings.MEDIA_ROOT / first.path).read_bytes() == PDF


def test_an_advertiser_may_add_and_the_client_may_not(desk):
    actor, piece = desk
    people = {}
    for role in ("advertiser", "client"):
        person = make_person(actor.workspace, "member", name=role)
        give_role(piece.client, person, role)
        people[role] = actor_for(person)
    upload = SimpleUploadedFile("снимок.png", picture())
    assert files.attach(people["advertiser"], file=upload, piece_id=piece.pk).asset
    with pytest.raises(Forbidden):
        files.attach(people["client"], file=upload, piece_id=piece.pk)
