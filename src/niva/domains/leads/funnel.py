"""The way from a post to a sale, step by step, with who answers for each and where people are lost.

Reach and visits come from the law of one number (what came in the days of the period), leads from their rows.
A step's share is a ratio of sums with the range of `numbers.ratios`. Reach adds up people of posts and days:
who saw five posts is in it five times, and the page says so. Leads that are not traced to a link came past
the
step before, so a share is given only where one number can be a part of the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Count, Q, Sum
from django.utils import timezone

from niva.domains.clients.models import Client, Terms
from niva.domains.clients.working import working_time
from niva.domains.leads.models import FunnelTerms, Lead, StepOwner
from niva.domains.leads.queries import Tally, count, within
from niva.domains.leads.services.taking import terms_of
from niva.domains.metrics.figures import Scope, figures
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor
from niva.numbers.ratios import Share, Wait, differ, share, waiting

STEPS: Final = ("reach", "clicks", "leads", "qualified", "sold")
OWNERS: Final = {
    "reach": StepOwner.US, "clicks": StepOwner.US, "leads": StepOwner.SITE,
    "qualified": StepOwner.MANAGERS, "sold": StepOwner.MANAGERS,
}  # fmt: skip
"""Who answers for a step where nothing else was agreed: posts bring people to the site, the site makes them
leave a contact, managers answer and sell."""
MOST_WAITS: Final = 5000  # leads of a period whose answers are timed


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `value` None: nobody counted it; `share`: of the step before, None where it is no part of it;
    `usual`: the same share of the three months before; `worse`: lower than usual, beyond chance."""

    word: str
    owner: str
    value: float | None
    share: Share | None = None
    usual: Share | None = None
    missing: int = 0

    @property
    def worse(self) -> bool:
        return differ(self.share, self.usual) < 0

    @property
    def better(self) -> bool:
        return differ(self.share, self.usual) > 0


@dataclass(frozen=True, slots=True)
class Kind:
    """Leads of one kind: brought by money, by themselves, or nobody knows."""

    paid: bool | None
    leads: int
    qualified: int
    sold: int


@dataclass(frozen=True, slots=True)
class Answers:
    """How long people waited for the first answer, in working hours. `in_time`: the share answered within
    `hours`, of those whose term is over or who are answered; `late`: who wait longer by now."""

    hours: Decimal
    median: Wait | None
    slow: Wait | None
    in_time: Share | None
    answered: int
    still: int
    late: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """`traced`: leads with a post behind them. `money`: sums and margins of what was sold, None: not known;
    `priced`: sales whose sum is known."""

    period: Period
    steps: tuple[Step, ...]
    tally: Tally
    traced: int
    kinds: tuple[Kind, ...]
    answers: Answers
    money: Decimal | None
    margin: Decimal | None
    priced: int

    @property
    def worst(self) -> Step | None:
        """The step that is worse than usual beyond chance and loses the most by it, or None."""
        worse = [one for one in self.steps if one.worse and one.share and one.usual]
        return min(worse, key=lambda one: one.share.value / one.usual.value) if worse else None  # type: ignore[union-attr]


def funnel(actor: Actor, client: Client, period: Period, *, now: datetime | None = None) -> Funnel:
    """The funnel of a client over some days. The client must have come through the one door."""
    terms = terms_of(client)
    tally = count(client, period.since, period.until)
    usual = period.benchmark()
    now_values = _values(actor, client, period, tally)
    then_values = _values(actor, client, usual, count(client, usual.since, usual.until))
    rows = Lead.objects.filter(within(client, period.since, period.until), client=client, counts=True)
    sold = rows.filter(furthest=3).aggregate(
        money=Sum("amount"), margin=Sum("margin"), priced=Count("pk", filter=Q(amount__isnull=False))
    )
    return Funnel(
        period=period,
        steps=tuple(_steps(terms, now_values, then_values)),
        tally=tally,
        traced=rows.filter(publication__isnull=False).count(),
        kinds=tuple(_kinds(client, period)),
        answers=answers(client, period, terms, now=now or timezone.now()),
        **sold,
    )


def owner_of(terms: FunnelTerms, word: str) -> str:
    return str(terms.owners.get(word) or OWNERS[word])


def _values(
    actor: Actor, client: Client, period: Period, tally: Tally
) -> dict[str, tuple[float | None, int]]:
    found = figures(actor, ["reach", "clicks"], Scope(client_id=client.pk), period, basis="gained")
    values: dict[str, tuple[float | None, int]] = {one.measure: (one.value, one.missing) for one in found}
    return values | {
        "leads": (tally.counted, 0), "qualified": (tally.qualified, 0), "sold": (tally.sold, 0),
    }  # fmt: skip


def _steps(
    terms: FunnelTerms,
    now: dict[str, tuple[float | None, int]],
    then: dict[str, tuple[float | None, int]],
) -> Iterable[Step]:
    before = ""
    for word in STEPS:
        value, missing = now[word]
        part = share(value, now[before][0]) if before else None
        usual = share(then[word][0], then[before][0]) if before else None
        yield Step(word, owner_of(terms, word), value, part, usual, missing)
        before = word


def _kinds(client: Client, period: Period) -> Iterable[Kind]:
    rows = (
        Lead.objects.filter(within(client, period.since, period.until), client=client, counts=True)
        .values("paid")
        .annotate(
            leads=Count("pk"),
            qualified=Count("pk", filter=Q(furthest__gte=2)),
            sold=Count("pk", filter=Q(furthest__gte=3)),
        )
    )
    found = {row["paid"]: Kind(**row) for row in rows}
    return [found[paid] for paid in (False, True, None) if paid in found]


def answers(client: Client, period: Period, terms: FunnelTerms, *, now: datetime) -> Answers:
    """First answers to those who came in the period, by the client's own working hours.

    Who has no answer yet waits at least until now; whose term is not over is neither in time nor late.
    """
    when = working_time(client, Terms.objects.filter(client=client).first())
    rows = Lead.objects.filter(within(client, period.since, period.until), client=client, counts=True)
    term = float(terms.answer_hours)
    answered: list[float] = []
    still: list[float] = []
    # Leads out of old tables came with a status and without a moment of the answer: nothing is known of them.
    moments = rows.filter(Q(first_answered_at__isnull=False) | Q(status="new")).order_by("-came_at")
    for came_at, answered_at in moments.values_list("came_at", "first_answered_at")[:MOST_WAITS]:
        waited = when.between(came_at, answered_at or now) / timedelta(hours=1)
        (answered if answered_at else still).append(waited)
    late = sum(1 for one in still if one > term)
    in_time = sum(1 for one in answered if one <= term)
    return Answers(
        hours=terms.answer_hours,
        median=waiting(answered, still, 0.5),
        slow=waiting(answered, still, 0.9),
        in_time=share(in_time, len(answered) + late),
        answered=len(answered),
        still=len(still),
        late=late,
    )
