"""Videos that a network takes only in another form are written anew, one after another on each worker."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from niva.domains.publishing.converting import Conversion, ConversionState
from niva.domains.publishing.services import fitting
from niva.kit.images import Broken
from niva.kit.jobs.django import in_thread
from niva.kit.jobs.types import RetryLater
from niva.kit.transcode import Bounds, Made, convert

SAY_EVERY: Final = 2.0  # seconds between two notes of how far it is
# A worker that gave no sign for so long is taken for dead, and another takes its film up.
QUIET: Final = timedelta(seconds=60)


async def run(conversion_id: int) -> None:
    """Make it, unless it is made already. Raises RetryLater while another worker is at it."""
    row = await in_thread(_take, conversion_id)
    if row is None:
        return
    share = 0.0

    def on_done(now: float) -> None:
        nonlocal share
        share = max(share, now)

    async def keep_telling() -> None:
        while True:
            await asyncio.sleep(SAY_EVERY)
            await in_thread(_tell, conversion_id, share)

    telling = asyncio.create_task(keep_telling())
    try:
        made = await convert(_source(row), fitting.target_of(row), Bounds(**row.bounds), on_done)
    except Broken as broken:
        await in_thread(_fail, conversion_id, broken.code)
    else:
        await in_thread(fitting.finish, conversion_id, made)
    finally:
        telling.cancel()


def _take(conversion_id: int) -> Conversion | None:
    """Mark it as being worked on. None: gone, done or failed before, or its result lies there already."""
    row = Conversion.objects.select_related("asset").filter(pk=conversion_id).first()
    if row is None or row.state in (ConversionState.DONE, ConversionState.FAILED):
        return None
    twin = Conversion.objects.filter(
        asset__sha256=row.asset.sha256, mark=row.mark, state=ConversionState.DONE
    ).first()
    if twin is not None and fitting.target_of(row).is_file():  # the same bytes, made for another client
        fitting.finish(row.pk, Made(**{name: twin.result[name] for name in _MEASURES}))
        return None
    now = timezone.now()
    free = Conversion.objects.filter(pk=row.pk, state=ConversionState.WAITING) | Conversion.objects.filter(
        pk=row.pk, state=ConversionState.WORKING, touched_at__lt=now - QUIET
    )
    if not free.update(state=ConversionState.WORKING, touched_at=now):
        raise RetryLater(QUIET, "another worker is at it")
    return row


_MEASURES: Final = ("size", "width", "height", "duration")


def _source(row: Conversion) -> Path:
    return Path(settings.MEDIA_ROOT) / row.asset.path


def _tell(conversion_id: int, share: float) -> None:
    Conversion.objects.filter(pk=conversion_id).update(
        progress=min(99, int(share * 100)), touched_at=timezone.now()
    )


def _fail(conversion_id: int, code: str) -> None:
    Conversion.objects.filter(pk=conversion_id).update(
        state=ConversionState.FAILED, code=code, touched_at=timezone.now()
    )
