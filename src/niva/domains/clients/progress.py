"""How a goal stands and where it will honestly end. Pure: rows and dates in, figures out.

**The forecast.** The daily sums of the last 28 full days of the goal (days without rows are days with
nothing; today is not over and is left out) give a level and a share for each weekday. The share is drawn
towards an even week by as many events as CALM, times how much more the days vary than chance alone would make
them: a week or two says little about Mondays. The rest of the goal brings M, the level times the shares of
its days, give or take sqrt(f·M + M²·f/S + (DRIFT·M)²·h): chance in the h days to come (f is the variance of
days over their mean, never below 1, because events that come by chance vary at least that much), what S
events seen cannot tell about the true pace, and the pace that will wander as paces do. The sum is treated as
gamma distributed with that mean and variance, and its tenth and ninetieth percentiles (Wilson and Hilferty,
1931) are the range in which it ends "in 8 cases out of 10". The method knows neither seasons nor a campaign
that starts tomorrow: it says what happens if everything goes on as it went. Under 7 full days or 5 rows it
says nothing. What it was measured by: docs/decisions/0022.

**Missing is not zero.** A goal without a single row has no fact (None); only a source that certainly knows
(`counts_zero`) makes an empty list a zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from niva.numbers.unit_cost import Against, Estimate, estimate, unevenness_of

WINDOW_DAYS: Final = 28
MIN_DAYS: Final = 7
CALM: Final = 12.0
DRIFT: Final = 0.02
"""How far the pace wanders in a day, as a share of it, give or take."""
MIN_ROWS: Final = 5
TREND_DAYS: Final = 7
Z80: Final = 1.2816  # nine tenths of a normal distribution lie below it
Z95: Final = 1.96  # within it on both sides lie 95 of 100

KNOWN_ORDER: Final = ("counted", "estimated", "said", "unknown")


@dataclass(frozen=True, slots=True)
class Row:
    """What a fact or a cost is summed from. `known`: a word of KNOWN_ORDER; "unknown" is never summed.

    `corrects`: the row only mends another one and is no event of its own.
    """

    day: date
    amount: Decimal
    known: str = "counted"
    kind: str = ""
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What was agreed: so many units between two days, each at most so dear (None = no limit)."""

    plan: Decimal
    starts_on: date
    deadline: date
    price_limit: Decimal | None = None


class Stage(StrEnum):
    NOT_STARTED = "not_started"
    RUNNING = "running"
    OVER = "over"


class Verdict(StrEnum):
    """What can be said of the plan now."""

    NO_DATA = "no_data"  # not one row
    TOO_EARLY = "too_early"
    LIKELY = "likely"  # even the low end reaches the plan
    OPEN = "open"  # the plan lies within the range
    UNLIKELY = "unlikely"  # even the high end falls short
    REACHED = "reached"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Range:
    """Where it ends in 8 cases out of 10."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Progress:
    """`fact`: the sum so far, None = nobody has written anything. `by_plan`: what an even pace would have.

    `pace`: units a day over the window; `needed`: units a day that would still reach the plan, None when it
    is reached or over. `rows`, `days_seen`: what the fact and the forecast rest on.
    """

    stage: Stage
    verdict: Verdict
    fact: Decimal | None
    known: tuple[str, ...]
    rows: int
    by_plan: Decimal
    expected: Range | None
    pace: Decimal | None
    needed: Decimal | None
    days_left: int
    days_seen: int

    @property
    def reached(self) -> bool:
        return self.verdict is Verdict.REACHED


def within(rows: Iterable[Row], target: Target, today: date) -> list[Row]:
    """The rows that count for this goal by today: inside its days, known, in order."""
    last = min(today, target.deadline)
    return sorted(
        (row for row in rows if target.starts_on <= row.day <= last and row.known != "unknown"),
        key=lambda row: row.day,
    )


def progress(
    rows: Iterable[Row],
    target: Target,
    today: date,
    *,
    counts_zero: bool = False,
    ahead: tuple[float, float] | None = None,
) -> Progress:
    """How the goal stands on `today`. `counts_zero`: the source knows that no row means none. `ahead`: what
    the days from today to the deadline will bring, from who knows more of the past than the goal's own days;
    it takes the place of this module's range wherever there is one."""
    ours = within(rows, target, today)
    fact = sum((row.amount for row in ours), Decimal(0)) if ours or counts_zero else None
    stage = _stage(target, today)
    expected, pace, days_seen = (None, None, 0)
    if stage is Stage.RUNNING and fact is not None:
        expected, pace, days_seen = forecast(ours, target, today)
        if expected is not None and ahead is not None:
            expected = _end(ours, today, ahead)
    return Progress(
        stage=stage,
        verdict=_verdict(stage, fact, expected, target.plan),
        fact=fact,
        known=known_of(ours),
        rows=len(ours),
        by_plan=plan_by(target, today),
        expected=expected,
        pace=pace,
        needed=_needed(stage, fact, target, today),
        days_left=max(0, (target.deadline - today).days + 1),
        days_seen=days_seen,
    )


