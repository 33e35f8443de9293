"""Posts with what they are grouped by and their counters at one same age: for the trees and the levers."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from django.db.models import FilteredRelation, Q

from niva.domains.metrics.figures import Scope, posts_in
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor

_AT: Final = "at_age__"


class PostRow(NamedTuple):
    """One post. Counters are None where they were not read at that age or the network gives none."""

    day: date
    community_id: int
    community: str
    network: str
    rubric_id: int | None
    rubric: str | None
    format: str
    paid: bool
    views: float | None
    reach: float | None
    clicks: float | None


def rows_at_age(actor: Actor, *, client_id: int, period: Period, age: int) -> list[PostRow]:
    """The posts of a client that went out in these days, oldest first: one query. `age`: one of AGES."""
    at_age = FilteredRelation("publication__at_ages", condition=Q(publication__at_ages__age=age))
    rows = posts_in(actor, Scope(client_id=client_id), period).annotate(at_age=at_age).order_by("day")
    found = rows.values_list(
        "day", "community_id", "community__name", "community__network", "rubric_id", "rubric__name", "format",
        "paid", f"{_AT}views", f"{_AT}reach", f"{_AT}clicks",
    )  # fmt: skip
    return [PostRow(*row) for row in found]
