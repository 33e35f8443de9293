"""Numbers come in: which publications and communities are due, one reading each, ever less often with age."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from niva.domains.communities.keys import mark_needs_login
from niva.domains.communities.models import Community, CommunityState
from niva.domains.metrics import services as metrics
from niva.domains.metrics.models import Schedule, Subject
from niva.domains.publishing.models import Publication
from niva.flows.look_again import missed, remote_of
from niva.flows.talk import Line
from niva.kit.jobs.django import enqueue, in_thread
from niva.networks.base.errors import Gone, NeedsLogin, NetworkError
from niva.networks.base.network import Call
from niva.networks.base.types import Readings
from niva.networks.registry import get_network

AT_A_TIME: Final = 200
# A reading that was handed to the engine and never came back is handed over again after this.
LOST_AFTER: Final = timedelta(minutes=10)


def hand_out() -> int:
    """Put every due reading into the engine; returns how many. New communities join by themselves."""
    now = timezone.now()
    _join_communities(now)
    with transaction.atomic():
        due = list(
            Schedule.objects.select_for_update(skip_locked=True)
            .filter(next_at__lte=now)
            .order_by("next_at")[:AT_A_TIME]
        )
        for row in due:
            enqueue(
                "read",
                {"subject": row.subject, "id": row.subject_id},
                key=f"read:{row.subject}:{row.subject_id}",
                priority=-1,
            )
        Schedule.objects.filter(pk__in=[row.pk for row in due]).update(next_at=now + LOST_AFTER)
    return len(due)


def _join_communities(now: datetime) -> None:
    """Watch connected communities that nobody watches yet."""
    watched = Schedule.objects.filter(subject=Subject.COMMUNITY).values("subject_id")
    fresh = Community.objects.filter(state=CommunityState.CONNECTED, archived_at__isnull=True).exclude(
        pk__in=watched
    )
    joining = [(pk, pk) for pk in fresh.values_list("pk", flat=True)]
    if joining:
        metrics.watch_many(subject=Subject.COMMUNITY, subjects=joining, at=now)


async def read(line: Line, *, subject: str, subject_id: int) -> None:
    """One reading of one subject; whatever comes of it, the next one is planned."""
    found = await in_thread(_what, subject, subject_id)
    if found is None:
        await in_thread(metrics.stop_watching, subject=Subject(subject), subject_id=subject_id, reason="gone")
        return
    community, publication = found
    network = get_network(community.network)

    async def ask(call: Call) -> Readings:
        if publication is None:
            return await network.read_community(call)
        return await network.read_post(call, remote_of(publication))

    try:
        readings = await line.reading(community.pk, network, ask)
    except Gone:
        await in_thread(_gone, subject, subject_id)
    except NetworkError as error:
        await in_thread(_failed, community, subject, subject_id, error)
    else:
        if isinstance(readings, datetime):
            await in_thread(metrics.put_off, subject=Subject(subject), subject_id=subject_id, until=readings)
            return
        await in_thread(_take_in, community, publication, subject_id, readings, network.manifest.pace)


def _what(subject: str, subject_id: int) -> tuple[Community, Publication | None] | None:
    """The community (and publication) to read, None when it is not to be read any more."""
    if subject == Subject.COMMUNITY:
        community = Community.objects.filter(pk=subject_id, archived_at__isnull=True).first()
        return (community, None) if community else None
    publication = (
        Publication.objects.select_related("community")
        .filter(pk=subject_id)
        .exclude(sight=Publication.Sight.REMOVED)
        .first()
    )
    if publication is None or publication.extra.get("said_by_person"):
        return None  # its id is only an address that a person pasted: nothing to ask the network by
    return publication.community, publication


def _take_in(
    community: Community, publication: Publication | None, subject_id: int, readings: Readings, pace: float
) -> None:
    now = timezone.now()
    subject = Subject.PUBLICATION if publication else Subject.COMMUNITY
    metrics.ingest(community=community, subject=subject, subject_id=subject_id, readings=readings, at=now)
    if publication is None:
        every: timedelta | None = metrics.COMMUNITY_EVERY / pace
    else:
        every = metrics.interval(now - publication.published_at, pace=pace)
    metrics.was_read(subject=subject, subject_id=subject_id, at=now, every=every)


def _gone(subject: str, subject_id: int) -> None:
    if subject == Subject.PUBLICATION:
        missed(subject_id)
        return
    metrics.stop_watching(subject=Subject(subject), subject_id=subject_id, reason="gone")


def _failed(community: Community, subject: str, subject_id: int, error: NetworkError) -> None:
    if isinstance(error, NeedsLogin):
        mark_needs_login(community, error.code)
    metrics.was_not_read(subject=Subject(subject), subject_id=subject_id, at=timezone.now(), code=error.code)
