"""Sources: taken on, changed, deleted; their recordings come in by parts."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.sources.models import Hearing, Source
from niva.domains.sources.services import withdrawn
from niva.domains.sources.states import Rights
from niva.kit import recordings, transcripts
from niva.kit.images import Broken

LARGEST: Final = 8 * 1024**3  # bytes: three hours of 1080p; an hour of 720p has one to two gigabytes
PART: Final = 8 * 1024**2  # bytes that a browser sends at once
CHUNK: Final = 1024 * 1024
LONGEST_TEXT: Final = 200_000  # characters of an article or a chat
MOST_LISTED: Final = 200  # planned parts, marked moments
FIELDS: Final = frozenset(
    {
        "kind", "title", "happened_on", "people", "link", "text", "rights", "rights_words", "rights_on",
        "parts", "marks",
    }
)  # fmt: skip
WAIT: Final = 5.0  # seconds that a part waits for another one of the same file
KEPT_PARTS: Final = 7 * 24 * 3600.0  # seconds after which an upload counts as given up
KEPT_LOOSE: Final = 24 * 3600.0  # seconds after which a recording of no source is thrown away
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
WHY: Final = {
    "not_media": _n("This is no recording that can be read. Take MP4, MOV, MKV, WebM, MP3, M4A, WAV or OGG."),
    "broken": _n("The recording is damaged: it cannot be read. Export it again and upload it anew."),
    "too_many_pixels": _n("The picture of this recording is larger than 50 megapixels."),
    "no_room": _n(
        "There is no room left on the desk's disk. What has come stays: tell the desk's keeper, then send "
        "the same file again and it goes on from there."
    ),
}


@transaction.atomic
def add(actor: Actor, *, client_id: int, **values: Any) -> Source:
    """A new source of FIELDS. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.all(), client_id, can="write")
    source = Source(workspace=actor.workspace, client=client, created_by=actor.user)
    _write(source, values)
    source.save()
    record(actor, "source.added", source)
    return source


@transaction.atomic
def change(actor: Actor, *, source_id: int, **values: Any) -> Source:
    """Other values of FIELDS. Raises NotFound, Forbidden, Invalid."""
    source = mine(actor, source_id)
    before = source.rights
    _write(source, values)
    source.save()
    record(actor, "source.changed", source)
    if source.rights == Rights.FORBIDDEN != before:
        withdrawn.stop(actor, source)
    return source


def mine(actor: Actor, source_id: int, *, can: str = "write", lock: bool = True) -> Source:
    """The source's row, held until the transaction ends unless told otherwise. Raises NotFound, Forbidden."""
    rows = Source.objects.select_related("client")
    return access.get(
        actor, rows.select_for_update(of=("self",), no_key=True) if lock else rows, source_id, can=can
    )


def _write(source: Source, values: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for name, value in values.items():
        if name not in FIELDS:
            raise TypeError(f"a source has no field {name}")
        setattr(source, name, value)
    if not source.title.strip():
        errors["title"] = [_("Say in a few words what it is.")]
    if source.rights == Rights.PERMITTED and not (source.rights_words.strip() and source.rights_on):
        errors["rights_words"] = [
            _(
                "Write down the permission in its own words and when it was given: without it nothing "
                "may be made."
            )
        ]
    if len(source.text) > LONGEST_TEXT:
        errors["text"] = [_("Too long: %(most)d characters at most.") % {"most": LONGEST_TEXT}]
    if len(source.parts) > MOST_LISTED or len(source.marks) > MOST_LISTED:
        errors["parts"] = [_("At most %(most)d lines.") % {"most": MOST_LISTED}]
    if errors:
        raise Invalid(errors)


@transaction.atomic
def delete(actor: Actor, *, source_id: int) -> None:
    """The source with its transcript, fragments and file; pieces and clips that were made of it stay."""
    source = mine(actor, source_id)
    record(actor, "source.deleted", source)
    paths = [root() / source.path] if source.path else []
    paths += (root() / "incoming").glob(f"source-{source.pk}-*.part")
    source.delete()

    def clear() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(clear)


def root() -> Path:
    return Path(settings.MEDIA_ROOT)


def file_of(source: Source) -> Path:
    return root() / source.path


def _staged(source: Source, total: int, name: str) -> Path:
    """Where a recording comes together, part by part; two files that come at once never mix."""
    which = hashlib.sha256(f"{total} {name}".encode("utf-8", "replace")).hexdigest()[:16]
    return root() / "incoming" / f"source-{source.pk}-{which}.part"


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """Hold the staged file for one part; yields what has come. Raises Conflict where another part goes on."""
    limit = time.monotonic() + WAIT
    with path.open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= limit:
                    raise Conflict(_("Another part of this file is just coming in."), file.tell()) from None
                time.sleep(0.05)
        if not path.is_file() or not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            raise Conflict(_("This part does not begin where the last one ended."), 0)  # done or deleted
        yield os.fstat(file.fileno()).st_size


def clear_out(now: float | None = None) -> None:
    """Files that nobody will come back for: uploads given up, and recordings whose row was never written."""
    now = time.time() if now is None else now
    for path in (root() / "incoming").glob("*"):
        _drop_old(path, now - KEPT_PARTS)
    kept = set(Source.objects.exclude(path="").values_list("path", flat=True))
    for path in (root() / "recordings").glob("*"):
        if str(path.relative_to(root())) not in kept:
            _drop_old(path, now - KEPT_LOOSE)


def _drop_old(path: Path, before: float) -> None:
    with suppress(FileNotFoundError):
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink()


def arrived(actor: Actor, *, source_id: int, total: int, name: str) -> int:
    """Bytes of this file that have come already: the next part begins there. Raises NotFound, Forbidden."""
    path = _staged(mine(actor, source_id, lock=False), total, name)
    return path.stat().st_size if path.is_file() else 0


def take_part(
    actor: Actor, *, source_id: int, body: BinaryIO, offset: int, total: int, name: str
) -> tuple[Source, int]:
    """Append a part of a recording; with the last one it is probed and put in its place.

    `total`: bytes of the whole file; `offset`: where this part begins. Returns the source and what has come.
    Raises NotFound, Forbidden, Invalid("file"), and Conflict (its `current` is what has come) when the part
    does not begin where the last one ended. Only one part is held in memory at a time, never the file.
    """
    source = mine(actor, source_id, lock=False)
    if not 0 < total <= LARGEST:
        raise Invalid.one("file", _("A recording may have up to 8 GB. Export it smaller, or give its link."))
    path = _staged(source, total, name)
    if offset == 0:
        clear_out()
    elif not path.is_file():
        raise Conflict(_("This part does not begin where the last one ended."), 0)
    with _room_on_disk():
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path) as here:
            if offset == 0:
                os.truncate(path, 0)
                here = 0
            if here != offset or offset > total:
                raise Conflict(_("This part does not begin where the last one ended."), here)
            here = _append(path, body, most=total - offset)
            if here < total:
                return source, here
            return _finish(actor, source, path, name), here


