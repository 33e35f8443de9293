"""Rows of numbers for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from niva.domains.communities.models import Community
from niva.domains.metrics.models import PostAtAge, PostNumbers
from niva.domains.publishing.factories import make_publication


def make_numbers(
    community: Community, day: date, *, age: int = 168, hour: int = 9, **values: Any
) -> PostNumbers:
    """A post that went out that day, with counters (views, reach, clicks ...) now and at one age."""
    at = datetime.combine(day, time(hour), UTC)
    publication = make_publication(community, published_at=at)
    words = ("views", "reach", "clicks")
    counters: dict[str, Any] = {word: values.pop(word) for word in words if word in values}
    row: dict[str, Any] = {
        "workspace_id": community.workspace_id, "client_id": community.client_id, "community": community,
        "format": "photo", "published_at": at, "day": day, "weekday": day.isoweekday(), "hour": hour,
        "read_at": at, **values, **counters,
    }  # fmt: skip
    PostNumbers.objects.filter(pk=publication.pk).delete()
    PostAtAge.objects.filter(publication=publication, age=age).delete()
    PostAtAge.objects.create(publication=publication, age=age, **counters)
    return PostNumbers.objects.create(publication=publication, **row)
