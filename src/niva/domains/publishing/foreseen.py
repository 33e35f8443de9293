"""Days of series that are not made yet, as things of the plan: so far ahead there is only the rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Prefetch
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Variant
from niva.domains.publishing.queries import Item
from niva.domains.publishing.repeating import Occurrence, Series
from niva.domains.publishing.services.unroll import days_in, hour_of

FORESEEN: Final = "foreseen"
_DAYS: Final = 1_000_000  # more than a date has days


def foreseen(
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    client_id: int | None = None,
    community_ids: Iterable[int] | None = None,
) -> list[Item]:
    """What series will send in [since, until) beyond what is made, oldest first. At most four queries.

    The numbers of posts and variants are below zero: nobody can open or move what is not there. `detail`
    holds the number of the series.
    """
    days = Occurrence.objects.filter(
        day__gte=since.date() - timedelta(days=1), day__lte=until.date() + timedelta(days=1)
    )
    rows = access.visible(
        actor,
        Series.objects.filter(
            ended_at__isnull=True,
            client__archived_at__isnull=True,
            starts_on__lte=until.date() + timedelta(days=1),
            ends_on__gte=max(since, timezone.now()).date() - timedelta(days=1),
        ),
    )
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    variants = Variant.objects.filter(community__archived_at__isnull=True).select_related("community")
    chosen = None if community_ids is None else set(community_ids)
    rows = rows.select_related("post__rubric").prefetch_related(
        Prefetch("occurrences", days), Prefetch("post__variants", variants)
    )
    items = [item for series in rows for item in _of(series, since, until, chosen)]
    return sorted(items, key=lambda item: (item.at, item.post_id, item.variant_id))


def _of(series: Series, since: datetime, until: datetime, chosen: set[int] | None) -> Iterable[Item]:
    made = {one.day for one in series.occurrences.all()}
    now = timezone.now()
    first, last = since.date() - timedelta(days=1), until.date() + timedelta(days=1)
    for day in days_in(series):
        if not first <= day <= last or day in made:
            continue
        for variant in series.post.variants.all():
            if chosen is not None and variant.community_id not in chosen:
                continue
            at = hour_of(series, variant, day)
            if since <= at < until and at > now:
                yield _item(series, variant, day, at)


def _item(series: Series, variant: Variant, day: date, at: datetime) -> Item:
    community = variant.community
    return Item(
        post_id=-(series.pk * _DAYS + day.toordinal()),
        variant_id=-variant.pk,
        delivery_id=None,
        client_id=series.client_id,
        community_id=community.pk,
        community=community.name,
        network=community.network,
        title=str(series.post),
        at=at,
        state=FORESEEN,
        rubric=series.post.rubric.name if series.post.rubric else "",
        detail=str(series.pk),
    )
