"""Named reads of rubrics, through the one door."""

from __future__ import annotations

from django.db.models import QuerySet

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.strategy.models import Rubric


def rubrics(actor: Actor, *, client_id: int, archived: bool = False) -> QuerySet[Rubric]:
    """The rubrics of one client in their order; with `archived` only those that are put away."""
    rows = Rubric.objects.filter(client_id=client_id, archived_at__isnull=not archived)
    return access.visible(actor, rows)


def shares_left(rubrics: list[Rubric]) -> int:
    """How many percent of the plan nobody has taken; negative when the shares are over a hundred."""
    return 100 - sum(rubric.share or 0 for rubric in rubrics)
