"""What later looks at a publication found: alive, changed, or gone."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.states import State


@transaction.atomic
def was_seen(publication_id: int, *, sight: str) -> None:
    """It was looked at and is there (or the network does not let us look)."""
    publication = Publication.objects.select_for_update().get(pk=publication_id)
    if publication.sight == Publication.Sight.REMOVED:
        return
    publication.sight = sight
    if sight != Publication.Sight.UNTOLD:
        publication.seen_at = timezone.now()
    publication.save(update_fields=["sight", "seen_at"])


@transaction.atomic
def is_gone(publication_id: int, *, by: Actor | None = None) -> bool:
    """It is not out there any more. `by`: the person who took it down, None: found missing (a fire).

    False: that was known already.
    """
    publication = (
        Publication.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=publication_id)
    )
    if publication.sight == Publication.Sight.REMOVED:
        return False
    publication.sight = Publication.Sight.REMOVED
    publication.removed_at = timezone.now()
    publication.removed_by_us = by is not None
    publication.save(update_fields=["sight", "removed_at", "removed_by_us"])
    Delivery.objects.filter(pk=publication.delivery_id).update(
        state=State.REMOVED,
        state_at=publication.removed_at,
        code="taken_down" if by else "found_missing",
        wake_at=None,
        lease=None,
        lease_until=None,
        acknowledged_at=None,
    )
    verb = "publication.taken_down" if by else "publication.found_missing"
    record(by or machine(publication.workspace), verb, publication, url=publication.url)
    return True
