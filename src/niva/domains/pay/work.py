"""What people have made, read from the board: pieces with the moments at which they passed a gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from niva.domains.editorial.flowfigures import clock_of
from niva.domains.editorial.models import Piece, Stay
from niva.domains.editorial.states import How, Reason, StageKind
from niva.domains.editorial.task_queries import blocked
from niva.domains.editorial.task_states import BlockReason
from niva.domains.pay.counting import Pass, Work
from niva.domains.pay.models import Counted
from niva.domains.pay.rules import Span, half_up
from niva.domains.people.actor import Actor
from niva.domains.people.models import Workspace
from niva.domains.publishing.models import Publication, opening
from niva.domains.publishing.repeating import shown_again
from niva.kit.working_time import WorkingTime

# Wrong in what is out, and the author's own: not the picture, not what the client thought better of.
ERRORS = (Reason.FACT, Reason.LAW, Reason.LANGUAGE)


def works_of(
    workspace: Workspace, people: Collection[int], since: date, until: date
) -> dict[int, list[Work]]:
    """The pieces of these authors that passed either gate in these days, by author. Two queries.

    Days are the client's; a day more on both sides is read, because his midnight is not ours. What shows a
    piece once more is no piece; a pattern of repeats passes with the first that came of it.

    Nobody accepts his own: what an author let through himself, on the board or by scheduling it, passes when
    it is out. What another let through (who schedules a piece lets it through, too) is accepted, and stays so
    whatever becomes of it.
    """
    window = (
        datetime.combine(since - timedelta(days=1), time.min, UTC),
        datetime.combine(until + timedelta(days=2), time.min, UTC),
    )
    pieces = list(_passed(workspace, people, window))
    paid = {row.piece_id: row for row in Counted.objects.filter(piece__in=[piece.pk for piece in pieces])}
    found: dict[int, list[Work]] = defaultdict(list)
    for piece in pieces:
        row = paid.get(piece.pk)
        accepted, published = _pass(piece.let_at, piece.zone), _pass(piece.first_out, piece.zone)
        own = row is None and accepted is not None and piece.let_by == piece.author_id
        found[piece.author_id or 0].append(
            Work(
                piece_id=piece.pk,
                post_id=piece.post_id,
                client_id=piece.client_id,
                currency=piece.money,
                unit=row.unit if row else piece.unit,
                title=piece.post.title or opening(piece.post.text),
                planned_at=piece.post.planned_at,
                accepted=published if own else accepted,
                published=published,
                own=accepted if own else None,
                first_pass=not piece.returned,
                error=piece.wrong,
                paid_by=row.agreement_id if row else None,
                paid_on=row.passed_on if row else None,
            )
        )
    return found


def _passed(
    workspace: Workspace, people: Collection[int], window: tuple[datetime, datetime]
) -> QuerySet[Any]:
    """Pieces that passed a gate in this time, with when they were first out and what befell them."""
    back = Stay.objects.filter(piece=OuterRef("pk"), how=How.BACK)
    rows = _let_through(Piece.objects.filter(workspace=workspace, author_id__in=people))
    found: QuerySet[Any] = (
        rows.filter(Q(let_at__range=window) | Q(first_out__range=window))
        .annotate(
            passed=Coalesce("let_at", "first_out"),
            returned=Exists(
                back.filter(stage__kind=StageKind.EDITING, left_at__lte=OuterRef("passed")).exclude(
                    reason=Reason.CLIENT
                )
            ),
            wrong=Exists(back.filter(reason__in=ERRORS, left_at__gt=OuterRef("first_out"))),
            zone=F("client__time_zone"),
            money=F("client__currency"),
        )
        .select_related("post")
        .order_by("pk")
    )
    return found


def _let_through(rows: QuerySet[Piece]) -> QuerySet[Any]:
    """With when and by whom each was let through, and when it was first out; repeats are left out."""
    out = Publication.objects.filter(post=OuterRef("post")).values("post")
    came_of = Q(post__occurrence__series__post=OuterRef("post"))
    copies_out = Publication.objects.filter(came_of).values("post__occurrence__series__post")
    copies = Piece.objects.filter(came_of, accepted_at__isnull=False).order_by("accepted_at")
    return rows.exclude(shown_again()).annotate(
        let_at=Coalesce("accepted_at", Subquery(copies.values("accepted_at")[:1])),
        # The desk schedules what repeats, for whom let it repeat.
        let_by=Case(When(accepted_at__isnull=True, then="post__series__created_by"), default="accepted_by"),
        first_out=Coalesce(
            Subquery(out.annotate(at=Min("published_at")).values("at")),
            Subquery(copies_out.annotate(at=Min("published_at")).values("at")),
        ),
    )


def _pass(at: datetime | None, zone: str) -> Pass | None:
    return Pass(at, at.astimezone(ZoneInfo(zone)).date()) if at else None


def pieces_by_client(works: Sequence[Work], span: Span, currency: str) -> dict[int, Decimal]:
    """How many of them were accepted in these days, by client with this money."""
    found: dict[int, Decimal] = {}
    for work in works:
        if work.accepted and work.accepted.day in span and work.currency == currency:
            found[work.client_id] = found.get(work.client_id, Decimal(0)) + 1
    return found


def hours_waited(actor: Actor, people: Collection[int], span: Span) -> dict[int, dict[int, Decimal]]:
    """Working hours that a person's pieces stood with others in these days: person -> client -> hours to 0.1.

    Counted for each piece: its stays with the client (stage `approval`), and the times for which somebody
    wrote down that it is blocked, by anybody but the author; what overlaps counts once. Pieces are added up.
    Two queries.
    """
    first = datetime.combine(span.first, time.min, UTC)
    last = min(datetime.combine(span.last + timedelta(days=1), time.min, UTC), timezone.now())
    spans: dict[tuple[int, int, str], list[tuple[datetime, datetime]]] = defaultdict(list)
    clocks: dict[int, WorkingTime] = {}
    for stay in _in_approval(actor.workspace, people, first, last):
        key = (stay.piece.author_id or 0, stay.client_id, f"piece:{stay.piece_id}")
        spans[key].append((max(stay.entered_at, first), min(stay.left_at or last, last)))
        clocks[stay.client_id] = clock_of(stay.client)
    for one in blocked(actor, since=first, until=max(first, last)):
        row = one.block
        if row.who_id in people and row.reason != BlockReason.AUTHOR:
            what = f"piece:{row.piece_id}" if row.piece_id else f"task:{row.task_id}"
            spans[(row.who_id or 0, row.client_id, what)].append((one.since, one.until))
            clocks.setdefault(row.client_id, clock_of(row.client))
    found: dict[int, dict[int, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
    for (person, client_id, _what), several in spans.items():
        for since, until in joined(several):
            found[person][client_id] += clocks[client_id].between(since, until)
    return {
        person: {pk: half_up(Fraction(int(each.total_seconds()), 3600), 1) for pk, each in several.items()}
        for person, several in found.items()
    }


def joined(spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same time without overlaps."""
    found: list[tuple[datetime, datetime]] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def _in_approval(
    workspace: Workspace, people: Collection[int], first: datetime, last: datetime
) -> QuerySet[Stay]:
    return (
        Stay.objects.filter(
            Q(left_at__gt=first) | Q(left_at__isnull=True),
            workspace=workspace,
            stage__kind=StageKind.APPROVAL,
            piece__author_id__in=people,
            entered_at__lt=last,
        )
        .select_related("client__terms", "piece")
        .order_by("pk")
    )
