"""Clips: ordered, called off, and what the worker writes of them."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.sources.models import Clip, Derivative, Fragment, Source
from niva.domains.sources.services.sources import mine
from niva.domains.sources.states import UNDER_WAY, ClipState, Permission, Rights
from niva.kit import clips as kit
from niva.kit.jobs.django import enqueue

MOST_WAITING: Final = 50  # clips of one source that may wait at once
LEAST: Final = 1000  # milliseconds


@transaction.atomic
def order(
    actor: Actor,
    *,
    source_id: int,
    start: int,
    end: int,
    focus: float | None = 0.5,
    subtitles: bool = True,
    fragment_id: int | None = None,
    derivative_id: int | None = None,
) -> Clip:
    """Have a part of the recording cut. `focus`: 0 left, 0.5 the middle, 1 right, None the whole picture.

    Raises NotFound, Forbidden, Invalid.
    """
    source = mine(actor, source_id)
    fragment = _fragment(source, fragment_id) if fragment_id else None
    derivative = source.derivatives.filter(pk=derivative_id).first() if derivative_id else None
    if not source.is_video:
        raise Invalid.one("", _("There is no recording with a picture here. Upload it first."))
    may_be_made(source.rights, fragment)
    if not 0 <= start < end or end - start < LEAST or end - start > kit.LONGEST * 1000:
        raise Invalid.one("end", _("A clip lasts from one second to ten minutes."))
    if source.duration is not None and end > source.duration:
        raise Invalid.one("end", _("The recording is shorter than that."))
    if focus is not None and not 0 <= focus <= 1:
        raise Invalid.one("focus", _("Choose from what is offered."))
    waiting = source.clips.filter(
        state__in=UNDER_WAY, fragment=fragment, start=start, end=end, focus=focus, subtitles=subtitles
    ).first()
    if waiting is not None:  # pressed twice
        return waiting
    if source.clips.filter(state__in=UNDER_WAY).count() >= MOST_WAITING:
        raise Invalid.one("", _("Fifty clips of this recording wait already. Let them be cut first."))
    clip = Clip.objects.create(
        workspace_id=source.workspace_id, client_id=source.client_id, source=source, fragment=fragment,
        derivative=derivative or _derivative_of(fragment), start=start, end=end, focus=focus,
        subtitles=subtitles, created_by=actor.user,
    )  # fmt: skip
    enqueue("clip", {"clip": clip.pk}, key=f"clip:{clip.pk}")
    record(actor, "clip.ordered", clip)
    return clip


def _fragment(source: Source, fragment_id: int) -> Fragment:
    """Held, so that a permission that is withdrawn at this moment is either seen or stops the clip."""
    found = source.fragments.select_for_update(no_key=True).filter(pk=fragment_id).first()
    if found is None:
        raise NotFound("fragment")
    return found


def _derivative_of(fragment: Fragment | None) -> Derivative | None:
    """Where a clip of a fragment belongs: the piece of kind clip that was made of it, where there is one."""
    if fragment is None:
        return None
    rows = fragment.derivatives.filter(row="clip", piece__isnull=False, clips__isnull=True)
    return rows.order_by("pk").first()


def may_be_made(rights: str, fragment: Fragment | None) -> None:
    """Raises Invalid where the source may not be used, or who speaks has not said yes."""
    if rights == Rights.FORBIDDEN:
        raise Invalid.one("", _("This source may not be used: so its rights say."))
    if fragment is not None and fragment.permission in (Permission.ASKED, Permission.REFUSED):
        raise Invalid.one(
            "", _("Who speaks in “%(theme)s” has not given permission.") % {"theme": fragment.theme}
        )


@transaction.atomic
def cancel(actor: Actor, *, clip_id: int) -> Clip:
    """Call a clip off; the worker that is at it stops within seconds. Raises NotFound, Forbidden."""
    rows = Clip.objects.select_for_update(of=("self",), no_key=True)
    clip = access.get(actor, rows, clip_id, can="write")
    if clip.state in UNDER_WAY:
        clip.state, clip.touched_at = ClipState.CANCELLED, timezone.now()
        clip.save(update_fields=["state", "touched_at"])
        record(actor, "clip.cancelled", clip)
    return clip


@transaction.atomic
def again(actor: Actor, *, clip_id: int) -> Clip:
    """The same clip once more, after it failed or was called off. Raises NotFound, Forbidden, Invalid."""
    clip = access.get(actor, Clip.objects.all(), clip_id, can="write")
    if clip.state in UNDER_WAY:
        return clip
    return order(
        actor, source_id=clip.source_id, start=clip.start, end=clip.end, focus=clip.focus,
        subtitles=clip.subtitles, fragment_id=clip.fragment_id, derivative_id=clip.derivative_id,
    )  # fmt: skip