def forecast(rows: Sequence[Row], target: Target, today: date) -> tuple[Range | None, Decimal | None, int]:
    """Range at the deadline, pace a day, full days seen. The range is None when it is too early to say."""
    sums = daily_sums(rows, max(target.starts_on, today - timedelta(days=WINDOW_DAYS)), today)
    seen = len(sums)
    events = sum(1 for row in rows if not row.corrects)
    pace = Decimal(str(sum(sums) / seen)).quantize(Decimal("0.01"), ROUND_HALF_UP) if seen else None
    if seen < MIN_DAYS or events < MIN_ROWS:
        return None, pace, seen
    left = (target.deadline - today).days + 1
    first = today - timedelta(days=seen)
    # When today brought more than was foreseen of it, the days after today are still to come.
    later = _gamma_range(*_ahead(sums, first, range(1, left)))[1]
    return _end(rows, today, _gamma_range(*_ahead(sums, first, range(left))), later), pace, seen


def _end(rows: Sequence[Row], today: date, ahead: tuple[float, float], later: float = 0.0) -> Range:
    """What is there, and what is ahead from today on. What came today is inside `ahead` already; the end
    cannot lie below what is there now, nor its top below that and `later`, the top of the days after."""
    now = sum((row.amount for row in rows), Decimal(0))
    settled = now - sum((row.amount for row in rows if row.day == today), Decimal(0))
    bottom = max(now, settled + Decimal(math.floor(ahead[0])))
    top = max(settled + Decimal(math.ceil(ahead[1])), now + Decimal(math.ceil(later)))
    return Range(bottom, max(bottom, top))


def daily_sums(rows: Iterable[Row], start: date, end: date) -> list[float]:
    """The sum of each day from `start` up to, not including, `end`. Days without rows are zeros."""
    days = [0.0] * max(0, (end - start).days)
    for row in rows:
        index = (row.day - start).days
        if 0 <= index < len(days):
            days[index] += float(row.amount)
    return days


def _ahead(sums: Sequence[float], first: date, steps: range) -> tuple[float, float]:
    """Mean and variance of the sum of the days that come `steps` after `sums`, which began on `first`."""
    total = max(0.0, sum(sums))
    days = [(first.weekday() + place) % 7 for place in range(len(sums) + steps.stop)]
    if not total or not steps:
        return 0.0, 0.0
    mean, variance = _mean_variance(sums)
    calm = CALM * variance / mean
    shares, spent = [], 0.0
    for weekday in range(7):
        ours = [value for value, day in zip(sums, days, strict=False) if day == weekday]
        shares.append(max(0.0, sum(ours) + calm) / (len(ours) * mean + calm))
        spent += len(ours) * mean / (len(ours) * mean + calm)
    level = total / sum(shares[day] for day in days[: len(sums)])
    expected = [level * shares[day] for day in days]
    # Six shares are free: the seventh follows from the level; each as far as it was not drawn in.
    free = max(1.0, len(sums) - 1 - spent * 6 / 7)
    off = sum((x - m) ** 2 / m for x, m in zip(sums, expected, strict=False) if m > 0)
    spread = max(1.0, off / free)
    ahead = sum(expected[len(sums) + steps.start :])
    return ahead, spread * ahead + ahead**2 * spread / total + (DRIFT * ahead) ** 2 * len(steps)


