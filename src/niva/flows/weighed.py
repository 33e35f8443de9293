"""The posts of a client as the engines of numbers take them, at one same age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.metrics.models import Format
from niva.domains.metrics.posts_read import PostRow, posts_at
from niva.domains.people.actor import Actor

if TYPE_CHECKING:  # numpy is loaded when somebody asks, not when the desk starts
    from niva.numbers.levels import Ints, Posts

AGE: Final = 72
"""Hours: a post is weighed by what it had on its third day."""
BANDS: Final = (0, 280, 1000)
"""Lengths in characters: none, short, middle; longer than the last is long."""
FORMATS: Final = tuple(Format.values)
CHOSEN: Final = ("reach", "views", "engagement")


def rows_of(actor: Actor, client_id: int, communities: tuple[int, ...], word: str) -> list[PostRow]:
    """The client's posts, or of some communities of his."""
    return posts_at(actor, client_id=client_id, word=word, age=AGE, community_ids=communities)


def best_known(
    actor: Actor, client_id: int, communities: tuple[int, ...], wanted: str
) -> tuple[str, list[PostRow]]:
    """The wanted word's posts; when nothing or another word is wanted, the first word that posts have."""
    words = (wanted,) if wanted in CHOSEN else CHOSEN
    rows: list[PostRow] = []
    for word in words:
        rows = rows_of(actor, client_id, communities, word)
        if any(row.value is not None for row in rows):
            return word, rows
    return words[0], rows


def communities_of(actor: Actor, client_id: int) -> list[Community]:
    """The client's communities that posts may have gone out in."""
    rows = Community.objects.filter(client_id=client_id, archived_at__isnull=True)
    return list(access.visible(actor, rows).order_by("name", "pk"))


def posts_of(rows: Sequence[PostRow], *, times: bool) -> Posts:
    """Arrays of the rows. `times`: with hours and days among what is weighed, too (not for the best time,
    which asks of them itself)."""
    import numpy as np

    from niva.numbers.levels import Posts

    def ints(values: Sequence[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    content = {
        "format": ints([FORMATS.index(row.format) for row in rows]),
        "rubric": ints([-1 if row.rubric_id is None else row.rubric_id for row in rows]),
        "length": ints([sum(row.length > band for band in BANDS) for row in rows]),
        "link": ints([int(row.with_link) for row in rows]),
    }
    if times:
        content |= {
            "hours": ints([row.hour // 3 for row in rows]),
            "day": ints([row.weekday for row in rows]),
        }
    minutes = [row.hour * 60 + row.published_at.minute + row.published_at.second / 60 for row in rows]
    day = [row.day.toordinal() + minute / 1440 for row, minute in zip(rows, minutes, strict=True)]
    return Posts(
        np.array(day, dtype=float), ints([row.weekday for row in rows]), ints([row.hour for row in rows]),
        np.array([np.nan if row.value is None else row.value for row in rows], dtype=float),
        ints([row.community_id for row in rows]), np.array([row.paid for row in rows], dtype=bool), content,
    )  # fmt: skip