def _append(path: Path, body: BinaryIO, *, most: int) -> int:
    with path.open("ab") as target:
        left = min(most, PART * 4)
        while left > 0 and (chunk := body.read(min(CHUNK, left))):
            target.write(chunk)
            left -= len(chunk)
        target.flush()
        return target.tell()


def take_file(actor: Actor, *, source_id: int, path: Path, name: str) -> Source:
    """A recording that already lies on this machine; the file is moved. Raises as `take_part`."""
    source = mine(actor, source_id, lock=False)
    with _room_on_disk():
        return _finish(actor, source, path, name)


def _finish(actor: Actor, source: Source, path: Path, name: str) -> Source:
    """Probe it and put it in its place; what is no recording is thrown away."""
    try:
        found = recordings.probe(path)
    except Broken as broken:
        path.unlink(missing_ok=True)
        raise Invalid.one("file", _(WHY.get(broken.code, WHY["broken"]))) from broken
    target = root() / "recordings" / f"{uuid.uuid4().hex}{recordings.SUFFIX[found.mime]}"
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    try:
        return _stand(actor, source, target, found, name)
    except BaseException:  # the source was deleted meanwhile, or its row cannot be written
        target.unlink(missing_ok=True)
        raise


def _stand(actor: Actor, source: Source, target: Path, found: recordings.Recording, name: str) -> Source:
    """The file becomes the source's recording; the one before goes."""
    with transaction.atomic():
        source = mine(actor, source.pk)
        old = file_of(source) if source.path else None
        source.path = str(target.relative_to(root()))
        source.file_name, source.mime, source.size = name[:200], found.mime, target.stat().st_size
        source.duration = round(found.duration * 1000) if found.duration else None
        source.width, source.height, source.has_sound = found.width, found.height, found.has_sound
        source.save()
        Hearing.objects.filter(source=source).delete()  # what was heard was another recording
        record(actor, "source.recorded", source, bytes=source.size)
        if old is not None:
            transaction.on_commit(lambda: old.unlink(missing_ok=True))
    return source


@contextmanager
def _room_on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise Invalid.one("file", _(WHY["no_room"])) from error


def listed_marks(text: str) -> list[dict[str, Any]]:
    """Marked moments as people type them, a line each: "12:30 about foil". Raises Invalid("marks")."""
    found, bad = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        code, _space, word = line.strip().partition(" ")
        at = transcripts.moment(code)
        if at is None or at < 0:
            bad.append(str(number))
        else:
            found.append({"at": at, "word": word.strip()[:200]})
    if bad:
        raise Invalid.one(
            "marks",
            _("No moment at the beginning of line %(lines)s. Write 12:30 or 1:02:03.")
            % {"lines": ", ".join(bad)},
        )
    return sorted(found, key=lambda one: int(one["at"]))
