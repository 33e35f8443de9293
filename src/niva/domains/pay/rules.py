"""The arithmetic of pay: pure, exact, in Decimal. Nothing here knows of rows or people.

**Rounding.** Everything between is exact (fractions). A sum is rounded once, at its line, to the kopeck, half
up; the total is the sum of the rounded lines. A norm is rounded to 0.01 of a piece and the share done to 0.01
of a percent, half up, before they are used, so that what is shown is what was reckoned with.

**Parts of a month.** An agreement that begins or ends inside a period counts by calendar days: norm, fixed
pay and bonus are taken days of the part / days of the period. A norm for a week is taken days / 7 times, a
norm for a working day as many times as there are such days; both are settled by the month. A quarter is
settled in the month in which it, or the agreement, ends; its fixed pay goes by the month all the same.

Reach, reactions and sales are no part of any formula here: a content person has no hand in them.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from niva.domains.pay.states import Part, Period

HUNDRED: Final = Decimal(100)


def half_up(value: Fraction, places: int = 2) -> Decimal:
    """An exact value rounded half away from zero, to kopecks by default."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


# Days


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def common(self, other: Span) -> Span | None:
        """The days that both have."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None


def month_of(day: date) -> Span:
    last = calendar.monthrange(day.year, day.month)[1]
    return Span(day.replace(day=1), day.replace(day=last))


def quarter_of(day: date) -> Span:
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return Span(first, month_of(first.replace(month=first.month + 2)).last)


def whole_period(period: str, day: date) -> Span:
    """The period that a bonus is agreed for and that holds this day: the quarter, or the month."""
    return quarter_of(day) if period == Period.QUARTER else month_of(day)


def settled(agreed: Span, period: str, month: date) -> Span | None:
    """The days whose norm is settled in the sheet of this month; None: none of them are."""
    part = agreed.common(whole_period(period, month))
    if part is None or month_of(part.last) != month_of(month):
        return None
    return part


# The norm


def norm_times(period: str, part: Span, weekdays: Iterable[int] = (1, 2, 3, 4, 5)) -> tuple[int, int]:
    """How many times the agreed norm is asked in these days of one period: times, and of how many."""
    if period == Period.DAY:
        wanted = set(weekdays)
        days = (part.first + timedelta(days=n) for n in range(part.days))
        return sum(day.isoweekday() in wanted for day in days), 1
    return part.days, 7 if period == Period.WEEK else whole_period(period, part.first).days


def norm_of(norm: Decimal, period: str, part: Span, weekdays: Iterable[int] = (1, 2, 3, 4, 5)) -> Decimal:
    """The norm for these days of one period, to 0.01 of a piece; see the head of the module."""
    times, of = norm_times(period, part, weekdays)
    return half_up(Fraction(norm) * times / of)


def done_percent(volume: Decimal, norm: Decimal) -> Decimal:
    """Counted against the norm, percent to 0.01. A part too short to have a norm is done."""
    return half_up(Fraction(volume) / Fraction(norm) * 100) if norm else HUNDRED


# The bonus


@dataclass(frozen=True, slots=True)
class Step:
    """From so many percent done the bonus pays `pays` percent; None: as many as are done."""

    at: Decimal
    pays: Decimal | None

    def as_json(self) -> dict[str, str]:
        return {"at": str(self.at), "pays": "done" if self.pays is None else str(self.pays)}

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Step:
        """Raises KeyError, ValueError, decimal.InvalidOperation for what is no step."""
        pays = str(raw["pays"])
        return cls(Decimal(str(raw["at"])), None if pays == "done" else Decimal(pays))


# Below 80 % nothing, then as much as is done, from 100 % all of it.
DEFAULT_STEPS: Final = (Step(Decimal(80), None), Step(HUNDRED, HUNDRED))
DEFAULT_WEIGHTS: Final[Mapping[str, Decimal]] = {
    Part.VOLUME: Decimal(50),
    Part.ON_TIME: Decimal(20),
    Part.FIRST_PASS: Decimal(20),
    Part.NO_ERRORS: Decimal(10),
}


def steps_fault(steps: Sequence[Step]) -> str:
    """What is wrong with the steps: "order", "range", "falls" (more done would pay less), or nothing."""
    if not steps or any(a.at >= b.at for a, b in itertools.pairwise(steps)):
        return "order"
    paid = Decimal(0)
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        end = following.at if following else HUNDRED
        low, high = (step.at, end) if step.pays is None else (step.pays, step.pays)
        if not 0 < step.at <= HUNDRED or not 0 <= low <= HUNDRED or high > HUNDRED:
            return "range"
        if low < paid:
            return "falls"
        paid = high
    return ""


def bonus_share(done: Decimal, steps: Sequence[Step], *, over: bool, cap: Decimal) -> Decimal:
    """How many percent of the bonus are paid for so many percent done.

    The last step that is reached decides; below the first it is 0. More than 100 pays more only with `over`,
    and never more than `cap`.
    """
    reached = [step for step in steps if done >= step.at]
    if not reached:
        return Decimal(0)
    pays = reached[-1].pays
    share = min(done, HUNDRED) if pays is None else pays
    return max(share, min(done, cap)) if over and done > HUNDRED else share


def weights_fault(weights: Mapping[str, Decimal]) -> str:
    """What is wrong with the weights of the mixed bonus: "unknown", "negative", "sum", or nothing."""
    if set(weights) - set(Part.values):
        return "unknown"
    if any(weight < 0 for weight in weights.values()):
        return "negative"
    return "" if sum(weights.values()) == HUNDRED else "sum"


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known of one counted piece. `on_time` None: it had no planned hour to be late for."""

    on_time: bool | None
    first_pass: bool
    error: bool


