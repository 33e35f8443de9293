"""A client's money as one story: what he paid, where each rouble went, what one unit costs and how sure that
is, what advertising brought and what came by itself, what would have come without us.

The price of a unit is made here for every page and the API (`price_of`), from the rows the client bears.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from niva.domains.clients import access, bearing, queries
from niva.domains.clients.models import Client, Cost, CostKind, Counting, Goal, GoalFact, Known, Payer
from niva.domains.clients.money import Budget, MoneyTerms
from niva.domains.clients.pacing import DOUBLE_DAYS, Pace, month_days, next_month, pace
from niva.domains.clients.progress import Row, UnitCost, cost_range, unit_cost, within
from niva.domains.leads.queries import rows_of_goal
from niva.domains.metrics.models import PostNumbers
from niva.domains.people.actor import Actor
from niva.flows.goal_fact import Standing, standing
from niva.numbers.unit_cost import Estimate

PUBLICATION: Final = "publication:"


def price_of(actor: Actor, found: Standing) -> UnitCost:
    """What one unit of the goal costs the client, with its range: the one number of every page."""
    goal = found.goal
    rows = queries.cost_rows(queries.borne_by_client(actor, goal.client_id, goal.starts_on, goal.deadline))
    seen = found.progress
    chance = None if goal.counting == Counting.PUBLICATIONS else found.facts.rows
    return unit_cost(rows, seen.fact, seen.known, queries.target_of(goal), found.today, chance)


@dataclass(frozen=True, slots=True)
class KindLine:
    """Where the money went: one kind. `rows`: how many expenses; `unknown`: of them without a sum."""

    kind: str
    total: Decimal
    rows: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Inside:
    """Our own side: the fee, what we bear, and what is left. Never shown to the client.

    `each`: what one unit costs us."""

    fee: Decimal
    borne: Decimal
    each: Decimal | None

    @property
    def left(self) -> Decimal:
        return self.fee - self.borne


@dataclass(frozen=True, slots=True)
class Way:
    """Units that came one way. `spent`: what was spent for them, None where that cannot be said. The lower
    end of the price is as if all that came from nobody knows where had come this way."""

    count: Decimal
    spent: Decimal | None
    price: Estimate | None


@dataclass(frozen=True, slots=True)
class Apart:
    """Paid and organic apart. `unknown`: units of which nobody knows where they are from: shared out nowhere.
    `work`: money for work; `work_on_paid`: percent of it for advertising, None = nobody has said."""

    paid: Way
    organic: Way
    unknown: Decimal
    work: Decimal
    work_on_paid: Decimal | None


@dataclass(frozen=True, slots=True)
class Anyway:
    """Against doing nothing: what would have come in these days without us, and what is ours beyond it."""

    a_day: Decimal
    units: Decimal
    ours: Decimal
    price: Estimate
    known: str
    source: str


@dataclass(frozen=True, slots=True)
class Money:
    """Everything of the money page. `pacing`: the month that runs; `doubles`: pairs that look like one
    payment made twice; `twice`: a fee and people's pay both stand as the client's."""

    client: Client
    terms: MoneyTerms
    found: Standing | None
    price: UnitCost | None
    kinds: tuple[KindLine, ...]
    spent: Decimal | None
    inside: Inside | None
    apart: Apart | None
    anyway: Anyway | None
    pacing: tuple[Pace, ...]
    plan: Decimal | None
    doubles: tuple[tuple[Cost, Cost], ...]
    twice: bool
    since: date
    until: date
    today: date

    @property
    def unspent(self) -> Decimal | None:
        """Of the plan of the months that the days touch, what is left; None without a plan."""
        return None if self.plan is None else self.plan - (self.spent or Decimal(0))


def money(actor: Actor, client: Client) -> Money:
    """The money of the client's open goal; without a goal of the month that runs."""
    today = queries.today_of(client)
    goal = queries.main_goals(actor, [client.pk]).get(client.pk)
    found = standing(goal) if goal else None
    since, until = (goal.starts_on, goal.deadline) if goal else month_days(today)
    terms = bearing.terms_of(client)
    rows = list(queries.costs(actor, client.pk, since, min(until, today)))
    his = [one for one in rows if bearing.bearer(one, terms.paid_as) == Payer.CLIENT]
    known = [one for one in his if one.known != Known.UNKNOWN]
    works = access.may(actor, "work", client_id=client.pk)
    return Money(
        client=client,
        terms=terms,
        found=found,
        price=price_of(actor, found) if found else None,
        kinds=kind_lines(his),
        spent=sum((one.amount for one in known), Decimal(0)) if known else None,
        inside=_inside(rows, terms, found) if works else None,
        apart=_apart(his, terms, found) if found else None,
        anyway=_anyway(his, terms, found) if found else None,
        pacing=pacing(client, terms, today),
        plan=_plan(client, terms, since, until),
        doubles=tuple(doubles(rows)) if works else (),
        twice=works and bearing.counted_twice(rows, terms.paid_as),
        since=since,
        until=until,
        today=today,
    )


