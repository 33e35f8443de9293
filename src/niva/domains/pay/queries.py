"""Named reads of pay: drafts are computed from what the board knows, closed sheets are read as they stand.

Whoever lacks "pay" sees his own and nothing else. A sheet may rest on several clients; to see or to settle
somebody's sheet one needs "pay" at all of them (for an agreement on all clients: in the whole workspace).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from niva.domains.clients import access
from niva.domains.pay import counting, rules
from niva.domains.pay.counting import Claim, Line, Norm, Terms, Work
from niva.domains.pay.models import Agreement, Correction, PaySheet
from niva.domains.pay.work import hours_waited, pieces_by_client, works_of
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, NotFound
from niva.domains.people.models import User


@dataclass(slots=True)
class Draft:
    """A month of a person in one currency, as it stands now. `sheet`: what was closed of it, if it was;
    `addenda`: what its addenda come to."""

    person: User
    month: date
    currency: str
    agreements: list[Agreement]
    lines: list[Line] = field(default_factory=list)
    norms: list[Norm] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    waited: dict[int, Decimal] = field(default_factory=dict)
    sheet: PaySheet | None = None
    addenda: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """The sum of the rounded lines."""
        lines = sum((line.amount for line in self.lines), Decimal(0))
        return lines + sum((one.amount for one in self.corrections), Decimal(0))

    @property
    def claims(self) -> list[Claim]:
        """What it counts, each piece once."""
        rows = {one.work.piece_id: one for line in self.lines for one in line.claims}
        return sorted(rows.values(), key=lambda one: one.passed.at)


def terms_of(agreement: Agreement) -> Terms:
    return Terms(
        pk=agreement.pk,
        client_id=agreement.client_id,
        model=agreement.model,
        gate=agreement.gate,
        period=agreement.period,
        norm=agreement.norm,
        currency=agreement.currency,
        fix=agreement.fix,
        bonus=agreement.bonus,
        over=agreement.over,
        cap=Decimal(agreement.cap),
        steps=tuple(rules.Step.of_json(step) for step in agreement.steps),
        parts={part: Decimal(weight) for part, weight in agreement.parts.items()},
        weekdays=tuple(agreement.weekdays),
        rates={rate.unit: (rate.rate, rate.weight) for rate in agreement.rates.all()},
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
    )


def may_settle(actor: Actor, agreement: Agreement) -> bool:
    """Whether he sees and settles what this agreement pays."""
    if agreement.client_id is None:
        return actor.everywhere
    return access.may(actor, "pay", client_id=agreement.client_id)


def may_see(actor: Actor, agreement: Agreement) -> bool:
    own = actor.user is not None and actor.user.pk == agreement.person_id
    return own or may_settle(actor, agreement)


def _rows(actor: Actor) -> QuerySet[Agreement]:
    rows = Agreement.objects.filter(workspace=actor.workspace)
    return rows.select_related("client", "person").prefetch_related("rates")


def agreements(actor: Actor, *, person_id: int | None = None) -> list[Agreement]:
    """Those that he may see, the newest first."""
    rows = _rows(actor) if person_id is None else _rows(actor).filter(person_id=person_id)
    return [one for one in rows.order_by("-starts_on", "-id") if may_see(actor, one)]


def agreement(actor: Actor, agreement_id: int) -> Agreement:
    """One agreement to settle. Raises NotFound, Forbidden."""
    found = _rows(actor).filter(pk=agreement_id).first()
    if found is None or not (may_see(actor, found) or _works_there(actor, found)):
        raise NotFound("agreement")
    if not may_settle(actor, found):
        raise Forbidden("pay")
    return found


def _works_there(actor: Actor, agreement: Agreement) -> bool:
    return agreement.client_id in actor.client_roles


def may_pay_somewhere(actor: Actor) -> bool:
    """Whether there is any client at which he settles pay."""
    return actor.everywhere or any(access.may(actor, "pay", client_id=pk) for pk in actor.client_roles)


# Drafts and sheets


def months_of_people(actor: Actor, month: date) -> list[Draft]:
    """Everybody's month that he may settle: drafts, and closed sheets in their place. Bounded queries."""
    grouped = _by_person([one for one in _rows(actor) if may_see(actor, one) or actor.everywhere])
    whole = {
        person_id: rows for person_id, rows in grouped.items() if all(may_settle(actor, one) for one in rows)
    }
    return _drafts(actor, whole, month)


