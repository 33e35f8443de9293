"""The law of one number: sums of ratios, missing numbers, ages, periods, borders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics.dictionary import measure, measures
from niva.domains.metrics.figures import CannotBeParted, Figure, Scope, figure, figures, posts_in, silences
from niva.domains.metrics.models import Absence, Daily, PostAtAge, PostNumbers, Subject
from niva.domains.metrics.periods import Period, last_days, month_of
from niva.domains.publishing.factories import make_publication

pytestmark = pytest.mark.django_db
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


class World:
    def __init__(self) -> None:
        workspace = make_workspace()
        self.actor = make_actor(workspace)
        self.client = make_client(workspace)
        self.place = make_community(self.client)
        self.everything = Scope(client_id=self.client.pk)

    def post(
        self, day: int = 5, *, removed: bool = False, place=None, **counters: float | None
    ) -> PostNumbers:
        community = place or self.place
        at = datetime(2026, 10, day, 9, tzinfo=UTC)
        publication = make_publication(community, published_at=at)
        PostNumbers.objects.filter(pk=publication.pk).delete()
        return PostNumbers.objects.create(
            publication=publication, workspace=self.client.workspace, client=community.client,
            community=community, format="text", published_at=at, day=at.date(), weekday=at.isoweekday(),
            hour=12, removed=removed, read_at=at + timedelta(days=9), **counters,
        )  # fmt: skip

    def day(self, day: int, metric: str, gained: float, level: float | None = None, place=None) -> None:
        subject = (
            Subject.COMMUNITY if metric in ("followers", "messages", "visitors") else Subject.PUBLICATION
        )
        Daily.objects.update_or_create(
            community=place or self.place, subject=subject, metric=metric, day=date(2026, 10, day),
            defaults={"gained": gained, "level": level},
        )  # fmt: skip

    def one(self, word: str, **more) -> Figure:
        return figure(self.actor, word, self.everything, OCTOBER, **more)


@pytest.fixture
def world() -> World:
    return World()


def test_a_ratio_is_a_ratio_of_sums_over_posts_that_know_both_parts(world: World) -> None:
    world.post(likes=10, reach=100)
    world.post(likes=10, reach=1900)
    world.post(likes=500)  # its network gives no reach
    found = world.one("er_reach")
    assert found.value == pytest.approx(100 * 20 / 2000)
    assert (found.top, found.bottom, found.rests_on, found.missing) == (20, 2000, 2, 1)


def test_missing_is_none_and_never_zero(world: World) -> None:
    world.post()
    found = world.one("views")
    assert (found.value, found.rests_on, found.missing, found.read_at) == (None, 0, 1, None)
    assert world.one("publications").value == 1


def test_no_posts_give_no_ratio_and_a_bottom_of_zero_none_either(world: World) -> None:
    assert world.one("er_reach").value is None
    world.post(likes=3, reach=0)
    assert world.one("er_reach").value is None
    assert world.one("er_reach").top == 3


def test_a_removed_post_is_left_out_of_posts(world: World) -> None:
    world.post(likes=3)
    world.post(likes=300, removed=True)
    assert world.one("likes").value == 3
    assert posts_in(world.actor, world.everything, OCTOBER).count() == 1


def test_votes_do_not_inflate_engagement(world: World) -> None:
    world.post(likes=2, comments=1, votes=900, reach=100)
    assert world.one("engagement").value == 3
    assert world.one("er_reach").value == pytest.approx(3)


def test_at_one_age_younger_posts_are_missing(world: World) -> None:
    old, young = world.post(reach=900), world.post(reach=10)
    PostAtAge.objects.filter(publication_id__in=[old.pk, young.pk]).delete()
    PostAtAge.objects.create(publication_id=old.pk, age=24, reach=400)
    found = world.one("reach", age=24)
    assert (found.value, found.rests_on, found.missing) == (400, 1, 1)
    with pytest.raises(CannotBeParted):
        world.one("reach", age=25)


def test_followers_of_the_day_stand_below_engagement_by_followers(world: World) -> None:
    world.day(5, "followers", 3, level=200)
    world.post(5, likes=4)
    world.post(6, likes=4)  # nobody read the followers that day
    found = world.one("er_followers")
    assert (found.value, found.missing) == (pytest.approx(2), 1)


def test_parts_add_up_to_the_whole(world: World) -> None:
    for day, likes in ((1, 3), (5, 4), (5, 6), (30, 1)):
        world.post(day, likes=likes)
    for by in ("day", "week", "month", "community", "client", "rubric", "format", "weekday", "hour"):
        parts = figures(world.actor, ["likes"], world.everything, OCTOBER, by=by)
        assert sum(part.value or 0 for part in parts) == 14, by
    assert [part.key for part in figures(world.actor, ["likes"], world.everything, OCTOBER, by="day")] == [
        date(2026, 10, 1), date(2026, 10, 5), date(2026, 10, 30)
    ]  # fmt: skip


def test_gained_adds_days_and_tells_who_was_silent(world: World) -> None:
    other = make_community(world.client)
    world.day(3, "reach", 100)
    world.day(4, "reach", -20)  # a network took some back: it stays a fall
    world.day(4, "likes", 8)
    found = world.one("reach", basis="gained")
    assert (found.value, found.rests_on, found.missing) == (80, 1, 1)
    assert world.one("er_reach", basis="gained").value == pytest.approx(10)
    by_place = figures(world.actor, ["reach"], world.everything, OCTOBER, by="community", basis="gained")
    assert {one.key: one.value for one in by_place} == {world.place.pk: 80, other.pk: None}


def test_followers_change_with_those_who_left(world: World) -> None:
    world.day(1, "followers", 10, level=1010)
    world.day(2, "followers", -300, level=710)
    assert world.one("followers", basis="gained").value == -290


def test_a_ratio_by_days_takes_only_days_that_know_both(world: World) -> None:
    world.day(3, "reach", 100)
    world.day(3, "likes", 5)
    world.day(4, "likes", 7)
    found = figures(world.actor, ["er_reach"], world.everything, OCTOBER, by="day", basis="gained")
    assert [(one.key.day, one.value) for one in found] == [(3, pytest.approx(5)), (4, None)]


def test_what_days_cannot_tell_is_refused(world: World) -> None:
    for asked in (
        {"by": "rubric", "basis": "gained", "words": ["reach"]},
        {"by": "", "basis": "gained", "words": ["publications"]},
        {"by": "", "basis": "posts", "words": ["followers"]},
        {"by": "", "basis": "posts", "words": ["unit_cost"]},
    ):
        words = asked.pop("words")
        with pytest.raises(CannotBeParted):
            figures(world.actor, words, world.everything, OCTOBER, **asked)
    with pytest.raises(CannotBeParted):
        figures(world.actor, ["reach"], Scope(paid=True), OCTOBER, basis="gained")


def test_strangers_numbers_are_not_there(world: World) -> None:
    world.post(likes=5)
    world.day(3, "reach", 100)
    stranger = make_actor(make_workspace())
    assert figure(stranger, "likes", Scope(client_id=world.client.pk), OCTOBER).rests_on == 0
    assert figure(stranger, "reach", Scope(client_id=world.client.pk), OCTOBER, basis="gained").value is None
    Absence.objects.create(community=world.place, subject="publication", metric="views", reason="x",
                           seen_at=datetime.now(UTC))  # fmt: skip
    assert silences(stranger, Scope()) == {}
    assert silences(world.actor, Scope())["views"] == [(world.place, "x")]


def test_queries_do_not_grow_with_posts(world: World) -> None:
    words = ["views", "reach", "likes", "er_reach", "er_followers", "clicks_reach"]
    for _ in range(2):
        world.post(likes=1)
        with CaptureQueriesContext(connection) as asked:
            figures(world.actor, words, world.everything, OCTOBER, by="rubric")
        assert len(asked) == 1


def test_periods() -> None:
    assert OCTOBER.is_month and OCTOBER.days == 31
    assert OCTOBER.before() == month_of(date(2026, 9, 12)) == Period(date(2026, 9, 1), date(2026, 9, 30))
    week = last_days(date(2026, 11, 24), 7)
    assert (week.since, week.until, week.days) == (date(2026, 11, 17), date(2026, 11, 23), 7)
    assert week.before() == Period(date(2026, 11, 10), date(2026, 11, 16))
    with pytest.raises(ValueError):
        Period(date(2026, 1, 2), date(2026, 1, 1))


def test_every_measure_has_both_languages_and_a_formula() -> None:
    for word, one in measures().items():
        assert set(one.name) == set(one.plain) == {"ru", "en"}, word
        assert one.top and one.version >= 1
    assert measure("er_reach").parts == {"likes", "comments", "reposts", "saves", "reach"}
