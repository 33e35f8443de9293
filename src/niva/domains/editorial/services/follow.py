"""The board follows what really happens: posts get their pieces, scheduled and published ones move by
themselves. In batches, beside people: a row that somebody holds waits for the next round.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.services.closing import nearest
from niva.domains.editorial.services.office import responsible_for, stages_of
from niva.domains.editorial.states import How, PieceState, StageKind
from niva.domains.people.actor import machine
from niva.domains.people.audit import record
from niva.domains.people.models import User
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.states import OUT, State

BATCH: Final = 300
MOST_BATCHES: Final = 20  # of one round; the next comes soon
# What was out for longer than this when the desk first looked is history, and does not fill the board.
HISTORY: Final = timedelta(days=30)
_BEHIND: Final = (StageKind.PUBLISHED, StageKind.DISTRIBUTION, StageKind.REVIEW)


def follow() -> int:
    """One round: posts without a piece, pieces behind what happened, pieces in a stage that is gone.

    Returns how many rows it touched.
    """
    done = 0
    for step in (adopt_some, move_some, gather_strays):
        for _round in range(MOST_BATCHES):
            touched = step()
            done += touched
            if touched < BATCH:
                break
    return done


@transaction.atomic
def adopt_some() -> int:
    """Give a piece to posts that were made in bulk, at most BATCH; to two workers at once never two."""
    posts = list(
        Post.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(piece__isnull=True, deleted_at__isnull=True)
        .select_related("client")
        .order_by("pk")[:BATCH]
    )
    stages = {client: stages_of(client) for client in {post.client for post in posts}}
    made = []
    for post in posts:
        own = stages[post.client]
        stage = next((one for one in own if one.kind == StageKind.DRAFT), own[0])
        made.append(
            Piece(
                post=post,
                workspace_id=post.workspace_id,
                client_id=post.client_id,
                stage=stage,
                author_id=post.created_by_id,
                responsible_id=post.created_by_id,
                entered_at=min(post.created_at, timezone.now()),
            )
        )
    Piece.objects.bulk_create(made, ignore_conflicts=True)
    rows = Piece.objects.filter(post__in=posts, stays__isnull=True)
    Stay.objects.bulk_create(_stay(piece) for piece in rows)
    return len(posts)


def _behind() -> QuerySet[Piece]:
    """Active pieces that stand before the stage which their deliveries have reached, with `target` (the
    stage's number) and `event` (when it happened). What a person moved after that is left where it is.
    """
    live = Delivery.objects.filter(post_id=OuterRef("post_id")).exclude(state=State.CANCELLED)
    waiting = live.exclude(state__in=[*OUT, State.REMOVED])
    never = Variant.objects.filter(post_id=OuterRef("post_id"), community__archived_at__isnull=True).filter(
        ~Exists(Delivery.objects.filter(variant=OuterRef("pk")))
    )
    standing = live.exclude(state=State.REMOVED)
    # To be taken down moves no card on: what a person took back to be made anew stays where he put it.
    last, last_of_any = (
        Subquery(rows.order_by().values("post_id").annotate(at=Max("state_at")).values("at"))
        for rows in (standing, live)
    )
    stay = Stay.objects.filter(piece=OuterRef("pk"), left_at__isnull=False)
    return (
        Piece.objects.filter(Exists(live), state=PieceState.ACTIVE, post__deleted_at__isnull=True)
        .exclude(stage__kind__in=_BEHIND)
        .annotate(
            event=Coalesce(last, last_of_any),
            target=Case(
                When(~Exists(waiting) & ~Exists(never), then=_ahead(StageKind.PUBLISHED)),
                default=_ahead(StageKind.SCHEDULED),
            ),
        )
        .filter(Q(Exists(standing), event__gte=F("entered_at")) | ~Exists(stay), target__isnull=False)
    )


def _ahead(kind: str) -> Subquery:
    """The client's stage of a kind, if it is after the piece's own."""
    rows = Stage.objects.filter(
        client_id=OuterRef("client_id"),
        kind=kind,
        archived_at__isnull=True,
        position__gt=OuterRef("stage__position"),
    )
    return Subquery(rows.values("pk")[:1])


@transaction.atomic
def move_some(post_id: int | None = None) -> int:
    """Put pieces where their deliveries are already, at most BATCH: scheduled, or published.

    `post_id`: only this one, at once, for the door through which it was just scheduled.
    """
    behind = _behind() if post_id is None else _behind().filter(post_id=post_id)
    rows = list(
        behind.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("workspace", "stage", "author", "designer", "post")
        .order_by("pk")[:BATCH]
    )
    stages = Stage.objects.select_related("client", "owner", "stand_in").in_bulk(
        {piece.target for piece in rows}  # type: ignore[attr-defined]
    )
    _carry(
        [(piece, stages[piece.target], piece.event) for piece in rows]  # type: ignore[attr-defined]
    )
    return len(rows)


@transaction.atomic
def gather_strays() -> int:
    """Cards that came into a stage at the very moment in which it was put away: to the nearest before it."""
    rows = list(
        Piece.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(state=PieceState.ACTIVE, stage__archived_at__isnull=False)
        .select_related("workspace", "client", "stage", "author", "designer", "post")
        .order_by("pk")[:BATCH]
    )
    own = {client: stages_of(client) for client in {piece.client for piece in rows}}
    _carry([(piece, nearest(own[piece.client], piece.stage), timezone.now()) for piece in rows])
    return len(rows)


def _carry(moves: Sequence[tuple[Piece, Stage, datetime]]) -> None:
    """All of these moves at once: pieces, the stays that end, the stays that begin, the trail."""
    if not moves:
        return
    pieces = {piece.pk: piece for piece, _stage, _event in moves}
    open_stays = {stay.piece_id: stay for stay in Stay.objects.filter(piece__in=pieces, left_at__isnull=True)}
    moved_before = set(
        Stay.objects.filter(piece__in=pieces, left_at__isnull=False).values_list("piece_id", flat=True)
    )
    accepted_by = _who_scheduled(pieces.values())
    persons: dict[tuple[Any, ...], User | None] = {}
    begun = []
    for piece, stage, event in moves:
        at, before = max(event, piece.entered_at), piece.stage
        if (stay := open_stays.get(piece.pk)) is not None:
            stay.left_at, stay.how = max(at, stay.entered_at), How.MACHINE
        if piece.accepted_at is None and stage.kind in (StageKind.SCHEDULED, StageKind.PUBLISHED):
            # Who schedules a piece lets it through: nobody's work is lost because no card was moved.
            piece.accepted_at, piece.accepted_by_id = at, accepted_by.get(piece.post_id)
        piece.stage, piece.entered_at, piece.ticks = stage, at, {}
        key = (stage.pk, piece.author_id, piece.designer_id)
        if key not in persons:
            persons[key] = responsible_for(stage, piece)
        piece.responsible_id = persons[key].pk if persons[key] else piece.responsible_id  # type: ignore[union-attr]
        if piece.pk not in moved_before and event < timezone.now() - HISTORY:
            piece.state, piece.closed_at = PieceState.DONE, at
        else:
            begun.append(_stay(piece))
        record(machine(piece.workspace), "piece.moved", piece, before=str(before), after=str(stage))
    Piece.objects.bulk_update(
        pieces.values(),
        ["stage", "entered_at", "ticks", "responsible", "accepted_at", "accepted_by", "state", "closed_at"],
    )
    Stay.objects.bulk_update(open_stays.values(), ["left_at", "how"])
    Stay.objects.bulk_create(begun)


def _who_scheduled(pieces: Any) -> dict[int, int | None]:
    rows = Delivery.objects.filter(post_id__in=[piece.post_id for piece in pieces])
    return dict(rows.order_by("-pk").values_list("post_id", "created_by_id"))


def _stay(piece: Piece) -> Stay:
    return Stay(
        workspace_id=piece.workspace_id,
        client_id=piece.client_id,
        piece_id=piece.pk,
        stage_id=piece.stage_id,
        responsible_id=piece.responsible_id,
        entered_at=piece.entered_at,
    )
