"""What a measure of a client will bring by the end of the month: the days read so far, and the engine's word.

Days that nobody read stay unread; today is not over and is never counted. The figures are those of every
page (`domains.metrics.figures`, basis "gained").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from niva.domains.clients.models import Client, Goal
from niva.domains.metrics.dictionary import measures
from niva.domains.metrics.figures import Scope, figures
from niva.domains.metrics.periods import Period, month_of
from niva.domains.people.actor import Actor

if TYPE_CHECKING:
    from niva.numbers.forecast import Expected, PastError

LOOKED_BACK: Final = 400
"""Days of the past that a forecast of a page rests on at most."""
ODDS: Final = 0.8
TRIED: Final = 12
"""Past moments at which the method is tried beside a forecast on a page."""
USUAL: Final = ("views",)
"""What is foretold of a client whose goal names no supporting numbers."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """One measure's month. `days`: (day, value) of the past, oldest first, None where nothing was read;
    `came`: what the read days of the month brought before `today`, None when none was read; `unread`: days of
    the month before today without a reading; `ahead`: the coming days; `low` to `high`: the whole month,
    with what came in it; `refused`: why nothing is said ("early", "gaps", "still"), else empty.
    """

    word: str
    month: Period
    today: date
    days: tuple[tuple[date, float | None], ...]
    came: float | None
    unread: int
    ahead: tuple[Expected, ...] = ()
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    past: PastError | None = None
    refused: str = ""


def words_of(goal: Goal | None) -> tuple[str, ...]:
    """The measures foretold beside a goal: its supporting numbers as far as they are counted day by day."""
    named = tuple(goal.supports) if goal is not None else ()
    return tuple(word for word in named or USUAL if word in measures() and measures()[word].kind != "ratio")


def months_ahead(actor: Actor, client: Client, words: tuple[str, ...], today: date) -> list[Ahead]:
    """The month of each measure, as it looks on the morning of `today`. Three queries."""
    if not words:
        return []
    period = Period(today - timedelta(days=LOOKED_BACK), today - timedelta(days=1))
    found = figures(actor, words, Scope(client_id=client.pk), period, by="day", basis="gained")
    by_word: dict[str, dict[date, float]] = {word: {} for word in words}
    for figure in found:
        if figure.value is not None and isinstance(figure.key, date):
            by_word[figure.measure][figure.key] = figure.value
    return [_ahead(word, by_word[word], today) for word in words]


def came_of(actor: Actor, client: Client, word: str, period: Period) -> tuple[float | None, int]:
    """What a measure brought in a period, by the query of the pages, and how many of its days were read."""
    scope = Scope(client_id=client.pk)
    whole = figures(actor, [word], scope, period, basis="gained")[0]
    days = figures(actor, [word], scope, period, by="day", basis="gained")
    return whole.value, sum(one.value is not None for one in days)


def _ahead(word: str, read: dict[date, float], today: date) -> Ahead:
    month = month_of(today)
    if not read:
        return Ahead(word, month, today, (), None, (today - month.since).days, refused="early")
    first = min(read)
    length = (today - first).days
    days = tuple((day, read.get(day)) for day in (first + timedelta(days=n) for n in range(length)))
    inside = [value for day, value in days if day >= month.since]
    known = [value for value in inside if value is not None]
    came = sum(known) if known else (0.0 if today == month.since else None)
    unread = (today - month.since).days - len(known)
    return _told(Ahead(word, month, today, days, came, unread))


def _told(bare: Ahead) -> Ahead:
    """With the engine's word. numpy is loaded here: the pages' process starts without it."""
    from dataclasses import replace

    import numpy as np

    from niva.numbers.forecast import DAY, Refused, Series, foresee

    values = np.array([np.nan if value is None else value for _day, value in bare.days])
    series = Series(datetime.combine(bare.days[0][0], time()), DAY, values)
    horizon = (bare.month.until - bare.today).days + 1
    try:
        told = foresee(series, horizon=horizon, odds=ODDS, tried=TRIED)
    except Refused as refused:
        return replace(bare, refused=refused.code)
    if told.total is None or bare.came is None:
        return replace(bare, ahead=told.steps, past=told.past, refused="gaps")
    return replace(
        bare,
        ahead=told.steps,
        past=told.past,
        expected=bare.came + told.total.expected,
        low=bare.came + told.total.low,
        high=bare.came + told.total.high,
    )
