"""The best time of a client: asked once, said once a month, settled by what the posts after it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics.factories import make_numbers
from niva.domains.metrics.posts_read import PostRow, posts_at
from niva.domains.publishing.models import Publication
from niva.flows import best_time, works
from niva.flows.weighed import posts_of
from niva.numbers import worlds
from niva.numbers.levels import Posts

pytestmark = pytest.mark.django_db
_BEGIN = date(2026, 1, 5)  # a Monday
NOW = datetime.fromisoformat("2027-02-20T12:00+00:00")


def rows_of(posts: Posts, community_id: int = 1) -> list[PostRow]:
    """A made-up account as rows of the database."""
    found = []
    for place in range(len(posts)):
        day = _BEGIN + timedelta(days=int(posts.day[place]))
        hour = int(posts.hour[place])
        at = datetime.fromisoformat(f"{day}T{hour:02d}:{place % 60:02d}:00+00:00")
        found.append(
            PostRow(
                place + 1, community_id, at, day, int(posts.weekday[place]), hour,
                ("text", "photo", "video")[int(posts.content["format"][place])], None, 300, 1, False,
                bool(posts.paid[place]), float(posts.value[place]),
            )
        )  # fmt: skip
    return found


@pytest.fixture
def desk(monkeypatch):
    workspace = make_workspace()
    actor, client = make_actor(workspace), make_client(workspace)
    made = worlds.better(np.random.default_rng(3), count=600, factor=1.6)
    kept: dict[str, Any] = {"actor": actor, "client": client, "rows": rows_of(made), "asked": 0}

    def read(*_args: Any, **_named: Any) -> list[PostRow]:
        kept["asked"] += 1
        return kept["rows"]

    monkeypatch.setattr("niva.flows.weighed.posts_at", read)
    return kept


def test_what_is_shown_is_written_down_once_a_month(desk):
    found = best_time.ask(desk["actor"], desk["client"], None, "reach")
    assert found.advice.slots
    assert found.record is not None and found.record.ours.asked > 3
    for _again in range(2):
        best_time.remember(desk["client"], None, found, NOW)
    said = Advice.objects.get(kind=AdviceKind.BEST_TIME)
    assert said.expected is not None and 1.1 < said.expected < 2
    assert (
        said.about["slots"][0] == {"weekday": None, "since": 18, "until": 21} or len(said.about["slots"]) > 1
    )


def test_the_same_posts_are_not_weighed_twice(desk, monkeypatch):
    first = best_time.ask(desk["actor"], desk["client"], None, "reach")
    monkeypatch.setattr(best_time, "_weighed", lambda *_args: pytest.fail("weighed again"))
    again = best_time.ask(desk["actor"], desk["client"], None, "reach")
    assert again.advice.slots == first.advice.slots
    desk["rows"] = desk["rows"][:-1]
    with pytest.raises(pytest.fail.Exception):
        best_time.ask(desk["actor"], desk["client"], None, "reach")


@pytest.mark.parametrize(("factor", "verdict"), [(2.5, Verdict.HIT), (0.3, Verdict.MISS)])
def test_an_advice_is_settled_by_what_the_posts_after_it_did(desk, factor, verdict):
    found = best_time.ask(desk["actor"], desk["client"], None, "reach")
    last = max(row.day for row in desk["rows"])
    said = datetime.fromisoformat(f"{last - timedelta(days=40)}T12:00+00:00")
    best_time.remember(desk["client"], None, found, said)
    row = Advice.objects.get()
    since = date.fromisoformat(row.about["since"])
    held = {hour for slot in row.about["slots"] for hour in range(slot["since"], slot["until"])}
    desk["rows"] = [
        replace(one, value=(one.value or 0) * factor) if one.day >= since and one.hour in held else one
        for one in desk["rows"]
    ]
    early = datetime.combine(row.due_on - timedelta(days=1), said.timetz())
    assert best_time.round_of_all(early) == 0
    assert best_time.round_of_all(early + timedelta(days=2)) == 1
    row.refresh_from_db()
    assert row.verdict == verdict
    assert row.came is not None
    assert best_time.round_of_all(early + timedelta(days=3)) == 0


def test_without_posts_in_the_month_nothing_is_claimed(desk):
    found = best_time.ask(desk["actor"], desk["client"], None, "reach")
    best_time.remember(desk["client"], None, found, NOW + timedelta(days=400))
    assert best_time.round_of_all(NOW + timedelta(days=450)) == 1
    row = Advice.objects.get()
    assert (row.verdict, row.why, row.came) == (Verdict.VOID, "few_posts", None)


def test_nothing_is_said_where_nothing_can_be_told(desk):
    desk["rows"] = rows_of(worlds.nothing(np.random.default_rng(0), count=200))
    found = best_time.ask(desk["actor"], desk["client"], None, "reach")
    assert found.advice.slots == ()
    best_time.remember(desk["client"], None, found, NOW)
    assert not Advice.objects.exists()


def test_what_works_keeps_paid_posts_apart(desk):
    desk["rows"] = rows_of(worlds.paid(np.random.default_rng(0), count=400))
    organic = works.ask(desk["actor"], desk["client"], None, "reach", paid=False)
    paid = works.ask(desk["actor"], desk["client"], None, "reach", paid=True)
    assert organic.left_out["paid"] + paid.left_out["organic"] == 400
    assert {one.factor for one in organic.works.effects} >= {"format", "hours", "day"}


def test_posts_are_read_at_one_age_and_strangers_read_none():
    workspace = make_workspace()
    actor, community = make_actor(workspace), make_community(make_client(workspace))
    for day in range(3):
        make_numbers(community, _BEGIN + timedelta(days=day), age=72, reach=100 + day, hour=9)
    make_numbers(community, _BEGIN, age=24, reach=7)
    make_numbers(community, _BEGIN, age=72, reach=9, removed=True)
    named = {"client_id": community.client_id, "word": "reach", "age": 72}
    rows = posts_at(actor, **named)
    assert [row.value for row in rows if row.value is not None] == [100, 101, 102]
    assert [row.value for row in rows].count(None) == 1
    assert posts_at(make_actor(make_workspace()), **named) == []
    assert len(posts_of(rows, times=True)) == 4
    with pytest.raises(ValueError, match="weighed"):
        posts_at(actor, **(named | {"age": 5}))
    assert Publication.objects.count() == 5