def _mean_variance(sums: Sequence[float]) -> tuple[float, float]:
    mean = max(0.0, sum(sums) / len(sums))
    spread = sum((value - mean) ** 2 for value in sums) / (len(sums) - 1)
    return mean, max(spread, mean)


def _gamma_range(mean: float, variance: float) -> tuple[float, float]:
    """Tenth and ninetieth percentile of a gamma distribution, by Wilson and Hilferty's cube."""
    if mean <= 0 or variance <= 0:
        return max(0.0, mean), max(0.0, mean)
    shape = mean * mean / variance
    middle, step = 1 - 1 / (9 * shape), Z80 / (3 * math.sqrt(shape))
    return mean * max(0.0, middle - step) ** 3, mean * max(0.0, middle + step) ** 3


def plan_by(target: Target, day: date) -> Decimal:
    """What an even pace would have brought by the end of `day`."""
    days = (target.deadline - target.starts_on).days + 1
    gone = min(max((day - target.starts_on).days + 1, 0), days)
    return (target.plan * gone / days).quantize(Decimal("0.01"), ROUND_HALF_UP)


def known_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """How the sum is known: every way that occurs, the surest first."""
    present = {row.known for row in rows if row.known != "unknown"}
    return tuple(word for word in KNOWN_ORDER if word in present)


def _stage(target: Target, today: date) -> Stage:
    if today < target.starts_on:
        return Stage.NOT_STARTED
    return Stage.OVER if today > target.deadline else Stage.RUNNING


def _verdict(stage: Stage, fact: Decimal | None, expected: Range | None, plan: Decimal) -> Verdict:
    if fact is None:
        return Verdict.NO_DATA
    if fact >= plan:
        return Verdict.REACHED
    if stage is Stage.OVER:
        return Verdict.MISSED
    if expected is None:
        return Verdict.TOO_EARLY
    if expected.low >= plan:
        return Verdict.LIKELY
    return Verdict.UNLIKELY if expected.high < plan else Verdict.OPEN


def _needed(stage: Stage, fact: Decimal | None, target: Target, today: date) -> Decimal | None:
    if stage is Stage.OVER or (fact or 0) >= target.plan:
        return None
    left = (target.deadline - max(today, target.starts_on)).days + 1
    return ((target.plan - (fact or Decimal(0))) / left).quantize(Decimal("0.01"), ROUND_HALF_UP)


# Is the last week different, or is it noise?


@dataclass(frozen=True, slots=True)
class Trend:
    """The last 7 full days against those before. `real`: chance alone does this once in twenty times."""

    last: Decimal
    usual: Decimal
    real: bool
    since: date

    @property
    def down(self) -> bool:
        return self.last < self.usual

    @property
    def gap(self) -> Decimal:
        return self.last - self.usual


def trend(rows: Iterable[Row], target: Target, today: date) -> Trend | None:
    """None while there are not two weeks to compare, or too few rows.

    The week's sum is set against 7 times the mean m of the earlier n days; the difference is real beyond 1.96
    standard deviations sqrt(7·s² + 49·s²/n), s² as in the forecast.
    """
    ours = within(rows, target, today)
    since = min(today, target.deadline + timedelta(days=1)) - timedelta(days=TREND_DAYS)
    before = daily_sums(ours, max(target.starts_on, since - timedelta(days=WINDOW_DAYS)), since)
    events = sum(1 for row in ours if not row.corrects)
    if len(before) < MIN_DAYS or events < MIN_ROWS:
        return None
    mean, variance = _mean_variance(before)
    last = sum(daily_sums(ours, since, since + timedelta(days=TREND_DAYS)))
    spread = math.sqrt(TREND_DAYS * variance + TREND_DAYS**2 * variance / len(before))
    real = spread > 0 and abs(last - TREND_DAYS * mean) > Z95 * spread
    return Trend(
        last=Decimal(str(last)).quantize(Decimal("0.01")),
        usual=Decimal(str(TREND_DAYS * mean)).quantize(Decimal("0.1"), ROUND_HALF_UP),
        real=real,
        since=since,
    )


