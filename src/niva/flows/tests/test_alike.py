"""Warnings before a post goes out, and the scatter that answers one of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.errors import Conflict
from niva.domains.publishing import queries
from niva.domains.publishing.factories import make_post, planned
from niva.domains.publishing.rules import Rule
from niva.domains.publishing.services import drafts, schedule, series
from niva.flows import alike, scatter

NOW = datetime(2027, 2, 1, 6, tzinfo=UTC)
TEXT = "Сварили сыр из утреннего молока, головки по восемьсот граммов, привезём в субботу к девяти утра"
OTHER = "Ищем водителя на выходные: машина наша, маршрут короткий, платим в тот же день"


class Stage:
    def __init__(self) -> None:
        self.actor = make_actor(make_workspace(), language="en")
        self.client = make_client(self.actor.workspace)
        self.here, self.there, self.third = (
            connect(make_community(self.client, network)) for network in ("practice", "telegram", "mastodon")
        )

    def scheduled(self, text: str, at: datetime, *communities):
        post = make_post(*(communities or (self.here,)), text=text)
        schedule.schedule(self.actor, post_id=post.pk, at=at)
        return post

    def said(self, post) -> list[alike.Remark]:
        return alike.remarks(self.actor, queries.post_page(self.actor, post.pk))

    def said_once(self, post) -> list[alike.Remark]:
        """And the draft is gone again, so that it is nobody's neighbour."""
        found = self.said(post)
        post.delete()
        return found


@pytest.fixture
def stage(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield Stage()


def draft(stage, text=TEXT, *, at=NOW + timedelta(days=20), places=()):
    return planned(make_post(*(places or (stage.here,)), text=text), at)


def test_the_same_text_within_thirty_days_is_told_with_its_post(stage):
    old = stage.scheduled(TEXT.upper() + "!", NOW + timedelta(days=1))
    (remark,) = stage.said_once(draft(stage))
    assert (remark.kind, remark.post_id, remark.exact) == ("text", old.pk, True)
    assert stage.said_once(draft(stage, at=NOW + timedelta(days=32))) == []
    assert stage.said_once(draft(stage, OTHER)) == []
    assert stage.said(draft(stage, places=(stage.there,))) == []


def test_nearly_the_same_text_is_told_as_such(stage):
    stage.scheduled(TEXT.replace("субботу", "пятницу"), NOW + timedelta(days=1))
    (remark,) = stage.said(draft(stage))
    assert (remark.kind, remark.exact) == ("text", False)


def test_a_draft_counts_and_what_was_taken_back_does_not(stage):
    other = draft(stage, at=NOW + timedelta(days=3))
    assert [one.post_id for one in stage.said_once(draft(stage))] == [other.pk]
    drafts.bin_post(stage.actor, post_id=other.pk)
    sent = stage.scheduled(TEXT, NOW + timedelta(days=4))
    schedule.cancel(stage.actor, delivery_id=sent.deliveries.get().pk)
    assert stage.said(draft(stage, at=NOW + timedelta(days=5))) == []


def test_the_same_hour_is_a_quarter_of_an_hour(stage):
    at = NOW + timedelta(days=2)
    stage.scheduled(OTHER, at)
    assert [one.kind for one in stage.said_once(draft(stage, at=at + timedelta(minutes=15)))] == ["hour"]
    assert stage.said(draft(stage, at=at + timedelta(minutes=16))) == []


def test_a_post_without_an_hour_is_at_nobodys_hour(stage):
    stage.scheduled(OTHER, NOW + timedelta(minutes=5))
    assert stage.said(make_post(stage.here, text=TEXT)) == []


def test_one_text_on_three_networks_is_told_until_one_has_its_own(stage):
    places = (stage.here, stage.there, stage.third)
    post = draft(stage, places=places)
    (remark,) = stage.said(post)
    assert (remark.kind, remark.count) == ("many", 3)
    variant = post.variants.first()
    drafts.save(
        stage.actor, post_id=post.pk, version=1, fields={}, variants={variant.pk: {"own_text": OTHER}}
    )
    assert stage.said(post) == []


def test_days_of_one_series_are_meant_to_be_alike(stage):
    post = make_post(stage.here, text=TEXT)
    rule = Rule(starts_on=date(2027, 2, 2), at=time(12), unit="day", count=5)
    one = series.start(stage.actor, post_id=post.pk, rule=rule)
    day = one.occurrences.first().post
    assert stage.said(day) == [] == stage.said(one.post)
    assert {remark.kind for remark in stage.said(draft(stage, at=NOW + timedelta(days=2)))} == {"text"}


def test_the_plan_marks_equal_texts_that_are_still_ahead(stage):
    first = stage.scheduled(TEXT, NOW + timedelta(days=1)).deliveries.get()
    second = stage.scheduled(TEXT.upper(), NOW + timedelta(days=9)).deliveries.get()
    alone = stage.scheduled(OTHER, NOW + timedelta(days=9)).deliveries.get()
    found = alike.equal_in_plan(stage.actor, since=NOW, until=NOW + timedelta(days=5))
    assert found == {first.pk: second.due_at}
    found = alike.equal_in_plan(stage.actor, since=NOW, until=NOW + timedelta(days=20))
    assert set(found) == {first.pk, second.pk}
    assert alone.pk not in found


def test_the_questions_stay_the_same_however_much_there_is(stage, django_assert_max_num_queries):
    post = queries.post_page(stage.actor, draft(stage, places=(stage.here, stage.there, stage.third)).pk)
    for n in range(12):
        stage.scheduled(f"{OTHER} {n}", NOW + timedelta(hours=n + 1), stage.here, stage.there)
    with django_assert_max_num_queries(3):
        alike.remarks(stage.actor, post)


def test_the_window_is_read_by_an_index(stage):
    post = queries.post_page(stage.actor, draft(stage).pk)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            "explain select 1 from publishing_delivery where client_id = %s and due_at between %s and %s",
            [post.client_id, NOW, NOW + timedelta(days=60)],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "delivery_client" in plan


def test_the_scatter_gives_each_network_its_line_and_its_hour(stage):
    places = (stage.here, stage.there, stage.third)
    post = draft(stage, "Сыр готов\n\nГоловки по 800 г.", places=places)
    throws = scatter.propose(stage.actor, queries.post_page(stage.actor, post.pk), step=60)
    assert [one.hook for one in throws] == ["Сыр готов"] * 3
    assert [one.at - post.planned_at for one in throws] == [timedelta(hours=n) for n in range(3)]
    chosen = [(one.variant.pk, f"{one.hook} {n}", one.at) for n, one in enumerate(throws)]
    chosen[0] = (throws[0].variant.pk, "Сыр готов", throws[0].at)
    scatter.throw(stage.actor, post_id=post.pk, version=1, chosen=chosen)
    rows = list(post.variants.values_list("own_text", "planned_at"))
    assert rows[0] == (None, post.planned_at)
    assert rows[1] == ("Сыр готов 1\n\nГоловки по 800 г.", post.planned_at + timedelta(hours=1))
    assert stage.said(post) == []
    schedule.schedule(stage.actor, post_id=post.pk, at=post.planned_at)
    assert sorted(one.due_at for one in post.deliveries.all()) == sorted(at for _text, at in rows)
    with pytest.raises(Conflict):
        scatter.throw(stage.actor, post_id=post.pk, version=1, chosen=chosen)
