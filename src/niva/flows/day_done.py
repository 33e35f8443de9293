"""What happened in one person's day: for the note that ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from niva.domains.clients import access
from niva.domains.editorial.models import Stay
from niva.domains.editorial.states import How
from niva.domains.people.actor import Actor
from niva.domains.publishing.approving import Approval, Decision, Remark
from niva.domains.publishing.models import Publication
from niva.kit.local_time import day_bounds


@dataclass(frozen=True, slots=True)
class Done:
    """`out` and `decided`: at all of the person's clients; the rest he did himself."""

    out: int
    handed: int
    returned: int
    answered: int
    decided: int


def done_on(actor: Actor, now: datetime) -> Done:
    """Counts of the day of `now`, by the clock of `now`. Four queries."""
    since, until = day_bounds(now.date(), now.date(), str(now.tzinfo))
    left = access.visible(actor, Stay.objects.filter(left_at__gte=since, left_at__lt=until))
    left = left.filter(left_by=actor.user)
    published = Publication.objects.filter(published_at__gte=since, published_at__lt=until)
    decided = Approval.objects.filter(decided_at__gte=since, decided_at__lt=until)
    remarks = Remark.objects.filter(at__gte=since, at__lt=until, author=actor.user)
    moved = left.aggregate(
        handed=Count("pk", filter=Q(how=How.FORWARD)), returned=Count("pk", filter=Q(how=How.BACK))
    )
    return Done(
        out=access.visible(actor, published).count(),
        handed=moved["handed"],
        returned=moved["returned"],
        answered=access.visible(actor, remarks).count(),
        decided=access.visible(actor, decided).exclude(decision=Decision.WITHDRAWN).count(),
    )
