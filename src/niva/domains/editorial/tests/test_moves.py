"""A card handed on, returned, and fought over by two people."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.editorial import exits
from niva.domains.editorial.factories import make_piece, make_stages
from niva.domains.editorial.services import closing, moves, pieces, stages
from niva.domains.editorial.states import why_off
from niva.domains.notices.models import Notice
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.people.models import AuditEvent
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import drafts

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    workspace = make_workspace()
    return make_actor(workspace), make_client(workspace)


def with_text(piece):
    piece.post.text = "Коптим на ольхе"
    piece.post.save()
    return piece


def person(client, role, name="Лев"):
    """Somebody who has that role at the client, and no other."""
    user = make_person(client.workspace, "member", name=name)
    give_role(client, user, role)
    return actor_for(user)


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
    piece = with_text(make_piece(client))
    moved = moves.move(actor, piece_id=piece.pk, stage_id=make_stages(client)["editing"].pk)
    assert moved.responsible == editor
    left, now = moved.stays.all()
    assert (left.how, left.left_by, now.left_at) == ("forward", actor.user, None)


def test_leaving_the_editing_stage_forwards_is_acceptance_once(desk):
    actor, client = desk
    own = make_stages(client)
    piece = make_piece(client, at="editing")
    first = moves.move(actor, piece_id=piece.pk, stage_id=own["visual"].pk, force="сверил сам").accepted_at
    moves.move(actor, piece_id=piece.pk, stage_id=own["editing"].pk, reason="fact")
    again = moves.move(actor, piece_id=piece.pk, stage_id=own["visual"].pk, force="сверил ещё раз")
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
    piece = with_text(make_piece(client))
    own = make_stages(client)
    moves.move(actor, piece_id=piece.pk, stage_id=own["editing"].pk, seen_stage_id=own["draft"].pk)
    with pytest.raises(Conflict) as told:
        moves.move(actor, piece_id=piece.pk, stage_id=own["visual"].pk, seen_stage_id=own["draft"].pk)
    assert str(own["editing"]) in str(told.value)


def test_strangers_do_not_find_it_and_the_client_may_not_move_it(desk):
    _actor, client = desk
    piece = make_piece(client)
    stage = make_stages(client)["editing"].pk
    with pytest.raises(NotFound):
        moves.move(make_actor(make_workspace("Чужие")), piece_id=piece.pk, stage_id=stage)
    with pytest.raises(Forbidden):
        moves.move(person(client, "client"), piece_id=piece.pk, stage_id=stage)


def test_what_must_hold_is_told_and_only_who_leads_passes_over_it_with_a_reason(desk):
    actor, client = desk
    author, own = person(client, "author"), make_stages(client)
    piece = make_piece(client, responsible=author.user)
    to = {"piece_id": piece.pk, "stage_id": own["proof"].pk}
    for who, force in ((author, ""), (actor, "  ")):
        with pytest.raises(Invalid) as told:
            moves.move(who, **to, force=force)
        assert list(told.value.errors) == ["exits"]
    with pytest.raises(Forbidden):
        moves.move(author, **to, force="очень надо")
    moves.move(actor, **to, force="текст несёт автор")
    details = AuditEvent.objects.get(verb="piece.moved").details
    assert (details["forced"], details["lacking"]) == ("текст несёт автор", ["has_text"])
    assert details["skipped"] == [str(own["editing"]), str(own["visual"])]


def test_who_has_the_card_hands_it_on_and_nobody_else_but_who_leads(desk):
    _actor, client = desk
    own = make_stages(client)
    author, other, editor = (person(client, role) for role in ("author", "designer", "editor"))
    piece = with_text(make_piece(client, responsible=author.user))
    with pytest.raises(Forbidden):
        moves.move(other, piece_id=piece.pk, stage_id=own["editing"].pk)
    moves.move(author, piece_id=piece.pk, stage_id=own["editing"].pk)
    with pytest.raises(Forbidden):  # it is the editor's now
        moves.move(author, piece_id=piece.pk, stage_id=own["draft"].pk, reason="fact")
    moves.move(editor, piece_id=piece.pk, stage_id=own["draft"].pk, reason="fact")
    free = with_text(make_piece(client, responsible=None))
    assert moves.move(other, piece_id=free.pk, stage_id=own["editing"].pk).responsible == editor.user


def test_an_advertiser_who_writes_nothing_hands_on_what_is_his(desk):
    _actor, client = desk
    advertiser = person(client, "advertiser")
    piece = make_piece(client, at="distribution", responsible=advertiser.user)
    closing.tick(advertiser, piece_id=piece.pk, item="distribution_done")
    moved = moves.move(advertiser, piece_id=piece.pk, stage_id=make_stages(client)["review"].pk)
    assert moved.stage.kind == "review"


def test_a_full_stage_takes_nothing_but_from_who_leads(desk):
    actor, client = desk
    own, author = make_stages(client), person(client, "author")
    own["editing"].wip = 1
    own["editing"].save()
    for n in range(2):  # what is binned does not count
        there = make_piece(client, at="editing")
        Post.objects.filter(pk=there.post_id, piece__isnull=n == 1).update(deleted_at=timezone.now())
    piece = with_text(make_piece(client, responsible=author.user))
    with pytest.raises(Invalid) as told:
        moves.move(author, piece_id=piece.pk, stage_id=own["editing"].pk)
    assert "1" in told.value.errors["wip"][0]
    moves.move(actor, piece_id=piece.pk, stage_id=own["editing"].pk)


def test_the_next_one_is_told_and_the_one_it_comes_back_to_is_told_why(desk):
    actor, client = desk
    own, editor, author = make_stages(client), person(client, "editor"), person(client, "author")
    piece = with_text(make_piece(client, author=author.user))
    moves.move(actor, piece_id=piece.pk, stage_id=own["editing"].pk)
    moves.move(editor, piece_id=piece.pk, stage_id=own["draft"].pk, reason="fact", note="Вес не тот")
    handed, returned = Notice.objects.order_by("pk")
    assert (handed.user, handed.kind) == (editor.user, "piece_handed")
    assert (returned.user, returned.kind) == (author.user, "piece_returned")
    assert "Вес не тот" in returned.facts["reason"]


def test_a_card_does_not_go_to_a_foreign_stage_nor_does_one_whose_post_was_binned(desk):
    actor, client = desk
    other = make_stages(make_client(client.workspace, name="Тихий омут"))
    piece = with_text(make_piece(client))
    with pytest.raises(Invalid):
        moves.move(actor, piece_id=piece.pk, stage_id=other["editing"].pk)
    drafts.bin_post(actor, post_id=piece.post_id)
    with pytest.raises(Invalid):
        moves.move(actor, piece_id=piece.pk, stage_id=make_stages(client)["editing"].pk)


def test_parked_and_rejected_with_a_reason_from_the_list_and_taken_up_again(desk):
    actor, client = desk
    piece = make_piece(client, at="visual")
    with pytest.raises(Invalid):
        closing.park(actor, piece_id=piece.pk, reason="лень")
    with pytest.raises(Invalid):  # another reason is said in words
        closing.park(actor, piece_id=piece.pk, reason="other", words=" ")
    parked = closing.park(actor, piece_id=piece.pk, reason="season", words="до мая")
    assert (parked.state, parked.closed_at) == ("parked", None)
    assert why_off(parked.reason).endswith(". до мая")
    assert not parked.stays.filter(left_at__isnull=True).exists()
    again = closing.resume(actor, piece_id=piece.pk)
    assert (again.state, again.stage.kind, again.reason) == ("active", "visual", "")
    rejected = closing.reject(actor, piece_id=piece.pk, reason="weak")
    assert rejected.state == "rejected"
    assert rejected.closed_at is not None
    stages.put_away(actor, client_id=client.pk, stage_id=rejected.stage_id)
    back = closing.resume(actor, piece_id=piece.pk)
    assert (back.stage.kind, back.accepted_at) == ("editing", None)
    assert [one.how for one in back.stays.all()] == ["parked", "rejected", ""]


def test_done_only_out_of_the_last_stage_and_taken_up_again(desk):
    actor, client = desk
    piece = make_piece(client, at="distribution")
    with pytest.raises(Invalid):
        closing.finish(actor, piece_id=piece.pk)
    moves.move(actor, piece_id=piece.pk, stage_id=make_stages(client)["review"].pk, force="списка нет")
    done = closing.finish(actor, piece_id=piece.pk)
    assert done.state == "done"
    assert closing.resume(actor, piece_id=piece.pk).stage.kind == "review"


def test_a_tick_is_of_the_present_stage_and_gone_when_the_card_comes_back(desk):
    actor, client = desk
    own = make_stages(client)
    piece = make_piece(client, at="editing")
    for item, _words in exits.by_hand(own["editing"]):
        closing.tick(actor, piece_id=piece.pk, item=item)
    with pytest.raises(Invalid):
        closing.tick(actor, piece_id=piece.pk, item="чужая строка")
    moves.move(actor, piece_id=piece.pk, stage_id=own["visual"].pk)
    moves.move(actor, piece_id=piece.pk, stage_id=own["editing"].pk, reason="law")
    with pytest.raises(Invalid):
        moves.move(actor, piece_id=piece.pk, stage_id=own["visual"].pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_one_card_at_once_one_wins_and_the_other_is_told():
    actor = make_actor(make_workspace())
    client = make_client(actor.workspace)
    own, piece = make_stages(client), with_text(make_piece(client))
    start, said = Barrier(2), []

    def go(kind):
        try:
            start.wait(5)
            moves.move(
                actor, piece_id=piece.pk, stage_id=own[kind].pk, seen_stage_id=own["draft"].pk, force="надо"
            )
            said.append("moved")
        except Conflict:
            said.append("told")
        finally:
            connection.close()

    threads = [Thread(target=go, args=(kind,)) for kind in ("editing", "visual")]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert sorted(said) == ["moved", "told"]
    assert piece.stays.filter(left_at__isnull=True).count() == 1
    assert piece.stays.count() == 2
