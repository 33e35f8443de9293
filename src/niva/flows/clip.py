"""Clips are cut one after another on each worker; the file goes to the post that it was ordered for."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

import niva
from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.publishing.models import Asset
from niva.domains.publishing.services import drafts, media
from niva.domains.sources.models import Clip
from niva.domains.sources.services.clips import may_be_made
from niva.domains.sources.states import ClipState
from niva.kit import clips
from niva.kit.images import Broken
from niva.kit.jobs.django import in_thread
from niva.kit.jobs.types import RetryLater

LOOK_EVERY: Final = 1.0  # seconds between two notes of how far it is, and looks whether it was called off
QUIET: Final = timedelta(seconds=60)  # without a sign of life a worker is taken for dead
# The desk's own typeface as the front end was built with it: Latin, Cyrillic, and signs of money.
FONTS: Final = "web/static/dist/assets/golos-text-*.woff2"


async def run(clip_id: int) -> None:
    """Cut it, unless it is cut or called off. Raises RetryLater while another worker is at it."""
    clip = await in_thread(_take, clip_id)
    if clip is None:
        return
    share = 0.0

    def on_done(now: float) -> None:
        nonlocal share
        share = max(share, now)

    wanted = await in_thread(_wanted, clip)
    cutting = asyncio.create_task(clips.cut(_source(clip), _target(clip), wanted, on_done))
    try:
        while not cutting.done():
            await asyncio.wait({cutting}, timeout=LOOK_EVERY)
            if not cutting.done() and not await in_thread(_goes_on, clip_id, share):
                return
        made = cutting.result()
        await in_thread(_finish, clip_id, made)
    except Broken as broken:
        await in_thread(_fail, clip_id, broken.code)
    finally:
        cutting.cancel()
        with contextlib.suppress(asyncio.CancelledError, Broken):
            await cutting
        _target(clip).unlink(missing_ok=True)
        for left in _target(clip).parent.glob(f".{_target(clip).name}.*"):  # of a process that was ended
            left.unlink(missing_ok=True)


def _take(clip_id: int) -> Clip | None:
    """Mark it as being worked on. None: gone, called off, or done before."""
    clip = Clip.objects.select_related("source", "fragment").filter(pk=clip_id).first()
    if clip is None or clip.state not in (ClipState.WAITING, ClipState.WORKING):
        return None
    now = timezone.now()
    free = Clip.objects.filter(pk=clip_id, state=ClipState.WAITING) | Clip.objects.filter(
        pk=clip_id, state=ClipState.WORKING, touched_at__lt=now - QUIET
    )
    if not free.update(state=ClipState.WORKING, touched_at=now):
        raise RetryLater(QUIET, "another worker is at it")
    if not _may_be_used(clip):
        _fail(clip_id, "forbidden")
        return None
    if not _source(clip).is_file():
        _fail(clip_id, "no_file")
        return None
    return clip


def _may_be_used(clip: Clip) -> bool:
    """Whether the rights of the source and who speaks still allow it: either may change while it waits."""
    try:
        may_be_made(clip.source.rights, clip.fragment)
    except Invalid:
        return False
    return True


def _wanted(clip: Clip) -> clips.Cut:
    cues = clip.source.cues.filter(start__lt=clip.end, end__gt=clip.start) if clip.subtitles else ()
    return clips.Cut(
        clip.start / 1000,
        clip.end / 1000,
        clip.focus,
        tuple((one.start, one.end, one.text) for one in cues),
        tuple(fonts()),
    )


def fonts() -> list[str]:
    """Files of the desk's typeface; [] where the front end was not built."""
    return sorted(str(path) for path in Path(niva.__file__).parent.glob(FONTS))


def _source(clip: Clip) -> Path:
    return Path(settings.MEDIA_ROOT) / clip.source.path


def _target(clip: Clip) -> Path:
    return Path(settings.MEDIA_ROOT) / "incoming" / f"clip-{clip.pk}.mp4"


def _goes_on(clip_id: int, share: float) -> bool:
    """Note how far it is. False: it was called off, or its source was deleted."""
    return bool(
        Clip.objects.filter(pk=clip_id, state=ClipState.WORKING).update(
            progress=min(99, int(share * 100)), touched_at=timezone.now()
        )
    )


def _fail(clip_id: int, code: str) -> None:
    rows = Clip.objects.filter(pk=clip_id, state=ClipState.WORKING)
    if rows.update(state=ClipState.FAILED, code=code, touched_at=timezone.now()):
        _tell(Clip.objects.select_related(*_NAMED).get(pk=clip_id), "clip_failed")


_NAMED: Final = ("workspace", "client", "source", "fragment", "created_by")


def _tell(clip: Clip, kind: str) -> None:
    """Whoever ordered it learns how it ended."""
    tell(
        machine(clip.workspace),
        users=[clip.created_by],
        kind=kind,
        url=reverse("source", args=[clip.source_id]),
        client=clip.client,
        title=str(clip.fragment or clip.source),
    )


def _finish(clip_id: int, made: clips.Made) -> None:
    """The file becomes the client's, and stands in the post where the piece waits for it."""
    with transaction.atomic():
        rows = Clip.objects.select_for_update(of=("self",), no_key=True)
        clip = rows.select_related(*_NAMED, "derivative__piece").filter(pk=clip_id).first()
        if clip is None or clip.state != ClipState.WORKING:
            return
        if not _may_be_used(clip):
            _fail(clip_id, "forbidden")
            return
        actor = machine(clip.workspace)
        path = _target(clip)
        name = f"{(clip.fragment or clip.source)}.mp4"
        try:
            with path.open("rb") as file:
                upload: UploadedFile[Any] = UploadedFile(file, name[:200], "video/mp4", made.size)
                clip.asset = media.upload(actor, client_id=clip.client_id, file=upload)
        except Invalid:
            _fail(clip_id, "no_room")
            return
        clip.state, clip.progress, clip.touched_at = ClipState.DONE, 100, timezone.now()
        clip.save(update_fields=["state", "progress", "asset", "touched_at"])
        record(actor, "clip.cut", clip)
        _tell(clip, "clip_cut")
        # With the file, or a worker that dies here would leave the post without its clip for good.
        if clip.derivative is not None and clip.derivative.piece is not None:
            with contextlib.suppress(NotFound, Forbidden, Invalid, Conflict), transaction.atomic():
                _attach(actor, clip.derivative.piece.post_id, clip.asset)


def _attach(actor: Actor, post_id: int, asset: Asset) -> None:
    post = drafts.alive(actor, post_id)
    items = [{"asset": one.asset_id, "alt": one.alt} for one in post.media.all()]
    drafts.set_media(actor, post_id=post_id, items=[*items, {"asset": asset.pk, "alt": ""}])
