"""Rows of others named in the forms of the newsroom: another workspace's, and another client's beside it."""

from __future__ import annotations

import pytest

from niva.domains.clients.factories import make_client, make_goal, make_person
from niva.domains.communities.factories import make_community
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.tasking import Task
from niva.domains.people.models import WorkspaceRole
from niva.domains.publishing.models import Post
from niva.domains.sources.factories import make_fragment, make_source
from niva.domains.sources.models import Fragment
from niva.domains.strategy.factories import make_rubric
from tests.journeys.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> World:
    return make_world("Наша команда", "OURS")


def _tried(ours: World, strangers: dict[str, int]) -> list[str]:
    """Everything is sent with the strangers' numbers; what got a 5xx."""
    browser, piece, wrong = ours.browser(), ours.piece.pk, []
    edit = {"version": ours.post.version, "text": "x", "communities_here": "1"}
    line = {"do": "make", "count": "1", "weeks": "4", "gap": "2", "line-0-row": "reel",
            "line-0-community": strangers["community"], "line-0-fragment": strangers["fragment"],
            "line-0-goal": strangers["goal"], "assignee": strangers["person"]}  # fmt: skip
    for path, body in (
        (f"/posts/{ours.post.pk}/save/", edit | {"rubric": strangers["rubric"]}),
        (f"/posts/{ours.post.pk}/save/", edit | {"goal": strangers["goal"]}),
        (f"/posts/{ours.post.pk}/save/", edit | {"community": strangers["community"]}),
        (f"/board/move/{piece}/", {"to": strangers["stage"], "stage": strangers["stage"]}),
        (f"/pieces/{piece}/move/", {"to": strangers["stage"], "stage": strangers["stage"]}),
        (f"/pieces/{piece}/edit/", {"author": strangers["person"], "designer": strangers["person"]}),
        (f"/pieces/{piece}/cell/author/", {"value": strangers["person"]}),
        (f"/pieces/{piece}/cell/stage/", {"value": strangers["stage"]}),
        (f"/tasks/{ours.task.pk}/give/", {"to": strangers["person"]}),
        (f"/sources/{ours.source.pk}/make/", line),
        ("/pieces/bulk/", {"action": "author", "piece": strangers["piece"],
                            "value-user": strangers["person"]}),
        ("/plan/ideas/make/", {"client": ours.client.pk, "rubric": strangers["rubric"], "title": "x"}),
        ("/board/idea/", {"client": ours.client.pk, "title": "x", "rubric": strangers["rubric"]}),
    ):  # fmt: skip
        if browser.post(path, body).status_code >= 500:
            wrong.append(path)
    return wrong


def _unmoved(ours: World, strangers: dict[str, int]) -> None:
    post, piece = Post.objects.get(pk=ours.post.pk), Piece.objects.get(pk=ours.piece.pk)
    assert strangers["rubric"] not in Post.objects.values_list("rubric_id", flat=True)
    assert post.goal_id != strangers["goal"]
    assert not post.variants.filter(community_id=strangers["community"]).exists()
    assert Stage.objects.get(pk=piece.stage_id).client_id == ours.client.pk
    assert strangers["person"] not in (piece.author_id, piece.designer_id, piece.responsible_id)
    assert Task.objects.get(pk=ours.task.pk).assignee_id != strangers["person"]
    assert not Task.objects.filter(assignee_id=strangers["person"], client=ours.client).exists()
    assert not Fragment.objects.filter(pk=strangers["fragment"], taken_at__isnull=False).exists()


def test_rows_of_another_workspace(ours: World):
    theirs = make_world("Чужая команда", "THEIRS")
    names = ("rubric", "goal", "community", "stage", "fragment", "piece")
    strangers = {name: theirs.things[name].pk for name in names} | {"person": theirs.actor.user.pk}
    before = theirs.state()
    assert not _tried(ours, strangers)
    _unmoved(ours, strangers)
    assert theirs.state() == before


def test_rows_of_another_client_of_the_same_workspace(ours: World):

    beside = make_client(ours.actor.workspace, name="Beside")
    person = make_person(ours.actor.workspace, WorkspaceRole.MEMBER, name="Works nowhere")
    strangers = {
        "rubric": make_rubric(beside, "Beside").pk,
        "goal": make_goal(beside).pk,
        "community": make_community(beside).pk,
        "stage": stages_of(beside)[0].pk,
        "fragment": make_fragment(make_source(beside, "Beside", duration=60_000), "x", start=0, end=9000).pk,
        "piece": ours.piece.pk,
        "person": person.pk,
    }
    assert not _tried(ours, strangers)
    _unmoved(ours, strangers)
