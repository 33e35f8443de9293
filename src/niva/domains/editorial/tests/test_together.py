"""Two at once at the newsroom: nobody waits in a ring, and nobody's change is lost or moved back."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.factories import make_piece, make_stages
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services import bulk, moves, stages
from niva.domains.editorial.services.follow import follow
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.services import drafts, schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    actor = make_actor(make_workspace())
    return actor, make_client(actor.workspace)


def together(*jobs):
    """All the jobs at the same moment; what broke, refusals aside."""
    start, wrong = Barrier(len(jobs)), []

    def run(what):
        try:
            start.wait(5)
            what()
        except (Conflict, Forbidden, Invalid, NotFound):
            pass
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    return wrong


@pytest.mark.django_db(transaction=True)
def test_many_are_moved_into_a_stage_that_is_put_away_at_that_moment():
    actor = make_actor(make_workspace())
    client = make_client(actor.workspace)
    own = make_stages(client)
    ids = [make_piece(client, at="visual").pk for _n in range(30)]
    edit = bulk.prepare(actor, ids=ids, action="stage", value={"kind": "draft", "reason": "fact"})

    def all_of_them():
        while bulk.run(actor, edit_id=edit.pk, portion=10).finished_at is None:
            pass

    def away():
        stages.put_away(actor, client_id=client.pk, stage_id=own["visual"].pk, to_id=own["draft"].pk)

    assert not together(all_of_them, away)
    assert {one.stage.kind for one in Piece.objects.select_related("stage")} == {"draft"}


def test_a_move_holds_its_stage_before_the_pieces(desk, monkeypatch):
    """The order of the locks is what keeps people from waiting in a ring."""
    actor, client = desk
    own, asked = make_stages(client), []
    piece = make_piece(client, at="visual")

    def noted(execute, sql, params, many, context):
        if "FOR NO KEY UPDATE" in sql:
            asked.append(sql.split('FROM "')[1].split('"')[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(noted):
        edit = bulk.prepare(actor, ids=[piece.pk], action="stage", value={"kind": "draft", "reason": "fact"})
        bulk.run(actor, edit_id=edit.pk)
    assert asked[:2] == ["editorial_stage", "editorial_piece"]
    asked.clear()
    with connection.execute_wrapper(noted):
        bulk.change_one(
            actor, piece_id=piece.pk, action="stage", value={"stage": own["brief"].pk, "reason": "fact"}
        )
    assert asked[:2] == ["editorial_stage", "editorial_piece"]


def test_parked_pieces_are_taken_up_again_together(desk):
    actor, client = desk
    parked = [make_piece(client, at="visual", state="parked").pk for _n in range(2)]
    edit = bulk.prepare(actor, ids=parked, action="stage", value={"kind": "draft"})
    edit = bulk.run(actor, edit_id=edit.pk)
    assert edit.refused == []
    assert set(Piece.objects.values_list("state", "stage__kind")) == {("active", "draft")}


def test_an_empty_cell_was_seen_too(desk):
    actor, client = desk
    piece, first = make_piece(client), make_person(client.workspace)
    bulk.change_one(actor, piece_id=piece.pk, action="author", value={"user": first.pk}, seen=None)
    with pytest.raises(Conflict):
        bulk.change_one(actor, piece_id=piece.pk, action="author", value={"user": actor.user.pk}, seen=None)
    bulk.change_one(actor, piece_id=piece.pk, action="author", value={"user": actor.user.pk})


def test_who_loses_the_right_between_preview_and_work_changes_nothing(desk):
    _owner, client = desk
    person = make_person(client.workspace, "member")
    give_role(client, person, "editor")
    pieces = [make_piece(client).pk for _n in range(2)]
    waiting = [
        bulk.prepare(actor_for(person), ids=pieces, action=action, value=value)
        for action, value in (
            ("urgent", {"on": True}),
            ("stage", {"kind": "brief", "reason": "fact"}),
            ("park", {"reason": "season"}),
            ("shift", {"days": 1}),
        )
    ]
    before = list(Piece.objects.order_by("pk").values())
    for role in ("client", "advertiser"):
        person.memberships.get().client_roles.update(role=role)
        for edit in waiting:
            bulk.run(actor_for(person), edit_id=edit.pk, portion=1)
    assert list(Piece.objects.order_by("pk").values()) == before


def test_a_stage_with_cards_that_nobody_sees_is_put_away_without_a_question(desk):
    actor, client = desk
    own = make_stages(client)
    piece = make_piece(client, at="visual")
    drafts.bin_post(actor, post_id=piece.post_id)
    assert moves.crowd(own["visual"]) == 0
    stages.put_away(actor, client_id=client.pk, stage_id=own["visual"].pk)
    piece.refresh_from_db()
    assert piece.stage == own["editing"]


def test_stages_given_twice_stay_as_they_are(desk):
    actor, client = desk
    other = make_client(actor.workspace, name="Тихий омут")
    make_stages(client)
    for _n in range(2):
        stages.add(actor, client_id=client.pk, name="Юрист")
    for _n in range(2):
        stages.copy_pipeline(actor, from_id=client.pk, to_ids=[other.pk])
    rows = Stage.objects.filter(client=other, archived_at__isnull=True)
    assert rows.count() == Stage.objects.filter(client=client).count()
    assert sorted(rows.values_list("position", flat=True)) == list(range(rows.count()))


def test_what_is_taken_down_does_not_push_a_card_on_that_a_person_took_back(desk):
    actor, client = desk
    post = make_post(connect(make_community(client)))
    schedule.schedule(actor, post_id=post.pk, at=timezone.now() + timedelta(days=2))
    Delivery.objects.filter(post=post).update(state="published", state_at=timezone.now())
    follow()
    piece = Piece.objects.get(post=post)
    assert piece.stage.kind == "published"
    draft = make_stages(client)["draft"]
    moves.move(actor, piece_id=piece.pk, stage_id=draft.pk, reason="fact")
    Delivery.objects.filter(post=post).update(state="removed", state_at=timezone.now() + timedelta(seconds=5))
    follow()
    piece.refresh_from_db()
    assert piece.stage == draft