def month_of_person(actor: Actor, person_id: int, month: date) -> list[Draft]:
    """One person's month, a draft for each currency. Raises NotFound, Forbidden."""
    rows = list(_rows(actor).filter(person_id=person_id))
    own = actor.user is not None and actor.user.pk == person_id
    if not own:
        if not rows or not any(may_settle(actor, one) or _works_there(actor, one) for one in rows):
            raise NotFound("pay")
        if not all(may_settle(actor, one) for one in rows):
            raise Forbidden("pay")
    return _drafts(actor, {person_id: rows}, month)


def _by_person(rows: Iterable[Agreement]) -> dict[int, list[Agreement]]:
    found: dict[int, list[Agreement]] = defaultdict(list)
    for one in rows:
        found[one.person_id].append(one)
    return found


def _drafts(actor: Actor, people: dict[int, list[Agreement]], month: date) -> list[Draft]:
    span = rules.month_of(month)
    every = {one.pk: terms_of(one) for rows in people.values() for one in rows}
    since = min([span.first, *(rules.whole_period(one.period, span.first).first for one in every.values())])
    works = works_of(actor.workspace, list(people), since, span.last)
    waits = hours_waited(actor, list(people), span)
    sheets = _sheets(actor, list(people), span.first)
    waiting = _corrections(actor, list(people))
    found = []
    for person_id, rows in people.items():
        terms = [every[one.pk] for one in rows]
        claimed = counting.claims(works.get(person_id, ()), terms)
        currencies = {one.currency for one in rows if every[one.pk].span.common(span)}
        currencies |= {row.corrects.currency for row in waiting.get(person_id, ())}
        for currency in sorted(currencies):
            draft = Draft(
                rows[0].person, span.first, currency, [one for one in rows if one.currency == currency]
            )
            draft.sheet = sheets.get((person_id, currency, 0))
            draft.addenda = sum(
                (row.total for key, row in sheets.items() if key[:2] == (person_id, currency) and key[2]),
                Decimal(0),
            )
            draft.waited = waits.get(person_id, {})
            corrections = [one for one in waiting.get(person_id, ()) if one.corrects.currency == currency]
            _fill(draft, every, claimed, works.get(person_id, ()), corrections)
            found.append(draft)
    return sorted(found, key=lambda one: (one.person.name, one.person.pk, one.currency))


def _fill(
    draft: Draft, every: dict[int, Terms], claimed: Sequence[Claim], works: Sequence[Work],
    corrections: list[Correction],
) -> None:  # fmt: skip
    span = rules.month_of(draft.month)
    elsewhere = pieces_by_client(works, span, draft.currency)
    for row in draft.agreements:
        terms = every[row.pk]
        mine = [one for one in claimed if one.terms.pk == row.pk]
        draft.lines.extend(counting.lines_for(terms, draft.month, mine, elsewhere))
        norm = counting.norm_for(terms, draft.month, mine)
        if norm is not None:
            draft.norms.append(norm)
    if draft.sheet is None:
        draft.corrections = corrections


def _sheets(actor: Actor, people: Collection[int], month: date) -> dict[tuple[int, str, int], PaySheet]:
    rows = PaySheet.objects.filter(
        workspace=actor.workspace, person_id__in=people, month=month
    ).select_related("person", "closed_by", "paid_by")
    return {(row.person_id, row.currency, row.number): row for row in rows}


def _corrections(actor: Actor, people: Collection[int]) -> dict[int, list[Correction]]:
    rows = Correction.objects.filter(
        workspace=actor.workspace, person_id__in=people, taken_in__isnull=True
    ).select_related("corrects", "client", "created_by")
    found: dict[int, list[Correction]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


def sheets_of(actor: Actor, person_id: int, month: date) -> list[PaySheet]:
    """Closed sheets of a month with their addenda; ask for the person's month first."""
    return list(
        PaySheet.objects.filter(workspace=actor.workspace, person_id=person_id, month=month)
        .select_related("person", "closed_by", "paid_by")
        .prefetch_related("lines__client", "counted__client", "counted__piece", "corrections__created_by")
        .order_by("currency", "number")
    )


def sheet(actor: Actor, sheet_id: int, *, settle: bool = True) -> PaySheet:
    """One closed sheet. `settle` False: the person himself may look, too. Raises NotFound, Forbidden."""
    found = (
        PaySheet.objects.filter(workspace=actor.workspace, pk=sheet_id)
        .select_related("person", "closed_by", "paid_by")
        .first()
    )
    if found is None:
        raise NotFound("paysheet")
    own = actor.user is not None and actor.user.pk == found.person_id
    if own and not settle:
        return found
    rows = list(_rows(actor).filter(Q(person_id=found.person_id)))
    if all(may_settle(actor, one) for one in rows) and (rows or actor.everywhere):
        return found
    if own or any(may_settle(actor, one) or _works_there(actor, one) for one in rows):
        raise Forbidden("pay")
    raise NotFound("paysheet")
