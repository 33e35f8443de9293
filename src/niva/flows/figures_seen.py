"""Figures with what a person needs to judge them: the period before, the account's own usual, the gaps.

Every value comes from `domains.metrics.figures`; how it lies in the account's own last three months is asked
of `niva.numbers`. What is compared has the same number of days, and posts are compared at the same age.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from niva.domains.metrics.dictionary import Measure, measure
from niva.domains.metrics.figures import Basis, Figure, Scope, figures, posts_in
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor

if TYPE_CHECKING:  # numpy is loaded when somebody looks at figures, not when the desk starts
    from niva.flows.figures_judged import Usual
    from niva.numbers.spread import Verdict

SAME_AGE: Final = 72
"""Hours: posts are compared by what they had on their third day, which most of a period have reached."""
_AT_AGE: Final = frozenset({"reach_post", "views_post"})
"""Measures that grow as a post ages, so that young posts would look poor beside old ones."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A figure beside its like. `previous`: the period before of the same length. `usual` None: too little
    history. `gaps`: days of the period of which nothing was read, though days before them were. `days`: what
    came on each day that was read, `day_usual`: what a single day usually brings."""

    figure: Figure
    previous: Figure
    basis: Basis
    age: int | None
    usual: Usual | None
    verdict: Verdict
    gaps: tuple[date, ...] = ()
    days: tuple[tuple[date, float], ...] = ()
    day_usual: Usual | None = None

    @property
    def measure(self) -> Measure:
        return measure(self.figure.measure)

    @property
    def higher(self) -> bool:
        """Whether it lies above what is typical."""
        return (
            self.usual is not None
            and self.figure.value is not None
            and self.figure.value > self.usual.typical
        )


def basis_of(word: str) -> Basis:
    """On which basis a measure is shown when nobody asked for another: sums by days, ratios by posts."""
    one = measure(word)
    if one.of == "community":
        return "gained"
    return "posts" if one.kind == "ratio" or "posts_out" in one.top else "gained"


def age_of(word: str) -> int | None:
    """At which age of posts a measure is compared; None: by now."""
    return SAME_AGE if word in _AT_AGE else None


def parts_posts(scope: Scope) -> bool:
    """Whether the scope can only be answered by posts: a day's growth knows no rubric."""
    return bool(scope.rubric_ids or scope.formats or scope.post_ids is not None or scope.paid is not None)


def seen(actor: Actor, scope: Scope, period: Period, words: Sequence[str]) -> list[Seen]:
    """The measures in their order. A fixed number of queries, whatever there is to count."""
    by_posts = parts_posts(scope)
    groups: dict[tuple[Basis, int | None], list[str]] = {}
    for word in words:
        basis: Basis = "posts" if by_posts else basis_of(word)
        groups.setdefault((basis, age_of(word) if basis == "posts" else None), []).append(word)
    found: dict[str, Seen] = {}
    for (basis, age), group in groups.items():
        one = _gained if basis == "gained" else _of_posts
        found |= one(actor, scope, period, group, age)
    return [found[word] for word in words]


def _gained(
    actor: Actor, scope: Scope, period: Period, words: Sequence[str], _age: int | None
) -> dict[str, Seen]:
    from niva.flows import figures_judged as judged

    now, before = (figures(actor, words, scope, days, basis="gained") for days in (period, period.before()))
    usual_days = period.benchmark()
    all_days = Period(usual_days.since, period.until)
    days = _series(figures(actor, words, scope, all_days, by="day", basis="gained"))
    read = {day for series in days.values() for day in series}
    found = {}
    for one, earlier in zip(now, before, strict=True):
        series = days.get(one.measure, {})
        usual, verdict = judged.of_days(one, series, period, usual_days)
        inside = tuple((day, value) for day, value in sorted(series.items()) if day >= period.since)
        gaps = _gaps(read, series, period)
        day = judged.day_usual(series, usual_days)
        found[one.measure] = Seen(one, earlier, "gained", None, usual, verdict, gaps, inside, day)
    return found


def _series(rows: Iterable[Figure]) -> dict[str, dict[date, float]]:
    found: dict[str, dict[date, float]] = {}
    for row in rows:
        if row.value is not None and isinstance(row.key, date):
            found.setdefault(row.measure, {})[row.key] = row.value
    return found


def _gaps(read: set[date], series: dict[date, float], period: Period) -> tuple[date, ...]:
    """Days on which nothing at all was read. A day with other numbers is no gap: there was nothing to read of
    this one, such as clicks where no post has a link."""
    first = min(series, default=None)
    if first is None:
        return ()
    days = (period.since + timedelta(days=n) for n in range(period.days))
    return tuple(day for day in days if day >= first and day not in read)


def _of_posts(
    actor: Actor, scope: Scope, period: Period, words: Sequence[str], age: int | None
) -> dict[str, Seen]:
    from niva.flows import figures_judged as judged

    now, before = (figures(actor, words, scope, days, age=age) for days in (period, period.before()))
    usual_days = period.benchmark()
    posts = by_post(actor, scope, Period(usual_days.since, period.until), words, age)
    out = _days_of(actor, scope, Period(usual_days.since, period.until))
    found = {}
    for one, earlier in zip(now, before, strict=True):
        if measure(one.measure).kind == "ratio":
            usual, verdict = judged.of_ratios(one, posts[one.measure], out, period)
        else:
            usual, verdict = judged.of_counts(one, posts[one.measure], out, period)
        found[one.measure] = Seen(one, earlier, "posts", age, usual, verdict)
    return found


def by_post(
    actor: Actor, scope: Scope, period: Period, words: Sequence[str], age: int | None
) -> dict[str, dict[int, Figure]]:
    """Each measure of each post of which it is known, by publication id."""
    found: dict[str, dict[int, Figure]] = {word: {} for word in words}
    for row in figures(actor, words, scope, period, by="publication", age=age):
        if row.top is not None and isinstance(row.key, int):
            found[row.measure][row.key] = row
    return found


def _days_of(actor: Actor, scope: Scope, period: Period) -> dict[int, date]:
    return dict(posts_in(actor, scope, period).values_list("publication_id", "day"))
