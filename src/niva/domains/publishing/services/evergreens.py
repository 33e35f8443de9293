"""Evergreen posts: which may be used again, and until when."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Post
from niva.domains.publishing.repeating import Evergreen, Occurrence, Series

USUAL_REST: Final = 60  # days between two times on one community
LEAST_REST: Final = 7
MOST_REST: Final = 730


@transaction.atomic
def keep(
    actor: Actor,
    *,
    post_id: int,
    rest_days: int = USUAL_REST,
    valid_until: date | None = None,
    most_times: int | None = None,
) -> Evergreen:
    """The queue may use this post again. Said once more, it changes the terms. Raises NotFound, Invalid."""
    alive = Post.objects.filter(deleted_at__isnull=True).select_related("client")
    post = access.get(actor, alive.select_for_update(of=("self",), no_key=True), post_id, can="publish")
    errors: dict[str, list[str]] = {}
    if not LEAST_REST <= rest_days <= MOST_REST:
        errors["rest_days"] = [_("Between 7 and 730 days.")]
    if most_times is not None and not 1 <= most_times <= 100:
        errors["most_times"] = [_("Between 1 and 100 times, or empty.")]
    if valid_until is not None and valid_until < timezone.localdate():
        errors["valid_until"] = [_("This day has passed.")]
    if (
        post.again_of_id is not None
        or Occurrence.objects.filter(post=post).exists()
        or Series.objects.filter(post=post, ended_at__isnull=True).exists()
    ):
        errors[""] = [_("It comes round by itself already: it is one of a series or an evergreen's copy.")]
    if errors:
        raise Invalid(errors)
    terms = {"rest_days": rest_days, "valid_until": valid_until, "most_times": most_times}
    kept, _fresh = Evergreen.objects.update_or_create(
        post=post,
        defaults=terms,
        create_defaults={
            **terms,
            "workspace_id": post.workspace_id,
            "client_id": post.client_id,
            "created_by": actor.user,
        },
    )
    record(actor, "post.evergreen", post, rest_days=rest_days)
    return kept


@transaction.atomic
def drop(actor: Actor, *, post_id: int) -> None:
    """The queue uses it no more; what is scheduled already stays. Raises NotFound, Forbidden."""
    post = access.get(actor, Post.objects.all(), post_id, can="publish")
    if Evergreen.objects.filter(post=post).delete()[0]:
        record(actor, "post.not_evergreen", post)
