"""The numbers of posts follow readings and what happens to posts. In whatever order readings come, all sums
are those of the raw rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics import posts, queries, rollups, services, typed
from niva.domains.metrics.models import Daily, Latest, PostAtAge, PostNumbers, Reading, Source, Subject
from niva.domains.people.errors import NotFound
from niva.domains.publishing.factories import make_publication
from niva.domains.publishing.models import Post, Publication
from niva.domains.publishing.services.sight import is_gone, was_seen
from niva.domains.strategy.factories import make_rubric
from niva.networks.base.types import Measure

pytestmark = pytest.mark.django_db
OUT = datetime(2026, 11, 10, 20, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def community(db):
    return make_community(make_client(make_workspace()), time_zone="Asia/Vladivostok")


@pytest.fixture
def out(community) -> Publication:
    return make_publication(community, published_at=OUT)


def take(publication, at, *, definition=1, **values):
    services.ingest(
        community=publication.community, subject=Subject.PUBLICATION, subject_id=publication.pk, at=at,
        readings=tuple(Measure(name, value, definition) for name, value in values.items()),
    )  # fmt: skip


def at_ages(publication, metric="views"):
    rows = PostAtAge.objects.filter(publication=publication).order_by("age")
    return {row.age: getattr(row, metric) for row in rows}


def test_a_row_stands_by_the_communitys_own_clock_with_the_newest_numbers(out):
    take(out, OUT + HOUR, views=10, likes=1)
    take(out, OUT + 2 * HOUR, views=30)
    row = PostNumbers.objects.get()
    assert (row.day.day, row.weekday, row.hour) == (11, 3, 6)  # ten hours on in Vladivostok
    assert (row.views, row.likes, row.reach) == (30, 1, None)
    assert row.read_at == OUT + 2 * HOUR


def test_an_age_lies_on_the_straight_line_between_two_readings(out):
    take(out, OUT + 0.5 * HOUR, views=10)
    assert at_ages(out) == {}
    take(out, OUT + 1.5 * HOUR, views=20, likes=4)
    assert at_ages(out) == {1: 15}
    assert at_ages(out, "likes") == {1: pytest.approx(4 * 1 / 1.5)}  # from nothing at its hour
    take(out, OUT + 20 * HOUR, views=100)
    take(out, OUT + 30 * HOUR, views=150)
    assert at_ages(out) == {1: 15, 24: 120}


def test_an_age_with_no_reading_near_is_absent(out):
    take(out, OUT + 2.5 * HOUR, views=50)  # an hour and a half from the age of one hour
    take(out, OUT + 60 * HOUR, views=90)  # 36 hours from the age of a day
    assert at_ages(out) == {}


def test_a_late_and_a_corrected_reading_move_ages_and_days(out, community):
    take(out, OUT + 12 * HOUR, views=100)
    take(out, OUT + 36 * HOUR, views=200)
    assert at_ages(out) == {24: 150}
    take(out, OUT + 24 * HOUR, views=190)
    assert at_ages(out) == {24: 190}
    assert [(one.day.day, one.gained) for one in Daily.objects.order_by("day")] == [(11, 100), (12, 100)]
    value = typed.Brought(Subject.PUBLICATION, out.pk, "views", 120, (OUT + 10 * HOUR).date())
    typed.bring(community, [value], source=Source.HAND, now=OUT + 48 * HOUR)
    days = {one.day.day: one.gained for one in Daily.objects.all()}
    assert sum(days.values()) == 200
    assert PostNumbers.objects.get().views == 200


def test_a_definition_that_changes_begins_the_day_anew(out):
    take(out, OUT + 12 * HOUR, views=100)
    take(out, OUT + 36 * HOUR, views=900, definition=2)
    take(out, OUT + 37 * HOUR, views=910, definition=2)
    last = Daily.objects.order_by("-day")[0]
    assert (last.gained, last.anew) == (10, True)
    assert at_ages(out) == {}  # no line is drawn from one count to the other
    asked = {"client_id": out.client_id, "since": last.day, "until": last.day}
    assert queries.counted_anew(make_actor(out.workspace), **asked) == [(last.day, out.community, "views")]
    assert Latest.objects.get().definition == 2


def test_followers_that_fall_by_a_purge_stay_a_fall(community):
    for hours, value in ((0, 5000), (6, 5010), (12, 3100)):
        services.ingest(community=community, subject=Subject.COMMUNITY, subject_id=community.pk,
                        readings=(Measure("followers", value),), at=OUT + hours * HOUR)  # fmt: skip
    day = Daily.objects.get()
    assert (day.gained, day.level, day.anew) == (-1900, 3100, False)


def test_rubric_removal_and_clock_are_followed_whoever_changes_them(out, community):
    take(out, OUT + HOUR, views=1)
    rubric = make_rubric(community.client)
    Post.objects.filter(pk=out.post_id).update(rubric=rubric)
    is_gone(out.pk)
    row = PostNumbers.objects.get()
    assert (row.rubric_id, row.removed) == (rubric.pk, True)
    was_seen(out.pk, sight=Publication.Sight.ALIVE)
    community.time_zone = "Europe/Kaliningrad"
    community.save()
    row.refresh_from_db()
    assert (row.removed, row.hour, row.day.day) == (False, 22, 10)


def test_a_community_takes_its_numbers_with_it(out, community):
    take(out, OUT + HOUR, views=1)
    services.ingest(community=community, subject=Subject.COMMUNITY, subject_id=community.pk,
                    readings=(Measure("followers", 5),), at=OUT)  # fmt: skip
    out.delivery.delete()
    community.delete()
    for model in (Reading, Latest, Daily, PostNumbers, PostAtAge):
        assert not model.objects.exists(), model


def test_posts_without_a_row_are_filled_in_with_what_was_read(out):
    take(out, OUT + HOUR, views=7)
    PostNumbers.objects.all().delete()
    PostAtAge.objects.all().delete()
    assert (posts.fill(), posts.fill()) == (1, 0)
    assert PostNumbers.objects.get().views == 7
    assert at_ages(out) == {1: 7}


def test_paid_is_told_by_those_who_write_there(out):
    posts.set_paid(make_actor(out.workspace), publication_id=out.pk, paid=True)
    take(out, OUT + HOUR, views=7)
    assert PostNumbers.objects.get().paid
    with pytest.raises(NotFound):
        posts.set_paid(make_actor(make_workspace()), publication_id=out.pk, paid=False)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ({"text": "Слово"}, "text"),
        ({"text": "см. https://example.org/a"}, "link"),
        ({"text": "", "link": {"url": "https://example.org"}}, "link"),
        ({"media": [{"kind": "image"}]}, "photo"),
        ({"media": [{"kind": "image"}, {"kind": "image"}]}, "album"),
        ({"media": [{"kind": "video", "width": 1920, "height": 1080, "duration": 40}]}, "video"),
        ({"media": [{"kind": "video", "width": 1080, "height": 1920, "duration": 40}]}, "clip"),
        ({"media": [{"kind": "video", "width": 1080, "height": 1920, "duration": 400}]}, "video"),
        ({"media": [{"kind": "image"}], "options": {"form": "story"}}, "story"),
        ({"text": "?", "poll": {"question": "?", "options": ["a", "b"]}}, "poll"),
        ({"text": "1", "thread": [{"text": "2"}]}, "thread"),
    ],
)
def test_the_form_is_that_of_what_went_out(content, form):
    assert posts.format_of(content) == form


Step = st.tuples(
    st.integers(0, 2),  # which post; 2: the community itself
    st.sampled_from(["views", "likes", "followers"]),
    st.integers(0, 90),  # hours
    st.integers(0, 50),
    st.sampled_from([1, 1, 1, 2]),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[(0, "views", 2, 0, 1), (0, "views", 0, 0, 2)], cut=1)
@given(steps=st.lists(Step, min_size=1, max_size=14), cut=st.integers(1, 5))
def test_in_whatever_order_and_batches_all_sums_are_those_of_the_raw_rows(community, steps, cut):
    Reading.objects.all().delete()
    for model in (Latest, Daily, PostNumbers, PostAtAge):
        model.objects.all().delete()
    known = list(Publication.objects.order_by("pk"))
    while len(known) < 2:
        known.append(make_publication(community, published_at=OUT))
    told = []
    for which, metric, hours, value, definition in steps:
        subject, pk = (
            (Subject.COMMUNITY, community.pk) if which == 2 else (Subject.PUBLICATION, known[which].pk)
        )
        name = "followers" if which == 2 else {"followers": "saves"}.get(metric, metric)
        told.append(
            services.Told(community.pk, subject, pk, (Measure(name, value, definition),), OUT + hours * HOUR)
        )
    for start in range(0, len(told), cut):
        services.ingest_many(told[start : start + cut])
    kept = state()
    rollups.rebuild()
    assert kept == state()


def state():
    """All that is reckoned. A day whose growth went elsewhere may stand as a zero."""
    days = Daily.objects.exclude(gained=0).order_by("subject", "metric", "day")
    return (
        list(days.values_list("subject", "metric", "day", "gained", "level")),
        sorted(Latest.objects.values_list("subject", "subject_id", "metric", "value", "at", "definition")),
        list(
            PostNumbers.objects.filter(read_at__isnull=False)
            .order_by("pk")
            .values_list("pk", "views", "likes", "saves", "read_at")
        ),
        sorted(PostAtAge.objects.values_list("publication_id", "age", "views", "likes", "saves"), key=repr),
    )
