"""Pieces of the newsroom: the table, an idea proposed, a card moved, what is asked of a piece changed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from niva.api.common import After, Id, Limit, Moment, Page, actor_of, page_of
from niva.domains.clients import access
from niva.domains.editorial import table
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import bulk, moves, pieces
from niva.domains.editorial.states import PieceState, Reason, StageKind, Unit
from niva.domains.people.actor import Actor

router = Router()


class StageOut(Schema):
    """`id`: what `move` takes; `kind`: what the stage is for."""

    id: int
    kind: str
    name: str


class PieceOut(Schema):
    """`entered_at`: since when it stands in its stage; `version`: of the post."""

    id: int
    post_id: int
    client_id: int
    title: str
    rubric: str
    goal_id: int | None
    planned_at: Moment | None
    stage: StageOut
    state: PieceState
    entered_at: Moment
    responsible_id: int | None
    author_id: int | None
    designer_id: int | None
    unit: Unit
    audience: str
    key_message: str
    hook: str
    call: str
    origin: str
    urgent: bool
    returns: int
    community_ids: list[int]
    version: int


class IdeaIn(Schema):
    """An idea needs a client and a title; without communities none are chosen yet."""

    client_id: Id
    title: str = Field(min_length=1, max_length=200)
    text: str = ""
    community_ids: list[Id] = Field(default_factory=list)
    goal_id: Id | None = None
    rubric_id: Id | None = None
    planned_at: Moment | None = None
    unit: Unit = Unit.POST
    audience: str = Field("", max_length=200)
    key_message: str = Field("", max_length=400)
    hook: str = Field("", max_length=300)
    call: str = Field("", max_length=300)
    origin: str = Field("", max_length=400)
    urgent: bool = False
    author_id: Id | None = None
    designer_id: Id | None = None


class PiecePatch(Schema):
    """What is asked of a piece. Title, text and rubric are the post's: save them there."""

    unit: Unit | None = None
    audience: str | None = Field(None, max_length=200)
    key_message: str | None = Field(None, max_length=400)
    hook: str | None = Field(None, max_length=300)
    call: str | None = Field(None, max_length=300)
    origin: str | None = Field(None, max_length=400)
    urgent: bool | None = None
    author_id: Id | None = None
    designer_id: Id | None = None


class PieceMoveIn(Schema):
    """`seen_stage_id`: where you saw it; 409 when it stands elsewhere by now. `reason`: for going back.
    `force`: why it goes on although the stage asks for more; only for those who lead the newsroom."""

    stage_id: Id
    seen_stage_id: Id | None = None
    reason: Reason | None = None
    note: str = Field("", max_length=1000)
    force: str = Field("", max_length=400)


class HourIn(Schema):
    at: Moment | None = Field(None, description="null: no hour")


def _out(row: Piece) -> PieceOut:
    names = set(PieceOut.model_fields) - {
        "title", "rubric", "goal_id", "planned_at", "stage", "community_ids", "version",
    }  # fmt: skip
    return PieceOut(
        title=row.post.title,
        rubric=row.post.rubric.name if row.post.rubric else "",
        goal_id=row.post.goal_id,
        planned_at=row.post.planned_at,
        stage=StageOut(id=row.stage.pk, kind=row.stage.kind, name=str(row.stage)),
        community_ids=[one.community_id for one in row.post.variants.all()],
        version=row.post.version,
        **{name: getattr(row, name) for name in names},
    )


def _found(actor: Actor, piece_id: int) -> Piece:
    rows = Piece.objects.filter(post__deleted_at__isnull=True)
    rows = rows.select_related("post__rubric", "stage").prefetch_related("post__variants")
    return access.get(actor, rows, piece_id, can="work")


@router.get("", response=Page[PieceOut], summary="Pieces")
def list_pieces(
    request: HttpRequest,
    after: After,
    limit: Limit,
    client_id: int | None = None,
    stage: StageKind | None = None,
    state: Annotated[
        str, Query("active", description="a state, `alive` (active or done) or `any`")
    ] = "active",
    mine: bool = False,
    urgent: bool = False,
    since: date | None = None,
    until: date | None = None,
    q: str = "",
) -> Page[PieceOut]:
    """By rising id. Days are of the workspace's calendar, both included."""
    actor = actor_of(request)
    wish = table.valid(
        table.Filter(
            client_id=client_id, kind=stage.value if stage else "", state=state, mine=mine, urgent=urgent,
            since=since, until=until, text=q,
        )
    )  # fmt: skip
    rows = table.pieces(actor, wish, zone=actor.workspace.time_zone)
    rows = rows.select_related("post__rubric", "stage").prefetch_related("post__variants")
    return page_of(rows, after, limit, _out)


@router.post("", response={201: PieceOut}, summary="Propose an idea")
def propose_piece(request: HttpRequest, payload: IdeaIn) -> Status[PieceOut]:
    actor = actor_of(request)
    made = pieces.propose(actor, **payload.dict())
    return Status(201, _out(_found(actor, made.pk)))


@router.get("/{int:piece_id}", response=PieceOut, summary="One piece")
def get_piece(request: HttpRequest, piece_id: int) -> PieceOut:
    return _out(_found(actor_of(request), piece_id))


@router.patch("/{int:piece_id}", response=PieceOut, summary="Change what is asked of a piece")
def change_piece(request: HttpRequest, piece_id: int, payload: PiecePatch) -> PieceOut:
    actor = actor_of(request)
    nullable = {"author_id", "designer_id"}
    given = payload.dict(exclude_unset=True)
    fields = {name: value for name, value in given.items() if value is not None or name in nullable}
    _found(actor, piece_id)
    pieces.write(actor, piece_id=piece_id, **fields)
    return _out(_found(actor, piece_id))


@router.post("/{int:piece_id}/move", response=PieceOut, summary="Hand a piece on, or return it")
def move_piece(request: HttpRequest, piece_id: int, payload: PieceMoveIn) -> PieceOut:
    actor = actor_of(request)
    moves.move(
        actor,
        piece_id=piece_id,
        stage_id=payload.stage_id,
        seen_stage_id=payload.seen_stage_id,
        reason=payload.reason.value if payload.reason else "",
        note=payload.note,
        force=payload.force,
    )
    return _out(_found(actor, piece_id))


@router.post("/{int:piece_id}/hour", response=PieceOut, summary="Another hour for a whole piece")
def set_hour(request: HttpRequest, piece_id: int, payload: HourIn) -> PieceOut:
    """Drafts are planned anew, what is scheduled is rescheduled, what is out stays."""
    actor = actor_of(request)
    _found(actor, piece_id)
    at = payload.at.isoformat() if payload.at else None
    bulk.change_one(actor, piece_id=piece_id, action="hour", value={"at": at})
    return _out(_found(actor, piece_id))
