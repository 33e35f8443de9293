"""The pages of reasons and of levers: what they say, whom they let in, what bad days do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from niva.domains.clients.factories import make_cost, make_facts
from niva.domains.clients.models import Goal
from niva.domains.clients.queries import today_of
from niva.domains.metrics.factories import make_numbers
from niva.kit.text import plain
from niva.web.posts.tests.conftest import Farm

pytestmark = pytest.mark.django_db


class Scene:
    """Three weeks of a post a day, then a week of three; ten leads a week before, three after."""

    def __init__(self) -> None:
        self.farm = Farm()
        self.browser = self.farm.browser()
        self.base = f"/clients/{self.farm.client.pk}/"
        self.today = today_of(self.farm.client)
        Goal.objects.update(starts_on=self.today - timedelta(days=60))
        self.goal = Goal.objects.get(client=self.farm.client)

    def fill(self) -> None:
        for ago in range(1, 29):
            if ago > 7 or ago % 3 == 0:
                day = self.today - timedelta(days=ago)
                make_numbers(self.farm.communities[0], day, age=24, reach=1000.0 + ago % 5, clicks=20.0)
                make_facts(self.goal, {day: 2})
        make_cost(self.farm.client, 5000, spent_on=self.today - timedelta(days=3), kind="people")

    def page(self, address: str, code: int = 200) -> str:
        answer = self.browser.get(self.base + address)
        assert answer.status_code == code
        return plain(answer.content.decode())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_the_reason_is_named_on_top_and_the_remainder_is_always_there(scene: Scene) -> None:
    scene.fill()
    page = scene.page("why/?days=week&what=goal")
    assert f"{scene.goal.figure}: 10 fewer than before" in page
    assert "fewer posts went out" in page
    assert "Remainder: not explained by the steps" in page and "14 → 4" in page
    assert "/numbers/rows/?measure=reach" not in page, "one community: nothing to part it by"


def test_price_and_visits_are_asked_by_pressing(scene: Scene) -> None:
    scene.fill()
    assert "Money spent" not in scene.page("why/?days=week&what=clicks")
    assert "There is no price of a unit" in scene.page("why/?days=week&what=cost")


@pytest.mark.parametrize(
    "query",
    ["since=x", "since=2026-01-01&until=2020-01-01&since0=1&until0=2", "days=never&what=never",
     "since=1900-01-01&until=1900-02-01&since0=1900-03-01&until0=1900-03-02"],
)  # fmt: skip
def test_days_that_cannot_be_read_are_said_and_the_page_stands(scene: Scene, query: str) -> None:
    page = scene.page(f"why/?{query}")
    assert "What changed" in page
    if "since" in query:
        assert "These days cannot be read" in page or "Only days that are over" in page


def test_levers_say_what_they_bring_and_how_that_is_known(scene: Scene) -> None:
    assert "No post with numbers went out" in scene.page("levers/")
    scene.fill()
    page = scene.page("levers/")
    assert "The cheapest lever: a tenth more posts" in page
    assert "by the rule of the chain" in page


def test_neither_is_for_the_client_himself_nor_for_strangers(scene: Scene) -> None:
    for address in ("why/", "levers/", "experiments/"):
        assert scene.farm.browser(scene.farm.klava).get(scene.base + address).status_code == 403
        assert scene.farm.browser(scene.farm.zoya).get(scene.base + address).status_code == 404
