"""Repeats: every day of a rule comes to one post, whatever people and clocks do meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post
from niva.domains.publishing.repeating import Occurrence, Series
from niva.domains.publishing.rules import Rule
from niva.domains.publishing.services import drafts, schedule, series
from niva.domains.publishing.services.move import move
from niva.domains.publishing.services.unroll import AHEAD, days_in, unroll
from niva.domains.publishing.states import State

pytestmark = pytest.mark.django_db
BERLIN = "Europe/Berlin"
NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)  # a Monday; the clocks go forward on the 28th


class Stage:
    """A client in Berlin with a second community in Tokyo, and a post for both."""

    def __init__(self) -> None:
        self.actor = make_actor(make_workspace(), language="en")
        self.client = make_client(self.actor.workspace, time_zone=BERLIN)
        self.here = connect(make_community(self.client))
        self.there = connect(make_community(self.client, time_zone="Asia/Tokyo"))
        self.post = make_post(self.here, self.there, text="Завтра рынок, приходите к девяти")

    def begin(self, **changes) -> Series:
        values = {"starts_on": date(2027, 3, 2), "at": time(9), "weekdays": (1,), "count": 10, **changes}
        return series.start(self.actor, post_id=self.post.pk, rule=Rule(**values))


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def stage(clock, settings, tmp_path) -> Stage:
    settings.MEDIA_ROOT = tmp_path
    return Stage()


def dues(one: Series, community) -> list[datetime]:
    rows = Delivery.objects.filter(post__occurrence__series=one, community=community, post__deleted_at=None)
    return list(rows.exclude(state=State.CANCELLED).order_by("due_at").values_list("due_at", flat=True))


def walls(one: Series, community) -> list[str]:
    zone = ZoneInfo(community.time_zone)
    return [f"{at.astimezone(zone):%m-%d %H:%M}" for at in dues(one, community)]


def test_only_the_next_weeks_are_made_and_any_number_of_times(stage, clock):
    one = stage.begin()
    assert len(dues(one, stage.here)) == 2  # at once: the nearest days
    assert [unroll(one.pk), unroll(one.pk), unroll(one.pk)] == [3, 0, 0]
    assert dues(one, stage.here)[-1] < NOW + AHEAD + timedelta(days=1)
    clock.move_to(NOW + timedelta(days=90))
    unroll(one.pk)
    assert Occurrence.objects.filter(series=one).count() == 10
    assert Post.objects.filter(occurrence__series=one).count() == 10


def test_nine_o_clock_stays_nine_in_each_communitys_zone(stage):
    one = stage.begin()
    unroll(one.pk)
    days = ["03-02", "03-09", "03-16", "03-23", "03-30"]
    assert walls(one, stage.here) == [f"{day} 09:00" for day in days]
    assert walls(one, stage.there) == [f"{day} 09:00" for day in days]
    assert dues(one, stage.here)[3].hour == 8
    assert dues(one, stage.here)[4].hour == 7  # the summer clock


def test_the_pattern_never_goes_out_itself(stage):
    one = stage.begin()
    with pytest.raises(Invalid):
        schedule.schedule(stage.actor, post_id=one.post_id, at=NOW + timedelta(days=1))
    with pytest.raises(Invalid):
        drafts.bin_post(stage.actor, post_id=one.post_id)
    with pytest.raises(Invalid):
        stage.begin()
    assert not one.post.deliveries.exists()


def test_what_is_scheduled_for_one_of_the_days_counts_as_it(stage):
    first = datetime(2027, 3, 2, 8, tzinfo=UTC)  # 9:00 in Berlin
    schedule.schedule(stage.actor, post_id=stage.post.pk, at=first)
    one = stage.begin()
    unroll(one.pk)
    assert one.post_id != stage.post.pk
    assert Occurrence.objects.get(series=one, day=date(2027, 3, 2)).post == stage.post
    assert len(dues(one, stage.here)) == 5


def test_one_day_is_skipped_and_brought_back(stage):
    one, day = stage.begin(), date(2027, 3, 9)
    series.skip(stage.actor, series_id=one.pk, day=day)
    far = date(2027, 5, 4)  # not made yet
    series.skip(stage.actor, series_id=one.pk, day=far)
    unroll(one.pk)
    assert "03-09 09:00" not in walls(one, stage.here)
    series.bring_back(stage.actor, series_id=one.pk, day=day)
    unroll(one.pk)
    assert walls(one, stage.here).count("03-09 09:00") == 1
    with pytest.raises(NotFound):
        series.skip(stage.actor, series_id=one.pk, day=date(2027, 3, 10))


def test_what_is_out_can_no_longer_be_skipped(stage):
    one, day = stage.begin(), date(2027, 3, 2)
    Delivery.objects.filter(post__occurrence__day=day).update(state=State.PUBLISHED, wake_at=None)
    with pytest.raises(Invalid):
        series.skip(stage.actor, series_id=one.pk, day=day)
    assert Occurrence.objects.get(series=one, day=day).skipped_at is None


def test_a_new_pattern_reaches_what_is_ahead_but_not_what_people_wrote(stage):
    one = stage.begin()
    unroll(one.pk)
    first, second, *_rest = Post.objects.filter(occurrence__series=one).order_by("occurrence__day")
    drafts.save(stage.actor, post_id=second.pk, version=second.version, fields={"text": "В этот раз иначе"})
    moved = first.deliveries.get(community=stage.here)
    move(stage.actor, deliveries=[moved.pk], at=moved.due_at + timedelta(hours=3))
    drafts.save(stage.actor, post_id=one.post_id, version=one.post.version, fields={"text": "Рынок переехал"})
    assert series.renew(stage.actor, series_id=one.pk) == series.Renewed(changed=4, kept=1)
    texts = {}
    for row in Delivery.objects.filter(community=stage.here).select_related("revision", "post__occurrence"):
        texts[row.post.occurrence.day] = row.revision.content["text"]
    assert set(texts.values()) == {"Рынок переехал", "Завтра рынок, приходите к девяти"}
    assert texts[date(2027, 3, 9)] == "Завтра рынок, приходите к девяти"  # frozen; its new draft is its own
    assert walls(one, stage.here)[0] == "03-02 12:00"  # the hour that a person chose
    assert walls(one, stage.there)[0] == "03-02 09:00"


def test_this_and_all_that_follow(stage):
    one = stage.begin()
    unroll(one.pk)
    own = Post.objects.get(occurrence__series=one, occurrence__day=date(2027, 3, 23))
    drafts.save(stage.actor, post_id=own.pk, version=own.version, fields={"text": "Только для 23-го"})
    series.skip(stage.actor, series_id=one.pk, day=date(2027, 3, 30))
    rule = Rule(starts_on=date(2027, 3, 16), at=time(18), weekdays=(1,), count=4)
    new = series.change_following(stage.actor, series_id=one.pk, day=date(2027, 3, 16), rule=rule)
    unroll(new.pk)
    unroll(one.pk)
    assert walls(one, stage.here) == ["03-02 09:00", "03-09 09:00"]
    assert walls(new, stage.here) == ["03-16 18:00", "03-23 09:00"]  # the 23rd was a person's own
    assert Occurrence.objects.get(series=new, day=date(2027, 3, 30)).skipped_at is not None
    assert Post.objects.get(pk=own.pk).text == "Только для 23-го"


def test_the_words_of_one_day_become_those_of_all_that_follow(stage):
    one, day = stage.begin(), date(2027, 3, 9)
    own = series.make_now(stage.actor, series_id=one.pk, day=day)
    drafts.save(stage.actor, post_id=own.pk, version=own.version, fields={"text": "Теперь так"})
    rule = Rule(starts_on=day, at=time(9), weekdays=(1,), count=3)
    new = series.change_following(stage.actor, series_id=one.pk, day=day, rule=rule, words_of_day=True)
    unroll(new.pk)
    texts = Delivery.objects.filter(post__occurrence__series=new).values_list("revision__content__text")
    assert set(texts) == {("Теперь так",)}
    assert len(walls(new, stage.here)) == 3


def test_the_end_takes_back_what_has_not_left(stage):
    one = stage.begin()
    unroll(one.pk)
    Delivery.objects.filter(post__occurrence__day=date(2027, 3, 2)).update(state=State.PUBLISHED)
    assert series.end(stage.actor, series_id=one.pk) == 4
    assert unroll(one.pk) == 0
    assert len(dues(one, stage.here)) == 1
    with pytest.raises(Invalid):
        series.skip(stage.actor, series_id=one.pk, day=date(2027, 3, 9))


def test_a_day_that_nobody_made_in_time_is_a_missed_draft_and_is_not_sent_late(stage, clock):
    one = stage.begin()
    clock.move_to(NOW + timedelta(days=37))
    unroll(one.pk)
    missed = Post.objects.get(occurrence__series=one, occurrence__day=date(2027, 3, 16))
    assert not missed.deliveries.exists()
    assert missed.planned_at == datetime(2027, 3, 16, 8, tzinfo=UTC)


def test_the_first_hour_must_be_ahead_and_there_must_be_a_place(stage):
    with pytest.raises(Invalid) as refused:
        stage.begin(starts_on=date(2027, 2, 23))
    assert set(refused.value.errors) == {"starts_on"}
    stage.post.variants.all().delete()
    with pytest.raises(Invalid):
        stage.begin()


steps = st.one_of(
    st.tuples(st.just("unroll"), st.sampled_from([8, 20, 35])),
    st.tuples(st.just("travel"), st.integers(1, 12)),
    st.tuples(st.just("skip"), st.integers(0, 30)),
    st.tuples(st.just("back"), st.integers(0, 30)),
    st.tuples(st.just("move"), st.integers(0, 30)),
    st.tuples(st.just("words"), st.integers(0, 30)),
    st.tuples(st.just("renew"), st.just(0)),
    st.tuples(st.just("follow"), st.integers(0, 30)),
)


@given(plan=st.lists(steps, min_size=3, max_size=9), every=st.integers(2, 5))
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_day_is_lost_or_doubled_whatever_happens(stage, clock, plan, every):
    clock.move_to(NOW)
    stage.post = make_post(stage.here, text="Каждые сколько-то дней")
    rule = Rule(starts_on=date(2027, 3, 2), at=time(2, 30), unit="day", every=every, until=date(2027, 4, 13))
    live = series.start(stage.actor, post_id=stage.post.pk, rule=rule)
    chain, skipped = [live], set()
    for step, number in plan:
        days = days_in(live)
        day = days[number % len(days)]
        try:
            if step == "unroll":
                unroll(live.pk, ahead=timedelta(days=number))
            elif step == "travel":
                clock.shift(timedelta(days=number))
            elif step == "skip":
                series.skip(stage.actor, series_id=live.pk, day=day)
                skipped.add(day)
            elif step == "back":
                series.bring_back(stage.actor, series_id=live.pk, day=day)
                skipped.discard(day)
            elif step == "move":
                shift(stage, live, number)
            elif step == "words":
                post = series.make_now(stage.actor, series_id=live.pk, day=day)
                drafts.save(
                    stage.actor, post_id=post.pk, version=post.version, fields={"text": f"Сегодня {number}"}
                )
            elif step == "renew":
                series.renew(stage.actor, series_id=live.pk)
            else:
                goes_on = Rule(
                    starts_on=day, at=time(2, 30), unit="day", every=every, until=date(2027, 4, 13)
                )
                live = series.change_following(stage.actor, series_id=live.pk, day=day, rule=goes_on)
                chain.append(live)
        except Invalid:
            pass  # refused with a sentence; nothing may have changed by it
    clock.move_to(datetime(2027, 5, 20, tzinfo=UTC))
    for one in chain:
        unroll(one.pk)
    asked = [day for day in rule.days if day not in skipped]
    rows = Occurrence.objects.filter(series__in=chain, skipped_at=None, post__deleted_at=None)
    assert sorted(rows.values_list("day", flat=True)) == asked
    assert Occurrence.objects.filter(series__in=chain, skipped_at__isnull=False).count() == len(skipped)
    per_post = Delivery.objects.filter(post__occurrence__in=rows).values_list("post")
    assert len(set(per_post)) == len(per_post)


def shift(stage: Stage, live: Series, number: int) -> None:
    """A person gives one of the waiting ones another hour."""
    waiting = list(Delivery.objects.filter(post__occurrence__series=live, state=State.QUEUED).order_by("pk"))
    if waiting:
        one = waiting[number % len(waiting)]
        schedule.reschedule(stage.actor, delivery_id=one.pk, at=one.due_at + timedelta(hours=number))
