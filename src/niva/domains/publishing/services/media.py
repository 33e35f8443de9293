"""Pictures and videos on their way in: distrusted, and re-encoded. On their way out: see `fitting`.

Nothing that a person uploaded is ever served or sent as it came: pictures are decoded and written anew
(which drops metadata and whatever else was hidden inside), videos are probed and only accepted as what they
really are. Files live under the media folder: `originals/<sha>.<ext>`, `thumbs/…`, `fitted/…`.
"""

from __future__ import annotations

import errno
import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from PIL import Image

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Asset
from niva.kit import images, videos

LARGEST_IMAGE: Final = 40 * 1024 * 1024
LARGEST_VIDEO: Final = 1024 * 1024 * 1024
THUMB_SIDE: Final = 480
CHUNK: Final = 1024 * 1024
# The tightest card is Bluesky's: 1,000,000 bytes, lexicon app.bsky.embed.external. 1200 pixels fill any feed.
CARD_ROOM: Final = images.Room(size=900_000, side=1200, mimes=("image/jpeg", "image/png"))
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WHY: Final = {
    "not_media": _n(
        "This is neither a picture nor a video that can be read. Take JPEG, PNG, WebP, GIF or MP4."
    ),
    "broken": _n("The file is damaged: it cannot be read to the end. Export it again and upload it anew."),
    "too_many_pixels": _n("The picture has more than 50 megapixels. Make it smaller and upload it again."),
    "no_room": _n(
        "There is no room left on the desk's disk, so the file was not taken. Tell the desk's keeper, "
        "then upload it again."
    ),
    "no_picture": _n("There is no picture in this video, only sound."),
}


def upload(
    actor: Actor, *, client_id: int, file: UploadedFile[Any], alt: str = "", can: str = "write"
) -> Asset:
    """Take a file in. Raises Invalid("file") with what is wrong with it and what to do.

    The kind is found from the bytes; the name and the type that the browser claims are not believed. `can`:
    the capability that it takes where the file is for.
    """
    client = access.get(actor, Client.objects.all(), client_id, can=can)
    root = Path(settings.MEDIA_ROOT)
    with _room_on_disk():
        root.mkdir(parents=True, exist_ok=True)
        digest, staged = _stage(file, root)
        try:
            asset = _store(actor, client, staged, digest, name=(file.name or "")[:200], alt=alt[:2000])
        finally:
            staged.unlink(missing_ok=True)
    record(actor, "media.uploaded", asset, bytes=asset.size)
    return asset


@contextmanager
def _room_on_disk() -> Iterator[None]:
    """A full disk is said in words; whatever was half written is gone by then."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise Invalid.one("file", _(_WHY["no_room"])) from error


def _stage(file: UploadedFile[Any], root: Path) -> tuple[str, Path]:
    """Copy the upload aside, counting bytes and hashing. Raises Invalid when it is too large or empty."""
    digest, size = hashlib.sha256(), 0
    staging = root / "incoming"
    staging.mkdir(exist_ok=True)
    stream: BinaryIO = file.file  # type: ignore[assignment]
    stream.seek(0)
    staged = staging / uuid.uuid4().hex  # two people may upload files of one name at one moment
    try:
        with staged.open("wb") as target:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > LARGEST_VIDEO:
                    break
                digest.update(chunk)
                target.write(chunk)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    if size == 0 or size > LARGEST_VIDEO:
        staged.unlink()
        if size == 0:
            raise Invalid.one("file", _("The file is empty. Choose it again."))
        raise Invalid.one("file", _("The file is larger than 1 GB. Make it smaller and upload it again."))
    return digest.hexdigest(), staged


def _store(actor: Actor, client: Client, staged: Path, digest: str, *, name: str, alt: str) -> Asset:
    """Probe, re-encode, make the thumbnail, write the row."""
    root = Path(settings.MEDIA_ROOT)
    with staged.open("rb") as file:
        head = file.read(64)
    facts: dict[str, Any] = {}
    try:
        if videos.looks_like(head):
            probed = videos.take_in(staged, root / "originals" / digest)
            facts = videos.facts(videos.probe(probed.path))
        else:
            if staged.stat().st_size > LARGEST_IMAGE:
                raise Invalid.one("file", _("The picture is larger than 40 MB. Make it smaller first."))
            probed = images.take_in(staged, root / "originals" / digest)
        thumb = images.thumbnail(probed.poster or probed.path, root / "thumbs" / digest, THUMB_SIDE)
    except images.Broken as broken:
        raise Invalid.one("file", _(_WHY[broken.code])) from broken
    with transaction.atomic():
        return Asset.objects.create(
            workspace=actor.workspace,
            client=client,
            kind=probed.kind,
            mime=probed.mime,
            name=name or _("untitled"),
            path=str(probed.path.relative_to(root)),
            thumb=str(thumb.relative_to(root)),
            size=probed.path.stat().st_size,
            width=probed.width,
            height=probed.height,
            duration=probed.duration,
            sha256=digest,
            alt=alt,
            facts=facts | ({"poster": str(probed.poster.relative_to(root))} if probed.poster else {}),
            created_by=actor.user,
        )


def card_image(asset: Asset) -> dict[str, Any]:
    """The picture of a link card as it stands in `Post.link_card`: light enough for every network's card."""
    root = Path(settings.MEDIA_ROOT)
    path = root / asset.path
    stem = root / "fitted" / f"{asset.sha256}-card"
    taken = images.fit(path, stem, CARD_ROOM) if asset.kind == "image" else None
    found = measured(taken.path if taken else path)
    return {**found, "path": str(found["path"].relative_to(root)), "kind": "image", "asset": asset.pk}


def measured(path: Path) -> dict[str, Any]:
    """Path, type, bytes and pixels of a picture that we wrote, as `MediaFile` names them."""
    with Image.open(path) as image:
        mime = Image.MIME[image.format or "JPEG"]
        return {
            "path": path,
            "mime": mime,
            "size": path.stat().st_size,
            "width": image.width,
            "height": image.height,
        }
