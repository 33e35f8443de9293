"""The board as people see it: columns, filters, limits, moves with and without scripts."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import give_role, make_client, make_person, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.factories import make_many, make_piece, make_stages
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services import moves, stages
from niva.domains.people.actor import machine
from niva.domains.publishing.models import Delivery, Variant
from niva.domains.publishing.services import drafts, schedule, series
from niva.domains.strategy.factories import make_rubric

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json, text/html"}
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def desk(client):
    workspace = make_workspace()
    user = make_person(workspace)
    client.force_login(user)
    return client, user, make_client(workspace)


def text_of(piece, text="Коптим на ольхе"):
    type(piece.post).objects.filter(pk=piece.post_id).update(text=text)
    return piece


def page(browser, **query):
    answer = browser.get(reverse("board"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(browser, **query):
    answer = browser.get(reverse("board"), query)
    return {card.title for one in answer.context["pillars"] for card in one.cards}


def pillar(browser, key, **query):
    answer = browser.get(reverse("board"), query)
    return next(one for one in answer.context["pillars"] if one.key == str(key))


def test_an_empty_desk_says_what_to_do(client):
    client.force_login(make_person(make_workspace()))
    assert reverse("clients") in page(client)


def test_columns_of_one_client_are_its_stages_and_of_all_their_kinds(desk):
    browser, _user, one = desk
    other = make_client(one.workspace, name="Тихий омут")
    for client in (one, other):
        make_piece(client, f"У {client}", at="editing")
    assert pillar(browser, "editing").count == 2
    stage = make_stages(one)["editing"]
    column = pillar(browser, stage.pk, client=one.pk)
    assert (column.name, column.count) == (str(stage), 1)
    assert titles(browser, client=one.pk) == {f"У {one}"}


def test_the_sentence_names_the_jam_and_the_column_takes_nothing_new(desk):
    browser, _user, one = desk
    stage = make_stages(one)["editing"]
    Stage.objects.filter(pk=stage.pk).update(wip=1)
    for _n in range(2):
        make_piece(one, at="editing", entered_at=timezone.now() - timedelta(days=14))
    said = page(browser, client=one.pk)
    column = pillar(browser, stage.pk, client=one.pk)
    assert (column.over, column.full, column.jam) == (True, True, True)
    assert all(card.late for card in column.cards)
    assert "data-jam" in said
    assert "90" in browser.get(reverse("board"), {"client": one.pk}).context["summary"]


def test_mine_network_and_rubric_leave_out_the_rest(desk):
    browser, user, one = desk
    rubric = make_rubric(one)
    mine = make_piece(one, "Моё", responsible=user)
    there = make_piece(one, "В сети")
    Variant.objects.create(post=there.post, community=make_community(one, "vk"))
    themed = make_piece(one, "По рубрике")
    type(themed.post).objects.filter(pk=themed.post_id).update(rubric=rubric)
    assert titles(browser, mine=1) == {str(mine.post)}
    assert titles(browser, network="vk") == {"В сети"}
    assert titles(browser, client=one.pk, rubric=rubric.pk) == {"По рубрике"}
    assert len(titles(browser, network="нет такой", rubric="x", client="-1")) == 3


def test_what_does_not_stand_on_the_board_is_not_there(desk):
    browser, _user, one = desk
    make_piece(one, "Стоит")
    actor = machine(one.workspace)
    drafts.bin_post(actor, post_id=make_piece(one, "В корзине").post_id)
    make_piece(one, "Отложен", state="parked")
    pattern = make_piece(one, "Повторяется")
    series.Series.objects.create(
        workspace=one.workspace, client=one, post=pattern.post, rule="FREQ=DAILY;COUNT=2",
        starts_on=timezone.localdate(), ends_on=timezone.localdate(), at="10:00",
    )  # fmt: skip
    assert titles(browser) == {"Стоит"}
    assert pillar(browser, "draft").count == 1


def test_a_card_says_that_it_came_back_and_that_publishing_failed(desk):
    browser, _user, one = desk
    own, actor = make_stages(one), machine(one.workspace)
    back = make_piece(one, "Вернулся", at="editing")
    moves.move(actor, piece_id=back.pk, stage_id=own["draft"].pk, reason="fact", note="Вес не тот")
    failed = text_of(make_piece(one, "Упал", at="scheduled"))
    Variant.objects.create(post=failed.post, community=connect(make_community(one)))
    schedule.schedule(actor, post_id=failed.post_id, at=timezone.now() + timedelta(days=1))
    Delivery.objects.update(state="rejected", code="text_too_long")
    cards = {
        card.title: card
        for one in browser.get(reverse("board")).context["pillars"]
        for card in one.cards
    }  # fmt: skip
    assert "Вес не тот" in cards["Вернулся"].back
    assert cards["Упал"].failed
    assert not cards["Упал"].back


def test_a_column_is_cut_and_the_rest_comes_on_asking(desk):
    browser, _user, one = desk
    for n in range(23):
        make_piece(one, f"№ {n}")
    column = pillar(browser, "draft")
    assert (len(column.cards), column.rest) == (12, 11)
    for extra in ({}, HTMX):
        said = browser.get(reverse("board_more"), {"key": "draft", "after": 12}, **extra).content.decode()
        assert said.count("<article") == 11
    for wrong in ({"key": "нет"}, {"key": "draft", "after": "-1"}, {"key": "9" * 30}):
        assert browser.get(reverse("board_more"), wrong).status_code == 404


def test_a_drag_moves_and_answers_with_the_board(desk):
    browser, _user, one = desk
    piece, own = text_of(make_piece(one)), make_stages(one)
    url = reverse("board_move", args=[piece.pk])
    answer = browser.post(url, {"to": "editing", "seen": own["draft"].pk}, **JSON)
    assert answer.status_code == 200
    assert 'id="board"' in answer.content.decode()
    piece.refresh_from_db()
    assert piece.stage == own["editing"]


def test_a_refused_drag_names_the_reason_and_the_form_in_which_to_write_it(desk):
    browser, _user, one = desk
    piece, own = make_piece(one), make_stages(one)
    url = reverse("board_move", args=[piece.pk])
    answer = browser.post(url, {"to": own["editing"].pk, "seen": own["draft"].pk}, **JSON)
    assert answer.status_code == 422
    said = answer.json()
    assert said["error"]
    form = browser.get(said["ask"], **HTMX)
    assert form.context["form"].initial["to"] == str(own["editing"].pk)
    answer = browser.post(url, {"to": "brief", "seen": own["draft"].pk}, **JSON)
    assert answer.status_code == 422
    assert browser.post(url, {"to": "brief", "reason": "brief", "seen": own["draft"].pk}).status_code == 302


def test_the_second_of_two_is_told_where_it_is(desk):
    browser, _user, one = desk
    piece, own = text_of(make_piece(one)), make_stages(one)
    moves.move(machine(one.workspace), piece_id=piece.pk, stage_id=own["editing"].pk)
    url = reverse("board_move", args=[piece.pk])
    answer = browser.post(url, {"to": "visual", "seen": own["draft"].pk}, **JSON)
    assert answer.status_code == 409
    assert str(own["editing"]) in answer.json()["error"]


def test_the_form_ticks_and_moves_at_once_and_keeps_what_was_typed(desk):
    browser, _user, one = desk
    piece, own = make_piece(one, at="editing"), make_stages(one)
    url = reverse("board_move", args=[piece.pk])
    form = browser.get(url).context["form"]
    ticks = [key for key, _words in form.fields["ticks"].choices]
    typed = {"to": own["visual"].pk, "seen": own["editing"].pk, "shown": 1, "note": "Смотри подпись"}
    half = browser.post(url, typed | {"ticks": ticks[:1]})
    assert half.status_code == 422
    assert "Смотри подпись" in half.content.decode()
    assert browser.post(url, typed | {"ticks": ticks}).status_code == 302
    piece.refresh_from_db()
    assert (piece.stage, piece.accepted_at is not None) == (own["visual"], True)


def test_parked_rejected_and_taken_up_again_by_the_same_form(desk):
    browser, _user, one = desk
    piece, own = make_piece(one, at="visual"), make_stages(one)
    url = reverse("board_move", args=[piece.pk])
    assert browser.post(url, {"to": "parked", "off": "", "note": ""}).status_code == 422
    assert browser.post(url, {"to": "parked", "off": "season", "note": "до мая"}).status_code == 302
    piece.refresh_from_db()
    assert piece.state == "parked"
    assert "до мая" in browser.get(url).content.decode()
    seen = re.findall(r'name="seen" value="(\d+)"', browser.get(url).content.decode())
    assert browser.post(url, {"to": own["draft"].pk, "seen": seen, "shown": 1}).status_code == 302
    piece.refresh_from_db()
    assert (piece.state, piece.stage.kind) == ("active", "draft")
    assert browser.post(url, {"to": "done"}).status_code == 422


def test_an_idea_keeps_what_was_typed_when_it_is_refused_and_stands_on_the_board(desk):
    browser, _user, one = desk
    rubric = make_rubric(one)
    url = reverse("board_idea")
    refused = browser.post(url, {"title": " ", "client": one.pk, "audience": "хозяйки"})
    assert refused.status_code == 422
    assert "хозяйки" in refused.content.decode()
    typed = {"title": "Почему сало с чесноком", "client": one.pk, "rubric": rubric.pk, "audience": "хозяйки"}
    assert browser.post(url, typed, **HTMX).status_code == 200
    idea = Piece.objects.get(post__title="Почему сало с чесноком")
    assert (idea.stage.kind, idea.post.rubric, idea.audience) == ("idea", rubric, "хозяйки")
    foreign = make_rubric(make_client(make_workspace("Чужие")), "Чужая")
    assert browser.post(url, typed | {"rubric": foreign.pk}).status_code == 422


def test_the_client_sees_nothing_of_it_and_who_writes_moves_only_his_own(desk, client):
    _browser, _user, one = desk
    piece = make_piece(one)
    customer = make_person(one.workspace, "member")
    give_role(one, customer, "client")
    client.force_login(customer)
    for url in (
        reverse("board"), reverse("board_move", args=[piece.pk]), reverse("board_idea"),
        reverse("stages", args=[one.pk]), reverse("board_more") + "?key=draft",
    ):  # fmt: skip
        assert client.get(url).status_code == 403, url
    author = make_person(one.workspace, "member")
    give_role(one, author, "author")
    client.force_login(author)
    his = make_piece(one, "Его", responsible=author)
    make_piece(one, "Чужое", responsible=customer)
    cards = pillar(client, "draft").cards
    assert {card.title for card in cards if card.movable} == {"Его", str(piece.post)}
    assert client.get(reverse("board_move", args=[his.pk])).status_code == 200
    assert "force" not in client.get(reverse("board_move", args=[his.pk])).context["form"].fields
    assert client.get(reverse("stages", args=[one.pk])).status_code == 403


def test_stages_are_added_changed_shifted_given_and_put_away(desk):
    browser, user, one = desk
    own = make_stages(one)
    other = make_client(one.workspace, name="Тихий омут")
    list_url = reverse("stages", args=[one.pk])
    assert browser.get(list_url).status_code == 200
    assert browser.post(list_url, {"name": "", "kind": "other", "after": own["proof"].pk}).status_code == 422
    said = {"name": "Юрист", "kind": "other", "after": own["proof"].pk}
    assert browser.post(list_url, said).status_code == 302
    lawyer = Stage.objects.get(name="Юрист")
    url = reverse("stage", args=[one.pk, lawyer.pk])
    fields = {
        "name": "Юрист", "owner_id": user.pk, "role": "editor", "hours": 4, "wip": 2, "codes": ["has_text"],
        "own": "Договор прочитан\n\n Метка стоит ", "instruction": "Смотри закон",
    }  # fmt: skip
    assert browser.post(url, fields | {"hours": 0}).status_code == 422
    assert browser.post(url, fields | {"stand_in_id": user.pk}).status_code == 422
    assert browser.post(url, fields).status_code == 302
    lawyer.refresh_from_db()
    assert lawyer.exits == ["has_text", {"text": "Договор прочитан"}, {"text": "Метка стоит"}]
    assert browser.get(url).context["form"].initial["own"] == "Договор прочитан\nМетка стоит"
    shift = reverse("stage_shift", args=[one.pk, lawyer.pk])
    before = Stage.objects.get(pk=lawyer.pk).position
    browser.post(shift, {"later": 1})
    assert Stage.objects.get(pk=lawyer.pk).position == before + 1
    browser.post(reverse("stages_copy", args=[one.pk]), {"to": [other.pk, "x"]})
    assert Stage.objects.filter(client=other, name="Юрист").exists()
    make_piece(one, stage=lawyer)
    away = reverse("stage_away", args=[one.pk, lawyer.pk])
    assert browser.post(away).status_code == 422
    assert browser.post(away, {"to": own["draft"].pk}).status_code == 302
    assert browser.get(url).status_code == 404


def test_the_board_asks_as_many_questions_for_many_pieces_as_for_few(desk):
    browser, user, one = desk
    asked = []
    for size in (200, 300):  # both jam
        make_many(one.workspace, pieces=size, clients=2, people=[user])
        browser.get(reverse("board"))
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(reverse("board")).status_code == 200
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 30


def test_an_own_stage_is_a_column_that_takes_no_drop_while_all_clients_are_looked_at(desk):
    browser, _user, one = desk
    make_stages(one)
    stage = stages.add(machine(one.workspace), client_id=one.pk, name="Юрист")
    piece = make_piece(one, "У юриста", stage=stage)
    column = pillar(browser, "other")
    assert column.closed
    assert column.cards[0].own_stage == "Юрист"
    url = reverse("board_move", args=[piece.pk])
    assert browser.post(url, {"to": "other"}, **JSON).status_code == 422


def test_what_people_type_is_never_markup(desk):
    browser, _user, one = desk
    piece = make_piece(one, '<b onclick="x">"кавычки"', at="editing")
    to, bad = make_stages(one)["draft"].pk, "<script>alert(1)</script>"
    moves.move(machine(one.workspace), piece_id=piece.pk, stage_id=to, reason="fact", note=bad)
    said = page(browser)
    assert "<b onclick" not in said
    assert bad not in said
    assert "&lt;script&gt;alert(1)" in said
