"""Why a client's number changed, from rows of posts, of the goal and of money."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from niva.domains.clients.factories import (
    make_actor,
    make_client,
    make_cost,
    make_facts,
    make_goal,
    make_workspace,
)
from niva.domains.communities.factories import make_community
from niva.domains.metrics.factories import make_numbers
from niva.domains.metrics.figures import Scope, figure
from niva.domains.metrics.periods import Period, last_days
from niva.flows.why import Why, why
from niva.numbers.spread import Verdict
from niva.numbers.why.tree import Node

pytestmark = pytest.mark.django_db


class Scene:
    """A quiet history; then two weeks of a post a day and two weeks of a post in two days."""

    def __init__(self) -> None:
        workspace = make_workspace()
        self.actor = make_actor(workspace)
        self.client = make_client(workspace)
        self.vk = make_community(self.client)
        self.today = timezone.localdate()
        self.after = Period(self.today - timedelta(days=22), self.today - timedelta(days=9))
        self.before = self.after.before()

    def posts(self, *, every: int = 2, clicks: bool = True) -> None:
        start = self.before.since - timedelta(days=28)
        for number in range(56):
            day = start + timedelta(days=number)
            if day >= self.after.since and number % every:
                continue
            told: dict[str, Any] = {"clicks": 20.0 + number % 4} if clicks else {}
            make_numbers(self.vk, day, reach=1000.0 + 50 * (number % 7), **told)

    def ask(self, what: str = "") -> Why:
        return why(self.actor, self.client, what, self.before, self.after)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def adds_up(root: Node) -> None:
    for node in root.walk():
        if node.children:
            assert sum((child.effect for child in node.children), Decimal(0)) == node.effect


def test_fewer_posts_are_named_as_the_reason(scene: Scene) -> None:
    scene.posts()
    found = scene.ask()
    assert (found.what, found.base, found.steps) == ("clicks", "reach", ("posts", "reach", "clicks"))
    assert found.tree is not None
    adds_up(found.tree)
    posts, reach, clicks, rest = found.tree.children
    assert (posts.before, posts.after) == (14, 7)
    assert posts.effect < 0 and abs(posts.effect) > abs(reach.effect) + abs(clicks.effect)
    assert posts.verdict in (Verdict.REAL, Verdict.LEANING)
    assert reach.verdict is Verdict.NOISE and rest.effect == 0


def test_the_ends_are_the_figures_of_every_other_page(scene: Scene) -> None:
    scene.posts()
    found = scene.ask("base")
    assert found.tree is not None
    for period, mine in ((scene.before, found.tree.before), (scene.after, found.tree.after)):
        theirs = figure(scene.actor, "reach", Scope(client_id=scene.client.pk), period, age=found.age)
        assert mine == theirs.value


def test_a_goal_is_told_along_the_chain_and_its_price_too(scene: Scene) -> None:
    scene.posts()
    goal = make_goal(scene.client, starts_on=scene.before.since - timedelta(days=28), deadline=scene.today)
    days = [scene.before.since + timedelta(days=n) for n in range(28)]
    make_facts(goal, {day: (2 if day < scene.after.since else 1) for day in days})
    for period in (scene.before, scene.after):
        make_cost(scene.client, 1400, spent_on=period.since)
    found = scene.ask()
    assert found.what == "goal" and found.tree is not None
    assert (found.tree.before, found.tree.after) == (28, 14)
    assert found.tree.effect == -14
    adds_up(found.tree)
    price = scene.ask("cost")
    assert price.tree is not None
    assert (price.tree.before, price.tree.after) == (50, 100)
    assert price.tree.effect == 50
    adds_up(price.tree)


def test_a_goal_younger_than_the_days_is_not_compared(scene: Scene) -> None:
    scene.posts()
    make_goal(scene.client, starts_on=scene.after.since, deadline=scene.today)
    found = scene.ask("goal")
    assert (found.tree, found.code) == (None, "goal_later")


def test_a_community_without_numbers_is_named_and_paid_posts_stand_apart(scene: Scene) -> None:
    scene.posts(clicks=False)
    silent = make_community(scene.client, "max", name="Канал без чисел")
    make_numbers(silent, scene.after.since)
    make_numbers(scene.vk, scene.after.since, reach=9000.0, paid=True)
    make_numbers(scene.vk, scene.after.until)  # not read at that age: it cannot stand beside the others
    found = scene.ask()
    assert (found.silent, found.unread, found.what) == (("Канал без чисел",), 1, "base")
    assert found.tree is not None
    assert found.tree.children[1].name == "mix"
    keys = [child.name for child in found.tree.children[1].children]
    assert keys == [str(scene.vk.pk), f"{scene.vk.pk}$"]


def test_nothing_out_is_said(scene: Scene) -> None:
    assert scene.ask().code == "no_posts"


def test_days_just_over_are_compared_younger(scene: Scene) -> None:
    scene.posts()
    found = why(
        scene.actor, scene.client, "", last_days(scene.today, 28).before(), last_days(scene.today, 28)
    )
    assert found.age == 24
    assert found.code == "no_posts", "these posts were read at seven days only"


def test_few_queries_whatever_the_number_of_posts(scene: Scene) -> None:
    scene.posts()
    make_goal(scene.client, starts_on=scene.before.since - timedelta(days=28), deadline=date(2099, 1, 1))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        scene.ask("cost")
    assert len(seen) <= 8
