"""A card handed on, returned, and fought over by two people."""

import pytest

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.editorial.factories import make_piece, make_stages
from niva.domains.editorial.services import moves, pieces
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.people.models import AuditEvent
from niva.domains.publishing.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    workspace = make_workspace()
    return make_actor(workspace), make_client(workspace)


def test_every_new_post_stands_on_the_board_as_a_draft_of_who_wrote_it(desk):
    actor, client = desk
    post = Post.objects.create(client=client, workspace=client.workspace, created_by=actor.user)
    assert (post.piece.stage.kind, post.piece.responsible) == ("draft", actor.user)
    assert post.piece.stays.get().left_at is None


def test_an_idea_begins_in_the_first_stage_with_no_communities_and_no_author(desk):
    actor, client = desk
    idea = pieces.propose(actor, client_id=client.pk, title="Почему сало с чесноком", audience="хозяйки")
    assert (idea.stage.kind, idea.author, idea.post.variants.count()) == ("idea", None, 0)
    assert idea.audience == "хозяйки"
    assert idea.stays.get().stage == idea.stage


def test_moving_hands_the_responsibility_over_and_writes_down_the_stay(desk):
    actor, client = desk
    editor = make_person(client.workspace, "member", name="Лев")
    give_role(client, editor, "editor")
    piece = make_piece(client)
    moved = moves.move(actor, piece_id=piece.pk, stage_id=make_stages(client)["editing"].pk)
    assert moved.responsible == editor
    left, now = moved.stays.all()
    assert (left.how, left.left_by, now.left_at) == ("forward", actor.user, None)


def test_leaving_the_editing_stage_forwards_is_acceptance_once(desk):
    actor, client = desk
    stages = make_stages(client)
    piece = make_piece(client, at="editing")
    first = moves.move(actor, piece_id=piece.pk, stage_id=stages["visual"].pk).accepted_at
    moves.move(actor, piece_id=piece.pk, stage_id=stages["editing"].pk, reason="fact")
    again = moves.move(actor, piece_id=piece.pk, stage_id=stages["visual"].pk)
    assert first is not None
    assert again.accepted_at == first
    assert again.returns == 1


def test_a_return_needs_a_reason_from_the_list(desk):
    actor, client = desk
    piece = make_piece(client, at="editing")
    draft = make_stages(client)["draft"].pk
    with pytest.raises(Invalid):
        moves.move(actor, piece_id=piece.pk, stage_id=draft, reason="каприз")
    moves.move(actor, piece_id=piece.pk, stage_id=draft, reason="tone", note="Суше")
    assert AuditEvent.objects.filter(verb="piece.returned").get().details["reason"] == "tone"


def test_who_moves_a_card_that_is_no_longer_there_is_told_where_it_is(desk):
    actor, client = desk
    piece = make_piece(client)
    stages = make_stages(client)
    moves.move(actor, piece_id=piece.pk, stage_id=stages["editing"].pk, seen_stage_id=stages["draft"].pk)
    with pytest.raises(Conflict) as told:
        moves.move(actor, piece_id=piece.pk, stage_id=stages["visual"].pk, seen_stage_id=stages["draft"].pk)
    assert str(stages["editing"]) in str(told.value)


def test_strangers_do_not_find_it_and_the_client_may_not_move_it(desk):
    _actor, client = desk
    piece = make_piece(client)
    stage = make_stages(client)["editing"].pk
    with pytest.raises(NotFound):
        moves.move(make_actor(make_workspace("Чужие")), piece_id=piece.pk, stage_id=stage)
    person = make_person(client.workspace, "member")
    give_role(client, person, "client")
    customer = actor_for(person)
    with pytest.raises(Forbidden):
        moves.move(customer, piece_id=piece.pk, stage_id=stage)
