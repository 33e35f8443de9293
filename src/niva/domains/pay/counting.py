"""Which pieces an agreement counts, and the lines that come of them. Pure: no database here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from niva.domains.pay import rules
from niva.domains.pay.rules import Span, Step
from niva.domains.pay.states import Gate, Kind, Model

FOREVER: Final = date.max


@dataclass(frozen=True, slots=True)
class Terms:
    """An agreement as the rules see it. `rates`: unit -> (rate of one, weight of one)."""

    pk: int
    client_id: int | None
    model: str
    gate: str
    period: str
    norm: Decimal | None
    currency: str
    fix: Decimal
    bonus: Decimal
    over: bool
    cap: Decimal
    steps: tuple[Step, ...]
    parts: Mapping[str, Decimal]
    weekdays: tuple[int, ...]
    rates: Mapping[str, tuple[Decimal, Decimal]]
    starts_on: date
    ends_on: date | None

    @property
    def span(self) -> Span:
        return Span(self.starts_on, self.ends_on or FOREVER)

    def covers(self, work: Work) -> bool:
        """Whether pieces of this kind, of this client, are its business at all."""
        if work.unit not in self.rates:
            return False
        return work.currency == self.currency if self.client_id is None else work.client_id == self.client_id


@dataclass(frozen=True, slots=True)
class Pass:
    """When a piece first passed a gate: the moment, and the day of it by the client's clock."""

    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of one author. `paid_by`, `paid_on`: the agreement that a closed sheet has counted it for, and
    the day on which it passed as that sheet has it. `own`: when its author let it through himself; then
    `accepted` is when it was out."""

    piece_id: int
    post_id: int
    client_id: int
    currency: str
    unit: str
    title: str
    planned_at: datetime | None
    accepted: Pass | None
    published: Pass | None
    first_pass: bool = True
    error: bool = False
    own: Pass | None = None
    paid_by: int | None = None
    paid_on: date | None = None

    def passed(self, gate: str) -> Pass | None:
        return self.published if gate == Gate.PUBLISHED else self.accepted


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece that counts for an agreement, once."""

    work: Work
    terms: Terms
    passed: Pass

    @property
    def weight(self) -> Decimal:
        return self.terms.rates[self.work.unit][1]

    @property
    def quality(self) -> rules.Quality:
        return rules.Quality(self.on_time, self.work.first_pass, self.work.error)

    @property
    def on_time(self) -> bool | None:
        planned = self.work.planned_at
        if planned is None:
            return None
        accepted = None if self.work.own else self.work.accepted
        by_publishing = self.terms.gate == Gate.PUBLISHED or accepted is None or self.passed.at != accepted.at
        grace = GRACE_SECONDS if by_publishing else 0
        return (self.passed.at - planned).total_seconds() <= grace


GRACE_SECONDS: Final = 15 * 60  # the minutes that the stage "published" has by default


def claims(works: Iterable[Work], agreements: Sequence[Terms]) -> list[Claim]:
    """Each piece at most once: for the agreement whose gate it passed first while that was in force.

    What a closed sheet has counted stays with the agreement it was counted for.
    """
    found = []
    for work in works:
        several = []
        for terms in agreements:
            passed = work.passed(terms.gate)
            if passed is None:
                continue
            if work.paid_by is not None:
                if work.paid_by == terms.pk and work.paid_on is not None:
                    several.append(Claim(work, terms, Pass(passed.at, work.paid_on)))
            elif passed.day in terms.span and terms.covers(work):
                several.append(Claim(work, terms, passed))
        if not several and work.paid_by is None:
            several = _between_gates(work, agreements)
        if several:
            found.append(min(several, key=lambda one: (one.passed.at, one.terms.pk)))
    return sorted(found, key=lambda one: (one.passed.at, one.work.piece_id))


def _between_gates(work: Work, agreements: Iterable[Terms]) -> list[Claim]:
    """What was accepted while an agreement waited for publication, and came out when the next one counts what
    is accepted: it fell through neither gate by its author's fault, and counts on the day it is out."""
    accepted, out = work.accepted, work.published
    mine = [one for one in agreements if one.covers(work)]
    if accepted is None or out is None or out.day <= accepted.day:
        return []
    if not any(one.gate == Gate.PUBLISHED and accepted.day in one.span for one in mine):
        return []
    return [Claim(work, one, out) for one in mine if one.gate == Gate.ACCEPTED and out.day in one.span]


