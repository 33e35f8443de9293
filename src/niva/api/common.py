"""What all routers share: the actor of a request, pages of a list, moments with an offset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import AwareDatetime, Field

from niva.domains.people.actor import Actor

M = TypeVar("M", bound=Model)
S = TypeVar("S")
Moment = AwareDatetime
After = Annotated[int, Query(0, ge=0, le=2**62, description="Give the `next` of the page before.")]
Limit = Annotated[int, Query(50, ge=1, le=200)]
Id = Annotated[int, Field(ge=1, le=2**62)]
__all__ = ["After", "Id", "Limit", "Moment", "Page", "actor_of", "datetime", "page_of"]


class Page(Schema, Generic[S]):
    """A piece of a list by rising id. `next`: `after` for the following page, null at the end."""

    items: list[S]
    next: int | None


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def page_of(rows: QuerySet[M], after: int, limit: int, show: Callable[[M], S]) -> Page[S]:
    """Up to `limit` rows with ids above `after`, and where to go on."""
    found = list(rows.order_by("pk").filter(pk__gt=after)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(items=[show(row) for row in found], next=found[-1].pk if more else None)
