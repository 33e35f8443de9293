"""Another hour for things of the plan: scheduled deliveries and drafts alike, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.services.schedule import reschedule, valid_hour
from niva.domains.publishing.states import State

# What the plan may shift. A refused or cancelled post does not come back by being shifted: it would look
# scheduled again and fail at the new hour as well, so a person opens it first. A held one asks for just this.
MOVABLE: Final = frozenset({State.QUEUED, State.WAITING, State.NEEDS_LOGIN, State.HELD})


@transaction.atomic
def move(
    actor: Actor, *, deliveries: Iterable[int] = (), variants: Iterable[int] = (), at: datetime
) -> datetime:
    """Give all of these the hour `at`. Returns the hour that the first of them had.

    Raises NotFound, Forbidden ("publish" for deliveries, "write" for drafts) and Invalid for an hour that
    cannot be or for what cannot be moved; then nothing has moved.
    """
    valid_hour(at)
    before: datetime | None = None
    # Posts are locked before deliveries, in the order in which scheduling locks them.
    by_post: dict[int, list[int]] = {}
    rows = Variant.objects.filter(pk__in=list(variants)).values_list("pk", "post_id")
    for pk, post_id in rows:
        by_post.setdefault(post_id, []).append(pk)
    for post_id, several in by_post.items():
        had = move_planned(actor, post_id=post_id, variant_ids=several, at=at)
        before = before or had
    for delivery_id in deliveries:
        delivery = access.get(actor, Delivery.objects.all(), delivery_id, can="publish")
        if delivery.state not in MOVABLE:
            raise Invalid.one("at", _("It has changed meanwhile and cannot be moved. Reload the page."))
        before = before or delivery.due_at
        reschedule(actor, delivery_id=delivery_id, at=at)
    if before is None:
        raise NotFound("variant")
    return before


@transaction.atomic
def move_planned(actor: Actor, *, post_id: int, variant_ids: Sequence[int], at: datetime) -> datetime:
    """Another planned hour for variants of a draft. Returns the hour that the first of them had.

    When they are all that is still to be scheduled, the hour of the post itself changes, so that later
    communities follow it; otherwise these get hours of their own.
    """
    alive = Post.objects.filter(deleted_at__isnull=True).select_for_update(of=("self",), no_key=True)
    post = access.get(actor, alive, post_id, can="write")
    drafts = list(post.variants.exclude(deliveries__isnull=False))
    chosen = [variant for variant in drafts if variant.pk in set(variant_ids)]
    if len(chosen) != len(set(variant_ids)):
        raise Invalid.one("at", _("It has changed meanwhile and cannot be moved. Reload the page."))
    before = chosen[0].planned_at or post.planned_at
    due = valid_hour(at)
    if len(chosen) == len(drafts):
        post.planned_at = due
    for variant in chosen:
        variant.planned_at = None if len(chosen) == len(drafts) else due
        variant.save(update_fields=["planned_at"])
    post.version += 1
    post.updated_by, post.updated_at = actor.user, timezone.now()
    post.save(update_fields=["planned_at", "version", "updated_by", "updated_at"])
    record(actor, "post.moved", post, before=(before or due).isoformat(), after=due.isoformat())
    return before or due