@dataclass(slots=True)
class Line:
    """One line of a sheet. `inputs`: all that its formula took, as text; `claims`: what it counted.

    `split`: what of it each client bears; a line of an agreement for all clients is spread over what was
    counted for them.
    """

    key: str
    kind: str
    amount: Decimal
    inputs: dict[str, Any]
    terms: Terms | None = None
    claims: list[Claim] = field(default_factory=list)
    split: dict[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Norm:
    """How a norm stands that is settled in this month."""

    terms: Terms
    part: Span
    norm: Decimal
    volume: Decimal
    done: Decimal
    claims: tuple[Claim, ...]

    @property
    def missed(self) -> bool:
        return self.volume < self.norm


def norm_for(terms: Terms, month: date, mine: Sequence[Claim]) -> Norm | None:
    """The norm of an agreement in this month's sheet; None: it has none, or is settled in another month."""
    part = rules.settled(terms.span, terms.period, month)
    if terms.norm is None or part is None:
        return None
    counted = tuple(one for one in mine if one.passed.day in part)
    volume = sum((one.weight for one in counted), Decimal(0))
    norm = rules.norm_of(terms.norm, terms.period, part, terms.weekdays)
    return Norm(terms, part, norm, volume, rules.done_percent(volume, norm), counted)


def lines_for(
    terms: Terms, month: date, mine: Sequence[Claim], elsewhere: Mapping[int, Decimal]
) -> list[Line]:
    """What one agreement pays in the month that begins on `month`.

    `mine`: the claims of this agreement, of any month. `elsewhere`: how many pieces of his were accepted for
    each client in the month, by which fixed pay for all clients is spread when it counts no pieces itself.
    """
    part = terms.span.common(rules.month_of(month))
    if part is None:
        return []
    here = [one for one in mine if one.passed.day in part]
    lines = []
    if terms.model == Model.PIECE:
        lines = _by_the_piece(terms, part, here)
    else:
        if terms.fix or terms.model == Model.FIX:
            lines.append(_fixed(terms, part))
        norm = norm_for(terms, month, mine)
        if norm is not None and terms.model == Model.FIX_BONUS:
            lines.append(_bonus(norm))
        if norm is not None and terms.model == Model.MIXED:
            lines.extend(_parts(norm))
    for line in lines:
        _spread(line, terms, line.claims or here, elsewhere)
    return lines


def _by_the_piece(terms: Terms, part: Span, here: Sequence[Claim]) -> list[Line]:
    lines = []
    for unit, (rate, _weight) in terms.rates.items():
        counted = [one for one in here if one.work.unit == unit]
        whole = rules.month_of(part.first).days
        inputs = {"unit": unit, "rate": str(rate), "count": len(counted), "days": part.days, "of": whole}
        inputs |= _days(part)
        amount = rules.piece_sum(rate, len(counted))
        lines.append(Line(f"{terms.pk}:{unit}", Kind.PIECE, amount, inputs, terms, counted))
    return lines


def _fixed(terms: Terms, part: Span) -> Line:
    inputs = {"fix": str(terms.fix), "days": part.days, "of": rules.month_of(part.first).days, **_days(part)}
    return Line(f"{terms.pk}:fix", Kind.FIX, rules.fix_sum(terms.fix, part), inputs, terms)


def _norm_inputs(norm: Norm) -> dict[str, Any]:
    terms = norm.terms
    whole = rules.whole_period(terms.period, norm.part.first)
    times, per = rules.norm_times(terms.period, norm.part, terms.weekdays)
    return {
        "bonus": str(terms.bonus),
        "agreed": str(terms.norm),
        "times": times,
        "per": per,
        "steps": [step.as_json() for step in terms.steps],
        "cap": str(terms.cap) if terms.over else "",
        "volume": str(norm.volume),
        "count": len(norm.claims),
        "norm": str(norm.norm),
        "done": str(norm.done),
        "share": str(_share(norm)),
        "days": norm.part.days,
        "of": whole.days,
        **_days(norm.part),
    }


def _share(norm: Norm) -> Decimal:
    terms = norm.terms
    return rules.bonus_share(norm.done, terms.steps, over=terms.over, cap=terms.cap)


def _bonus(norm: Norm) -> Line:
    terms = norm.terms
    amount = rules.bonus_sum(terms.bonus, norm.part, terms.period, _share(norm))
    return Line(f"{terms.pk}:bonus", Kind.BONUS, amount, _norm_inputs(norm), terms, list(norm.claims))


def _parts(norm: Norm) -> list[Line]:
    terms, lines = norm.terms, []
    for score in rules.scores([one.quality for one in norm.claims], _share(norm)):
        weight = terms.parts.get(score.part, Decimal(0))
        if not weight:
            continue
        amount = rules.bonus_sum(terms.bonus, norm.part, terms.period, score.percent, weight)
        inputs = _norm_inputs(norm) | {
            "part": str(score.part),
            "weight": str(weight),
            "score": str(score.percent),
            "met": score.met,
            "asked": score.of,
        }
        lines.append(Line(f"{terms.pk}:{score.part}", Kind.PART, amount, inputs, terms, list(norm.claims)))
    return lines


def _days(part: Span) -> dict[str, str]:
    return {"first": part.first.isoformat(), "last": part.last.isoformat()}


def _spread(line: Line, terms: Terms, counted: Sequence[Claim], elsewhere: Mapping[int, Decimal]) -> None:
    if terms.client_id is not None:
        line.split = {terms.client_id: line.amount}
        return
    shares: dict[int, Decimal] = {}
    for one in counted:
        shares[one.work.client_id] = shares.get(one.work.client_id, Decimal(0)) + one.weight
    line.split = rules.spread(line.amount, shares or elsewhere)
