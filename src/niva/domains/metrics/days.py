"""Single days of single communities: the rows that a figure of the basis `gained` is counted from."""

from __future__ import annotations

from collections.abc import Sequence

from niva.domains.communities.models import Community
from niva.domains.metrics.dictionary import measure
from niva.domains.metrics.figures import Figure, Scope, communities_in, made
from niva.domains.metrics.gained import cells_of, of_cells
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor


def days_of_communities(
    actor: Actor, words: Sequence[str], scope: Scope, period: Period
) -> list[tuple[Community, Figure]]:
    """Every measure of every day and community that was read, the newest first; `key` is the day.

    Three queries. Counts add up to the figure of the whole scope and period. Raises KeyError for an unknown
    word.
    """
    asked = [measure(word) for word in words]
    rows = communities_in(actor, scope)
    cells = cells_of(rows, {part for one in asked for part in one.parts}, period, "day")
    places = {row.pk: row for row in rows}
    found = []
    for (pk, day), sums in sorted(
        cells.items(), key=lambda cell: (str(cell[0][1]), cell[0][0]), reverse=True
    ):
        for one in asked:
            figure = made(one, *of_cells(one, day, [(pk, sums)], {}))
            if figure.value is not None:
                found.append((places[pk], figure))
    return found