# What one unit costs


@dataclass(frozen=True, slots=True)
class UnitCost:
    """`each`: money for one unit, None while there is no fact or no cost. `over`: above the limit by so much.

    `known`: how the costs and the fact are known, together. `unknown_rows`: costs whose sum nobody knows, so
    the real price is higher.
    """

    each: Decimal | None
    spent: Decimal | None
    by_kind: Mapping[str, Decimal]
    known: tuple[str, ...]
    over: Decimal | None
    unknown_rows: int
    rows: int
    low: Decimal | None = None
    high: Decimal | None = None
    against: Against = Against.NOT_KNOWN


def unit_cost(costs: Iterable[Row], fact: Decimal | None, fact_known: Sequence[str], target: Target,
              today: date, facts: Iterable[Row] | None = None) -> UnitCost:  # fmt: skip
    """Everything spent within the goal's days up to today, divided by the fact.

    `facts`: the rows the fact is summed from; without them (what we do ourselves does not come by chance)
    there is no range.
    """
    last = min(today, target.deadline)
    ours = [row for row in costs if target.starts_on <= row.day <= last]
    summed = [row for row in ours if row.known != "unknown"]
    by_kind: dict[str, Decimal] = {}
    for row in summed:
        by_kind[row.kind] = by_kind.get(row.kind, Decimal(0)) + row.amount
    spent = sum(by_kind.values(), Decimal(0)) if summed else None
    each = (
        (spent / fact).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if spent is not None and fact is not None and fact > 0
        else None
    )
    known = set(known_of(summed)) | set(fact_known)
    seen = None if facts is None else cost_range(spent, fact, facts, target, today, len(summed) < len(ours))
    return UnitCost(
        each=each,
        spent=spent,
        by_kind=dict(sorted(by_kind.items(), key=lambda item: -item[1])),
        known=tuple(word for word in KNOWN_ORDER if word in known),
        over=each - target.price_limit if each is not None and target.price_limit else None,
        unknown_rows=len(ours) - len(summed),
        rows=len(ours),
        low=_cents(seen.low) if seen else None,
        high=_cents(seen.high) if seen else None,
        against=seen.against if seen else Against.NOT_KNOWN,
    )


def cost_range(
    spent: Decimal | None, fact: Decimal | None, facts: Iterable[Row], target: Target, today: date,
    more_spent: bool = False, anyway: float = 0.0,
) -> Estimate:  # fmt: skip
    """The price of a unit with its range. `more_spent`: some sums are not known; `anyway`: units that would
    have come without us."""
    ours = within(facts, target, today)
    days = daily_sums(ours, target.starts_on, min(today, target.deadline + timedelta(days=1)))
    return estimate(
        float(spent) if spent is not None else None,
        float(fact) if fact is not None else None,
        unevenness=unevenness_of(days, [float(row.amount) for row in ours]),
        limit=float(target.price_limit) if target.price_limit else None,
        more_spent=more_spent,
        per=anyway,
    )


def _cents(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)


# The line of the chart


def cumulative(rows: Iterable[Row], target: Target, today: date) -> list[tuple[date, Decimal]]:
    """The fact at the end of every day from the start to today (or the deadline)."""
    ours = within(rows, target, today)
    last = min(today, target.deadline)
    by_day: dict[date, Decimal] = {}
    for row in ours:
        by_day[row.day] = by_day.get(row.day, Decimal(0)) + row.amount
    line, total = [], Decimal(0)
    for offset in range((last - target.starts_on).days + 1):
        day = target.starts_on + timedelta(days=offset)
        total += by_day.get(day, Decimal(0))
        line.append((day, total))
    return line
