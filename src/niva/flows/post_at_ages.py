"""One post beside the other posts of its community at the same ages: an hour, a day, three days, a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from niva.domains.metrics.figures import Scope, figures
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication
from niva.numbers import spread
from niva.numbers.spread import Ordinary, Verdict

AGES: Final = (1, 24, 72, 168)
WORDS: Final = ("reach", "views", "likes")
LOOK_BACK: Final = timedelta(days=91)


@dataclass(frozen=True, slots=True)
class AtAge:
    """At one age: the post's own value, what is usual of the others (None: fewer than five), the verdict."""

    age: int
    value: float
    usual: Ordinary | None
    verdict: Verdict
    times: float | None


def at_ages(actor: Actor, publication: Publication) -> tuple[str, list[AtAge]]:
    """The first counter that the post has, and its ages in order; one query an age. The others went out in
    the three months before it: nothing that came later speaks of what was usual then."""
    day = publication.published_at.astimezone(ZoneInfo(publication.community.time_zone)).date()
    scope = Scope(client_id=publication.client_id, community_ids=(publication.community_id,))
    period = Period(day - LOOK_BACK, day)
    values: dict[str, dict[int, tuple[float | None, list[float]]]] = {word: {} for word in WORDS}
    for age in AGES:
        found = figures(actor, WORDS, scope, period, by="publication", age=age)
        for word in WORDS:
            rows = [one for one in found if one.measure == word and one.value is not None]
            own = next((one.value for one in rows if one.key == publication.pk), None)
            others = [one.value or 0.0 for one in rows if one.key != publication.pk]
            values[word][age] = (own, others)
    word = next((one for one in WORDS if any(own is not None for own, _others in values[one].values())), "")
    if not word:
        return "", []
    return word, [_at(age, own, others) for age, (own, others) in values[word].items() if own is not None]


def _at(age: int, own: float, others: list[float]) -> AtAge:
    theirs = np.array(others, dtype=float)
    told = spread.against(own, theirs)
    return AtAge(age, own, spread.ordinary(theirs), told.verdict, told.ratio)
