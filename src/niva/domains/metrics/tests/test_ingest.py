"""Readings come in: growth is counted once, late ones change nothing, months have partitions."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics import services
from niva.domains.metrics.models import Absence, Daily, Latest, Reading, Subject
from niva.networks.base.types import Absent, Measure

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def take(community, value, at, *, subject=Subject.PUBLICATION, subject_id=1, metric="views"):
    services.ingest(
        community=community, subject=subject, subject_id=subject_id,
        readings=(Measure(metric, value),), at=at,
    )  # fmt: skip


@pytest.fixture
def community(db):
    return make_community(make_client(make_workspace()), time_zone="Asia/Vladivostok")


def test_growth_goes_to_the_day_of_the_communitys_own_clock(community):
    take(community, 10, NOON)
    take(community, 25, NOON + timedelta(hours=1))
    take(community, 40, NOON + timedelta(hours=5))  # past midnight in Vladivostok
    days = dict(Daily.objects.order_by("day").values_list("day", "gained"))
    assert [(day.day, gained) for day, gained in days.items()] == [(10, 25), (11, 15)]


def test_the_same_moment_twice_and_a_late_reading_change_nothing(community):
    take(community, 10, NOON)
    take(community, 10, NOON)
    take(community, 4, NOON - timedelta(hours=1))
    assert Latest.objects.get().value == 10
    assert Daily.objects.get().gained == 10
    assert Reading.objects.count() == 2


def test_a_counter_that_falls_takes_away(community):
    take(community, 10, NOON, metric="likes")
    take(community, 7, NOON + timedelta(minutes=5), metric="likes")
    assert Daily.objects.get().gained == 7


def test_a_community_was_there_before_us(community):
    take(community, 5000, NOON, subject=Subject.COMMUNITY, metric="followers")
    take(community, 5003, NOON + timedelta(hours=1), subject=Subject.COMMUNITY, metric="followers")
    day = Daily.objects.get()
    assert (day.gained, day.level) == (3, 5003)


def test_what_is_not_given_is_noted_with_the_reason_and_is_no_zero(community):
    services.ingest(
        community=community, subject=Subject.PUBLICATION, subject_id=1,
        readings=(Absent("views", "bot_api_has_no_views"),), at=NOON,
    )  # fmt: skip
    assert Absence.objects.get().reason == "bot_api_has_no_views"
    assert not Latest.objects.exists()
    assert not Daily.objects.exists()


@pytest.mark.parametrize("month", [1, 2, 12])
def test_every_month_has_a_partition_of_its_own(community, month):
    at = datetime(2027, month, 28, 23, 59, tzinfo=UTC)
    take(community, 1, at)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from metrics_reading_2027_{month:02}")
        assert cursor.fetchone()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_may_open_a_month_at_once():
    failed = []

    def open_month() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("select metrics_ensure_partition('2031-05-05')")
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=open_month) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []


@given(hours=st.floats(0, 24 * 400), pace=st.sampled_from([1.0, 20.0]))
def test_a_post_is_read_ever_less_often_and_at_last_no_more(hours, pace):
    age = timedelta(hours=hours)
    now, later = services.interval(age, pace=pace), services.interval(age + timedelta(hours=1), pace=pace)
    if now is None:
        assert later is None
    elif later is not None:
        assert later >= now
    if age * pace >= timedelta(days=90):
        assert now is None
