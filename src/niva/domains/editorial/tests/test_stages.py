"""A pipeline is changed while people work on it: nothing falls between the stages."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.editorial.factories import make_piece, make_stages
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services import moves, stages
from niva.domains.editorial.services.office import stages_of
from niva.domains.notices.models import Notice
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    actor = make_actor(make_workspace())
    client = make_client(actor.workspace)
    return actor, client, make_stages(client)


def names(client):
    return [str(one) for one in stages_of(client)]


def test_a_stage_of_ones_own_stands_where_it_was_put_and_is_moved(desk):
    actor, client, own = desk
    stage = stages.add(actor, client_id=client.pk, name="Юрист", after_id=own["proof"].pk)
    assert names(client).index("Юрист") == names(client).index(str(own["proof"])) + 1
    stages.shift(actor, client_id=client.pk, stage_id=stage.pk, by=-1)
    assert names(client).index("Юрист") == names(client).index(str(own["proof"])) - 1
    stages.shift(actor, client_id=client.pk, stage_id=stage.pk, by=-99)
    assert names(client)[0] == "Юрист"
    assert [one.position for one in stages_of(client)] == list(range(13))


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({"name": "я" * 61}, "name"),
        ({"hours": 0}, "hours"),
        ({"wip": 99999}, "wip"),
        ({"role": "царь"}, "role"),
        ({"exits": ["has_magic"]}, "exits"),
        ({"exits": [{"text": " "}]}, "exits"),
        ({"exits": ["has_goal"] * 13}, "exits"),
        ({"stand_in_until": timezone.now().date()}, "stand_in_until"),
        ({"instruction": "я" * 1001}, "instruction"),
    ],
)
def test_what_cannot_be_is_refused_field_by_field(desk, fields, bad):
    actor, client, own = desk
    with pytest.raises(Invalid) as told:
        stages.change(actor, client_id=client.pk, stage_id=own["draft"].pk, **fields)
    assert list(told.value.errors) == [bad]


def test_who_stands_in_has_the_cards_until_his_last_day(desk):
    actor, client, own = desk
    stranger = make_person(make_workspace("Чужие"))
    deputy = make_person(client.workspace, "member", name="Тимур")
    give_role(client, deputy, "author")
    today = timezone.now().date()
    with pytest.raises(Invalid):
        stages.change(actor, client_id=client.pk, stage_id=own["editing"].pk, owner_id=stranger.pk)
    for until, whose in ((today + timedelta(days=1), deputy), (today - timedelta(days=2), actor.user)):
        stages.change(
            actor, client_id=client.pk, stage_id=own["editing"].pk,
            owner_id=actor.user.pk, stand_in_id=deputy.pk, stand_in_until=until,
        )  # fmt: skip
        piece = make_piece(client)
        moved = moves.move(actor, piece_id=piece.pk, stage_id=own["editing"].pk, force="проверка")
        assert moved.responsible == whose


def test_a_stage_with_cards_is_put_away_only_with_a_place_for_them(desk):
    actor, client, own = desk
    pieces = [make_piece(client, at="editing") for _n in range(3)]
    with pytest.raises(Invalid) as told:
        stages.put_away(actor, client_id=client.pk, stage_id=own["editing"].pk)
    assert list(told.value.errors) == ["to"]
    to = own["draft"].pk
    assert stages.put_away(actor, client_id=client.pk, stage_id=own["editing"].pk, to_id=to) == 3
    for piece in pieces:
        piece.refresh_from_db()
        assert piece.stage == own["draft"]
        assert [one.how for one in piece.stays.all()] == ["machine", ""]
    assert Stage.objects.get(pk=own["editing"].pk).archived_at is not None
    assert not Notice.objects.exists()
    with pytest.raises(Conflict):
        stages.put_away(actor, client_id=client.pk, stage_id=own["editing"].pk)
    back = stages.add(actor, client_id=client.pk, name="", kind="editing")
    assert back.kind == "editing"


def test_the_last_stage_is_never_put_away(desk):
    actor, client, own = desk
    *others, last = own.values()
    for stage in others:
        stages.put_away(actor, client_id=client.pk, stage_id=stage.pk)
    with pytest.raises(Invalid):
        stages.put_away(actor, client_id=client.pk, stage_id=last.pk)


def test_other_clients_get_the_pipeline_and_no_card_is_lost(desk):
    actor, client, own = desk
    stages.add(actor, client_id=client.pk, name="Юрист", after_id=own["proof"].pk)
    stages.put_away(actor, client_id=client.pk, stage_id=own["visual"].pk)
    stages.change(actor, client_id=client.pk, stage_id=own["draft"].pk, wip=4, instruction="Сначала факты")
    other = make_client(client.workspace, name="Тихий омут")
    theirs = make_stages(other)
    stages.change(actor, client_id=other.pk, stage_id=theirs["draft"].pk, owner_id=actor.user.pk)
    piece = make_piece(other, at="visual")
    assert stages.copy_pipeline(actor, from_id=client.pk, to_ids=[other.pk, client.pk]) == 1
    assert names(other) == names(client)
    draft = Stage.objects.get(pk=theirs["draft"].pk)
    assert (draft.wip, draft.instruction, draft.owner) == (4, "Сначала факты", actor.user)
    assert Piece.objects.get(pk=piece.pk).stage.kind == "editing"


def test_strangers_find_nothing_and_who_only_writes_may_not(desk):
    _actor, client, own = desk
    change = {"client_id": client.pk, "stage_id": own["draft"].pk, "name": "Моё"}
    with pytest.raises(NotFound):
        stages.change(make_actor(make_workspace("Чужие")), **change)
    editor = make_person(client.workspace, "member")
    give_role(client, editor, "editor")
    with pytest.raises(Forbidden):
        stages.change(actor_for(editor), **change)


@pytest.mark.django_db(transaction=True)
def test_a_card_comes_into_a_stage_that_is_put_away_at_that_moment():
    actor = make_actor(make_workspace())
    client = make_client(actor.workspace)
    own = make_stages(client)
    cards = [make_piece(client) for _n in range(3)]
    start, wrong = Barrier(len(cards) + 1), []

    def run(what):
        try:
            start.wait(5)
            what()
        except Invalid:
            pass
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    editing = own["editing"].pk
    jobs = [
        lambda piece=piece: moves.move(actor, piece_id=piece.pk, stage_id=editing, force="надо")
        for piece in cards
    ]
    jobs.append(lambda: stages.put_away(actor, client_id=client.pk, stage_id=editing, to_id=own["visual"].pk))
    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert not wrong
    assert not Piece.objects.filter(stage__archived_at__isnull=False).exists()
    assert {one.stage.kind for one in Piece.objects.select_related("stage")} <= {"draft", "visual"}
