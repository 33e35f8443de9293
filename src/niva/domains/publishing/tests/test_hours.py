"""The hour of a post and the hours of its deliveries: the composer must show what the calendar did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.services import schedule

pytestmark = pytest.mark.django_db
FIRST = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
LATER = FIRST + timedelta(hours=3)


@pytest.fixture
def actor():
    return make_actor(make_workspace())


def scheduled(actor, count: int = 1):
    """A post for so many communities, all at FIRST, and its deliveries."""
    client = make_client(actor.workspace)
    facts = {"flavour": "keyed"}
    places = [connect(make_community(client, name=f"{n}"), facts=facts) for n in range(count)]
    post = make_post(*places)
    return post, schedule.schedule(actor, post_id=post.pk, at=FIRST).deliveries


def test_the_posts_hour_follows_its_only_delivery(actor):
    post, [delivery] = scheduled(actor)
    schedule.reschedule(actor, delivery_id=delivery.pk, at=LATER)
    post.refresh_from_db()
    assert post.planned_at == LATER


def test_it_stays_while_something_leaves_at_the_old_hour(actor):
    post, [first, second] = scheduled(actor, 2)
    schedule.reschedule(actor, delivery_id=first.pk, at=LATER)
    post.refresh_from_db()
    assert post.planned_at == FIRST
    schedule.reschedule(actor, delivery_id=second.pk, at=LATER)
    post.refresh_from_db()
    assert post.planned_at == LATER


def test_it_stays_for_a_draft_that_is_not_scheduled_yet(actor):
    post, [delivery] = scheduled(actor)
    connect(make_community(post.client, name="new")).variants.create(post=post)
    schedule.reschedule(actor, delivery_id=delivery.pk, at=LATER)
    post.refresh_from_db()
    assert post.planned_at == FIRST


def test_what_was_taken_back_holds_nothing(actor):
    post, [first, second] = scheduled(actor, 2)
    schedule.cancel(actor, delivery_id=first.pk)
    schedule.reschedule(actor, delivery_id=second.pk, at=LATER)
    post.refresh_from_db()
    assert post.planned_at == LATER
