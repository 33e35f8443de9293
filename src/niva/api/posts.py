"""Posts, their media, scheduling, and deliveries with their attempts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status, UploadedFile
from pydantic import Field

from niva.api.common import After, Id, Limit, Moment, Page, actor_of, page_of
from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.publishing import queries
from niva.domains.publishing.models import Asset, Delivery, Post
from niva.domains.publishing.services import drafts, media, schedule
from niva.domains.publishing.services.freeze import Check, check
from niva.domains.strategy.services import named
from niva.words import describe

router = Router()
deliveries_router = Router()


class PollIn(Schema):
    question: str
    options: list[str] = Field(min_length=2, max_length=50)
    multiple: bool = False
    anonymous: bool = True
    closes_in: int | None = Field(None, ge=60, description="seconds")


class MediaIn(Schema):
    asset: Id
    alt: str = ""


class OwnIn(Schema):
    """What differs in one community; null = as in the post."""

    own_text: str | None = None
    own_first_comment: str | None = None
    planned_at: Moment | None = None


class PostIn(Schema):
    client_id: Id
    community_ids: list[Id] = Field(default_factory=list)
    title: str = Field("", max_length=200)
    rubric: str = Field("", max_length=60)
    text: str = ""
    link_url: str = Field("", max_length=2000)
    poll: PollIn | None = None
    first_comment: str = ""
    goal_id: Id | None = None
    planned_at: Moment | None = None
    media: list[MediaIn] = Field(default_factory=list)


class PostPatch(Schema):
    """`version`: the one you read; an older one is refused with 409."""

    version: int
    title: str | None = Field(None, max_length=200)
    rubric: str | None = Field(None, max_length=60)
    text: str | None = None
    link_url: str | None = Field(None, max_length=2000)
    poll: PollIn | None = None
    first_comment: str | None = None
    goal_id: Id | None = None
    planned_at: Moment | None = None
    variants: dict[int, OwnIn] = Field(default_factory=dict)
    media: list[MediaIn] | None = None
    community_ids: list[Id] | None = None


class VariantOut(Schema):
    id: int
    community_id: int
    own_text: str | None
    own_first_comment: str | None
    state: str
    delivery_id: int | None


class PostOut(Schema):
    id: int
    client_id: int
    title: str
    rubric: str
    text: str
    link_url: str
    poll: dict[str, Any] | None
    first_comment: str
    goal_id: int | None
    planned_at: Moment | None
    version: int
    media: list[int]
    variants: list[VariantOut]


class ProblemOut(Schema):
    """`over_at`: index of the first character too many."""

    code: str
    where: str
    severity: str
    what: str
    todo: str
    over_at: int | None


class CheckOut(Schema):
    variant_id: int
    community_id: int
    length: int
    most: int | None
    problems: list[ProblemOut]


class ScheduleIn(Schema):
    at: Moment | None = Field(None, description="null: now")
    variant_ids: list[Id] | None = None


class AttemptOut(Schema):
    step: str
    number: int
    outcome: str
    code: str
    started_at: Moment
    finished_at: Moment | None


class DeliveryOut(Schema):
    id: int
    post_id: int
    variant_id: int
    community_id: int
    client_id: int
    due_at: Moment
    state: str
    code: str
    detail: str
    publication_id: int | None
    attempts: list[AttemptOut] | None = None


class ScheduledOut(Schema):
    deliveries: list[DeliveryOut]
    behind: list[CheckOut]


class MoveIn(Schema):
    at: Moment | None = Field(None, description="null: now")


class AssetOut(Schema):
    id: int
    kind: str
    mime: str
    size: int
    width: int
    height: int
    duration: float | None


def _post(row: Post) -> PostOut:
    variants = []
    for variant in row.variants.all():
        delivery = next(iter(sorted(variant.deliveries.all(), key=lambda one: -one.occurrence)), None)
        variants.append(
            VariantOut(
                id=variant.pk,
                community_id=variant.community_id,
                own_text=variant.own_text,
                own_first_comment=variant.own_first_comment,
                state=delivery.state if delivery else queries.DRAFT,
                delivery_id=delivery.pk if delivery else None,
            )
        )
    names = set(PostOut.model_fields) - {"media", "variants", "rubric"}
    return PostOut(
        rubric=row.rubric.name if row.rubric else "",
        media=[item.asset_id for item in row.media.all()],
        variants=variants,
        **{name: getattr(row, name) for name in names},
    )


def _rubric(actor: Actor, client_id: int, name: str) -> int | None:
    """The API speaks of rubrics by their names; a new name makes a new one."""
    rubric = named(actor, client_id=client_id, name=name)
    return rubric.pk if rubric else None


def _delivery(row: Delivery, *, whole: bool = False) -> DeliveryOut:
    publication = getattr(row, "publication", None)
    attempts = None
    if whole:
        shown = AttemptOut.model_fields
        attempts = [AttemptOut(**{name: getattr(one, name) for name in shown}) for one in row.attempts.all()]
    names = set(DeliveryOut.model_fields) - {"publication_id", "attempts"}
    return DeliveryOut(
        publication_id=publication.pk if publication else None,
        attempts=attempts,
        **{name: getattr(row, name) for name in names},
    )


def _check(one: Check) -> CheckOut:
    problems = []
    for problem in one.problems:
        words = describe(problem.code, dict(problem.params))
        problems.append(
            ProblemOut(
                code=problem.code,
                where=problem.where,
                severity=problem.severity,
                what=words.what,
                todo=words.todo,
                over_at=problem.over_at,
            )
        )
    return CheckOut(
        variant_id=one.variant.pk,
        community_id=one.variant.community_id,
        length=one.length,
        most=one.most,
        problems=problems,
    )


@router.get("", response=Page[PostOut], summary="Posts")
def list_posts(
    request: HttpRequest,
    after: After,
    limit: Limit,
    client_id: int | None = None,
    state: str = "",
    q: str = "",
) -> Page[PostOut]:
    rows = queries.posts(actor_of(request), client_id=client_id, state=state, text=q)
    return page_of(rows.prefetch_related("variants__deliveries"), after, limit, _post)


@router.post("", response={201: PostOut}, summary="A new draft")
def create_post(request: HttpRequest, payload: PostIn) -> Status[PostOut]:
    actor = actor_of(request)
    fields = payload.dict(exclude={"client_id", "community_ids", "media", "planned_at", "rubric"})
    fields["rubric_id"] = _rubric(actor, payload.client_id, payload.rubric)
    post = drafts.create(
        actor,
        client_id=payload.client_id,
        community_ids=payload.community_ids,
        planned_at=payload.planned_at,
        **fields,
    )
    if payload.media:
        drafts.set_media(actor, post_id=post.pk, items=[item.dict() for item in payload.media])
    return Status(201, _post(queries.post_page(actor, post.pk)))


@router.get("/{int:post_id}", response=PostOut, summary="One post")
def get_post(request: HttpRequest, post_id: int) -> PostOut:
    return _post(queries.post_page(actor_of(request), post_id))


@router.patch("/{int:post_id}", response=PostOut, summary="Save a post")
def save_post(request: HttpRequest, post_id: int, payload: PostPatch) -> PostOut:
    actor = actor_of(request)
    given = payload.dict(exclude_unset=True)
    fields = {name: value for name, value in given.items() if name in drafts.COMMON}
    if "rubric" in given:
        client_id = access.get(actor, Post.objects.filter(deleted_at__isnull=True), post_id).client_id
        fields["rubric_id"] = _rubric(actor, client_id, payload.rubric or "")
    own = {pk: one.dict(exclude_unset=True) for pk, one in payload.variants.items()}
    drafts.save(actor, post_id=post_id, version=payload.version, fields=fields, variants=own)
    if payload.media is not None:
        drafts.set_media(actor, post_id=post_id, items=[item.dict() for item in payload.media])
    if payload.community_ids is not None:
        drafts.set_communities(actor, post_id=post_id, community_ids=payload.community_ids)
    return _post(queries.post_page(actor, post_id))


@router.delete("/{int:post_id}", response={204: None}, summary="Put a post away")
def delete_post(request: HttpRequest, post_id: int) -> Status[None]:
    drafts.bin_post(actor_of(request), post_id=post_id)
    return Status(204, None)


@router.get("/{int:post_id}/check", response=list[CheckOut], summary="What the networks would say")
def check_post(request: HttpRequest, post_id: int) -> list[CheckOut]:
    post = queries.post_page(actor_of(request), post_id)
    return [_check(check(variant)) for variant in post.variants.all()]


@router.post("/{int:post_id}/schedule", response=ScheduledOut, summary="Give it its hour, or send it now")
def schedule_post(request: HttpRequest, post_id: int, payload: ScheduleIn) -> ScheduledOut:
    result = schedule.schedule(
        actor_of(request), post_id=post_id, at=payload.at, variants=payload.variant_ids
    )
    return ScheduledOut(
        deliveries=[_delivery(one) for one in result.deliveries],
        behind=[_check(one) for one in result.behind],
    )


@router.post("/media", response={201: AssetOut}, summary="Upload a picture or a video")
def upload_media(
    request: HttpRequest, client_id: Form[int], file: File[UploadedFile], alt: Form[str] = ""
) -> Status[AssetOut]:
    asset: Asset = media.upload(actor_of(request), client_id=client_id, file=file, alt=alt)
    return Status(201, AssetOut(**{name: getattr(asset, name) for name in AssetOut.model_fields}))


def _found(actor: Actor, delivery_id: int) -> Delivery:
    rows = Delivery.objects.select_related("publication").prefetch_related("attempts")
    return access.get(actor, rows, delivery_id)


@deliveries_router.get("", response=Page[DeliveryOut], summary="Deliveries")
def list_deliveries(
    request: HttpRequest, after: After, limit: Limit, client_id: int | None = None, state: str = ""
) -> Page[DeliveryOut]:
    rows = access.visible(actor_of(request), Delivery.objects.select_related("publication"))
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, after, limit, _delivery)


@deliveries_router.get("/{int:delivery_id}", response=DeliveryOut, summary="One delivery with its attempts")
def get_delivery(request: HttpRequest, delivery_id: int) -> DeliveryOut:
    return _delivery(_found(actor_of(request), delivery_id), whole=True)


@deliveries_router.post("/{int:delivery_id}/move", response=DeliveryOut, summary="Another hour")
def move_delivery(request: HttpRequest, delivery_id: int, payload: MoveIn) -> DeliveryOut:
    schedule.reschedule(actor_of(request), delivery_id=delivery_id, at=payload.at)
    return _delivery(_found(actor_of(request), delivery_id))


@deliveries_router.post("/{int:delivery_id}/cancel", response=DeliveryOut, summary="Take it back")
def cancel_delivery(request: HttpRequest, delivery_id: int) -> DeliveryOut:
    schedule.cancel(actor_of(request), delivery_id=delivery_id)
    return _delivery(_found(actor_of(request), delivery_id))
