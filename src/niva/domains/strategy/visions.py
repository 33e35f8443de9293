"""The marketer's vision comes in: a text, a document, or both; every version stays as it came.

A document is kept under `documents/` of the media folder by the hash of its content and is only ever given
out as a download; what it is, is found from its content (see `kit.documents`).
"""

from __future__ import annotations

import errno
import hashlib
import uuid
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.strategy.guided import LONGEST_VISION, Vision
from niva.kit.documents import NoDocument, document_of

LARGEST: Final = 20 * 1024 * 1024  # bytes; a strategy with its pictures has some megabytes
TAKEN: Final = ("pdf", "docx", "txt")
_CHUNK: Final = 256 * 1024
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WHY: Final = {
    "unknown": _n("This is no PDF, DOCX, TXT or MD, whatever its name says. Save it as one of these."),
    "broken": _n("The document is damaged: it cannot be read to its end. Save it anew and upload it again."),
    "bomb": _n(
        "The document unpacks to far more than its size lets expect, so it was not taken. Save it as PDF."
    ),
    "too_large": _n("The file is larger than 20 MB. Save it smaller or as PDF."),
    "macros": _n("The document carries a program (macros). Save it without macros or as PDF."),
}


def add(
    actor: Actor,
    *,
    client_id: int,
    text: str = "",
    said_by: str = "",
    file: UploadedFile[Any] | None = None,
) -> Vision:
    """One more version. Raises NotFound, Forbidden, Invalid ("text", "file", "" for nothing at all)."""
    access.get(actor, Client.objects.all(), client_id, can="strategy")
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST_VISION:
        raise Invalid.one("text", _("The text is too long to paste. Upload it as a file."))
    if not text and file is None:
        raise Invalid.one("", _("Paste a text or choose a file."))
    kept = _take_in(file) if file is not None else {}
    with transaction.atomic():
        client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="strategy")
        last = Vision.objects.filter(client=client).aggregate(n=Coalesce(Max("number"), 0))["n"]
        vision = Vision.objects.create(
            workspace_id=client.workspace_id,
            client=client,
            number=last + 1,
            text=text,
            said_by=" ".join(said_by.replace("\x00", "").split())[:120],
            created_by=actor.user,
            **kept,
        )
        record(actor, "strategy.vision_added", vision, number=vision.number, client_name=client.name)
    return vision


def path_of(vision: Vision) -> Path:
    """Where its document lies."""
    return Path(settings.MEDIA_ROOT) / vision.path


def _take_in(file: UploadedFile[Any]) -> dict[str, Any]:
    """Copy it aside, judge it, keep it: what the row says of it. Raises Invalid."""
    folder = Path(settings.MEDIA_ROOT) / "documents"
    staged = folder / f"{uuid.uuid4().hex}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digest, size = _copy(file, staged)
        kind = _kind(staged, file.name or "")
        kept = folder / f"{digest}.{kind}"
        staged.replace(kept)
    except NoDocument as error:
        raise Invalid.one("file", _(_WHY[error.code])) from error
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise Invalid.one(
            "file", _("There is no room left on the desk's disk. Tell the desk's keeper.")
        ) from error
    finally:
        staged.unlink(missing_ok=True)
    name = (file.name or "").replace("\x00", "")[:200]
    return {"name": name, "path": f"documents/{kept.name}", "kind": kind, "size": size, "sha256": digest}


def _copy(file: UploadedFile[Any], staged: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    stream: BinaryIO = file.file  # type: ignore[assignment]
    stream.seek(0)
    with staged.open("wb") as target:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > LARGEST:
                raise NoDocument("too_large")
            digest.update(chunk)
            target.write(chunk)
    if not size:
        raise Invalid.one("file", _("The file is empty. Choose it again."))
    return digest.hexdigest(), size


def _kind(staged: Path, name: str) -> str:
    """By the content; the name only tells Markdown from other text. Raises NoDocument."""
    kind = document_of(staged).ending
    if kind not in TAKEN:
        raise NoDocument("unknown")
    return "md" if kind == "txt" and name.lower().endswith((".md", ".markdown")) else kind
