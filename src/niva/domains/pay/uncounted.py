"""What a person made that his month does not count, and why: nobody should have to guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from niva.domains.editorial.models import Piece
from niva.domains.editorial.states import PieceState
from niva.domains.pay import counting, rules
from niva.domains.pay.models import Counted
from niva.domains.pay.queries import Draft, terms_of
from niva.domains.pay.work import works_of
from niva.domains.people.actor import Actor
from niva.domains.publishing.repeating import shown_again

MOST = 40  # rows of each sort: beyond that the board itself is the better list


@dataclass(frozen=True, slots=True)
class Missing:
    """`code`: "stage" (not through yet; `note`: where it stands), "parked", "rejected" (`note`: why), "unit"
    (nobody agreed to pay for its kind then), "paid" (another sheet has counted it), "late" (its gate is still
    to come, though another was passed), "own" (its author let it through himself: counts when it is out)."""

    piece_id: int
    title: str
    code: str
    note: str = ""
    day: date | None = None


def missing(actor: Actor, drafts: Sequence[Draft], month: date) -> list[Missing]:
    """For the month of one person, as `queries.month_of_person` gave it. Two or three queries."""
    if not drafts:
        return []
    person, span = drafts[0].person, rules.month_of(month)
    works = works_of(actor.workspace, [person.pk], span.first, span.last).get(person.pk, [])
    agreed = [terms_of(one) for draft in drafts for one in draft.agreements]
    claimed = {one.work.piece_id for one in counting.claims(works, agreed)}
    elsewhere = dict(
        Counted.objects.filter(
            sheet__workspace=actor.workspace, piece__in=[one.piece_id for one in works]
        ).values_list("piece_id", "sheet__month")
    )
    found = []
    for work in works:
        passes = [one for one in (work.accepted, work.published, work.own) if one and one.day in span]
        if work.piece_id in claimed or not passes:
            continue
        if work.piece_id in elsewhere:
            note = f"{elsewhere[work.piece_id]:%m.%Y}"
            found.append(Missing(work.piece_id, work.title, "paid", note, passes[0].day))
        else:
            waits = any(one.covers(work) and not work.passed(one.gate) for one in agreed)
            code = ("own" if work.own else "late") if waits else "unit"
            found.append(Missing(work.piece_id, work.title, code, work.unit, passes[0].day))
    return found[:MOST] + _not_through(actor, person.pk, span)


def _not_through(actor: Actor, person_id: int, span: rules.Span) -> list[Missing]:
    end = datetime.combine(span.last + timedelta(days=1), time.min, UTC)
    rows = (
        Piece.objects.filter(
            workspace=actor.workspace, author_id=person_id, accepted_at__isnull=True, created_at__lt=end,
            post__deleted_at__isnull=True, post__publications__isnull=True,
        )
        .exclude(state=PieceState.DONE)
        .exclude(shown_again())
        .exclude(post__series__isnull=False)
        .exclude(state=PieceState.REJECTED, closed_at__lt=datetime.combine(span.first, time.min, UTC))
        .select_related("post", "stage")
        .order_by("-entered_at")[:MOST]
    )  # fmt: skip
    found = []
    for piece in rows:
        active = piece.state == PieceState.ACTIVE
        code = "stage" if active else piece.state
        note = str(piece.stage) if active else piece.reason
        found.append(Missing(piece.pk, str(piece.post), code, note))
    return found
