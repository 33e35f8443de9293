"""The gate where nobody presses «schedule»: days of a series, evergreens, the queue, what is out already."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from niva.domains.communities.factories import make_slots
from niva.domains.publishing.models import Delivery, Post, Publication
from niva.domains.publishing.rules import Rule
from niva.domains.publishing.services import evergreens, series
from niva.domains.publishing.services.deciding import Answer
from niva.domains.publishing.services.gate import NotApproved
from niva.domains.publishing.states import State
from niva.flows import amend, approve, evergreen, queue
from niva.flows.tests.test_approve import TEXT, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(settings: Any, tmp_path: Any) -> Scene:
    settings.MEDIA_ROOT = tmp_path
    return Scene()


def approved(scene: Scene) -> None:
    _row, secret = scene.ask()
    scene.say(secret)


def begin(scene: Scene) -> Any:
    rule = Rule(starts_on=timezone.localdate() + timedelta(days=1), at=time(9), unit="day", count=3)
    return series.start(scene.actor, post_id=scene.post.pk, rule=rule)


def test_an_approved_pattern_covers_its_days(scene):
    approved(scene)
    begin(scene)
    assert Delivery.objects.filter(state=State.QUEUED).count() == 6


def test_days_of_a_pattern_that_waits_are_drafts_until_the_client_says_yes(scene):
    begin(scene)
    assert not Delivery.objects.exists()
    _row, secret = scene.ask()
    scene.say(secret)
    assert Delivery.objects.filter(state=State.QUEUED).count() == 6


def test_other_words_of_a_pattern_are_asked_before_its_days_get_them(scene):
    approved(scene)
    row = begin(scene)
    scene.save(text=TEXT + " Новое.")
    with pytest.raises(NotApproved):
        series.renew(scene.actor, series_id=row.pk)
    texts = set(Delivery.objects.values_list("revision__content__text", flat=True))
    assert texts == {TEXT}
    _row, secret = scene.ask()
    scene.say(secret)  # the days ahead are poured by the machine
    assert set(Delivery.objects.values_list("revision__content__text", flat=True)) == {TEXT + " Новое."}


def test_an_evergreen_is_laid_again_only_while_it_reads_as_approved(scene):
    make_slots(scene.places[0], tuple(range(7)), time(12))
    approved(scene)
    Delivery.objects.filter(pk__in=[one.pk for one in scene.schedule()]).update(
        state=State.PUBLISHED, wake_at=None, due_at=timezone.now() - timedelta(days=100)
    )
    evergreens.keep(scene.actor, post_id=scene.post.pk)
    assert evergreen.fill(scene.actor, community_id=scene.places[0].pk, rubric_id=None) == 1
    Delivery.objects.filter(post__again_of=scene.post).delete()
    Post.objects.filter(again_of=scene.post).delete()
    scene.save(text=TEXT + " Новое.")
    assert evergreen.fill(scene.actor, community_id=scene.places[0].pk, rubric_id=None) == 0
    assert not Post.objects.filter(again_of=scene.post).exists()


def test_the_queue_takes_nothing_that_is_not_approved(scene):
    make_slots(scene.places[0], tuple(range(7)), time(12))
    with pytest.raises(NotApproved):
        queue.put(scene.actor, post_id=scene.post.pk)
    approved(scene)
    assert queue.put(scene.actor, post_id=scene.post.pk).deliveries


def test_what_is_out_is_not_corrected_past_the_client(scene):
    approved(scene)
    delivery = scene.schedule()[0]
    Delivery.objects.filter(pk=delivery.pk).update(state=State.PUBLISHED, wake_at=None)
    publication = Publication.objects.create(
        workspace=scene.actor.workspace, client=scene.client, delivery=delivery, community=delivery.community,
        post=scene.post, revision=delivery.revision, remote_id="1", published_at=timezone.now(),
    )  # fmt: skip
    scene.save(text=TEXT + " Новое.")
    with pytest.raises(NotApproved):
        amend.edit_published(scene.actor, publication_id=publication.pk)


def test_a_waived_post_passes_like_an_approved_one(scene):
    approve.waive(scene.actor, post_id=scene.post.pk, reason="Заказчик в полёте до вечера")
    begin(scene)
    assert Delivery.objects.filter(state=State.QUEUED).count() == 6


def test_an_answer_of_nobody_is_none(scene):
    _row, secret = scene.ask()
    with pytest.raises(Exception, match="name"):
        approve.decide_by_link(secret, answer=Answer("approve", ""))
