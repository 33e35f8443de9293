"""The figures by which a client of its kind is judged: each says how it is known, or why it is absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Count, Min
from django.utils import timezone

from niva.domains.clients import access, bearing, queries
from niva.domains.clients.kind_words import KindFigure, figures_of
from niva.domains.clients.kinds import Fundraiser, Part, Promise, Volunteer
from niva.domains.clients.models import Client, Known
from niva.domains.clients.money import MoneyTerms
from niva.domains.clients.working import working_time
from niva.domains.leads import queries as leads
from niva.domains.leads.models import Lead
from niva.domains.metrics.figures import Scope, figure
from niva.domains.metrics.models import PostNumbers
from niva.domains.metrics.periods import Period, last_days
from niva.domains.people.actor import Actor
from niva.kit.working_time import add_working_time

STAY_DAYS: Final = 90
WEEKS: Final = 12
SEEN_DAYS: Final = 28  # days of figures of posts, when the client has no goal


@dataclass(frozen=True, slots=True)
class Seen:
    """One figure as it stands. `value`: of its unit (percent from 0 to 100), None with `absent`: a code that
    says why. `top`, `bottom`: what it was made of; `of`: what is agreed (a quota), None where nothing is;
    `missing`: rows left out because a number of theirs is not known; `door`: where its rows are."""

    what: KindFigure
    value: Decimal | None = None
    top: Decimal | None = None
    bottom: Decimal | None = None
    of: Decimal | None = None
    known: str = Known.COUNTED
    absent: str = ""
    missing: int = 0
    door: str = ""
    source: str = ""
    month: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose figures, over which days."""

    actor: Actor
    client: Client
    terms: MoneyTerms
    period: Period
    today: date


def kind_figures(actor: Actor, client: Client) -> list[Seen]:
    """All figures of the client's kind, over the days of his open goal, else the last 28."""
    today = queries.today_of(client)
    goal = queries.main_goals(actor, [client.pk]).get(client.pk)
    period = last_days(today, SEEN_DAYS)
    if goal is not None and goal.starts_on <= today:
        period = Period(goal.starts_on, min(goal.deadline, today))
    asked = Asked(actor, client, bearing.terms_of(client), period, today)
    return [WAYS[one.way](asked, one) for one in figures_of(client.kind)]


def _share(what: KindFigure, top: int, bottom: int, absent: str, door: str) -> Seen:
    if bottom == 0:
        return Seen(what, absent=absent, door=door)
    value = Decimal(100 * top) / bottom
    return Seen(what, value, Decimal(top), Decimal(bottom), door=door)


# Business


def _price(asked: Asked, what: KindFigure, count: int) -> Seen:
    rows = queries.borne_by_client(asked.actor, asked.client.pk, asked.period.since, asked.period.until)
    known = [one.amount for one in rows if one.known != Known.UNKNOWN]
    missing = len(rows) - len(known)
    if not known:
        return Seen(what, absent="no_cost", missing=missing, door="ledger")
    spent = sum(known, Decimal(0))
    if not count:
        return Seen(what, top=spent, absent="nobody_yet", missing=missing, door="ledger")
    each = (spent / count).quantize(Decimal("0.01"))
    return Seen(what, each, spent, Decimal(count), missing=missing, door="ledger")


def _tally(asked: Asked) -> leads.Tally | None:
    """None where nobody keeps a list, so nothing is known of who came."""
    if asked.client.pk not in leads.with_a_list({asked.client.pk}):
        return None
    return leads.count(asked.client, asked.period.since, asked.period.until)


def price_of_lead(asked: Asked, what: KindFigure) -> Seen:
    tally = _tally(asked)
    return (
        Seen(what, absent="no_leads", door="leads") if tally is None else _price(asked, what, tally.counted)
    )


def price_of_sale(asked: Asked, what: KindFigure) -> Seen:
    tally = _tally(asked)
    return Seen(what, absent="no_leads", door="leads") if tally is None else _price(asked, what, tally.sold)


def answered_in_time(asked: Asked, what: KindFigure) -> Seen:
    """By the client's working hours; who was not answered counts once his term has passed."""
    hours = asked.terms.answer_hours
    if hours is None:
        return Seen(what, absent="no_term", door="terms")
    when, now = working_time(asked.client), timezone.now()
    days = leads.within(asked.client, asked.period.since, asked.period.until)
    rows = access.visible(
        asked.actor, Lead.objects.filter(days, client=asked.client, counts=True)
    ).values_list("came_at", "first_answered_at")
    in_time = late = 0
    for came, answered in rows:
        due = add_working_time(came, timedelta(hours=float(hours)), when)
        if answered is not None and answered <= due:
            in_time += 1
        elif answered is not None or now > due:
            late += 1
    seen = _share(what, in_time, in_time + late, "no_leads", "leads")
    return replace(seen, source=asked.terms.answer_source, of=hours)


# Government


def _posts_by_week(asked: Asked, since: date, until: date) -> dict[date, int]:
    """Monday -> posts that came out that week, each once, wherever it came out."""
    rows = (
        access.visible(asked.actor, PostNumbers.objects.filter(client=asked.client, removed=False))
        .filter(day__range=(since, until))
        .values("publication__post")
        .annotate(first=Min("day"))
        .values_list("first", flat=True)
    )
    weeks: dict[date, int] = {}
    for day in rows:
        monday = day - timedelta(days=day.weekday())
        weeks[monday] = weeks.get(monday, 0) + 1
    return weeks