@dataclass(frozen=True, slots=True)
class Score:
    """One part of the mixed bonus: `percent` of it is earned, because `met` of `of` pieces were so."""

    part: str
    percent: Decimal
    met: int
    of: int


def scores(rows: Sequence[Quality], volume_share: Decimal) -> list[Score]:
    """The four parts of the mixed bonus, each in percent to 0.01.

    - volume: as `bonus_share` says of the share done; rows: the pieces counted, by weight, against the norm.
    - on time: pieces that passed their gate by the hour of the plan (a publication has 15 minutes more), of
      those that had such an hour; rows: Piece.accepted_at or the first Publication against Post.planned_at.
    - first pass: pieces that the editor did not return before accepting them; rows: Stay of the stage
      `editing` with how = back; what the client wanted otherwise is not counted against the author.
    - no errors: pieces that were not returned for facts, law or language after they were out; rows: Stay with
      how = back after the first Publication. Known until the sheet is closed.

    Where nothing was counted no part earns anything; where no piece had a planned hour, being on time is not
    held against anybody and counts in full.
    """
    planned = [row.on_time for row in rows if row.on_time is not None]
    counted = len(rows)
    return [
        Score(Part.VOLUME, volume_share, counted, counted),
        _score(Part.ON_TIME, sum(planned), len(planned), counted),
        _score(Part.FIRST_PASS, sum(row.first_pass for row in rows), counted, counted),
        _score(Part.NO_ERRORS, sum(not row.error for row in rows), counted, counted),
    ]


def _score(part: str, met: int, of: int, counted: int) -> Score:
    if not counted:
        return Score(part, Decimal(0), 0, 0)
    return Score(part, half_up(Fraction(met * 100, of)) if of else HUNDRED, met, of)


# Sums


def piece_sum(rate: Decimal, count: int) -> Decimal:
    """So many pieces at this rate."""
    return half_up(Fraction(rate) * count)


def fix_sum(fix: Decimal, part: Span) -> Decimal:
    """Fixed pay of a month for these days of it."""
    return half_up(Fraction(fix) * part.days / month_of(part.first).days)


def bonus_sum(bonus: Decimal, part: Span, period: str, share: Decimal, weight: Decimal = HUNDRED) -> Decimal:
    """A bonus for these days of its period: so many percent of it, or of its part of that weight."""
    whole = whole_period(period, part.first)
    return half_up(Fraction(bonus) * part.days / whole.days * Fraction(share) / 100 * Fraction(weight) / 100)


def spread(amount: Decimal, shares: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """A sum over clients by their shares, to the kopeck and without a remainder (the largest rests first).

    Empty when nobody has a share: then the sum belongs to no client.
    """
    whole = sum(shares.values(), Decimal(0))
    if not whole:
        return {}
    kopecks = int(amount.scaleb(2))
    exact = {key: Fraction(kopecks) * Fraction(share) / Fraction(whole) for key, share in shares.items()}
    given = {key: int(part // 1) for key, part in exact.items()}
    order = sorted(exact, key=lambda key: (-(exact[key] - given[key]), key))
    for key in order[: kopecks - sum(given.values())]:
        given[key] += 1
    return {key: Decimal(part).scaleb(-2) for key, part in given.items()}