def kind_lines(rows: Iterable[Cost]) -> tuple[KindLine, ...]:
    """Sums by kind, the greatest first."""
    kinds: dict[str, list[Cost]] = {}
    for one in rows:
        kinds.setdefault(one.kind, []).append(one)
    lines = [
        KindLine(
            kind,
            sum((one.amount for one in several if one.known != Known.UNKNOWN), Decimal(0)),
            len(several),
            sum(one.known == Known.UNKNOWN for one in several),
        )
        for kind, several in kinds.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.total, line.kind)))


def _total(rows: Iterable[Cost]) -> Decimal:
    return sum((one.amount for one in rows if one.known != Known.UNKNOWN), Decimal(0))


def _inside(rows: Sequence[Cost], terms: MoneyTerms, found: Standing | None) -> Inside | None:
    ours = [one for one in rows if bearing.bearer(one, terms.paid_as) == Payer.US]
    fee = [one for one in rows if one.kind == CostKind.FEE]
    if not ours and not fee:
        return None
    borne = _total(ours)
    fact = found.progress.fact if found else None
    each = (borne / fact).quantize(Decimal("0.01")) if fact and fact > 0 and borne else None
    return Inside(_total(fee), borne, each)


# Paid and organic apart


def _apart(rows: Sequence[Cost], terms: MoneyTerms, found: Standing) -> Apart | None:
    """None where nothing was paid for being shown and nobody came that way: there is nothing to part."""
    traces = traced(found.goal, found.today)
    bought = [one for one in rows if one.kind in bearing.PAID]
    paid_rows = [row for row, paid in traces if paid]
    if not bought and not paid_rows:
        return None
    work = _total(one for one in rows if one.kind not in bearing.PAID)
    share = terms.work_on_paid
    on_paid = _total(bought) + (work * share / 100 if share is not None else Decimal(0))
    on_organic = work * (100 - share) / 100 if share is not None else None
    more = any(one.known == Known.UNKNOWN for one in rows)
    organic_rows = [row for row, paid in traces if paid is False]
    lost = [row for row, paid in traces if paid is None]
    return Apart(
        paid=_way(paid_rows, lost, on_paid, found, more),
        organic=_way(organic_rows, lost, on_organic, found, more),
        unknown=_count(lost),
        work=work,
        work_on_paid=share,
    )


def _way(rows: list[Row], lost: list[Row], spent: Decimal | None, found: Standing, more: bool) -> Way:
    count = _count(rows)
    if spent is None:
        return Way(count, None, None)
    target = queries.target_of(found.goal)
    price = cost_range(spent, count, rows, target, found.today, more)
    if lost and price.low is not None:
        most = cost_range(spent, count + _count(lost), [*rows, *lost], target, found.today)
        price = replace(price, low=most.low)
    return Way(count, spent, price)


def _count(rows: Iterable[Row]) -> Decimal:
    return sum((row.amount for row in rows), Decimal(0))


def traced(goal: Goal, today: date) -> list[tuple[Row, bool | None]]:
    """The rows of a goal's fact, each with whether it was paid for; None: nobody knows."""
    target = queries.target_of(goal)
    found: list[tuple[Row, bool | None]]
    if goal.counting == Counting.LEADS:
        zone = ZoneInfo(goal.client.time_zone)
        leads = rows_of_goal(goal).values_list("came_at", "paid")
        found = [(Row(at.astimezone(zone).date(), Decimal(1)), paid) for at, paid in leads]
    elif goal.counting == Counting.ROWS:
        found = _of_facts(goal)
    else:
        found = []
    ours = {id(row) for row in within((row for row, _ in found), target, today)}
    return [pair for pair in found if id(pair[0]) in ours]


def _of_facts(goal: Goal) -> list[tuple[Row, bool | None]]:
    """People's rows: one that names its publication is as paid as that was; a correction is like what it
    mends."""
    facts = list(GoalFact.objects.filter(goal=goal))
    named = {one.pk: _publication(one.origin) for one in facts}
    wanted = [pk for pk in named.values() if pk]
    paid = dict(
        PostNumbers.objects.filter(client_id=goal.client_id, publication_id__in=wanted).values_list(
            "publication_id", "paid"
        )
    )
    found: list[tuple[Row, bool | None]] = []
    for one in facts:
        mends = one.origin.partition(":")[2] if one.origin.startswith("correction:") else ""
        publication = named.get(int(mends)) if mends.isdigit() else named[one.pk]
        row = Row(one.happened_on, one.amount, one.known, corrects=bool(mends))
        found.append((row, paid.get(publication) if publication else None))
    return found


def _publication(origin: str) -> int | None:
    number = origin.removeprefix(PUBLICATION) if origin.startswith(PUBLICATION) else ""
    return int(number) if number.isdigit() and len(number) < 18 else None


