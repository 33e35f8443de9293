"""Stop everything of a client in a crisis, and let it go on.

The flag and the posts change in one transaction: whoever schedules meanwhile waits, then sees both. A worker
that is about to call asks the flag once more at the fence, so nothing leaves after this has returned but what
was being sent that very moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count, Min
from django.utils.translation import gettext as _

from niva.domains.clients.services import stopping
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.services import holding
from niva.flows import held
from niva.flows.held import Decided


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a stop would hold: deliveries, posts, communities, and the nearest hour."""

    deliveries: int
    posts: int
    communities: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class WentOn:
    """`queued` leave at their hours, `looked` are looked up; `missed`: their hour passed, see `decided`."""

    queued: int
    looked: int
    missed: int
    decided: Decided


# What may be done with posts whose hour passed while the client was stopped; "hold": decide one by one.
PAST: Final[dict[str, Callable[..., Decided] | None]] = {
    "now": held.publish_now,
    "spread": held.spread,
    "hold": None,
}


def ahead(client_id: int) -> Ahead:
    """The scale of a stop, for the question before it. Ask for the client through the door first."""
    rows = holding.going(client_id).order_by()
    found = rows.aggregate(
        n=Count("pk"), posts=Count("post", distinct=True), places=Count("community", distinct=True),
        next=Min("due_at"),
    )  # fmt: skip
    return Ahead(found["n"], found["posts"], found["places"], found["next"])


@transaction.atomic
def stop(actor: Actor, *, client_id: int, reason: str) -> int:
    """Nothing of this client leaves from now on. Returns how many posts are held now.

    Raises NotFound, Forbidden, Invalid without a reason.
    """
    stopping.stop(actor=actor, client_id=client_id, reason=reason)
    return holding.hold_all(client_id)


def go_on(actor: Actor, *, client_id: int, past: str) -> WentOn:
    """Publishing may go on; `past`: a word of PAST. Raises NotFound, Forbidden, Invalid for another word."""
    if past not in PAST:
        raise Invalid.one("past", _("Choose what to do with what is past its hour."))
    with transaction.atomic():
        if not stopping.go_on(actor=actor, client_id=client_id):
            return WentOn(0, 0, 0, Decided())
        freed = holding.let_go(client_id)
    # Apart from the above: these lock posts before the client, as all scheduling does. Whoever dies here
    # leaves them held, with their reason.
    decide = PAST[past]
    decided = decide(actor, deliveries=freed.missed) if decide and freed.missed else Decided()
    return WentOn(freed.queued, freed.looked, len(freed.missed), decided)
