"""Goals counted from what is out and from what the networks count."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_goal, make_workspace
from niva.domains.clients.models import Counting
from niva.domains.clients.progress import Verdict
from niva.domains.communities.factories import make_community
from niva.domains.metrics.models import Absence, Daily
from niva.domains.publishing.models import Delivery, Post, Publication, Revision, Variant
from niva.flows.client_numbers import metric_rows, supports
from niva.flows.goal_fact import standing, standings

pytestmark = pytest.mark.django_db
START = dt.date(2026, 11, 1)


@pytest.fixture
def client():
    return make_client(make_workspace(), time_zone="Asia/Vladivostok")


def publish(community, at, post=None, removed=False):
    client = community.client
    post = post or Post.objects.create(workspace=client.workspace, client=client, title="Пост")
    variant = Variant.objects.create(post=post, community=community)
    revision = Revision.objects.create(variant=variant, number=1, content={}, sha256="0")
    common = {"workspace": client.workspace, "client": client, "community": community, "post": post,
              "revision": revision}  # fmt: skip
    delivery = Delivery.objects.create(variant=variant, due_at=at, state="published", **common)
    return Publication.objects.create(
        delivery=delivery,
        remote_id=f"{delivery.pk}",
        published_at=at,
        removed_at=at if removed else None,
        **common,
    )


def test_posts_count_once_on_the_clients_own_day_and_removed_ones_do_not(client, time_machine):
    time_machine.move_to("2026-11-17 03:00+00:00")
    goal = make_goal(client, counting=Counting.PUBLICATIONS, starts_on=START, deadline=dt.date(2026, 11, 30))
    vk, telegram = make_community(client, "vk"), make_community(client, "telegram")
    evening = dt.datetime(2026, 10, 31, 20, tzinfo=dt.UTC)  # 1 November in Vladivostok
    first = publish(vk, evening)
    publish(telegram, evening + dt.timedelta(hours=2), post=first.post)
    publish(vk, dt.datetime(2026, 10, 31, 8, tzinfo=dt.UTC))  # still October there
    publish(vk, dt.datetime(2026, 11, 5, tzinfo=dt.UTC), removed=True)
    found = standing(goal)
    assert found.progress.fact == 1
    assert [row.day for row in found.facts.rows if row.day >= START] == [START]


def test_no_posts_is_a_counted_zero(client):
    today = timezone.localdate()
    goal = make_goal(client, counting=Counting.PUBLICATIONS, starts_on=today, deadline=today)
    assert standing(goal).progress.fact == 0


def test_a_metric_is_summed_over_communities_and_the_silent_are_named(client, time_machine):
    time_machine.move_to("2026-11-17 03:00+00:00")
    goal = make_goal(client, counting=Counting.METRIC, metric="clicks", starts_on=START,
                     deadline=dt.date(2026, 11, 30))  # fmt: skip
    assert standing(goal).progress.verdict is Verdict.NO_DATA
    vk, telegram = make_community(client, "vk"), make_community(client, "telegram", name="Канал")
    for day in range(1, 11):
        Daily.objects.create(
            community=vk, subject="publication", metric="clicks", day=START.replace(day=day), gained=7
        )
    Daily.objects.create(community=vk, subject="community", metric="followers", day=START, gained=99)
    Daily.objects.create(
        community=vk, subject="publication", metric="clicks", day=dt.date(2026, 10, 30), gained=50
    )
    Absence.objects.create(
        community=telegram, subject="publication", metric="clicks", reason="no_link", seen_at=timezone.now()
    )
    found = standing(goal)
    assert found.progress.fact == Decimal(70)
    assert found.facts.silent == ("Канал",)
    actor = make_actor(client.workspace)
    assert sum(row.gained for row in metric_rows(actor, goal)) == 70


def test_many_goals_take_few_queries(client, django_assert_max_num_queries):
    goals = []
    for number in range(9):
        one = make_client(client.workspace, name=f"Заказчик {number}")
        way = list(Counting)[number % 3]
        goals.append(make_goal(one, counting=way, metric="clicks" if way == Counting.METRIC else ""))
    with django_assert_max_num_queries(4):
        assert len(standings(goals)) == 9


def test_supports_tell_missing_from_zero(client):
    goal = make_goal(client, supports=["clicks", "messages"])
    community = make_community(client)
    today = timezone.localdate()
    for back in range(1, 25):
        day = today - dt.timedelta(days=back)
        Daily.objects.create(
            community=community, subject="publication", metric="clicks", day=day, gained=0 if back < 9 else 40
        )
    clicks, messages = supports(goal)
    assert clicks.week == 0
    assert clicks.trend.real
    assert clicks.trend.down
    assert messages.week is None


def test_a_metric_with_a_past_is_foreseen_by_more_than_the_goals_own_days(client, time_machine):
    """Weekdays and the usual misses are known from the days before; else the goal's own days decide."""
    time_machine.move_to("2026-11-12 03:00+00:00")
    goal = make_goal(client, counting=Counting.METRIC, metric="clicks", starts_on=START, plan=Decimal(9000),
                     deadline=dt.date(2026, 11, 30))  # fmt: skip
    community = make_community(client)
    for back in range(1, 100):
        day = dt.date(2026, 11, 12) - dt.timedelta(days=back)
        gained = (20 if day.weekday() >= 5 else 100) + back * 37 % 11
        Daily.objects.create(
            community=community, subject="publication", metric="clicks", day=day, gained=gained
        )
    found = standing(goal)
    assert all(row.day >= START for row in found.facts.rows)
    assert max(row.day for row in found.facts.before) == START - dt.timedelta(days=1)
    rest = sum(
        25 if dt.date(2026, 11, day).weekday() >= 5 else 105 for day in range(12, 31)
    )  # what such days bring
    low, high = found.progress.expected.low, found.progress.expected.high
    assert low <= found.progress.fact + rest <= high
    Daily.objects.filter(day__lt=START).delete()
    alone = standing(goal).progress.expected
    assert alone.high - alone.low > (high - low) * 3 / 2