# Against doing nothing


def _anyway(rows: Sequence[Cost], terms: MoneyTerms, found: Standing) -> Anyway | None:
    fact, spent = found.progress.fact, _total(rows)
    if terms.baseline is None or fact is None or not rows:
        return None
    target = queries.target_of(found.goal)
    days = (min(found.today, target.deadline) - target.starts_on).days + 1
    units = terms.baseline * max(0, days)
    more = any(one.known == Known.UNKNOWN for one in rows)
    price = cost_range(spent, fact, found.facts.rows, target, found.today, more, float(units))
    return Anyway(terms.baseline, units, fact - units, price, terms.baseline_known, terms.baseline_source)


# The month and its plan


def pacing(client: Client, terms: MoneyTerms, today: date) -> tuple[Pace, ...]:
    """The kinds that have a plan in the month of today, with what was spent. What the contract has us bear
    is no part of the client's budget."""
    first, last = month_days(today)
    plans = dict(Budget.objects.filter(client=client, month=first).values_list("kind", "plan"))
    if not plans:
        return ()
    spent: dict[str, Decimal] = {}
    unknown: dict[str, int] = {}
    costs = Cost.objects.filter(client=client, spent_on__range=(first, last))
    for one in costs.exclude(bearing.is_ours()):
        if one.known == Known.UNKNOWN:
            unknown[one.kind] = unknown.get(one.kind, 0) + 1
        else:
            spent[one.kind] = spent.get(one.kind, Decimal(0)) + one.amount
    return tuple(
        pace(
            kind, plans.get(kind, Decimal(0)), spent.get(kind, Decimal(0)), first, today,
            points=terms.pacing_points, unknown_rows=unknown.get(kind, 0),
        )
        for kind in CostKind.values
        if kind in plans or kind in spent
    )  # fmt: skip


def _plan(client: Client, terms: MoneyTerms, since: date, until: date) -> Decimal | None:
    """The budget of the months from `since` to `until`; None when none has one, or the days begin or end
    within a month (a part of a plan is no plan)."""
    if since.day != 1 or month_days(until)[1] != until:
        return None
    rows = Budget.objects.filter(client=client, month__range=(since, until))
    plans = list(rows.values_list("plan", flat=True))
    return sum(plans, Decimal(0)) if plans else None


def doubles(rows: Sequence[Cost]) -> list[tuple[Cost, Cost]]:
    """Pairs that look like one payment written down twice: one kind, one sum, within a week, at least one
    of them typed by hand, and nothing that tells them apart (another community, another campaign)."""
    found = []
    groups: dict[tuple[object, ...], list[Cost]] = {}
    for one in sorted(rows, key=lambda row: (row.spent_on, row.pk)):
        if one.amount > 0 and one.known != Known.UNKNOWN:
            groups.setdefault((one.kind, one.amount), []).append(one)
    for several in groups.values():
        for one, other in itertools.pairwise(several):
            near = other.spent_on - one.spent_on <= timedelta(days=DOUBLE_DAYS)
            by_hand = not one.key or not other.key
            same = _alike(one.community_id, other.community_id) and _alike(one.origin, other.origin)
            if near and by_hand and same:
                found.append((one, other))
    return found


def _alike(one: object, other: object) -> bool:
    return one == other or not one or not other


def by_day(actor: Actor, seen: Money) -> tuple[list[tuple[date, float]], list[tuple[date, float]]]:
    """What was spent, added up by days, and the plan of the months as an even line (empty without one)."""
    rows = queries.borne_by_client(actor, seen.client.pk, seen.since, min(seen.until, seen.today))
    sums: dict[date, Decimal] = {}
    for one in rows.exclude(known=Known.UNKNOWN):
        sums[one.spent_on] = sums.get(one.spent_on, Decimal(0)) + one.amount
    spent, total = [], Decimal(0)
    for n in range((min(seen.until, seen.today) - seen.since).days + 1):
        day = seen.since + timedelta(days=n)
        total += sums.get(day, Decimal(0))
        spent.append((day, float(total)))
    return spent, _planned(actor, seen)


def _planned(actor: Actor, seen: Money) -> list[tuple[date, float]]:
    if seen.plan is None:
        return []
    plans: dict[date, Decimal] = {}
    rows = access.visible(
        actor, Budget.objects.filter(client=seen.client, month__range=(seen.since, seen.until))
    )
    for month, plan in rows.values_list("month", "plan"):
        plans[month] = plans.get(month, Decimal(0)) + plan
    line, total, month = [], Decimal(0), seen.since
    while month <= seen.until:
        first, last = month_days(month)
        for n in range(last.day):
            even = total + plans.get(first, Decimal(0)) * (n + 1) / last.day
            line.append((first + timedelta(days=n), round(float(even), 2)))
        total += plans.get(first, Decimal(0))
        month = next_month(month)
    return line
