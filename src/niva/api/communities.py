"""Communities, their slots and their numbers. Keys are only ever entered in the desk's own pages."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from niva.api.common import After, Limit, Moment, Page, actor_of, page_of
from niva.domains.clients import access
from niva.domains.communities import queries, services
from niva.domains.communities.models import Community
from niva.domains.metrics import queries as metrics

router = Router()
LATE = "Up to so many minutes late a post still goes out by itself; later it is held for a person's word."


class CommunityIn(Schema):
    client_id: int
    network: str
    name: str
    task: str
    time_zone: str = "Europe/Moscow"
    late_minutes: int | None = Field(None, ge=1, le=services.LATE_MOST, description=LATE)


class CommunityPatch(Schema):
    name: str | None = None
    task: str | None = None
    time_zone: str | None = None
    late_minutes: int | None = Field(None, ge=1, le=services.LATE_MOST, description=LATE)


class CommunityOut(Schema):
    id: int
    client_id: int
    network: str
    name: str
    task: str
    time_zone: str
    late_minutes: int
    state: str
    by_hand: bool
    url: str
    keys_end_at: Moment | None
    archived: bool


class SlotOut(Schema):
    """`weekday` 0 = Monday; `at` by the community's own clock."""

    id: int
    weekday: int
    at: str
    note: str


class DayOut(Schema):
    """`level` is known only for the community's own numbers."""

    day: date
    gained: float
    level: float | None


def _community(row: Community) -> CommunityOut:
    credential = getattr(row, "credential", None)
    return CommunityOut(
        id=row.pk,
        client_id=row.client_id,
        network=row.network,
        name=row.name,
        task=row.task,
        time_zone=row.time_zone,
        late_minutes=row.late_minutes,
        state=row.state,
        by_hand=row.by_hand,
        url=row.url,
        keys_end_at=credential.expires_at if credential else None,
        archived=row.archived_at is not None,
    )


@router.get("", response=Page[CommunityOut], summary="Communities")
def list_communities(
    request: HttpRequest, after: After, limit: Limit, client_id: int | None = None
) -> Page[CommunityOut]:
    rows = access.visible(actor_of(request), Community.objects.select_related("credential"))
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    return page_of(rows, after, limit, _community)


@router.post("", response={201: CommunityOut}, summary="A new community, not connected yet")
def create_community(request: HttpRequest, payload: CommunityIn) -> Status[CommunityOut]:
    return Status(201, _community(services.add(actor=actor_of(request), **payload.dict())))


@router.get("/{int:community_id}", response=CommunityOut, summary="One community")
def get_community(request: HttpRequest, community_id: int) -> CommunityOut:
    return _community(queries.community(actor_of(request), community_id))


@router.patch("/{int:community_id}", response=CommunityOut, summary="Change a community")
def change_community(request: HttpRequest, community_id: int, payload: CommunityPatch) -> CommunityOut:
    given = {name: one for name, one in payload.dict(exclude_unset=True).items() if one is not None}
    return _community(services.change(actor=actor_of(request), community_id=community_id, values=given))


@router.get("/{int:community_id}/slots", response=list[SlotOut], summary="Its weekly slots")
def list_slots(request: HttpRequest, community_id: int) -> list[SlotOut]:
    community = queries.community(actor_of(request), community_id)
    return [
        SlotOut(id=slot.pk, weekday=slot.weekday, at=f"{slot.at:%H:%M}", note=slot.note)
        for slot in community.slots.all()
    ]


@router.get("/{int:community_id}/readings", response=list[DayOut], summary="Day by day")
def readings(
    request: HttpRequest,
    community_id: int,
    metric: str = "followers",
    days: Annotated[int, Query(28, ge=1, le=366)] = 28,
) -> list[DayOut]:
    points = metrics.community_series(actor_of(request), community_id=community_id, metric=metric, days=days)
    return [DayOut(day=point.day, gained=point.gained, level=point.level) for point in points]
