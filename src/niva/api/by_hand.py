"""What people do and bring: communities kept by hand, tasks answered, links and numbers given."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from niva.api.common import actor_of
from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import by_hand
from niva.flows import numbers_in
from niva.flows.by_hand import switch

router = Router()


class SwitchIn(Schema):
    """`url`: where the place is; "" leaves it as it was."""

    on: bool
    url: str = Field("", max_length=500)


class SwitchOut(Schema):
    """`resumed`: posts that had waited for a sign-in and are tasks now."""

    community_id: int
    by_hand: bool
    url: str
    resumed: int


class OutIn(Schema):
    """`url` proves it; `no_link`: the place gives none."""

    url: str = Field("", max_length=by_hand.LONGEST_URL)
    no_link: bool = False


class NotOutIn(Schema):
    reason: str = Field(max_length=by_hand.LONGEST_REASON)


class DoneOut(Schema):
    """`code`, `detail`: why it is not out, where it is not."""

    delivery_id: int
    state: str
    url: str
    code: str
    detail: str


class LinkIn(Schema):
    url: str = Field(max_length=by_hand.LONGEST_URL)


class LinkOut(Schema):
    publication_id: int
    url: str


class NumbersIn(Schema):
    """The numbers of one day, by the words of the reference; one that is left out stays unknown."""

    day: date
    values: dict[str, float] = Field(max_length=20)


class NumbersKept(Schema):
    """How many were new, or other than before."""

    changed: int


@router.post("/communities/{int:community_id}/by-hand", response=SwitchOut, summary="Keep it by hand, or not")
def keep_by_hand(request: HttpRequest, community_id: int, payload: SwitchIn) -> SwitchOut:
    row, resumed = switch(
        actor=actor_of(request), community_id=community_id, on=payload.on, url=payload.url
    )  # fmt: skip
    return SwitchOut(community_id=row.pk, by_hand=row.by_hand, url=row.url, resumed=resumed)


@router.post("/deliveries/{int:delivery_id}/done-by-hand", response=DoneOut, summary="It is out, by hand")
def done_by_hand(request: HttpRequest, delivery_id: int, payload: OutIn) -> DoneOut:
    by_hand.it_is_out(actor_of(request), delivery_id=delivery_id, **payload.dict())
    return _done(request, delivery_id)


@router.post(
    "/deliveries/{int:delivery_id}/not-done", response=DoneOut, summary="It was not published by hand"
)
def not_done(request: HttpRequest, delivery_id: int, payload: NotOutIn) -> DoneOut:
    by_hand.it_is_not_out(actor_of(request), delivery_id=delivery_id, reason=payload.reason)
    return _done(request, delivery_id)


def _done(request: HttpRequest, delivery_id: int) -> DoneOut:
    row = access.get(actor_of(request), Delivery.objects.select_related("publication"), delivery_id)
    publication = getattr(row, "publication", None)
    return DoneOut(
        delivery_id=row.pk, state=row.state, code=row.code, detail=row.detail,
        url=publication.url if publication else "",
    )  # fmt: skip


@router.post("/publications/{int:publication_id}/link", response=LinkOut, summary="Put its link in")
def put_link(request: HttpRequest, publication_id: int, payload: LinkIn) -> LinkOut:
    row = by_hand.put_link(actor_of(request), publication_id=publication_id, url=payload.url)
    return LinkOut(publication_id=row.pk, url=row.url)


@router.post(
    "/publications/{int:publication_id}/typed-numbers",
    response=NumbersKept,
    summary="Numbers of a post",
)
def post_numbers(request: HttpRequest, publication_id: int, payload: NumbersIn) -> NumbersKept:
    actor = actor_of(request)
    row = access.get(actor, Publication.objects.all(), publication_id, can="write")
    changed = numbers_in.type_in(
        actor, community_id=row.community_id, publication_id=row.pk, **payload.dict()
    )  # fmt: skip
    return NumbersKept(changed=changed)


@router.post(
    "/communities/{int:community_id}/typed-numbers",
    response=NumbersKept,
    summary="Its numbers",
)
def community_numbers(request: HttpRequest, community_id: int, payload: NumbersIn) -> NumbersKept:
    actor = actor_of(request)
    row = access.get(actor, Community.objects.all(), community_id, can="write")
    return NumbersKept(changed=numbers_in.type_in(actor, community_id=row.pk, **payload.dict()))
