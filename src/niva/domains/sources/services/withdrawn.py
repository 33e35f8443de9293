"""What happens when a source or who speaks in it may not be used any more: what is on its way is stopped."""

from __future__ import annotations

import contextlib

from django.db.models import Q
from django.utils import timezone

from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import STILL_OURS, State
from niva.domains.sources.models import Derivative, Fragment, Source
from niva.domains.sources.states import UNDER_WAY, ClipState


def stop(actor: Actor, source: Source, fragment: Fragment | None = None) -> None:
    """Call off the clips and take back what waits for its hour; of a fragment alone where one is given.

    What the actor may not take back stays and is told on the source's page, like what is out already. The
    caller holds the row of the source or the fragment, and owns the transaction.
    """
    of = Q(source=source) if fragment is None else Q(fragment=fragment)
    source.clips.filter(of, state__in=UNDER_WAY).update(state=ClipState.CANCELLED, touched_at=timezone.now())
    pieces = Derivative.objects.filter(of, piece__isnull=False).values("piece__post")
    waiting = Delivery.objects.filter(post__in=pieces, state__in=STILL_OURS).exclude(state=State.CANCELLED)
    taken = 0
    for number in list(waiting.order_by("pk").values_list("pk", flat=True)):
        with contextlib.suppress(NotFound, Forbidden, Invalid):
            schedule.cancel(actor, delivery_id=number)
            taken += 1
    record(actor, "source.withdrawn", source, taken_back=taken)
