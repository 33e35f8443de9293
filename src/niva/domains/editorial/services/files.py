"""Files of tasks and pieces: every upload is a version, none is overwritten."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.editorial.tasking import Task, TaskFile, TaskFileVersion
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Asset
from niva.domains.publishing.services import media
from niva.kit import documents, videos

MOST_FILES: Final = 100  # of one task or piece
CHUNK: Final = 1024 * 1024
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF")
_WHY: Final = {
    "unknown": _n("This is no file that the desk keeps. Take a picture, a video, PDF, DOCX, XLSX or TXT."),
    "broken": _n("The file is damaged: it cannot be read to the end. Export it again and upload it anew."),
    "bomb": _n("The document unpacks to far more than its size lets expect. Save it as PDF and upload that."),
    "macros": _n("There is a program in this document. Save it without macros and upload it again."),
    "too_large": _n("The document is larger than 30 MB. Make it smaller and upload it again."),
}


def attach(
    actor: Actor, *, file: UploadedFile[Any], task_id: int | None = None, piece_id: int | None = None
) -> TaskFileVersion:
    """Take a file in for a task or a piece; one of the same name becomes its next version.

    The kind is found from the bytes. Raises NotFound, Forbidden, Invalid("file").
    """
    task = access.get(actor, Task.objects.all(), task_id, can="work") if task_id is not None else None
    piece = access.get(actor, Piece.objects.all(), piece_id, can="work") if piece_id is not None else None
    owner: Task | Piece | None = task or piece
    if owner is None:
        raise TypeError("a file of a task or of a piece")
    name = _name(file.name or "")
    facts = _taken_in(actor, owner.client_id, file)
    with transaction.atomic():
        # Two uploads of one name at once must not get one number: the owner's row is held.
        type(owner)._default_manager.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)
        row = _row(actor, owner, task, piece, name)
        last = row.versions.aggregate(last=Max("number"))["last"] or 0
        version = TaskFileVersion.objects.create(
            workspace=actor.workspace,
            client_id=owner.client_id,
            file=row,
            number=last + 1,
            by=actor.user,
            by_name=actor.name[:120],
            **facts,
        )
        record(actor, "file.added", version, name=name, number=version.number)
    return version


def _row(actor: Actor, owner: Task | Piece, task: Task | None, piece: Piece | None, name: str) -> TaskFile:
    rows = owner.files.filter(task=task, piece=piece)
    found = rows.filter(name__iexact=name).first()
    if found is not None:
        return found
    if rows.count() >= MOST_FILES:
        raise Invalid.one(
            "file", _("A hundred files are here already. Put the rest into one archive of yours.")
        )
    return TaskFile.objects.create(
        workspace=actor.workspace, client_id=owner.client_id, task=task, piece=piece, name=name
    )


def _taken_in(actor: Actor, client_id: int, file: UploadedFile[Any]) -> dict[str, Any]:
    """Columns of the version. A picture or a video goes the way of all of them, the rest is a document."""
    head = file.read(64)
    file.seek(0)
    if videos.looks_like(head) or head.startswith(_PICTURES):
        asset = media.upload(actor, client_id=client_id, file=file, can="work")
        return _of_asset(asset)
    if (file.size or 0) > documents.LARGEST:
        raise Invalid.one("file", _(_WHY["too_large"]))
    folder = Path(settings.MEDIA_ROOT) / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    staged = folder / f"{uuid.uuid4().hex}.part"
    try:
        digest, size = _copied(file, staged)
        kind = documents.document_of(staged)
        kept = folder / f"{digest}.{kind.ending}"
        if kept.exists():
            staged.unlink()
        else:
            shutil.move(staged, kept)
    except documents.NoDocument as error:
        raise Invalid.one("file", _(_WHY[error.code])) from error
    finally:
        staged.unlink(missing_ok=True)
    path = str(kept.relative_to(settings.MEDIA_ROOT))
    return {"path": path, "mime": kind.mime, "size": size, "sha256": digest}


def _of_asset(asset: Asset) -> dict[str, Any]:
    return {"asset": asset, "mime": asset.mime, "size": asset.size, "sha256": asset.sha256}


def _copied(file: UploadedFile[Any], target: Path) -> tuple[str, int]:
    """Hash and bytes of what was written. Raises Invalid for an empty one, NoDocument for one too large."""
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as out:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > documents.LARGEST:
                raise documents.NoDocument("too_large")
            digest.update(chunk)
            out.write(chunk)
    if size == 0:
        raise Invalid.one("file", _("The file is empty. Choose it again."))
    return digest.hexdigest(), size


def _name(given: str) -> str:
    """What the person called it, without ways into folders and without what breaks a line."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(one for one in last if one.isprintable() and one not in '"<>|:*?').strip(" .")
    return clean[-200:] or _("untitled")
