"""A desk of two teams: the first one's owner keeps the installation, the other's does not."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery
from niva.domains.publishing.services import schedule
from niva.flows.health import version
from niva.kit.jobs.testing import empty
from niva.kit.pulse.models import Beat


@dataclass
class Desk:
    """`keeper` owns the first workspace, `other` the second."""

    keeper: Actor
    other: Actor
    community: Community

    def delivery(self, state: str = "queued", *, wake: timedelta | None = None, **more) -> Delivery:
        """A delivery that wakes so long from now (None: never)."""
        post = make_post(self.community, text="Тайный текст")
        row = schedule.schedule(self.other, post_id=post.pk, at=timezone.now() + timedelta(days=1))
        wake_at = None if wake is None else timezone.now() + wake
        Delivery.objects.filter(pk=row.deliveries[0].pk).update(state=state, wake_at=wake_at, **more)
        return row.deliveries[0]

    def attempt(self, delivery: Delivery, outcome: str = "done", *, ago: timedelta = timedelta(0)) -> Attempt:
        number = delivery.attempts.count() + 1
        return Attempt.objects.create(
            delivery=delivery, step="create", number=number, key=uuid.uuid4(), outcome=outcome,
            revision=delivery.revision, started_at=timezone.now() - ago,
        )  # fmt: skip

    def worker(self, **more) -> Beat:
        values = {"host": "gamma", "pid": 7, "version": version(), "figures": {"memory_bytes": 5e7}}
        return Beat.objects.create(id=uuid.uuid4(), **{**values, **more})


@pytest.fixture
def desk(db) -> Desk:
    empty()  # jobs of other tests outlive them
    keeper = make_actor(make_workspace("Межа"))
    other = make_actor(make_workspace("Чужая"))
    community = make_community(make_client(other.workspace, name="Тайный заказчик"), name="Тайное сообщество")
    return Desk(keeper, other, connect(community))
