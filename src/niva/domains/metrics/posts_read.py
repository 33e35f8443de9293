"""Posts one by one with a number of the same age, for engines that weigh posts: the best time, what works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import FilteredRelation, Q

from niva.domains.clients import access
from niva.domains.metrics.dictionary import ENGAGEMENT
from niva.domains.metrics.models import AGES, PostNumbers
from niva.domains.people.actor import Actor

WORDS = ("reach", "views", "engagement", "clicks")
"""What a post can be weighed by."""


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post. `value`: what it had at the age, None when it was not read then. `day`, `weekday` (1 Monday),
    `hour`: of its community's clock."""

    publication_id: int
    community_id: int
    published_at: datetime
    day: date
    weekday: int
    hour: int
    format: str
    rubric_id: int | None
    length: int
    files: int
    with_link: bool
    paid: bool
    value: float | None


def posts_at(
    actor: Actor, *, client_id: int, word: str, age: int, community_ids: tuple[int, ...] = ()
) -> list[PostRow]:
    """The client's posts that are not removed, oldest first, in one query. Raises ValueError for a word or an
    age that posts are not kept by."""
    if word not in WORDS or age not in AGES:
        raise ValueError(f"posts are not weighed by {word} at {age}")
    rows = access.visible(actor, PostNumbers.objects.filter(client_id=client_id, removed=False))
    if community_ids:
        rows = rows.filter(community_id__in=community_ids)
    rows = rows.annotate(
        at_age=FilteredRelation("publication__at_ages", condition=Q(publication__at_ages__age=age))
    )
    parts = ENGAGEMENT if word == "engagement" else (word,)
    columns = (
        "publication_id", "community_id", "published_at", "day", "weekday", "hour", "format", "rubric_id",
        "length", "files", "with_link", "paid",
    )  # fmt: skip
    found: Any = rows.order_by("published_at", "publication_id").values_list(
        *columns, *(f"at_age__{part}" for part in parts)
    )
    width = len(columns)
    return [PostRow(**dict(zip(columns, row, strict=False)), value=_sum(row[width:])) for row in found]


def _sum(values: tuple[float | None, ...]) -> float | None:
    """What is known of the parts, added up; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
