"""A publication with all that came after the post itself: the parts of its chain, its first comment."""

from __future__ import annotations

from niva.domains.publishing.models import Attempt, Publication
from niva.domains.publishing.states import Outcome
from niva.networks.base.types import Remote
from niva.networks.registry import get_network


def whole_of(publication: Publication) -> Remote:
    """What is out there as the network knows it, from the results of all steps that are done.

    The publication itself is written when the post is out, before its chain and its comment.
    """
    tried = Attempt.objects.filter(delivery_id=publication.delivery_id, outcome=Outcome.DONE)
    done = {one.step: one.result or {} for one in tried}
    extra = publication.extra
    if len(done) > 1 and "create" in done and not extra.get("said_by_person"):
        extra = {**get_network(publication.community.network).remote(done).extra, **extra}
    return Remote(publication.remote_id, publication.url, extra)
