"""What is out is followed: its numbers are read and it is looked at again. Found by itself, in batches.

The delivery engine knows nothing of this. New publications carry no `followed_at`; whoever comes first takes
them, and one transaction plans all that belongs to them, so nothing is forgotten whatever dies in between.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from niva.domains.metrics import posts
from niva.domains.metrics import services as metrics
from niva.domains.metrics.models import Subject
from niva.domains.publishing.models import Publication
from niva.flows.look_again import LOOKS
from niva.kit.jobs.django import enqueue_many

AT_A_TIME: Final = 500
FIRST_READING: Final = timedelta(seconds=5)


def follow() -> int:
    """Take the next publications that nobody follows yet; returns how many, 0 when there are none."""
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            Publication.objects.select_for_update(skip_locked=True)
            .filter(followed_at__isnull=True)
            .order_by("pk")
            .only("pk", "community_id", "extra", "sight")[:AT_A_TIME]
        )
        # Of what a person said is out only the address is known: nothing to ask the network by.
        known = [one for one in rows if not one.extra.get("said_by_person") and one.sight != "removed"]
        metrics.watch_many(
            subject=Subject.PUBLICATION,
            subjects=[(one.pk, one.community_id) for one in known],
            at=now + FIRST_READING,
        )
        looks = [
            ({"publication": one.pk}, now + after, f"look:{one.pk}:{number}")
            for one in known
            for number, after in enumerate(LOOKS)
        ]
        enqueue_many("look", looks, priority=-1)
        posts.make(one.pk for one in rows)
        Publication.objects.filter(pk__in=[one.pk for one in rows]).update(followed_at=now)
    return len(rows)
