"""Really out: later looks at a publication, five minutes after it went out and a day after."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from niva.domains.publishing.delivery.content import to_outgoing
from niva.domains.publishing.delivery.outcomes import sight_of
from niva.domains.publishing.models import Publication
from niva.domains.publishing.services.sight import is_gone, was_seen
from niva.flows.collect import remote_of
from niva.flows.talk import Line
from niva.kit.jobs.django import enqueue, in_thread
from niva.kit.jobs.types import RetryLater
from niva.networks.base.errors import Gone, NetworkError, Rejected
from niva.networks.registry import get_network

LOOKS: Final = (timedelta(seconds=20), timedelta(minutes=5), timedelta(days=1))
AFTER_SILENCE: Final = timedelta(minutes=10)


def plan_looks(publication_id: int) -> None:
    """Have the engine look again. The first of them matters where the look right after sending failed."""
    now = timezone.now()
    for number, after in enumerate(LOOKS):
        enqueue(
            "look",
            {"publication": publication_id},
            at=now + after,
            key=f"look:{publication_id}:{number}",
            priority=-1,
        )


async def look(line: Line, *, publication_id: int) -> None:
    """Read one publication back and write down what was found. A silent network is asked again later."""
    publication = await in_thread(_publication, publication_id)
    if publication is None or publication.extra.get("said_by_person"):
        return
    network = get_network(publication.community.network)
    try:
        call = await line.call(publication.community_id, network)
        seen = await network.read_back(call, remote_of(publication))
    except Gone:
        await in_thread(is_gone, publication.pk)
        return
    except Rejected:
        await in_thread(was_seen, publication.pk, sight=Publication.Sight.UNTOLD)
        return
    except NetworkError as error:
        raise RetryLater(AFTER_SILENCE, error.code) from error
    sight = sight_of(seen, to_outgoing(publication.revision.content, Path(settings.MEDIA_ROOT)))
    if sight == Publication.Sight.REMOVED:
        await in_thread(is_gone, publication.pk)
    else:
        await in_thread(was_seen, publication.pk, sight=sight)


def _publication(publication_id: int) -> Publication | None:
    return (
        Publication.objects.select_related("community", "revision")
        .filter(pk=publication_id)
        .exclude(sight=Publication.Sight.REMOVED)
        .first()
    )
