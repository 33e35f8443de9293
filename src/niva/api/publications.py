"""What is really out there, and its numbers."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from niva.api.common import After, Limit, Moment, Page, actor_of, page_of
from niva.domains.clients import access
from niva.domains.metrics import queries as metrics
from niva.domains.publishing.models import Publication
from niva.flows import amend

router = Router()


class PublicationOut(Schema):
    """`sight`: unseen, alive, changed, untold (the network does not let us look), removed."""

    id: int
    delivery_id: int
    post_id: int
    community_id: int
    client_id: int
    remote_id: str
    url: str
    sight: str
    published_at: Moment
    seen_at: Moment | None
    removed_at: Moment | None


class NumbersOut(Schema):
    """`absent`: what the network does not give, with the reason's code; it is not zero."""

    values: dict[str, float]
    absent: dict[str, str]
    at: Moment | None


class ReadingOut(Schema):
    at: datetime
    value: float


def _publication(row: Publication) -> PublicationOut:
    return PublicationOut(**{name: getattr(row, name) for name in PublicationOut.model_fields})


@router.get("", response=Page[PublicationOut], summary="Publications")
def list_publications(
    request: HttpRequest,
    after: After,
    limit: Limit,
    client_id: int | None = None,
    community_id: int | None = None,
) -> Page[PublicationOut]:
    rows = access.visible(actor_of(request), Publication.objects.all())
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if community_id is not None:
        rows = rows.filter(community_id=community_id)
    return page_of(rows, after, limit, _publication)


@router.get("/{int:publication_id}", response=PublicationOut, summary="One publication")
def get_publication(request: HttpRequest, publication_id: int) -> PublicationOut:
    return _publication(access.get(actor_of(request), Publication.objects.all(), publication_id))


@router.delete("/{int:publication_id}", response=PublicationOut, summary="Take it down from the network")
def take_down(request: HttpRequest, publication_id: int) -> PublicationOut:
    return _publication(amend.take_down(actor_of(request), publication_id=publication_id))


@router.post("/{int:publication_id}/update", response=PublicationOut, summary="Show the variant's new text")
def update(request: HttpRequest, publication_id: int) -> PublicationOut:
    return _publication(amend.edit_published(actor_of(request), publication_id=publication_id))


@router.get("/{int:publication_id}/numbers", response=NumbersOut, summary="The latest numbers")
def numbers(request: HttpRequest, publication_id: int) -> NumbersOut:
    publication = access.get(actor_of(request), Publication.objects.all(), publication_id)
    found = metrics.post_numbers(actor_of(request), [publication.pk])[publication.pk]
    return NumbersOut(values=found.values, absent=found.absent, at=found.at)


@router.get("/{int:publication_id}/readings", response=list[ReadingOut], summary="One metric through time")
def readings(request: HttpRequest, publication_id: int, metric: str = "views") -> list[ReadingOut]:
    series = metrics.publication_series(actor_of(request), publication_id=publication_id, metric=metric)
    return [ReadingOut(at=at, value=value) for at, value in series]
