"""The board follows what happens to deliveries, and leaves alone what people moved."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.factories import make_stages
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import moves, stages
from niva.domains.editorial.services.follow import follow, move_some
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post
from niva.domains.publishing.services import schedule

pytestmark = pytest.mark.django_db
LATER = timedelta(days=2)


@pytest.fixture
def desk():
    actor = make_actor(make_workspace())
    client = make_client(actor.workspace)
    return actor, client, connect(make_community(client))


def scheduled(actor, *communities):
    post = make_post(*communities)
    schedule.schedule(actor, post_id=post.pk, at=timezone.now() + LATER)
    return post


def out(post, at=None):
    Delivery.objects.filter(post=post).update(state="published", state_at=at or timezone.now())


def kind_of(post):
    return Piece.objects.get(post=post).stage.kind


def test_posts_made_in_bulk_get_a_piece_with_one_open_stay_once(desk):
    actor, client, _community = desk
    Post.objects.bulk_create(
        Post(client=client, workspace=client.workspace, title=f"№ {n}", created_by=actor.user)
        for n in range(3)
    )
    Post.objects.bulk_create(
        [Post(client=client, workspace=client.workspace, title="в корзине", deleted_at=timezone.now())]
    )
    assert follow() == 3
    assert follow() == 0
    rows = Piece.objects.filter(client=client)
    assert [(one.stage.kind, one.responsible, one.stays.count()) for one in rows] == [
        ("draft", actor.user, 1)
    ] * 3


def test_what_is_scheduled_stands_there_and_what_is_out_is_published(desk):
    actor, client, community = desk
    manager = make_person(client.workspace, "member", name="Лев")
    give_role(client, manager, "manager")
    post = scheduled(actor, community)
    follow()
    piece = Piece.objects.get(post=post)
    assert (piece.stage.kind, piece.responsible, piece.accepted_by) == ("scheduled", manager, actor.user)
    assert [one.how for one in piece.stays.all()] == ["machine", ""]
    out(post)
    follow()
    assert kind_of(post) == "published"
    assert follow() == 0


def test_one_post_is_followed_at_once_and_the_others_wait_for_the_round(desk):
    actor, _client, community = desk
    one, other = scheduled(actor, community), scheduled(actor, community)
    assert move_some(one.pk) == 1
    assert (kind_of(one), kind_of(other)) == ("scheduled", "draft")


def test_half_of_it_out_is_not_published_yet(desk):
    actor, client, community = desk
    post = scheduled(actor, community, connect(make_community(client, name="Второе")))
    first = Delivery.objects.filter(post=post).first()
    Delivery.objects.filter(pk=first.pk).update(state="published")
    follow()
    assert kind_of(post) == "scheduled"
    Delivery.objects.exclude(pk=first.pk).update(state="rejected", state_at=timezone.now())
    follow()
    assert kind_of(post) == "scheduled"


def test_what_a_person_took_back_or_moved_on_stays_where_it_was_put(desk):
    actor, client, community = desk
    own = make_stages(client)
    back, on = scheduled(actor, community), scheduled(actor, community)
    follow()
    moves.move(actor, piece_id=back.piece.pk, stage_id=own["editing"].pk, reason="fact")
    follow()
    assert kind_of(back) == "editing"
    out(on)
    moves.move(actor, piece_id=on.piece.pk, stage_id=own["review"].pk, force="Разбор уже идёт")
    follow()
    assert kind_of(on) == "review"
    schedule.schedule(actor, post_id=back.pk, at=timezone.now() + LATER)
    follow()
    assert kind_of(back) == "scheduled"


def test_history_does_not_fill_the_board(desk):
    actor, _client, community = desk
    post = scheduled(actor, community)
    out(post, timezone.now() - timedelta(days=90))
    follow()
    piece = Piece.objects.get(post=post)
    assert (piece.state, piece.stage.kind) == ("done", "published")
    assert not piece.stays.filter(left_at__isnull=True).exists()


def test_a_client_who_put_the_stages_away_keeps_the_round_short(desk):
    actor, client, community = desk
    own = make_stages(client)
    post = scheduled(actor, community)
    for kind in ("scheduled", "published"):
        stages.put_away(actor, client_id=client.pk, stage_id=own[kind].pk)
    assert follow() == 0
    assert kind_of(post) == "draft"


def test_a_card_left_in_a_stage_that_is_gone_comes_to_the_nearest_before_it(desk):
    actor, client, community = desk
    own = make_stages(client)
    post = make_post(community)
    stages.put_away(actor, client_id=client.pk, stage_id=own["visual"].pk)
    Piece.objects.filter(post=post).update(stage=own["visual"])
    assert follow() == 1
    assert kind_of(post) == "editing"


def test_a_round_asks_the_same_number_of_questions_for_few_and_for_many(desk):
    actor, _client, community = desk
    asked = []
    for size in (2, 12):
        for _n in range(size):
            scheduled(actor, community)
        with CaptureQueriesContext(connection) as seen:
            assert follow() == size
        asked.append(len(seen) - size)  # a line of the trail for each piece
    assert asked[0] == asked[1] <= 20
