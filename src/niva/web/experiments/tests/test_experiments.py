"""An experiment through its pages: planned by lot, fed with posts, closed with a verdict that stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from niva.domains.advice.models import Advice, Verdict
from niva.domains.clients.factories import make_actor, make_client
from niva.domains.communities.factories import make_community, make_slots
from niva.domains.experiments import services
from niva.domains.experiments.models import Experiment, Stand, State, Way
from niva.domains.metrics.factories import make_numbers
from niva.domains.metrics.models import PostNumbers
from niva.domains.people.errors import Conflict, Invalid
from niva.kit.text import plain
from niva.web.posts.tests.conftest import Farm

pytestmark = pytest.mark.django_db


class Scene:
    def __init__(self) -> None:
        self.farm = Farm()
        self.actor = make_actor(self.farm.workspace)
        self.place = make_community(self.farm.client, name="Подворье")
        self.browser = self.farm.browser()
        self.base = f"/clients/{self.farm.client.pk}/experiments/"

    def plan(self, posts_each: int = 8, **more: object) -> Experiment:
        said = {
            "question": "Двор или банка?", "first": "двор", "second": "банка", "measure": "views", "age": 72,
            "effect": 0.5, "posts_each": posts_each, "community_id": self.place.pk, "seed": 5,
        }  # fmt: skip
        return services.plan(self.actor, **{**said, **more})  # type: ignore[arg-type]

    def feed(self, row: Experiment, times: float, lines: int | None = None) -> None:
        """Each line gets a post; those of the first way have so many times the views of the others."""
        for line in list(row.assignments.all())[:lines]:
            views = (1000 + 13 * (line.number % 7)) * (times if line.way == Way.FIRST else 1)
            post = make_numbers(self.place, timezone.localdate(), age=72, views=views)
            services.take(
                self.actor, experiment_id=row.pk, number=line.number, publication_id=post.publication_id
            )


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_is_planned_on_the_page_and_its_plan_can_be_followed(scene: Scene) -> None:
    make_slots(scene.place, (0, 1, 2, 3, 4, 5, 6), timezone.now().time().replace(second=0, microsecond=0))
    page = plain(scene.browser.get(f"{scene.base}new/?community={scene.place.pk}").content.decode())
    assert "How many posts it takes" in page
    answer = scene.browser.post(f"{scene.base}new/", {
        "question": "Двор или банка?", "community": scene.place.pk, "first": "двор", "second": "банка",
        "measure": "views", "age": 72, "effect": "0.5", "posts_each": "",
    })  # fmt: skip
    row = Experiment.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"{scene.base}{row.pk}/"
    assert row.assignments.filter(way=Way.FIRST).count() == row.posts_each > 50
    assert not row.assignments.filter(due_at=None).exists()
    assert Advice.objects.get(key=f"experiment:{row.pk}").verdict == Verdict.OPEN
    page = plain(scene.browser.get(f"{scene.base}{row.pk}/").content.decode())
    assert "Too early" in page and "The next post goes" in page


def test_nothing_typed_is_lost(scene: Scene) -> None:
    answer = scene.browser.post(f"{scene.base}new/", {
        "question": "Двор или банка?", "community": scene.place.pk, "first": "двор", "second": "двор",
        "measure": "views", "age": 72, "effect": "0.5", "posts_each": "8",
    })  # fmt: skip
    assert answer.status_code == 422
    assert (
        "Name a second way" in plain(answer.content.decode()) and "Двор или банка?" in answer.content.decode()
    )
    assert not Experiment.objects.exists()


def test_a_difference_is_found_written_down_and_kept(scene: Scene) -> None:
    row = scene.plan(posts_each=16)
    scene.feed(row, times=3.0)
    address = f"{scene.base}{row.pk}/"
    assert "“двор” is better than “банка”" in plain(scene.browser.get(address).content.decode())
    scene.browser.post(f"{address}close/")
    row.refresh_from_db()
    assert (row.state, row.stand) == (State.ENDED, Stand.FIRST)
    assert row.low is not None and row.low > 1 and "is better than" in plain(row.words)
    said = Advice.objects.get()
    assert (said.verdict, round(said.came or 0)) == (Verdict.HIT, 3)
    assert scene.browser.post(f"{address}close/").status_code == 302
    with pytest.raises(Conflict):
        services.close(scene.actor, experiment_id=row.pk)
    assert "is better than" in plain(scene.browser.get(scene.base).content.decode())


def test_no_difference_is_a_verdict_too(scene: Scene) -> None:
    row = scene.plan(posts_each=8)
    scene.feed(row, times=1.0)
    closed = services.close(scene.actor, experiment_id=row.pk, words="поровну")
    assert (closed.state, closed.stand, closed.words) == (State.ENDED, Stand.NONE, "поровну")
    assert Advice.objects.get().verdict == Verdict.MISS


def test_stopped_early_says_nothing(scene: Scene) -> None:
    row = scene.plan(posts_each=8)
    scene.feed(row, times=1.0, lines=6)
    scene.browser.post(f"{scene.base}{row.pk}/close/")
    row.refresh_from_db()
    assert (row.state, row.stand) == (State.STOPPED, "")
    assert Advice.objects.get().verdict == Verdict.VOID


def test_posts_are_matched_by_the_hour_of_their_slot(scene: Scene) -> None:
    make_slots(scene.place, (0, 1, 2, 3, 4, 5, 6), timezone.now().time().replace(second=0, microsecond=0))
    row = scene.plan(posts_each=2)
    Experiment.objects.update(created_at=timezone.now() - timedelta(days=9))
    for line in row.assignments.all():
        assert line.due_at is not None
        line.due_at -= timedelta(days=8)
        line.save()
    near, far = row.assignments.all()[:2]
    for line, minutes in ((near, 40), (far, 200)):
        post = make_numbers(scene.place, line.due_at.date(), age=72, views=10)  # type: ignore[union-attr]
        at = line.due_at + timedelta(minutes=minutes)  # type: ignore[operator]
        type(post.publication).objects.filter(pk=post.pk).update(published_at=at)
        PostNumbers.objects.filter(pk=post.pk).update(published_at=at)
    scene.browser.post(f"{scene.base}{row.pk}/take/")
    assert [line.publication_id is not None for line in row.assignments.all()] == [True, False, False, False]


def test_one_post_stands_at_one_line_and_one_experiment_runs_at_once(scene: Scene) -> None:
    row = scene.plan(posts_each=2)
    post = make_numbers(scene.place, timezone.localdate(), age=72, views=10)
    services.take(scene.actor, experiment_id=row.pk, number=1, publication_id=post.pk)
    with pytest.raises(Invalid):
        services.take(scene.actor, experiment_id=row.pk, number=2, publication_id=post.pk)
    services.take(scene.actor, experiment_id=row.pk, number=1, publication_id=None)
    with pytest.raises(Invalid):
        scene.plan()


def test_a_strange_experiment_is_not_there(scene: Scene) -> None:
    row = scene.plan()
    stranger = scene.farm.browser(scene.farm.zoya)
    assert stranger.get(f"{scene.base}{row.pk}/").status_code == 404
    other = make_client(scene.farm.workspace, name="Другой заказчик")
    assert scene.browser.get(f"/clients/{other.pk}/experiments/{row.pk}/").status_code == 404
