"""What later looks at a publication found: alive, changed, gone, or back again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.publishing.delivery.store import storable
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.states import State

SEEN_TEXT_MOST: Final = 20_000  # characters; no network's post is longer


@transaction.atomic
def was_seen(publication_id: int, *, sight: str, text: str = "", missing: Sequence[int] = ()) -> None:
    """It was looked at and is there (or the network does not let us look).

    `text`: what stands there, where it reads otherwise than sent. A post that was missed is back with this:
    its fire goes out. `missing`: the parts of its chain that are gone, by number.
    """
    publication = Publication.objects.select_for_update().get(pk=publication_id)
    missed = publication.sight == Publication.Sight.REMOVED
    if missed and (publication.removed_by_us or sight == Publication.Sight.UNTOLD):
        return
    publication.sight = sight
    publication.seen_text = storable(text)[:SEEN_TEXT_MOST] if sight == Publication.Sight.CHANGED else ""
    publication.removed_at = None
    publication.extra = {name: value for name, value in publication.extra.items() if name != "missing"}
    if missing:
        publication.extra["missing"] = list(missing)
    if sight != Publication.Sight.UNTOLD:
        publication.seen_at = timezone.now()
    publication.save(update_fields=["sight", "seen_at", "seen_text", "removed_at", "extra"])
    if missed:
        _is_back(publication)


def _is_back(publication: Publication) -> None:
    Delivery.objects.filter(pk=publication.delivery_id, state=State.REMOVED).update(
        state=State.PUBLISHED, state_at=timezone.now(), code="", detail="", acknowledged_at=None
    )
    record(machine(publication.workspace), "publication.came_back", publication, url=publication.url)


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
