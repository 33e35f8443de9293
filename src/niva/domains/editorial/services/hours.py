"""Another hour for a piece as a whole: what is a draft is planned anew, what is scheduled is rescheduled.

What has left stays where it is. Hours of communities of their own keep their distance to the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Delivery, Post
from niva.domains.publishing.services import drafts
from niva.domains.publishing.services.move import MOVABLE
from niva.domains.publishing.services.schedule import reschedule, valid_hour
from niva.domains.publishing.states import State

# Another moment for each: f(the old one or None) -> the new one, None = as it is.
Shift = Callable[[datetime | None], datetime | None]


def hours_of(piece: Piece) -> dict[str, Any]:
    """Every hour that a piece has, as JSON: of the post, of variants and of what may still be moved."""
    movable = [one for one in piece.post.deliveries.all() if one.state in MOVABLE]
    return {
        "post": _iso(piece.post.planned_at),
        "variants": {
            str(one.pk): _iso(one.planned_at) for one in piece.post.variants.all() if one.planned_at
        },
        "deliveries": {str(one.pk): _iso(one.due_at) for one in movable},
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def refusal(actor: Actor, piece: Piece, *, dated: bool) -> str:
    """Why its hour cannot be changed, in a sentence; empty when it can. `dated`: it must have one."""
    states = [one.state for one in piece.post.deliveries.all() if one.state != State.CANCELLED]
    movable = [state for state in states if state in MOVABLE]
    if states and not movable and not _unsent(piece):
        return _("It is on its way or out already, so its hour cannot be changed.")
    if movable and not access.may(actor, "publish", client_id=piece.client_id):
        return _("It is scheduled, and your role does not let you move what is scheduled.")
    hours = hours_of(piece)
    if dated and not hours["post"] and not hours["variants"] and not hours["deliveries"]:
        return _("It has no day and hour yet.")
    return ""


def _unsent(piece: Piece) -> list[Any]:
    sent = {one.variant_id for one in piece.post.deliveries.all()}
    return [one for one in piece.post.variants.all() if one.pk not in sent]


@transaction.atomic
def put(actor: Actor, *, piece: Piece, shift: Shift) -> None:
    """Move all hours of a piece by one rule. Raises NotFound, Forbidden, Conflict, Invalid."""
    posts = Post.objects.filter(deleted_at__isnull=True).select_for_update(of=("self",), no_key=True)
    post = access.get(actor, posts, piece.post_id, can="write")
    deliveries = list(Delivery.objects.filter(post=post).order_by("pk"))
    alive = [one for one in deliveries if one.state != State.CANCELLED]
    movable = [one for one in alive if one.state in MOVABLE]
    sent = {one.variant_id for one in deliveries}
    unsent = [one for one in post.variants.all() if one.pk not in sent]
    if alive and not movable and not unsent:
        raise Invalid.one("at", _("It is on its way or out already, so its hour cannot be changed."))
    if unsent or not movable:
        own = {
            one.pk: {"planned_at": _sound(shift(one.planned_at))}
            for one in unsent
            if one.planned_at is not None
        }
        fields = {"planned_at": _sound(shift(post.planned_at))}
        drafts.save(actor, post_id=post.pk, version=post.version, fields=fields, variants=own)
    for one in movable:
        if (due := shift(one.due_at)) is None:  # to publishing no hour means now
            raise Invalid.one("at", _("It is scheduled. Cancel the sending first, then take its hour away."))
        reschedule(actor, delivery_id=one.pk, at=due)


def _sound(at: datetime | None) -> datetime | None:
    return None if at is None else valid_hour(at)


@transaction.atomic
def put_back(actor: Actor, *, piece: Piece, hours: Mapping[str, Any]) -> None:
    """The hours that `hours_of` told before. Raises as `put`; an hour that has passed is Invalid."""
    posts = Post.objects.filter(deleted_at__isnull=True).select_for_update(of=("self",), no_key=True)
    post = access.get(actor, posts, piece.post_id, can="write")
    own = {int(pk): {"planned_at": datetime.fromisoformat(at)} for pk, at in hours["variants"].items()}
    at = hours["post"]
    fields = {"planned_at": valid_hour(datetime.fromisoformat(at)) if at else None}
    drafts.save(actor, post_id=post.pk, version=post.version, fields=fields, variants=own)
    for pk, due in hours["deliveries"].items():
        reschedule(actor, delivery_id=int(pk), at=datetime.fromisoformat(due))
