"""Evergreens: the longest rested first, never too soon, never past their end."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.people.errors import Invalid
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post
from niva.domains.publishing.services import evergreens, schedule
from niva.domains.publishing.states import State
from niva.flows import evergreen

NOW = datetime(2027, 2, 1, 6, tzinfo=UTC)


class Stage:
    def __init__(self) -> None:
        self.actor = make_actor(make_workspace(), language="en")
        self.community = connect(make_community(make_client(self.actor.workspace)))
        make_slots(self.community, (0, 2, 4), time(12))

    def kept(self, text: str, *, days_ago: int, **terms) -> Post:
        """An evergreen that was out so many days ago."""
        post = make_post(self.community, text=text)
        (one,) = schedule.schedule(self.actor, post_id=post.pk, at=NOW + timedelta(minutes=1)).deliveries
        out = {"state": State.PUBLISHED, "due_at": NOW - timedelta(days=days_ago), "wake_at": None}
        Delivery.objects.filter(pk=one.pk).update(**out)
        evergreens.keep(self.actor, post_id=post.pk, **terms)
        return post

    def fill(self) -> list[str]:
        evergreen.fill(self.actor, community_id=self.community.pk, rubric_id=None)
        rows = Post.objects.filter(again_of__isnull=False).order_by("deliveries__due_at")
        return list(rows.values_list("text", flat=True))


@pytest.fixture
def stage(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield Stage()


def test_the_longest_rested_first_and_each_once_in_its_rest(stage):
    stage.kept("Недавний", days_ago=20)
    stage.kept("Средний", days_ago=100)
    stage.kept("Давний", days_ago=200)
    assert stage.fill() == ["Давний", "Средний"]
    assert stage.fill() == ["Давний", "Средний"]


def test_no_more_than_so_many_times_and_not_past_its_day(stage):
    stage.kept("Дважды", days_ago=200, most_times=1)
    stage.kept("До завтра", days_ago=200, valid_until=(NOW + timedelta(days=1)).date())
    assert stage.fill() == ["До завтра"]  # today's slot; the first one was out once already
    with time_machine.travel(NOW + timedelta(days=90), tick=False):
        assert stage.fill() == ["До завтра"]


def test_a_cancelled_use_is_no_use(stage):
    stage.kept("Снова", days_ago=90)
    stage.fill()
    one = Delivery.objects.get(post__again_of__isnull=False)
    schedule.cancel(stage.actor, delivery_id=one.pk)
    assert stage.fill() == ["Снова", "Снова"]


def test_what_comes_round_by_itself_is_no_evergreen(stage):
    stage.kept("Раз", days_ago=90)
    stage.fill()
    copy = Post.objects.get(again_of__isnull=False)
    with pytest.raises(Invalid):
        evergreens.keep(stage.actor, post_id=copy.pk)
    with pytest.raises(Invalid) as refused:
        evergreens.keep(stage.actor, post_id=make_post(stage.community).pk, rest_days=1, most_times=0)
    assert set(refused.value.errors) == {"rest_days", "most_times"}