def posts_of_week(asked: Asked, what: KindFigure) -> Seen:
    monday = asked.today - timedelta(days=asked.today.weekday())
    count = _posts_by_week(asked, monday, asked.today).get(monday, 0)
    quota = asked.client.posts_per_week
    return Seen(
        what, Decimal(count), Decimal(count), of=Decimal(quota) if quota else None,
        absent="" if quota else "no_quota", door="posts",
    )  # fmt: skip


def weeks_with_quota(asked: Asked, what: KindFigure) -> Seen:
    """Full weeks since the first post that we know of, twelve at most."""
    quota = asked.client.posts_per_week
    if not quota:
        return Seen(what, absent="no_quota", door="terms")
    posts = access.visible(asked.actor, PostNumbers.objects.filter(client=asked.client))
    first = posts.aggregate(day=Min("day"))["day"]
    if first is None:
        return Seen(what, absent="no_posts", door="posts")
    monday = asked.today - timedelta(days=asked.today.weekday())
    start = max(monday - timedelta(weeks=WEEKS), first + timedelta(days=(7 - first.weekday()) % 7))
    weeks = _posts_by_week(asked, start, monday - timedelta(days=1))
    total = (monday - start).days // 7
    met = sum(count >= quota for count in weeks.values())
    return replace(_share(what, met, max(0, total), "no_full_week", "posts"), of=Decimal(quota))


def promises_kept(asked: Asked, what: KindFigure) -> Seen:
    rows = list(access.visible(asked.actor, Promise.objects.filter(client=asked.client)))
    done = sum(one.done_on is not None for one in rows)
    overdue = sum(one.done_on is None and one.due is not None and one.due < asked.today for one in rows)
    return _share(what, done, done + overdue, "no_promises", "promises")


# Non-profits


def came_to_shift(asked: Asked, what: KindFigure) -> Seen:
    rows = access.visible(asked.actor, Volunteer.objects.filter(client=asked.client))
    told = rows.aggregate(applied=Count("pk"), came=Count("first_shift_on"))
    return _share(what, told["came"], told["applied"], "no_volunteers", "volunteers")


def active_after(asked: Asked, what: KindFigure) -> Seen:
    line = asked.today - timedelta(days=STAY_DAYS)
    rows = access.visible(
        asked.actor, Volunteer.objects.filter(client=asked.client, first_shift_on__lte=line)
    )
    stays = timedelta(days=STAY_DAYS)
    pairs = rows.values_list("first_shift_on", "last_shift_on")
    active = sum(last is not None and first is not None and last - first >= stays for first, last in pairs)
    return _share(what, active, len(pairs), "too_early", "volunteers")


def reports_in_time(asked: Asked, what: KindFigure) -> Seen:
    rows = list(access.visible(asked.actor, Fundraiser.objects.filter(client=asked.client)))
    days = timedelta(days=asked.terms.report_days)
    in_time = sum(one.closed_on is not None and one.closed_on <= one.ends_on + days for one in rows)
    due = sum(one.closed_on is not None or one.ends_on + days < asked.today for one in rows)
    seen = _share(what, in_time, due, "no_fundraisers", "fundraisers")
    return replace(seen, of=Decimal(asked.terms.report_days))


def overdue_reports(actor: Actor, client: Client) -> list[Fundraiser]:
    """Fundraisers that ended so long ago that a report is due, and none is there: the oldest first."""
    terms, today = bearing.terms_of(client), queries.today_of(client)
    line = today - timedelta(days=terms.report_days)
    rows = Fundraiser.objects.filter(client=client, ends_on__lt=line, closed_on__isnull=True)
    return list(rows.order_by("ends_on", "pk"))


# Media, and what people type in


def measured(asked: Asked, what: KindFigure) -> Seen:
    """From the one door of figures."""
    found = figure(asked.actor, what.measure, Scope(client_id=asked.client.pk), asked.period)
    if found.value is None:
        return Seen(what, absent="no_readings", missing=found.missing, door="numbers")
    top, bottom = (None if one is None else Decimal(str(one)) for one in (found.top, found.bottom))
    return Seen(what, Decimal(str(found.value)), top, bottom, missing=found.missing, door="numbers")


def typed(asked: Asked, what: KindFigure) -> Seen:
    """The newest month that was typed in."""
    rows = access.visible(asked.actor, Part.objects.filter(client=asked.client, figure=what.key))
    row = rows.order_by("-month").first()
    hours = asked.terms.answer_hours if what.key == "answers" else None
    if row is None:
        return Seen(what, absent="not_typed", door="parts", of=hours)
    value = row.top / row.bottom * (100 if what.unit == "percent" else 1)
    return Seen(
        what, value, row.top, row.bottom, known=row.known, door="parts", source=row.source, month=row.month,
        of=hours,
    )  # fmt: skip


WAYS: Final[Mapping[str, Callable[[Asked, KindFigure], Seen]]] = {
    "price_of_lead": price_of_lead,
    "price_of_sale": price_of_sale,
    "answered_in_time": answered_in_time,
    "posts_of_week": posts_of_week,
    "weeks_with_quota": weeks_with_quota,
    "promises_kept": promises_kept,
    "came_to_shift": came_to_shift,
    "active_after": active_after,
    "reports_in_time": reports_in_time,
    "measure": measured,
    "typed": typed,
}
